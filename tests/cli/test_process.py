"""What a command sets in its process, and that a library call sets nothing."""

import os
import subprocess
import sys

import pytest

import ssvae
from ssvae.cli import process

VARIABLES = {"TF_NUM_INTEROP_THREADS": "1", "TF_ENABLE_ONEDNN_OPTS": "1"}

# Trains in a process that has started Keras; ends with an error if anything changed.
TRAIN = """
import importlib
import os
import signal
import sys

import keras
import numpy as np

importlib.import_module(keras.backend.backend())
keras.ops.zeros(1)


def mine(*_):
    pass


signal.signal(signal.SIGTERM, mine)
signals = signal.SIGINT, signal.SIGTERM


def state():
    error = os.fstat(2)
    handlers = [signal.getsignal(number) for number in signals]
    return dict(os.environ), (error.st_dev, error.st_ino), handlers


before = state()
import ssvae
from ssvae.cli import process


def fail():
    raise AssertionError("the allocator was changed")


class Looking(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        assert state()[:2] == before[:2]


process._keep_memory = fail
images = np.random.default_rng(0).integers(0, 256, (60, 8, 8), dtype=np.uint8)
np.savez("noise.npz", x=images, y=np.arange(60) % 2)
config = ssvae.Config(
    dataset="noise.npz", labels=10, classifier_body="mlp", hidden_units=8,
    latent_dim=2, epochs=1, propagation="none", augment="none",
)
ssvae.train(config, "run", callbacks=[Looking()])
after = state()
assert after == before, (before, after)
"""

# Counts the pages that the system hands out while large arrays come and go.
FAULTS = """
import resource
from ssvae.cli.process import _keep_memory

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

if {keep}:
    _keep_memory()
for _ in range(3):
    bytearray(64_000_000)
before = faults()
for _ in range(20):
    bytearray(64_000_000)
print(faults() - before)
"""


def run(script, **how):
    """Run a script in a process without the variables that a command sets."""
    environment = {k: v for k, v in os.environ.items() if k not in VARIABLES}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        **how,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_training_by_a_library_call_changes_nothing_in_the_process(tmp_path):
    run(TRAIN, cwd=tmp_path)


def test_preparing_the_process_sets_what_commands_set(monkeypatch):
    kept = []
    monkeypatch.setattr(process, "_keep_memory", lambda: kept.append(True))
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    ssvae.prepare_process()
    assert {name: os.environ[name] for name in VARIABLES} == VARIABLES
    assert kept == [True]


def test_preparing_the_process_keeps_what_the_user_set(monkeypatch):
    monkeypatch.setattr(process, "_keep_memory", lambda: None)
    for name in VARIABLES:
        monkeypatch.setenv(name, "7")
    ssvae.prepare_process()
    assert [os.environ[name] for name in VARIABLES] == ["7", "7"]


@pytest.mark.skipif(sys.platform != "linux", reason="is about glibc")
def test_kept_memory_is_not_handed_out_again():
    assert int(run(FAULTS.format(keep=False))) > 100_000
    assert int(run(FAULTS.format(keep=True))) < 1_000
