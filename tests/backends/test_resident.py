"""The training set on the device: the same batches and weights, many steps a launch."""

from functools import partial
from itertools import islice

import keras
import numpy as np
import pytest
from helpers import TINY, tiny_dataset

from ssvae.backends.current import as_input
from ssvae.backends.resident import Resident
from ssvae.backends.workers import Workers
from ssvae.config.settings import Config
from ssvae.data import Batches
from ssvae.model import SSVAE
from ssvae.runs.checkpoints import Checkpoint
from ssvae.training import epochs
from ssvae.training.steps import CountsSteps

# The default recipe but for its size: every kind of operation a step has.
SETTINGS = {"hidden_units": 12, "latent_dim": 3, "epochs": 2}


# Small enough to compile in a second.
SHORT = TINY.replace(classifier_body="mlp")


class Launches(CountsSteps):
    """Keeps the count of steps after each launch."""

    def __init__(self, resumed=None):
        super().__init__(resumed)
        self.counts = []

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch, logs)
        self.counts.append(self.step)


@pytest.fixture(scope="module")
def alone():
    """Weights after a training with one step per launch."""
    dataset = tiny_dataset()
    batches = Batches(dataset, 6, 8, seed=0, pseudo_labels=np.arange(40) % 3)
    model = SSVAE(dataset.image_shape, dataset.class_names, SHORT)
    epochs.fit_remaining(model, batches, [], None)
    return model.get_weights()


def near(weights, others):
    """Assert that weights are equal but for the order of sums, which may differ."""
    for one, other in zip(weights, others, strict=True):
        assert np.mean(np.abs(one - other)) < 1e-4


def launches(resident, count):
    return [indices for (indices,) in islice(resident, count)]


def test_a_launch_ends_with_its_epoch(tiny_batches):
    assert tiny_batches.steps_per_epoch == 4
    sizes = [len(each["unlabeled"]) for each in launches(Resident(tiny_batches, 3), 4)]
    assert sizes == [3, 1, 3, 1]
    later = Resident(tiny_batches, 3).after(2)
    assert [len(each["labeled"]) for each in launches(later, 3)] == [2, 3, 1]


def test_batches_gathered_on_the_device_are_those_of_the_host(tiny_batches):
    resident = Resident(tiny_batches, 3)
    for number, indices in enumerate(launches(resident, 2)):
        for place, step in enumerate(range(3 * number, min(3 * number + 3, 4))):
            rows = {name: each[place] for name, each in indices.items()}
            gathered = resident.gather(rows)
            expected = tiny_batches.batch(step)
            assert gathered.keys() == expected.keys()
            for name, values in expected.items():
                assert np.array_equal(
                    keras.ops.convert_to_numpy(gathered[name]), values
                )


@pytest.mark.each_backend
@pytest.mark.parametrize("steps", [3, 500])
def test_launches_lead_to_the_weights_of_single_steps(
    make_model, tiny_batches, alone, steps
):
    launched, seen = make_model(SHORT), Launches()
    epochs.fit_remaining(launched, Resident(tiny_batches, steps), [seen], None)
    assert seen.counts[-1] == 8
    assert len(seen.counts) == 2 * -(-4 // steps)
    assert int(launched.step) == 8
    near(alone, launched.get_weights())


# JAX compiles every launch.
@pytest.mark.slow
@pytest.mark.needs_backend("tensorflow")
def test_a_step_compiles_as_a_whole_as_it_does_on_a_gpu(
    make_model, tiny_batches, monkeypatch
):
    # XLA draws other noise from the same seeds.
    for name, value in ("normal", 0.3), ("uniform", 0.01):
        noise = partial(keras.ops.full, fill_value=value)
        monkeypatch.setattr(
            keras.random, name, lambda shape, *_, noise=noise, **__: noise(shape)
        )
    alone, compiled = make_model(Config(**SETTINGS)), make_model(Config(**SETTINGS))
    epochs.fit_remaining(alone, tiny_batches, [], None)
    resident = Resident(tiny_batches, 500)
    epochs.prepare(compiled, resident)
    compiled.jit_compile = True
    compiled.fit(
        as_input(resident), epochs=2, steps_per_epoch=1, shuffle=False, verbose=0
    )
    losses = [float(model.trackers["loss"].result()) for model in (alone, compiled)]
    assert losses[1] == pytest.approx(losses[0], rel=1e-3)


def test_an_interrupted_epoch_ends_as_a_whole_one(make_model, tiny_batches, alone):
    first = make_model(SHORT)
    first.prepare_training(4)
    first.fit(as_input(tiny_batches), steps_per_epoch=2, shuffle=False, verbose=0)
    variables = [*first.variables, *first.optimizer.variables]
    variables = [np.array(each) for each in (*variables, *first.metrics_variables)]
    resumed = Checkpoint(2, variables, [], {})
    later, seen = make_model(SHORT), Launches(resumed)
    epochs.fit_remaining(later, Resident(tiny_batches, 3), [seen], resumed)
    assert seen.counts == [4, 7, 8]
    near(alone, later.get_weights())


def test_images_are_copied_to_a_device_with_its_own_memory(
    make_model, tiny_batches, monkeypatch
):
    assert epochs.brought_near(tiny_batches) is tiny_batches
    monkeypatch.setattr("ssvae.training.epochs.device_name", lambda: "a GPU")
    assert isinstance(epochs.brought_near(tiny_batches), Resident)
    model, seen = make_model(SHORT), Launches()
    epochs.run_epochs(model, tiny_batches, [seen], Workers())
    assert seen.counts == [4, 8]
    monkeypatch.setattr(epochs, "STEPS_PER_LAUNCH", 1)
    shared, seen = make_model(SHORT), Launches()
    epochs.run_epochs(shared, tiny_batches, [seen], Workers(replicas=2))
    assert shared.resident is None


def test_images_in_a_file_stay_there(tiny_batches, monkeypatch, tmp_path):
    monkeypatch.setattr("ssvae.training.epochs.device_name", lambda: "a GPU")
    images = tiny_batches.dataset.images
    file = np.memmap(tmp_path / "images", np.uint8, "w+", shape=images.shape)
    object.__setattr__(tiny_batches.dataset, "images", file)
    assert epochs.brought_near(tiny_batches) is tiny_batches
