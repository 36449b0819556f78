import gzip

import numpy as np
import pytest

from ssvae.data import load_dataset
from ssvae.errors import InputError


def idx_bytes(array):
    sizes = np.array(array.shape, ">u4").tobytes()
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


@pytest.fixture
def folder(tmp_path, rng):
    """Four files in the likeness of MNIST's, two of them compressed."""
    for prefix, count in (("train", 20), ("t10k", 6)):
        images = rng.integers(0, 256, (count, 5, 4), dtype=np.uint8)
        labels = (np.arange(count) % 10).astype(np.uint8)
        path = tmp_path / f"{prefix}-images-idx3-ubyte"
        path.write_bytes(idx_bytes(images))
        path = tmp_path / f"{prefix}-labels-idx1-ubyte.gz"
        path.write_bytes(gzip.compress(idx_bytes(labels)))
    return tmp_path


def test_four_files_make_a_data_set(folder):
    dataset = load_dataset("fashion-mnist", str(folder))
    assert dataset.images.shape == (20, 5, 4, 1)
    assert dataset.labels.tolist() == [*range(10), *range(10)]
    assert dataset.class_names[9] == "ankle boot"
    images, labels = dataset.read_test()
    assert images.shape == (6, 5, 4, 1)
    assert labels.tolist() == list(range(6))
    content = (folder / "t10k-images-idx3-ubyte").read_bytes()
    assert images.tobytes() == content[16:]


def test_absent_data_set_says_where_it_comes_from(tmp_path):
    with pytest.raises(InputError, match="apt-get install dataset-fashion-mnist"):
        load_dataset("fashion-mnist", str(tmp_path / "none"))


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"])
def test_missing_file_of_a_known_data_set_is_named(folder, name):
    for path in folder.glob(f"{name}*"):
        path.unlink()
    with pytest.raises(InputError, match=f"no {name}"):
        load_dataset("fashion-mnist", str(folder))


@pytest.mark.parametrize("keep", [0, 3, 7, 20, 50])
def test_file_cut_off_is_named(folder, keep):
    path = folder / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match=f"{path.name} is no IDX file"):
        load_dataset("fashion-mnist", str(folder))


def test_damaged_compressed_file_is_named(folder):
    path = folder / "train-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(InputError, match=f"{path.name} is truncated or damaged"):
        load_dataset("fashion-mnist", str(folder))


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (np.zeros(19, np.uint8), r"need \(n, height, width\) and \(n,\)"),
        (np.full(20, 10, np.uint8), "holds a class 10, need 0 to 9"),
    ],
)
def test_labels_that_do_not_fit_are_refused(folder, labels, reason):
    path = folder / "train-labels-idx1-ubyte.gz"
    path.write_bytes(gzip.compress(idx_bytes(labels)))
    with pytest.raises(InputError, match=reason):
        load_dataset("fashion-mnist", str(folder))
