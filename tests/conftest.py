"""Fixtures of every test: quiet TensorFlow, fixed seeds, models that are made once."""

import atexit
import fcntl
import os
import random
import shutil
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# As `ssvae.cli.process` sets it: equal trainings then end in equal weights.
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
if "PYTEST_XDIST_WORKER" in os.environ:
    # The other cores belong to the other workers.
    for name in ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")

if os.environ.get("KERAS_BACKEND") == "jax":
    # Many tests compile the same programs: JAX keeps them in files. Each worker has a
    # folder of its own, inside that of pytest, since JAX writes there without a lock.
    kept = tempfile.mkdtemp(dir=os.environ.get("JAX_COMPILATION_CACHE_DIR"))
    atexit.register(shutil.rmtree, kept, ignore_errors=True)
    os.environ["JAX_COMPILATION_CACHE_DIR"] = kept
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"

# No graph of an earlier test is used, and none of the user's.
os.environ["SSVAE_CACHE"] = ""

import helpers
import numpy as np
import pytest

from ssvae.config.settings import Config
from ssvae.data import Batches, load_dataset


def pytest_runtest_setup(item):
    """Skip a test marked with `needs_backend` where another backend is in use."""
    for marker in item.iter_markers("needs_backend"):
        import keras

        if keras.backend.backend() not in marker.args:
            pytest.skip(f"needs {' or '.join(marker.args)}")


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
    return helpers.tiny_dataset(rng)


@pytest.fixture(scope="session")
def split_dataset():
    """Return the tiny data set with a fifth of the unlabeled images held out."""
    return helpers.tiny_dataset().hold_out(0.2, 0)


@pytest.fixture
def tiny_batches(tiny_dataset):
    return Batches(tiny_dataset, 6, 8, seed=0, pseudo_labels=np.arange(40) % 3)


@pytest.fixture
def make_model(tiny_dataset):
    """Return a function that makes untrained models for the tiny data set."""
    from ssvae.model import SSVAE

    def make(config=helpers.TINY, **changes):
        config = config.replace(**changes)
        return SSVAE(tiny_dataset.image_shape, tiny_dataset.class_names, config)

    return make


@pytest.fixture(params=helpers.BODIES, ids=helpers.BODIES)
def model(request, make_model):
    return make_model(**helpers.BODIES[request.param])


@pytest.fixture
def images(tiny_dataset):
    return tiny_dataset.images[:5]


@pytest.fixture
def fit(tiny_batches):
    """Return a function that trains a model on the tiny batches for its epochs."""
    from ssvae.backends.current import as_input

    def fit(model, batches=tiny_batches, **kwargs):
        model.prepare_training(batches.steps_per_epoch, **kwargs)
        return model.fit(
            as_input(batches),
            epochs=model.config.epochs,
            steps_per_epoch=batches.steps_per_epoch,
            shuffle=False,
            verbose=0,
        )

    return fit


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """Return a function that gives a path made once for every worker of pytest-xdist.

    It takes a name and a function that makes the path, whole or not at all.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder = folder / "made-once"
    folder.mkdir(exist_ok=True)

    def made_once(name, make):
        path = folder / name
        with open(folder / f"{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                make(path)
        return path

    return made_once


@pytest.fixture(scope="session")
def digits(made_once, mnist):
    """Return the path of 6,000 images of MNIST, and 1,000 of its test part."""
    images, labels = mnist.read_test()
    arrays = {
        "x_train": mnist.images[:6000],
        "y_train": mnist.labels[:6000],
        "x_test": images[:1000],
        "y_test": labels[:1000],
    }
    return made_once("digits.npz", lambda path: np.savez(path, **arrays))


@pytest.fixture(scope="session")
def small_run(made_once, digits):
    """Return the run folder of a small network, trained on the digits for seconds."""
    from ssvae.training.run import train

    config = Config(
        dataset=str(digits),
        classifier_body="mlp",
        hidden_units=64,
        latent_dim=6,
        propagation="none",
        labeled_batch_size=100,
        unlabeled_batch_size=200,
        learning_rate=0.005,
        held_out=0.1,
        epochs=4,
    )
    return made_once("small-run", lambda out: train(config, out))


@pytest.fixture(scope="session")
def small_model(small_run):
    """Return the model of `small_run`."""
    from ssvae.saving.keras_file import load_model

    return load_model(small_run)


@pytest.fixture(scope="session")
def exported(made_once, small_model, mnist):
    """Return a function that gives the export of the small model in a format."""
    from ssvae.export.checked import export

    images = mnist.read_test()[0][:30]

    def exported(kind):
        name = f"exported-{kind}"
        return made_once(name, lambda out: export(small_model, out, kind, images))

    return exported


@pytest.fixture(scope="session")
def plain_run(made_once, digits):
    """Return the run folder of a small plain VAE, trained without a label."""
    from ssvae.config.toml import load_config
    from ssvae.training.run import train

    config = load_config("configs/vae.toml").replace(
        dataset=str(digits),
        hidden_units=8,
        latent_dim=4,
        unlabeled_batch_size=200,
        epochs=1,
    )
    return made_once("plain-run", lambda out: train(config, out))


@pytest.fixture(scope="session")
def photographs(made_once):
    """Return a folder of small photographs in color, of three classes."""
    return made_once("photographs", helpers.save_photographs)


@pytest.fixture(scope="session")
def photo_run(made_once, photographs):
    """Return the run folder of a model that tells photographs apart by features."""
    from ssvae.training.run import train

    config = helpers.PHOTO.replace(
        dataset=str(photographs),
        labeled_batch_size=6,
        unlabeled_batch_size=20,
        test_fraction=0.2,
        epochs=4,
    )
    return made_once("photo-run", lambda out: train(config, out))


@pytest.fixture(scope="session")
def photo_model(photo_run):
    """Return the model of `photo_run`."""
    from ssvae.saving.keras_file import load_model

    return load_model(photo_run)


@pytest.fixture
def call(monkeypatch, capsys):
    """Return a function that calls a command's `main` and returns what it printed."""

    def call(main, *arguments):
        monkeypatch.setattr(sys, "argv", ["command", *map(str, arguments)])
        main()
        return capsys.readouterr().out

    return call
