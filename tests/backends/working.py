"""Trains with others, or alone, with noise that is the same for all: a worker."""

import sys

from ssvae.training.distribution import start


def main(way, out, seed="0"):
    workers = start(None if way == "alone" else way)
    import keras
    from keras import ops

    from ssvae import Config, load_dataset
    from ssvae.training.run import train

    keras.random.normal = lambda shape, **kwargs: ops.full(shape, 0.3)
    dataset = load_dataset("mnist")
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
        seed=int(seed),
    )
    train(config, out, dataset=dataset.rows(range(2_000)), workers=workers)


if __name__ == "__main__":
    main(*sys.argv[1:])
