import os
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from helpers import TINY
from keras import layers

from ssvae.augment import warp
from ssvae.features import cache as module
from ssvae.features.cache import KeptFeatures, view_settings
from ssvae.features.extractor import build_extractor


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SSVAE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def extractor():
    return build_extractor(["texture"], 1)


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (5, 9, 7, 1), np.uint8)


def features_of(images, seed=0):
    return np.random.default_rng(seed).random((len(images), 177), np.float32)


def never():
    raise AssertionError("the features were made again")


def backbone(seed=0, side=8, activation="relu"):
    pixels = keras.Input((side, side, 3))
    kernel = keras.initializers.RandomNormal(seed=seed)
    maps = layers.Conv2D(4, 3, kernel_initializer=kernel)(pixels)
    model = keras.Model(pixels, [layers.Activation(activation)(maps)])
    return SimpleNamespace(name="tiny", model=model, side=side)


@pytest.mark.each_backend
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_features_are_made_once(cache, images, extractor, dtype):
    wanted = features_of(images).astype(dtype)
    made = KeptFeatures(images, extractor).or_made(lambda: wanted)
    again = KeptFeatures(images.copy(), extractor).or_made(never)
    assert again.dtype == dtype
    assert np.array_equal(made, wanted)
    assert np.array_equal(again, wanted)


def test_features_of_views_are_kept(cache, images, extractor):
    wanted = np.stack([features_of(images, seed) for seed in (1, 2)])
    KeptFeatures(images, extractor, (2,)).save(wanted)
    assert np.array_equal(KeptFeatures(images, extractor, (2,)).load(), wanted)


@pytest.mark.each_backend
def test_the_name_depends_on_all_that_features_depend_on(
    cache, images, extractor, monkeypatch
):
    def path(images=images, extractor=extractor, *settings):
        return KeptFeatures(images, extractor, settings).path

    others = images.copy()
    others[-1, -1, -1] ^= 1
    paths = [
        path(),
        path(others),
        path(images.reshape(5, 7, 9, 1)),
        path(images, extractor, "efficientnet-lite0"),
        path(images, build_extractor(["gradients"], 1)),
        *(
            path(images, build_extractor(["backbone"], 1, network))
            for network in (
                backbone(),
                backbone(seed=1),
                backbone(side=9),
            )
        ),
    ]
    monkeypatch.setattr(module, "FORMAT", module.FORMAT + 1)
    paths.append(path())
    monkeypatch.setattr(module.keras, "__version__", "4.0")
    paths.append(path())
    monkeypatch.setattr(module.keras.backend, "backend", lambda: "another")
    paths.append(path())
    assert len(set(paths)) == len(paths)


def test_a_network_built_again_has_the_same_name(cache, images):
    paths = {
        KeptFeatures(images, build_extractor(["backbone"], 1, backbone())).path
        for _ in range(2)
    }
    assert len(paths) == 1


