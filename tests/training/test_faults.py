"""What goes wrong on a machine: one line with the next step, nothing corrupt left."""

import resource
import signal

import keras
import numpy as np
import pytest
from helpers import TINY, after_step

from ssvae.backends.workers import Workers
from ssvae.errors import InputError
from ssvae.runs import checkpoints
from ssvae.runs.folder import new_run, partial_folder
from ssvae.training import checkpointing, epochs
from ssvae.training.learn import learn

FAST = TINY.replace(classifier_body="mlp", augment="none", hidden_units=64)


@pytest.fixture
def small_files(monkeypatch):
    """No file may be larger than 20 KiB: a checkpoint is."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20 * 1024, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_is_one_line(split_dataset, tmp_path, small_files):
    out = tmp_path / "run"
    with pytest.raises(InputError) as error, new_run(out) as folder:
        learn(split_dataset, FAST, folder)
    words = f"cannot write '{out}': File too large: make room there, then"
    assert str(error.value).startswith(words)
    assert not list(tmp_path.iterdir())


def test_a_loss_that_is_no_number_keeps_the_last_good_state(
    split_dataset, tmp_path, monkeypatch
):
    monkeypatch.setattr(checkpointing, "LOOK", 0.0)
    out = tmp_path / "run"

    def spoil(model):
        weight = model.decoder.trainable_variables[-1]
        weight.assign(np.full(weight.shape, np.nan))

    with (
        pytest.raises(InputError) as error,
        new_run(out) as folder,
    ):
        learn(split_dataset, FAST, folder, callbacks=[after_step(6, spoil)])
    words = str(error.value)
    assert "_elbo" in words
    assert "cross_entropy" not in words
    assert "choose a lower --learning-rate" in words
    assert f"--resume '{out}'" in words
    kept = checkpoints.newest(partial_folder(out))
    assert kept.step == 4
    assert all(np.all(np.isfinite(value)) for value in kept.variables)


@pytest.fixture
def train_with(monkeypatch, tiny_batches):
    """Return a function that runs epochs whose steps are a given function."""

    def train_with(step):
        monkeypatch.setattr(epochs, "fit_remaining", lambda *_: step())
        epochs.run_epochs(None, tiny_batches, [], Workers())

    return train_with


def too_large_for_numpy():
    np.ones(1 << 50)


def too_large_for_the_backend():
    keras.ops.ones((1 << 46,))


class Calls(keras.layers.Layer):
    """Calls a function; Keras gives an error in a layer another text."""

    def call(self, inputs, function):
        function()


@pytest.mark.parametrize("in_layer", [False, True], ids=["alone", "in-layer"])
@pytest.mark.parametrize(
    "allocate",
    [
        too_large_for_numpy,
        # TensorFlow waits for ten seconds that memory becomes free.
        pytest.param(too_large_for_the_backend, marks=pytest.mark.slow),
    ],
    ids=["numpy", "keras"],
)
def test_full_memory_is_one_line(train_with, allocate, in_layer):
    def step():
        if in_layer:
            Calls()(np.zeros(1), function=allocate)
        allocate()

    with pytest.raises(InputError, match=r"memory is full.*--unlabeled-batch-size"):
        train_with(step)


@pytest.mark.parametrize(
    "words",
    [
        "a mistake in the program",
        "out of memory: RESOURCE_EXHAUSTED, OOM when allocating",
        "abort: the collective is unavailable",
    ],
)
def test_other_errors_are_raised_unchanged(train_with, words):
    def step():
        raise RuntimeError(words)

    with pytest.raises(RuntimeError, match=words):
        train_with(step)
