"""How long training takes is bounded, and told before it begins."""

import numpy as np
import pytest

from ssvae.config.length import MAX_MINUTES, training_seconds
from ssvae.config.settings import Config
from ssvae.config.suggest import suggest
from ssvae.config.toml import load_config
from ssvae.data import Batches, Dataset
from ssvae.data.balance import class_shares


def batches(counts, num_images, config):
    """Return the batches of a data set with so many labels of each class."""
    labels = np.full(num_images, -1)
    labels[: sum(counts)] = np.repeat(np.arange(len(counts)), counts)
    names = tuple(map(str, range(len(counts))))
    images = np.zeros((num_images, 1, 1, 1), np.uint8)
    dataset = Dataset("counts", images, labels, names, None)
    return Batches(
        dataset,
        config.labeled_batch_size,
        config.unlabeled_batch_size,
        0,
        shares=class_shares(dataset, "uniform"),
        epoch_steps=config.epoch_steps,
    )


# Faces of people: one has many, most have few, and nearly all are labeled.
FACES = [1_300, *[60] * 180, *[3] * 527]


@pytest.mark.parametrize(
    "shape", [(48, 48, 3), (28, 28, 1)], ids=["features", "pixels"]
)
def test_the_largest_class_does_not_make_training_longer(shape):
    num_images = sum(FACES) + 36
    suited = suggest(num_images, shape, {}, sum(FACES), FACES)
    config = Config(**suited)
    unbounded = batches(FACES, num_images, config.replace(epoch_steps=0))
    bounded = batches(FACES, num_images, config)
    assert unbounded.steps_per_epoch > 20 * bounded.steps_per_epoch
    steps = config.epochs * bounded.steps_per_epoch
    assert 900 <= steps <= 7_000
    assert training_seconds(config, shape, num_images) < 60 * MAX_MINUTES


def test_slightly_unbalanced_classes_change_nothing():
    counts = [5_421, 6_742, *[6_000] * 8]
    suited = suggest(sum(counts), (28, 28, 1), {"labels": "all"}, sum(counts), counts)
    assert suited == {"recipe": "suggested"}


@pytest.mark.parametrize("num_images", [10_000, 200_000, 5_000_000])
@pytest.mark.parametrize(
    ("shape", "stated"),
    [
        ((28, 28, 1), {}),
        ((40, 40, 1), {"propagation": "none"}),
        ((64, 64, 3), {"features": "pixels"}),
        ((224, 224, 3), {"classifier_body": "none"}),
        ((512, 512, 1), {"features": "pixels", "unlabeled_batch_size": 0}),
    ],
    ids=str,
)
def test_training_from_pixels_keeps_within_the_budget(num_images, shape, stated):
    suited = suggest(num_images, shape, stated)
    config = Config(**suited | stated).replace(propagation="none")
    assert training_seconds(config, shape, num_images) <= 61 * MAX_MINUTES
    # Who states the epochs gets them.
    longer = suggest(num_images, shape, stated | {"epochs": 500})
    assert "epoch_steps" not in longer


@pytest.mark.parametrize("labels", ["auto", "all", 100, 0])
def test_the_default_recipe_keeps_every_step(labels):
    config = Config()
    assert (config.epochs, config.epoch_steps) == (15, 0)
    counts = [6_000] * 10
    assert suggest(60_000, (28, 28, 1), {"labels": labels}, 60_000, counts) == {
        "recipe": "suggested"
    }
    for name in ("fashion", "vae", "density"):
        assert load_config(f"configs/{name}.toml").epoch_steps == 0
    few = batches([10] * 10, 6_000, config)
    assert few.steps_per_epoch == 30


def test_an_epoch_that_is_cut_goes_on_where_it_ended(tiny_dataset):
    whole = Batches(tiny_dataset, 2, 3, seed=0)
    cut = Batches(tiny_dataset, 2, 3, seed=0, epoch_steps=4)
    assert cut.steps_per_epoch == 4 < whole.steps_per_epoch
    assert Batches(tiny_dataset, 2, 3, 0, epoch_steps=99).steps_per_epoch == 11
    for step in (3, 4, 5, 20):
        one, other = whole.batch(step), cut.batch(step)
        assert all(np.array_equal(one[name], other[name]) for name in one)