def test_images_in_a_mapped_file_have_the_same_name(
    cache, images, extractor, tmp_path, monkeypatch
):
    monkeypatch.setattr(module, "CHUNK", 2)
    np.save(tmp_path / "images.npy", images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    first, second = (KeptFeatures(array, extractor) for array in (images, mapped))
    assert first.path == second.path


def test_settings_of_views_hold_all_that_warps_read(images):
    asked = set()

    class Asked:
        def __init__(self, notes):
            self.notes = notes

        def __getattr__(self, name):
            self.notes.add(name)
            return getattr(TINY, name)

    warp(np.float32(images), Asked(asked), keras.random.SeedGenerator(0))
    read = set()
    view_settings(Asked(read), 1)
    assert {*asked, "seed"} <= read
    config = TINY.replace(rotation=0.1)
    assert len({view_settings(TINY, 1), view_settings(TINY, 2)}) == 2
    assert view_settings(config, 1) != view_settings(TINY, 1)


@pytest.mark.parametrize("damage", [b"", b"no array", None])
def test_damaged_features_are_made_again(cache, images, extractor, damage):
    kept = KeptFeatures(images, extractor)
    kept.save(features_of(images))
    whole = kept.path.read_bytes()
    kept.path.write_bytes(whole[:-9] if damage is None else damage)
    assert np.array_equal(
        kept.or_made(lambda: features_of(images, 1)), features_of(images, 1)
    )
    assert np.array_equal(kept.or_made(never), features_of(images, 1))


@pytest.mark.parametrize(
    "other",
    [
        np.zeros((4, 177), np.float32),
        np.zeros((5, 177), np.int32),
        np.array([{}]),
    ],
)
def test_a_file_with_another_array_is_not_used(cache, images, extractor, other):
    kept = KeptFeatures(images, extractor)
    cache.mkdir()
    np.save(kept.path, other, allow_pickle=True)
    assert kept.load() is None


def test_features_not_used_for_longest_are_deleted(
    cache, images, extractor, monkeypatch
):
    cache.mkdir()
    mine = cache / "mine.npy"
    mine.touch()
    # What a run that was killed while it wrote has left.
    left = cache / ".ssvae-features-0.partial-1.npy"
    left.write_bytes(bytes(1000))
    for path in (mine, left):
        os.utime(path, (0, 0))
    size = features_of(images).nbytes
    # Room for three files with their headers.
    monkeypatch.setattr(module, "MAX_BYTES", 3 * size + 500)
    kept = [KeptFeatures(images, extractor, (number,)) for number in range(4)]
    for number, each in enumerate(kept[:3]):
        each.save(features_of(images))
        os.utime(each.path, (number + 1, number + 1))
    assert not left.exists()
    kept[0].or_made(never)
    kept[3].save(features_of(images))
    assert [each.path.exists() for each in kept] == [True, False, True, True]
    assert mine.exists()


def test_features_larger_than_the_room_are_not_kept(
    cache, images, extractor, monkeypatch
):
    first = KeptFeatures(images, extractor, (1,))
    first.save(features_of(images))
    monkeypatch.setattr(module, "MAX_BYTES", 100)
    second = KeptFeatures(images, extractor, (2,))
    second.save(features_of(images))
    assert first.path.exists()
    assert not second.path.exists()


def test_features_in_a_read_only_folder_are_used(cache, images, extractor, monkeypatch):
    def touch(path):
        raise PermissionError(path)

    kept = KeptFeatures(images, extractor)
    kept.save(features_of(images))
    monkeypatch.setattr(Path, "touch", touch)
    kept.or_made(never)


def test_features_are_made_where_none_can_be_kept(
    cache, images, extractor, monkeypatch
):
    cache.write_text("a file where the folder should be")
    for _ in range(2):
        made = KeptFeatures(images, extractor).or_made(lambda: features_of(images))
        assert np.array_equal(made, features_of(images))
        monkeypatch.setenv("SSVAE_CACHE", "")
    assert cache.read_text().startswith("a file")


def test_other_processes_read_whole_files_only(cache, images, extractor, monkeypatch):
    kept = KeptFeatures(images, extractor)
    kept.save(features_of(images))
    seen, whole = [], np.save

    def save(path, features):
        path.write_bytes(b"the first half")
        seen.append(kept.load())
        whole(path, features)

    monkeypatch.setattr(np, "save", save)
    kept.save(features_of(images, 1))
    assert np.array_equal(seen[0], features_of(images))
    assert np.array_equal(kept.load(), features_of(images, 1))


def test_files_that_another_process_deletes_are_no_error(
    cache, images, extractor, monkeypatch
):
    first, second = (KeptFeatures(images, extractor, (n,)) for n in (1, 2))
    first.save(features_of(images))
    glob = Path.glob

    def late(place, pattern):
        files = list(glob(place, pattern))
        first.path.unlink(missing_ok=True)
        return files

    monkeypatch.setattr(Path, "glob", late)
    second.or_made(lambda: features_of(images))
    second.or_made(never)
    assert not first.path.exists()
