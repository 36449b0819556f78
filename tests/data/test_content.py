"""What the images of a run were, and how they differ later."""

import dataclasses

import numpy as np
import pytest

from ssvae.data import from_arrays, read_labels, save_labels
from ssvae.data.content import Content
from ssvae.errors import InputError


@pytest.fixture
def dataset(rng):
    images = rng.integers(0, 256, (12, 9, 7), dtype=np.uint8)
    full = from_arrays(images, np.arange(12) % 2, name="photos")
    files = [f"photos/{'ab'[row % 2]}/{row:02}.png" for row in range(12)]
    return dataclasses.replace(full, files=files)


def without_row(dataset, row):
    return dataset.rows(np.delete(np.arange(len(dataset.images)), row))


def changed(dataset, row):
    images = dataset.images.copy()
    images[row, 3, 3] ^= 1
    return dataclasses.replace(dataset, images=images)


@pytest.fixture
def kept(dataset, tmp_path):
    """Return a function that gives what was kept of a data set, read from its file."""

    def kept(dataset):
        Content.of(dataset).save(tmp_path / "content.npz")
        return Content.load(tmp_path / "content.npz")

    return kept


def test_the_same_images_do_not_differ(dataset, kept):
    assert kept(dataset).difference(Content.of(dataset)) == ""
    # A folder that moved holds the same images.
    files = [file.replace("photos", "/other/photos") for file in dataset.files]
    moved = dataclasses.replace(dataset, name="/other/photos", files=files)
    assert kept(dataset).difference(Content.of(moved)) == ""
    labels = dataset.with_labels([0], [1])
    assert kept(dataset).difference(Content.of(labels)) == ""


@pytest.mark.parametrize(
    ("then", "now", "words"),
    [
        (
            lambda data: data,
            lambda data: without_row(data, 3),
            "it had 12 images and has 11; missing: 'b/03.png'",
        ),
        (
            lambda data: without_row(data, 3),
            lambda data: data,
            "it had 11 images and has 12; new: 'b/03.png'",
        ),
        (
            lambda data: without_row(data, [3, 4]),
            lambda data: data,
            "it had 10 images and has 12; new: 'a/04.png' and 1 more",
        ),
        (
            lambda data: data,
            lambda data: changed(data, 5),
            "it has 12 images as before, but not the same; changed: 'b/05.png'",
        ),
        (
            lambda data: without_row(data, 0),
            lambda data: without_row(data, 1),
            "it has 11 images as before, but not the same; new: 'a/00.png'",
        ),
        (
            lambda data: data.split_test(0.5, 0),
            lambda data: without_row(data, 3).split_test(0.5, 0),
            "it had 12 images and has 11; missing: 'b/03.png'",
        ),
        (
            lambda data: dataclasses.replace(data, files=None),
            lambda data: dataclasses.replace(changed(data, 7), files=None),
            "it has 12 images as before, but not the same; the first other one is "
            "image 7",
        ),
        (
            lambda data: data,
            lambda data: dataclasses.replace(data, images=data.images[:, :8]),
            "its images were of 9x7x1 and are of 8x7x1",
        ),
    ],
    ids=["removed", "added", "two", "changed", "exchanged", "split", "array", "size"],
)
def test_what_differs_is_told(dataset, kept, then, now, words):
    assert kept(then(dataset)).difference(Content.of(now(dataset))) == words


def test_a_damaged_file_tells_nothing(tmp_path):
    assert Content.load(tmp_path / "none.npz") is None
    (tmp_path / "content.npz").write_bytes(b"PK damaged")
    assert Content.load(tmp_path / "content.npz") is None


def test_labels_of_files_are_those_of_other_files_no_more(dataset, tmp_path):
    few = dataset.with_labels([2, 7], [0, 1])
    save_labels(tmp_path / "labels.json", few)
    indices, classes = read_labels(tmp_path / "labels.json", dataset)
    assert indices.tolist() == [2, 7] and classes.tolist() == [0, 1]
    # One that comes after them changes nothing.
    read_labels(tmp_path / "labels.json", without_row(dataset, 9))
    with pytest.raises(InputError, match=r"index 7 was the file 'b/07.png' and is"):
        read_labels(tmp_path / "labels.json", without_row(dataset, 4))
