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

WORKER = Path(__file__).with_name("working.py")
shares_out = pytest.mark.skipif(
    keras.backend.backend() == "torch", reason="Keras trains on one device with it"
)


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


@shares_out
def test_two_workers_learn_what_one_does(tmp_path):
    two = [
        begin(WORKER, "multiworker", tmp_path / "two", env=env)
        for env in environments(2)
    ]
    for process in two:
        error = process.communicate(timeout=300)[1]
        assert process.returncode == 0, error
    one = begin(WORKER, "alone", tmp_path / "one")
    error = one.communicate(timeout=300)[1]
    assert one.returncode == 0, error
    alone, together = history(tmp_path / "one"), history(tmp_path / "two")
    assert len(alone) == 4
    for first, second in zip(alone, together, strict=True):
        del first["seconds"], second["seconds"]
        assert second == pytest.approx(first, rel=1e-4)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


@shares_out
def test_a_lost_worker_ends_the_job_which_can_go_on(tmp_path):
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


@shares_out
def test_a_worker_says_in_a_line_that_the_chief_was_refused(tmp_path):
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


REPLICAS = """
import tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(
    cpu, [tf.config.LogicalDeviceConfiguration()] * 2
)
from ssvae.training.distribution import start

workers = start("mirrored")
assert workers.replicas == 2 and workers.count == 1
import keras
from ssvae.backends.current import Seeds

with workers.scope():
    seeds = Seeds(0)
    strategy = tf.distribute.get_strategy()
noise = strategy.run(lambda: keras.random.normal((5,), seed=seeds))
first, second = (value.numpy() for value in strategy.experimental_local_results(noise))
assert abs(first - second).min() > 1e-6
alone = keras.random.normal((5,), seed=Seeds(0)).numpy()
assert (first == alone).all()
"""


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="JAX shares one noise out"
)
def test_replicas_draw_different_noise():
    subprocess.run([sys.executable, "-c", REPLICAS], check=True)


NORMALIZED = """
import numpy as np
import tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(
    cpu, [tf.config.LogicalDeviceConfiguration()] * 2
)
from ssvae.backends.current import Adam, BatchNormalization

draws = np.random.default_rng(0)
x, weights = draws.normal(2.0, 3.0, (2, 8, 3, 3, 2)).astype(np.float32)

def results(strategy):
    with strategy.scope():
        layer, optimizer = BatchNormalization(momentum=0.7), Adam(0.1)
        layer.build(x.shape)
        layer.gamma.assign([0.5, 2.0])
        layer.beta.assign([-1.0, 1.0])
        optimizer.build(layer.trainable_variables)

    def part(array):
        def of_replica(context):
            parts = np.split(array, context.num_replicas_in_sync)
            return tf.constant(parts[context.replica_id_in_sync_group])
        return strategy.experimental_distribute_values_from_function(of_replica)

    @tf.function
    def step(x, weights):
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = layer(x, training=True)
            loss = tf.reduce_sum(weights * outputs**2)
        own = layer.trainable_variables
        of_x, *gradients = tape.gradient(loss, [x, *(v.value for v in own)])
        optimizer.apply_gradients(zip(gradients, own))
        return outputs, of_x

    def whole(replicas):
        return np.concatenate(strategy.experimental_local_results(replicas))

    for _ in range(3):
        outputs, of_x = strategy.run(step, args=(part(x), part(weights)))
    return [whole(outputs), whole(of_x), *layer.get_weights()]

alone = results(tf.distribute.get_strategy())
mirrored = tf.distribute.MirroredStrategy()
assert mirrored.num_replicas_in_sync == 2
shared = results(mirrored)
assert len(alone) == len(shared) == 6
for one, other in zip(alone, shared):
    np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-5)
assert abs(alone[2] - [0.5, 2.0]).min() > 0.1
"""


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="JAX shares the moments out itself"
)
def test_replicas_normalise_with_the_moments_of_the_whole_batch():
    subprocess.run([sys.executable, "-c", NORMALIZED], check=True)


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
def test_a_cluster_that_says_not_who_is_there_is_refused(text, monkeypatch):
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


def test_a_batch_that_cannot_be_shared_out_is_refused():
    with pytest.raises(InputError, match="need a multiple of 3"):
        Workers(replicas=3).check(Config())


@pytest.mark.skipif(keras.backend.backend() != "torch", reason="the others can")
def test_torch_says_that_it_trains_alone(tmp_path):
    process = begin("-m", "ssvae.train", "--distribute", "mirrored", "--out", tmp_path)
    error = process.communicate()[1]
    assert process.returncode == 2
    assert "need KERAS_BACKEND=tensorflow" in error
