"""Shared by every test: quiet TensorFlow, fixed seeds, and models of a tiny size."""

import os
import random
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# As `command.start_keras` has it: what is the same must be so bit for bit.
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

# No graph that was made by an earlier test, nor the user's.
os.environ["SSVAE_CACHE"] = ""

import numpy as np
import pytest

from ssvae.config.settings import Config
from ssvae.data import Batches, Dataset, load_dataset

TINY = Config(
    hidden_units=12,
    hidden_layers=2,
    latent_dim=3,
    epochs=2,
    labeled_batch_size=6,
    unlabeled_batch_size=8,
    propagation="none",
)
# The same without anything but the bounds and the labeled cross-entropy.
PLAIN = TINY.replace(pseudo_label_weight=0.0, ema_decay=0.0, augment="none")


@pytest.fixture(autouse=True)
def seed():
    # What Keras draws a seed from where none is given.
    random.seed(0)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def mnist():
    return load_dataset("mnist")


@pytest.fixture
def tiny_dataset(rng):
    """Forty images of 9 by 7 pixels in three classes, nine of them labeled."""
    images = rng.integers(0, 256, (40, 9, 7, 1), dtype=np.uint8)
    labels = np.full(40, -1)
    labels[:9] = np.arange(9) % 3
    test = images[:20], np.arange(20) % 3
    return Dataset("tiny", images, labels, ("a", "b", "c"), lambda: test)


@pytest.fixture
def tiny_batches(tiny_dataset):
    return Batches(tiny_dataset, 6, 8, seed=0, pseudo_labels=np.arange(40) % 3)


@pytest.fixture
def make_model(tiny_dataset):
    """Return a maker of models for the tiny data set, not trained."""
    from ssvae.model import SSVAE

    def make(config=TINY, **changes):
        config = config.replace(**changes)
        return SSVAE(tiny_dataset.image_shape, tiny_dataset.class_names, config)

    return make


@pytest.fixture(
    params=[("mlp", "bernoulli"), ("conv", "gaussian"), ("mlp", "logistic")],
    ids="-".join,
)
def model(request, make_model):
    body, likelihood = request.param
    return make_model(vae_body=body, classifier_body=body, likelihood=likelihood)


@pytest.fixture
def images(tiny_dataset):
    return tiny_dataset.images[:5]


@pytest.fixture
def fit(tiny_batches):
    """Return a function that trains a model on the tiny batches for its epochs."""
    from ssvae.backends.current import as_input

    def fit(model, batches=tiny_batches, **kwargs):
        model.compile(batches.steps_per_epoch, **kwargs)
        return model.fit(
            as_input(batches),
            epochs=model.config.epochs,
            steps_per_epoch=batches.steps_per_epoch,
            shuffle=False,
            verbose=0,
        )

    return fit


@pytest.fixture(scope="session")
def small_run(tmp_path_factory):
    """Return the run folder of a small network, trained on MNIST for some seconds."""
    from ssvae.training.run import train

    config = Config(
        classifier_body="mlp",
        hidden_units=64,
        latent_dim=6,
        propagation="none",
        labeled_batch_size=100,
        unlabeled_batch_size=1000,
        learning_rate=0.005,
        epochs=2,
    )
    return train(config, tmp_path_factory.mktemp("runs") / "small")


@pytest.fixture(scope="session")
def small_model(small_run):
    """Return the model of `small_run`."""
    from ssvae.saving.keras_file import load_model

    return load_model(small_run)


@pytest.fixture
def call(monkeypatch, capsys):
    """Return a function that calls a command's `main` and returns what it printed."""

    def call(main, *arguments):
        monkeypatch.setattr(sys, "argv", ["command", *map(str, arguments)])
        main()
        return capsys.readouterr().out

    return call


def gradient(function, x):
    """Return the gradient of a scalar function of a tensor at an array."""
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        x = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = function(x)
        return tape.gradient(value, x).numpy()
    if keras.backend.backend() == "jax":
        import jax

        return np.asarray(jax.grad(function)(x))
    x = keras.ops.convert_to_tensor(x).requires_grad_()
    function(x).backward()
    return x.grad.cpu().numpy()
