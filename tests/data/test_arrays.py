"""Arrays as a data set, from files and from memory."""

import numpy as np
import pytest

from ssvae.data import from_arrays, load_dataset
from ssvae.errors import InputError


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (6, 9, 7), dtype=np.uint8)


def test_files_hold_both_parts_or_one(tmp_path, images):
    y = np.array([5, 2, -1, 5, 2, 2])
    path = tmp_path / "both.npz"
    np.savez(path, x_train=images, y_train=y, x_test=images[:2], y_test=y[:2])
    dataset = load_dataset(str(path))
    assert dataset.class_names == ("2", "5")
    assert dataset.labels.tolist() == [1, 0, -1, 1, 0, 0]
    assert np.array_equal(dataset.images[..., 0], images)
    assert dataset.read_test()[1].tolist() == [1, 0]
    np.savez(tmp_path / "one.npz", x=images / 255, y=y)
    one = load_dataset(str(tmp_path / "one.npz"))
    assert np.array_equal(one.images, dataset.images)
    assert one.read_test is None
    np.save(tmp_path / "alone.npy", images)
    alone = load_dataset(str(tmp_path / "alone.npy"))
    assert np.array_equal(alone.images, dataset.images)
    assert (alone.labels.tolist(), alone.class_names) == ([-1] * 6, ())


@pytest.mark.parametrize(
    ("labels", "names", "expected"),
    [
        (["b", "", "a ", "b", "a", ""], ("a", "b"), [1, -1, 0, 1, 0, -1]),
        ([3.0, np.nan, 1, 1, 3, 3], ("1", "3"), [1, -1, 0, 0, 1, 1]),
        (np.ma.array([1, 2, 2, 1, 1, 1], mask=[1, 0, 0, 0, 0, 0]), ("1", "2"), None),
        (np.array([b"x", b"y"] * 3), ("x", "y"), [0, 1] * 3),
        ([True, False] * 3, ("False", "True"), [1, 0] * 3),
    ],
)
def test_labels_are_numbered_by_name(images, labels, names, expected):
    dataset = from_arrays(images, labels)
    assert dataset.class_names == names
    assert dataset.labels.tolist() == (expected or [-1, 1, 1, 0, 0, 0])


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"x": np.zeros((6, 63), np.uint8)}, r"shape \(6, 63\); need \(n, height"),
        ({"x": np.zeros((6, 9, 7, 2), np.uint8)}, "with 1 or 3 channels"),
        ({"x": np.zeros((6, 9, 7), np.int64)}, "dtype int64; need uint8, or floats"),
        ({"x": np.full((6, 9, 7), 300.0)}, "values from 300 to 300"),
        ({"x": np.full((6, 9, 7), np.nan)}, "values from nan"),
        ({"x": np.zeros((0, 9, 7), np.uint8)}, "there are no images"),
        ({"x": np.zeros((6, 9, 999), np.uint8)}, "9 by 999 pixels"),
        ({"y": np.zeros(5, int)}, "x and y have 6 and 5 rows"),
        ({"y": np.zeros((6, 10))}, r"labels have shape \(6, 10\); need one per image"),
        ({"y": [0, 0.5, 1, 1, 1, 1]}, "labels are fractions; need whole numbers"),
        ({"y": np.zeros(6, complex)}, "labels are complex128; need"),
        ({"y_test": np.zeros(6, int)}, "y_test are labels of x_test, which is missing"),
        ({"x_test": np.zeros((2, 9, 7)), "y_test": [0, 9]}, "'9' is not among"),
        ({"x_test": np.zeros((2, 8, 7)), "y_test": [0, 0]}, "need the same"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path, images, arrays, words):
    path = tmp_path / "own.npz"
    np.savez(path, **{"x": images, "y": np.arange(6) % 2, **arrays})
    with pytest.raises(InputError, match=words) as error:
        load_dataset(str(path))
    assert "\n" not in str(error.value)


def test_objects_are_never_unpickled(tmp_path, images):
    np.savez(tmp_path / "a.npz", x=images, y=np.array([{}] * 6, dtype=object))
    np.save(tmp_path / "b.npy", np.array([images], dtype=object), allow_pickle=True)
    for name in ("a.npz", "b.npy"):
        with pytest.raises(InputError, match="it holds Python objects; need numbers"):
            load_dataset(str(tmp_path / name))


def test_files_that_are_no_arrays_are_refused(tmp_path, images):
    np.savez(tmp_path / "cut.npz", x=images)
    content = (tmp_path / "cut.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(content[:100])
    (tmp_path / "text.npy").write_text("no array")
    np.savez(tmp_path / "empty.npz")
    for name in ("cut.npz", "text.npy", "empty.npz"):
        with pytest.raises(InputError):
            load_dataset(str(tmp_path / name))


def test_a_share_of_every_class_becomes_the_test_part(rng):
    images = rng.integers(0, 256, (100, 9, 7), dtype=np.uint8)
    labels = np.repeat([0, 1, -1], [60, 20, 20])
    dataset = from_arrays(images, labels).split_test(0.25, seed=3)
    test_images, test_labels = dataset.read_test()
    assert np.bincount(test_labels).tolist() == [15, 5]
    assert np.bincount(dataset.labels + 1).tolist() == [20, 45, 15]
    both = np.concatenate([dataset.images, test_images])
    assert {i.tobytes() for i in both} == {i.tobytes() for i in images}
    again = from_arrays(images, labels).split_test(0.25, seed=3)
    other = from_arrays(images, labels).split_test(0.25, seed=4)
    assert np.array_equal(again.images, dataset.images)
    assert not np.array_equal(other.images, dataset.images)
