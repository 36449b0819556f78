"""Batches: every image in an epoch, by seed and step alone."""

import dataclasses

import numpy as np

from ssvae.data import Batches
from ssvae.data.coarse import Coarse


def test_an_epoch_of_labeled_images_shows_as_many_as_exist(tiny_dataset):
    batches = Batches(tiny_dataset, 7, 0, seed=0)
    assert batches.steps_per_epoch == 6
    assert batches.images_per_step == 7
    batch = batches.batch(0)
    assert set(batch) == {"labeled", "labels"}
    assert batch["labeled"].shape == (7, 9, 7, 1)


def test_an_epoch_shows_every_image(tiny_dataset):
    batches = Batches(tiny_dataset, 2, 7, seed=0)
    seen = {"labeled": set(), "unlabeled": set()}
    for step in range(batches.steps_per_epoch):
        batch = batches.batch(step)
        for kind, images in seen.items():
            images.update(image.tobytes() for image in batch[kind])
    assert batches.steps_per_epoch == 5
    assert (len(seen["labeled"]), len(seen["unlabeled"])) == (9, 31)


def test_batches_have_one_shape_and_depend_on_seed_and_step_alone(tiny_dataset):
    batches = Batches(tiny_dataset, 20, 8, seed=0)
    walked = [batches.batch(step) for step in range(9)]
    assert {batch["labeled"].shape for batch in walked} == {(20, 9, 7, 1)}
    # Asked for out of order, as a resumed run does.
    jumped = Batches(tiny_dataset, 20, 8, seed=0).batch(7)
    assert all(np.array_equal(jumped[name], walked[7][name]) for name in jumped)
    other = Batches(tiny_dataset, 20, 8, seed=1).batch(7)
    assert not np.array_equal(jumped["unlabeled"], other["unlabeled"])


def test_labels_belong_to_their_images(tiny_dataset, tiny_batches):
    by_image = {
        image.tobytes(): label
        for image, label in zip(tiny_dataset.images, tiny_dataset.labels, strict=True)
    }
    for step in range(5):
        batch = tiny_batches.batch(step)
        known = [by_image[image.tobytes()] for image in batch["labeled"]]
        assert known == batch["labels"].tolist()


def test_a_batch_has_only_the_kinds_that_have_images(tiny_dataset):
    everything = tiny_dataset.with_labels(np.arange(40), np.arange(40) % 3)
    assert set(Batches(everything, 6, 8, 0).batch(0)) == {"labeled", "labels"}
    nothing = tiny_dataset.with_labels([], [])
    assert set(Batches(nothing, 6, 8, 0).batch(0)) == {"unlabeled"}


def test_classes_that_groups_allow_belong_to_their_images(tiny_dataset):
    allowed = np.array([[True, False, True], [False, True, True]])
    coarse = Coarse(np.array([20, 33]), allowed)
    told = dataclasses.replace(tiny_dataset, coarse=coarse)
    batches = Batches(told, 6, 8, seed=0)
    for step in range(batches.steps_per_epoch):
        batch, rows = batches.batch(step), batches.indices(step)["unlabeled"]
        assert np.array_equal(batch["unlabeled_allowed"], coarse.mask(40)[rows])
    assert "unlabeled_allowed" not in Batches(tiny_dataset, 6, 8, seed=0).batch(0)
