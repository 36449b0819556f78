"""Processes that train one model together, here two on one machine."""

import csv
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import keras
import pytest

from ssvae.backends.workers import Workers, cluster
from ssvae.config.settings import Config
from ssvae.errors import InputError

SCRIPTS = Path(__file__).parents[1] / "scripts"
WORKER = SCRIPTS / "worker.py"
# Keras trains on one device with PyTorch.
shares_out = pytest.mark.needs_backend("tensorflow", "jax")


def environments(count):
    """Return what each worker finds in its environment."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    return [
        os.environ
        | {
            "TF_CONFIG": json.dumps(
                {
                    "cluster": {"worker": addresses},
                    "task": {"type": "worker", "index": number},
                }
            )
        }
        for number in range(count)
    ]


def begin(*arguments, env=None):
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        stderr=subprocess.PIPE,
        text=True,
        env=env,
    )


def history(run):
    with open(run / "history.csv", newline="") as file:
        return [
            {name: float(value) for name, value in row.items()}
            for row in csv.DictReader(file)
        ]


@pytest.mark.slow
@shares_out
def test_two_workers_learn_what_one_process_learns(tmp_path, digits):
    two = [
        begin(WORKER, "multiworker", tmp_path / "two", digits, env=env)
        for env in environments(2)
    ]
    for process in two:
        error = process.communicate(timeout=300)[1]
        assert process.returncode == 0, error
    one = begin(WORKER, "alone", tmp_path / "one", digits)
    error = one.communicate(timeout=300)[1]
    assert one.returncode == 0, error
    alone, together = history(tmp_path / "one"), history(tmp_path / "two")
    assert len(alone) == 4
    for first, second in zip(alone, together, strict=True):
        del first["seconds"], second["seconds"]
        assert second == pytest.approx(first, rel=1e-4)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


@pytest.mark.slow
@shares_out
def test_losing_a_worker_ends_training_and_leaves_it_resumable(tmp_path):
    run = tmp_path / "run"
    command = (
        "-m ssvae.train --distribute multiworker --labels 100 --hidden-units 8 "
        "--propagation none --classifier-body mlp --unlabeled-batch-size 2000 "
        "--labeled-batch-size 20 --epochs 1000 --out"
    ).split()
    chief, other = (begin(*command, run, env=env) for env in environments(2))
    partial = tmp_path / ".run.partial"
    while not list(partial.glob("checkpoint-*.npz")):
        assert chief.poll() is None, chief.communicate()[1]
        time.sleep(0.1)
    other.kill()
    other.communicate()
    error = chief.communicate(timeout=300)[1]
    assert list(partial.glob("checkpoint-*.npz"))
    if keras.backend.backend() == "tensorflow":
        assert chief.returncode == 2
        assert "another worker was lost" in error.splitlines()[-1]
        assert f"--resume '{run}'" in error.splitlines()[-1]
    else:
        # JAX ends the process itself.
        assert chief.returncode != 0


@pytest.mark.slow
@shares_out
def test_a_worker_ends_when_the_chief_refuses_the_input(tmp_path):
    (tmp_path / "mine").write_text("not a run")
    command = (
        "-m ssvae.train --distribute multiworker --labels 100 --hidden-units 8 "
        "--propagation none --classifier-body mlp --overwrite --out"
    ).split()
    chief, other = (begin(*command, tmp_path, env=env) for env in environments(2))
    error = chief.communicate(timeout=300)[1]
    assert chief.returncode == 2
    assert "is no run folder" in error.splitlines()[-1]
    error = other.communicate(timeout=300)[1]
    if keras.backend.backend() == "tensorflow":
        assert other.returncode == 2
        assert "another worker was lost" in error.splitlines()[-1]
        assert "Traceback" not in error
    else:
        # JAX ends the process itself.
        assert other.returncode != 0
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.needs_backend("tensorflow")
def test_replicas_draw_their_own_noise_and_normalize_with_the_whole_batch():
    """JAX shares both out itself."""
    process = begin(SCRIPTS / "replicas.py")
    error = process.communicate(timeout=300)[1]
    assert process.returncode == 0, error


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}',
        '{"cluster": {"worker": ["a:1"]}, "task": {"type": "ps", "index": 0}}',
    ],
)
def test_a_cluster_without_addresses_is_refused(text, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(InputError, match="got TF_CONFIG"):
        cluster()


@pytest.mark.needs_backend("tensorflow")
def test_a_lost_worker_is_known_by_the_type_of_the_error():
    import tensorflow as tf

    from ssvae.backends.tensorflow import is_worker_lost

    workers = Workers(count=2, is_lost=is_worker_lost)
    for kind in (tf.errors.UnavailableError, tf.errors.AbortedError):
        with (
            pytest.raises(InputError, match="another worker was lost"),
            workers.together(),
        ):
            raise kind(None, None, "Socket closed")
    words = "collective ops: unavailable, abort"
    for error in (RuntimeError(words), tf.errors.InternalError(None, None, words)):
        with pytest.raises(type(error)), workers.together():
            raise error


def test_a_batch_that_replicas_cannot_share_is_refused():
    with pytest.raises(InputError, match="need a multiple of 3"):
        Workers(replicas=3).check(Config())


@pytest.mark.each_backend
@pytest.mark.needs_backend("torch")
def test_pytorch_refuses_to_train_with_others(tmp_path):
    process = begin("-m", "ssvae.train", "--distribute", "mirrored", "--out", tmp_path)
    error = process.communicate()[1]
    assert process.returncode == 2
    assert "need KERAS_BACKEND=tensorflow" in error
