"""Test parts without labels, from every source: told, and replaced where asked."""

import numpy as np
import pytest
from PIL import Image

from ssvae.config.settings import Config
from ssvae.data import UNLABELED, from_arrays, load_dataset, open_dataset
from ssvae.data.report import report, warnings
from ssvae.errors import InputError

LABELS = np.arange(30) % 3


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (40, 9, 7), dtype=np.uint8)


def write_idx(path, array):
    sizes = np.array(array.shape, ">u4").tobytes()
    path.write_bytes(bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes())


def as_folder(place, images):
    """Write class folders, and test images without a class."""
    for row, image in enumerate(images):
        part = place / "train" / str(LABELS[row]) if row < 30 else place / "test"
        part.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(part / f"{row:02}.png")


def as_arrays(place, images):
    np.savez(place, x_train=images[:30], y_train=LABELS, x_test=images[30:])


def as_unlabeled_arrays(place, images):
    arrays = {"x_train": images[:30], "y_train": LABELS, "x_test": images[30:]}
    np.savez(place, **arrays, y_test=np.full(10, -1))


def as_idx(place, images):
    place.mkdir()
    write_idx(place / "train-images-idx3-ubyte", images[:30])
    write_idx(place / "train-labels-idx1-ubyte", LABELS.astype(np.uint8))
    write_idx(place / "t10k-images-idx3-ubyte", images[30:])


SOURCES = {
    "x_test alone": ("own.npz", as_arrays),
    "y_test of -1": ("own.npz", as_unlabeled_arrays),
    "idx": ("own", as_idx),
}


@pytest.fixture(params=SOURCES, ids=SOURCES)
def path(request, tmp_path, images):
    name, write = SOURCES[request.param]
    write(tmp_path / name, images)
    return str(tmp_path / name)


def test_a_test_part_without_labels_is_told(path):
    dataset = load_dataset(path)
    assert len(dataset.labeled) == len(dataset.images) == 30
    images, labels = dataset.test_part()
    assert len(images) == 10 and (labels == UNLABELED).all()
    assert not dataset.has_test_labels
    with pytest.raises(InputError, match="no image of the test part"):
        dataset.labeled_test_part()
    counts = report(dataset)
    assert (counts["num_test"], counts["num_test_labeled"]) == (10, 0)
    assert any("none of the 10 test images has a label" in w for w in warnings(counts))


def test_labeled_images_are_held_back_in_its_place(path):
    said = []
    dataset = open_dataset(Config(dataset=path, test_fraction=0.2), say=said.append)
    _, labels = dataset.labeled_test_part()
    assert np.bincount(labels).tolist() == [2, 2, 2]
    assert len(dataset.images) == 24
    assert any("test part has no labels" in line for line in said)


def test_a_test_folder_without_classes_is_told_and_trained_on(tmp_path, images):
    as_folder(tmp_path / "own", images)
    dataset = load_dataset(str(tmp_path / "own"))
    assert dataset.read_test is None and len(dataset.unlabeled) == 10
    (note,) = [line for line in dataset.notes if "no test accuracy" in line]
    assert "10 images" in note and "--test-fraction" in note
    split = load_dataset(str(tmp_path / "own"), test_fraction=0.2)
    assert np.bincount(split.labeled_test_part()[1]).tolist() == [2, 2, 2]


def test_a_labeled_test_part_is_not_replaced(tmp_path, images):
    path = tmp_path / "own.npz"
    arrays = {"x": images[:30], "y": LABELS, "x_test": images[30:]}
    np.savez(path, **arrays, y_test=[0, *[-1] * 9])
    with pytest.raises(InputError, match="has a test part of its own"):
        open_dataset(Config(dataset=str(path), test_fraction=0.2))


def test_only_labeled_test_images_count(images):
    classes = np.r_[LABELS[:6], [-1] * 4]
    dataset = from_arrays(images[:30], LABELS, images[30:], classes)
    assert dataset.has_test_labels
    known, labels = dataset.labeled_test_part()
    assert np.array_equal(known[..., 0], images[30:36])
    assert labels.tolist() == [0, 1, 2, 0, 1, 2]
    counts = report(dataset)
    assert counts["classes"]["0"]["test"] == 2
    assert any("4 of 10 test images have no label" in w for w in warnings(counts))


def test_idx_files_of_the_training_part_alone_are_a_data_set(tmp_path, images):
    as_idx(tmp_path / "own", images)
    (tmp_path / "own" / "t10k-images-idx3-ubyte").unlink()
    dataset = load_dataset(str(tmp_path / "own"))
    assert dataset.read_test is None and len(dataset.labeled) == 30
