"""Train alone, or with the other workers of TF_CONFIG: `worker.py WAY OUT DATA`.

The noise is a constant, so that one process and several draw the same.
"""

import sys

from ssvae.training.distribution import start

way, out, data = sys.argv[1:]
workers = start(None if way == "alone" else way)

import keras  # noqa: E402
from keras import ops  # noqa: E402

from ssvae import Config, load_dataset  # noqa: E402
from ssvae.training.run import train  # noqa: E402

keras.random.normal = lambda shape, **kwargs: ops.full(shape, 0.3)
config = Config(
    labels=100,
    hidden_units=32,
    classifier_body="mlp",
    top_classes=0,
    augment="none",
    propagation="none",
    labeled_batch_size=20,
    unlabeled_batch_size=40,
    epochs=4,
)
train(config, out, dataset=load_dataset(data).rows(range(2_000)), workers=workers)
