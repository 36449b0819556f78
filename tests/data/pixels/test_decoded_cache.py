"""Decoded images on the disk: found again by content, and kept within bounds."""

import io
import os

import numpy as np
import pytest

from ssvae.data.pixels import cache as decoded_cache
from ssvae.data.pixels.cache import DecodedCache, Kept, digest_of


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """Keep images of any number of files in a folder of the test."""
    monkeypatch.setenv("SSVAE_CACHE", str(tmp_path))
    monkeypatch.setattr(decoded_cache, "MIN_FILES", 1)
    return tmp_path


def digests(*contents):
    return [digest_of(io.BytesIO(content)) for content in contents]


SIZES, SETTINGS = [3, 1, 2, 1], ("any", (9, 7))
FILES = digests(b"abc", b"x", b"yz", b"w")
# The third file cannot be read.
SHOWN = np.array([1, 3, 0, 1], np.uint8)


def kept(rng, channels=1):
    images = rng.integers(0, 256, (3, 9, 7, channels), dtype=np.uint8)
    return Kept(images, SHOWN)


def test_images_are_found_again(rng):
    cache, images = DecodedCache(SIZES, SETTINGS), kept(rng)
    assert not cache.exists() and cache.load(FILES) is None
    cache.save(FILES, images)
    again = DecodedCache(SIZES, SETTINGS)
    assert again.exists()
    found = again.load(FILES)
    assert np.array_equal(found.images, images.images)
    assert found.shown.tolist() == SHOWN.tolist()
    # They are not read before they are needed.
    assert isinstance(found.images, np.memmap)


def test_names_and_order_do_not_matter(rng):
    images = kept(rng)
    DecodedCache(SIZES, SETTINGS).save(FILES, images)
    order = [3, 2, 0, 1]
    found = DecodedCache([SIZES[row] for row in order], SETTINGS).load(
        [FILES[row] for row in order]
    )
    assert found.shown.tolist() == SHOWN[order].tolist()
    assert np.array_equal(found.images, images.images[[2, 0, 1]])


@pytest.mark.parametrize("change", ["content", "size", "count", "settings"])
def test_other_files_or_settings_are_others(rng, change):
    DecodedCache(SIZES, SETTINGS).save(FILES, kept(rng))
    sizes, settings, files = SIZES, SETTINGS, FILES
    if change == "content":
        files = [*FILES[:-1], *digests(b"v")]
    elif change == "size":
        sizes = [3, 1, 2, 2]
    elif change == "count":
        sizes, files = SIZES[:-1], FILES[:-1]
    else:
        settings = ("any", (9, 8))
    assert DecodedCache(sizes, settings).load(files) is None


def test_few_small_files_are_not_kept(rng, place, monkeypatch):
    monkeypatch.setattr(decoded_cache, "MIN_FILES", 5)
    cache = DecodedCache(SIZES, SETTINGS)
    cache.save(FILES, kept(rng))
    assert not list(place.iterdir()) and not cache.exists()
    monkeypatch.setattr(decoded_cache, "MIN_BYTES", 7)
    DecodedCache(SIZES, SETTINGS).save(FILES, kept(rng))
    assert len(list(place.iterdir())) == 1


def test_nothing_is_kept_without_a_folder_or_room(rng, place, monkeypatch):
    monkeypatch.setattr(decoded_cache, "MAX_SHARE", 0)
    DecodedCache(SIZES, SETTINGS).save(FILES, kept(rng))
    monkeypatch.undo()
    monkeypatch.setattr(decoded_cache, "MIN_FILES", 1)
    monkeypatch.setenv("SSVAE_CACHE", "")
    cache = DecodedCache(SIZES, SETTINGS)
    cache.save(FILES, kept(rng))
    assert cache.load(FILES) is None
    monkeypatch.setenv("SSVAE_CACHE", str(place))
    monkeypatch.setattr(decoded_cache, "MAX_BYTES", 10)
    DecodedCache(SIZES, SETTINGS).save(FILES, kept(rng))
    assert not list(place.iterdir())


@pytest.mark.parametrize("end", [0, 50, 200, -5])
def test_a_damaged_file_is_as_none(rng, place, end):
    cache = DecodedCache(SIZES, SETTINGS)
    cache.save(FILES, kept(rng))
    (path,) = place.iterdir()
    path.write_bytes(path.read_bytes()[:end])
    assert cache.load(FILES) is None
    images = kept(rng)
    cache.save(FILES, images)
    assert np.array_equal(cache.load(FILES).images, images.images)


def test_what_was_not_used_for_longest_goes_first(rng, place, monkeypatch):
    caches = [DecodedCache(SIZES, name) for name in "abc"]
    for age, cache in enumerate(caches[:2]):
        cache.save(FILES, kept(rng))
        os.utime(cache.path, (age, age))
    (place / "other.npy").write_bytes(bytes(5000))
    caches[0].load(FILES)
    size = caches[0].path.stat().st_size
    monkeypatch.setattr(decoded_cache, "MAX_BYTES", 2 * size)
    caches[2].save(FILES, kept(rng))
    assert [cache.exists() for cache in caches] == [True, False, True]
    assert (place / "other.npy").exists()
