import numpy as np
import pytest
from PIL import Image

from ssvae.data.reading.brought import Brought
from ssvae.data.reading.files import CHUNK_IMAGES, ImageFiles
from ssvae.errors import InputError

SHAPE = (9, 7, 1)


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (5, 9, 7), dtype=np.uint8)


def read(*places, **kwargs):
    """Return all images of some places, their names, and what was skipped."""
    files = ImageFiles(places, Brought(SHAPE), **kwargs)
    chunks = list(files)
    names = [name for _, part in chunks for name in part]
    return np.concatenate([rows for rows, _ in chunks]), names, files.skipped


def test_every_kind_of_file_gives_the_same_images(tmp_path, images):
    np.save(tmp_path / "a.npy", images)
    np.savez(tmp_path / "b.npz", labels=np.arange(5), images=images[..., None])
    np.savez_compressed(tmp_path / "c.npz", whatever=images / 255)
    for row, image in enumerate(images):
        Image.fromarray(image).save(tmp_path / f"d{row}.png")
    expected = images[..., None] / np.float32(255)
    for kind in ("a.npy", "b.npz", "c.npz"):
        rows, names, _ = read(tmp_path / kind)
        assert rows == pytest.approx(expected, abs=1e-6)
        assert names == [f"{tmp_path / kind}[{row}]" for row in range(5)]
    # The folder holds them all, in the order of their names.
    rows, names, _ = read(tmp_path)
    assert rows == pytest.approx(np.concatenate([expected] * 4), abs=1e-6)
    assert names[-1] == str(tmp_path / "d4.png")
    assert ImageFiles([tmp_path], Brought(SHAPE)).count() == 20


def test_color_images_become_grey_for_a_grey_model(tmp_path, images):
    Image.fromarray(images[0]).convert("RGBA").save(tmp_path / "a.png")
    rows, _, _ = read(tmp_path / "a.png")
    assert rows[0, ..., 0] == pytest.approx(images[0] / 255, abs=1e-6)


def test_many_images_come_in_chunks(tmp_path, rng):
    many = rng.integers(0, 256, (2 * CHUNK_IMAGES + 3, 9, 7), dtype=np.uint8)
    np.save(tmp_path / "many.npy", many)
    chunks = list(ImageFiles([tmp_path / "many.npy"], Brought(SHAPE)))
    assert [len(names) for _, names in chunks] == [CHUNK_IMAGES, CHUNK_IMAGES, 3]


def broken_files(folder, images):
    """Write one file of each sort that cannot be used; return words of each error."""
    (folder / "text.png").write_text("no picture")
    whole = folder / "whole.png"
    Image.fromarray(images[0]).save(whole)
    (folder / "cut.png").write_bytes(whole.read_bytes()[:60])
    whole.unlink()
    np.save(folder / "narrow.npy", images[:, :, :5])
    np.save(folder / "nan.npy", np.full((2, 9, 7), np.nan))
    np.save(folder / "flat.npy", np.zeros((2, 63)))
    (folder / "cut.npy").write_bytes((folder / "flat.npy").read_bytes()[:40])
    np.savez(folder / "two.npz", p=images, q=images)
    (folder / "text.npz").write_text("no archive")
    return {
        "text.png": "no readable image",
        "cut.png": "no readable image",
        "narrow.npy": "5 pixels wide and 9 high, the model takes 7 by 9",
        "nan.npy": "values from nan to nan",
        "flat.npy": "shape (2, 63)",
        "cut.npy": "no readable array",
        "two.npz": "it holds p, q",
        "text.npz": "no readable array",
    }


def test_a_file_that_cannot_be_used_is_named(tmp_path, images):
    for name, words in broken_files(tmp_path, images).items():
        with pytest.raises(InputError) as error:
            read(tmp_path / name)
        message = str(error.value)
        assert name in message and words in message and "--skip-broken" in message


def test_skip_broken_leaves_out_broken_files(tmp_path, images):
    broken = broken_files(tmp_path, images)
    np.save(tmp_path / "good.npy", images)
    rows, names, skipped = read(tmp_path, skip_broken=True)
    assert len(rows) == len(names) == 5
    assert skipped.keys() == {str(tmp_path / name) for name in broken}


def test_a_blank_image_among_others_is_read_and_listed(tmp_path, images):
    for row, image in enumerate((images[0], np.zeros((9, 7), np.uint8))):
        Image.fromarray(image).save(tmp_path / f"{row}.png")
    files = ImageFiles([tmp_path], Brought(SHAPE))
    for _ in range(2):
        assert [len(names) for _, names in files] == [2]
        assert files.blank == [str(tmp_path / "1.png")]


def test_a_place_of_nothing_but_blank_images_is_refused(tmp_path):
    np.save(tmp_path / "black.npy", np.zeros((3, 9, 7), np.uint8))
    with pytest.raises(
        InputError, match=r"npy\[0\]' and all others: nothing but blank"
    ):
        list(ImageFiles([tmp_path], Brought(SHAPE)))
    # A part of many images may have nothing on it by chance.
    assert len(list(ImageFiles([tmp_path], Brought(SHAPE), shard=(1, 3)))) == 1


@pytest.mark.parametrize("place", ["absent", "empty", "notes.txt"])
def test_a_place_without_images_is_refused(tmp_path, place):
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("no image")
    with pytest.raises(InputError, match=place):
        ImageFiles([tmp_path / place], Brought(SHAPE))
