"""What goes wrong on a machine: one line with the next step, nothing corrupt left."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from helpers import TINY

from ssvae.errors import InputError
from ssvae.runs import checkpoints
from ssvae.runs.folder import is_resumable, new_run, partial_folder
from ssvae.training.learn import learn

FLAGS = (
    "--classifier-body mlp --hidden-units 32 --latent-dim 4 --propagation none "
    "--labeled-batch-size 50 --unlabeled-batch-size 6000 --epochs 1"
).split()


class At(keras.callbacks.Callback):
    """Does something after a step."""

    def __init__(self, step, action):
        super().__init__()
        self.left, self.action = step, action

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if not self.left:
            self.action(self.model)


@pytest.fixture
def dataset(tiny_dataset):
    return tiny_dataset.hold_out(0.2, 0)


def test_a_full_disk_is_said_in_a_line(tmp_path):
    """No file may be larger than 100 KiB: the checkpoint is."""
    limited = "trap '' XFSZ; ulimit -f 100; exec \"$@\""
    out = tmp_path / "run"
    command = [sys.executable, "-m", "ssvae.train", *FLAGS, "--out", out]
    process = subprocess.run(
        ["bash", "-c", limited, "bash", *command],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 2
    last = process.stderr.splitlines()[-1]
    assert f"cannot write '{out}': File too large: make room there, then" in last, last
    assert "Traceback" not in process.stderr
    assert not list(tmp_path.iterdir())


def test_a_loss_that_is_no_number_keeps_the_last_good_state(
    dataset, tmp_path, monkeypatch
):
    monkeypatch.setattr(checkpoints, "LOOK", 0.0)
    out = tmp_path / "run"

    def spoil(model):
        weight = model.decoder.trainable_variables[-1]
        weight.assign(np.full(weight.shape, np.nan))

    with (
        pytest.raises(InputError) as error,
        new_run(out) as folder,
    ):
        learn(dataset, TINY, folder, callbacks=[At(6, spoil)])
    words = str(error.value)
    assert "_elbo" in words
    assert "cross_entropy" not in words
    assert "choose a lower --learning-rate" in words
    assert f"go on with --resume '{out}'" in words
    kept = checkpoints.newest(partial_folder(out))
    assert kept.step == 4
    assert all(np.all(np.isfinite(value)) for value in kept.variables)


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
    "allocate", [too_large_for_numpy, too_large_for_the_backend], ids=["numpy", "keras"]
)
def test_full_memory_is_said_in_one_line(dataset, tmp_path, allocate, in_layer):
    def fail(_):
        if in_layer:
            Calls()(np.zeros(1), function=allocate)
        allocate()

    with pytest.raises(InputError, match=r"memory is full.*--unlabeled-batch-size"):
        learn(dataset, TINY, tmp_path, callbacks=[At(1, fail)])


@pytest.mark.parametrize(
    "words",
    [
        "a mistake in the program",
        "out of memory: RESOURCE_EXHAUSTED, OOM when allocating",
        "abort: the collective is unavailable",
    ],
)
def test_an_error_of_the_program_stays_what_it_is(dataset, tmp_path, words):
    def fail(_):
        raise RuntimeError(words)

    with pytest.raises(RuntimeError, match=words):
        learn(dataset, TINY, tmp_path, callbacks=[At(1, fail)])


def test_test_images_that_vanished_do_not_cost_the_training(tmp_path):
    out = tmp_path / "run"
    with pytest.raises(InputError) as error, new_run(out) as folder:
        state = checkpoints.Checkpoint(9, [np.zeros(3)], [], 1.0)
        checkpoints.save(folder, state)
        raise InputError("data file t10k-images-idx3-ubyte is gone: get it anew")
    assert f"get it anew; then go on with --resume '{out}'" in str(error.value)
    assert is_resumable(partial_folder(out))
