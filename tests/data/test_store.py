"""Images on the disk are the same as in memory."""

import os

import numpy as np
import pytest

import ssvae
from ssvae.data import store
from ssvae.errors import InputError
from ssvae.training.run import train

FEW = ssvae.Config(
    labels=20,
    classifier_body="mlp",
    hidden_units=16,
    latent_dim=2,
    epochs=1,
    held_out=0.1,
    augment="none",
)


@pytest.fixture
def on_disk(monkeypatch):
    """Everything is too large for memory."""
    monkeypatch.setattr(store, "MAX_IN_MEMORY", 0)


def digits(rng, folder):
    """Write noisy squares of two classes as an array file; return its path."""
    classes = np.arange(200) % 2
    images = rng.integers(0, 100, (200, 8, 8), dtype=np.uint8)
    images[classes == 1, 2:6, 2:6] += 100
    np.savez(folder / "squares.npz", x=images / 255, y=classes)
    return str(folder / "squares.npz")


def mapped(array):
    while array is not None and not isinstance(array, np.memmap):
        array = array.base
    return array is not None


def test_small_sets_stay_in_memory(rng, tmp_path):
    assert not mapped(ssvae.load_dataset(digits(rng, tmp_path)).images)


def test_a_data_set_on_disk_has_the_parts_of_one_in_memory(rng, tmp_path, monkeypatch):
    path = digits(rng, tmp_path)
    parts = {}
    for limit in (10**9, 0):
        monkeypatch.setattr(store, "MAX_IN_MEMORY", limit)
        full = ssvae.load_dataset(path)
        split = full.split_test(0.25, seed=0)
        parts[limit] = full, split, split.without("1")
        assert all(mapped(part.images) is (limit == 0) for part in parts[limit])
    for memory, disk in zip(parts[10**9], parts[0], strict=True):
        assert (memory.images == disk.images).all()
        assert (memory.labels == disk.labels).all()
        assert memory.class_names == disk.class_names
    (images, labels), (same, same_labels) = (parts[n][1].test_part() for n in (0, 1e9))
    assert (images == same).all() and (labels == same_labels).all()


def test_training_from_the_disk_is_bit_for_bit_that_from_memory(
    rng, tmp_path, monkeypatch
):
    config = FEW.replace(dataset=digits(rng, tmp_path), test_fraction=0.2)
    models = []
    for limit in (10**9, 0):
        monkeypatch.setattr(store, "MAX_IN_MEMORY", limit)
        out = train(config, tmp_path / str(limit))
        models.append(ssvae.load_model(out))
    for memory, disk in zip(*(model.get_weights() for model in models), strict=True):
        assert (memory == disk).all()


def test_the_folder_of_the_images_is_printed_and_left_empty(
    on_disk, tmp_path, monkeypatch
):
    monkeypatch.setattr(store.tempfile, "tempdir", str(tmp_path))
    said = []
    images = store.room_for(3, (4, 4, 1), said.append)
    images[:] = 7
    assert said == [f"0.0 GiB of images: kept in a file under {tmp_path}."]
    assert os.listdir(tmp_path) == []
    assert (store.take(images, np.array([2])) == 7).all()


def test_a_full_disk_is_one_line(on_disk, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.os, "posix_fallocate", full)
    with pytest.raises(InputError, match=r"no room for .* images under .*TMPDIR"):
        store.room_for(3, (4, 4, 1))


def test_grey_and_color_files_share_a_file(on_disk, rng, tmp_path):
    from PIL import Image

    (tmp_path / "a").mkdir()
    grey = rng.integers(0, 255, (8, 8), dtype=np.uint8)
    color = rng.integers(0, 255, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(grey).save(tmp_path / "a" / "1.png")
    Image.fromarray(color).save(tmp_path / "a" / "2.png")
    images = ssvae.load_dataset(str(tmp_path)).images
    assert mapped(images)
    assert (images == np.stack([grey[..., None].repeat(3, 2), color])).all()
