"""Train on few images, open the model, generate; print the modules that are loaded."""

import sys

import ssvae

config = ssvae.Config(
    classifier_body="mlp",
    hidden_units=8,
    latent_dim=2,
    epochs=1,
    unlabeled_batch_size=500,
)
dataset = ssvae.load_dataset("mnist").rows(range(2000))
folder = ssvae.train(config, sys.argv[1], dataset=dataset)
ssvae.load_model(folder).generate([1])
print(*{module.split(".")[0] for module in sys.modules})
