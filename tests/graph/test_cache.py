import os
from pathlib import Path

import numpy as np
import pytest
from helpers import TINY

from ssvae.features import gradients
from ssvae.graph import cache as graph_cache
from ssvae.graph.cache import MAX_KEPT, SETTINGS, KeptGraph, folder
from ssvae.graph.construction import image_graph
from ssvae.training import spread
from ssvae.training.spread import spread_labels

CONFIG = TINY.replace(propagation="deskewed")
SHARES = np.full(3, 1 / 3)


@pytest.fixture(autouse=True)
def few_features(monkeypatch):
    """Make graphs quickly: their cost here is that of the features' eigenvectors."""
    monkeypatch.setattr(gradients, "NUM_CELLS", 2)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SSVAE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def spread_anew(tiny_dataset, tmp_path):
    """Return a maker of spread labels for a run of its own, and of what it says."""
    runs = iter(range(100))

    def make(dataset=tiny_dataset, config=CONFIG):
        said = []
        path = tmp_path / f"{next(runs)}.npz"
        return spread_labels(dataset, config, SHARES, path, said.append), said

    return make


def same(graph, other):
    return graph.shape == other.shape and (graph != other).nnz == 0


def test_more_labels_reuse_the_graph(cache, spread_anew, tiny_dataset, monkeypatch):
    first, said = spread_anew()
    assert "made before" not in said[0]
    monkeypatch.setattr(spread, "image_graph", None)
    more = np.arange(9, 20)
    second, said = spread_anew(tiny_dataset.with_labels(more, np.full(11, 2)))
    assert "made before" in said[0]
    assert same(first.graph, second.graph)
    assert (second.pseudo_labels[more] == 2).all()


def test_the_file_name_depends_on_all_that_the_graph_depends_on(
    cache, tiny_dataset, monkeypatch
):
    images = tiny_dataset.images
    asked = set()

    class Asked:
        def __getattr__(self, name):
            asked.add(name)
            return getattr(CONFIG, name)

    image_graph(images, Asked())
    assert asked <= set(SETTINGS)
    others = images.copy()
    others[-1, -1, -1] ^= 1
    paths = {KeptGraph(images, CONFIG).path}
    paths.add(KeptGraph(others, CONFIG).path)
    paths.add(KeptGraph(images.reshape(40, 7, 9, 1), CONFIG).path)
    for change in (
        {"propagation": "original"},
        {"seed": 1},
        {"rotation": 0.1},
        {"elastic": 0.03},
        {"mirror": 0.5},
        {"augment": "objects"},
    ):
        paths.add(KeptGraph(images, CONFIG.replace(**change)).path)
    monkeypatch.setattr(graph_cache.keras.backend, "backend", lambda: "another")
    paths.add(KeptGraph(images, CONFIG).path)
    assert len(paths) == 10
    assert KeptGraph(images, CONFIG.replace(epochs=7, labels=20)).path in paths


def test_another_format_gives_another_file_name(cache, tiny_dataset, monkeypatch):
    path = KeptGraph(tiny_dataset.images, CONFIG).path
    monkeypatch.setattr(graph_cache, "FORMAT", graph_cache.FORMAT + 1)
    assert KeptGraph(tiny_dataset.images, CONFIG).path != path


@pytest.mark.parametrize("damage", [b"", b"no graph", None])
def test_a_damaged_graph_is_made_again(cache, spread_anew, damage):
    first, _ = spread_anew()
    (path,) = cache.iterdir()
    path.write_bytes(path.read_bytes()[:-200] if damage is None else damage)
    second, said = spread_anew()
    assert "made before" not in said[0]
    assert same(first.graph, second.graph)
    assert "made before" in spread_anew()[1][0]


def test_only_old_graphs_are_removed(cache, spread_anew):
    cache.mkdir()
    others = {cache / "mine.npz", cache / "graph.npz"}
    for path in others:
        path.touch()
        os.utime(path, (0, 0))
    # What a run that was killed while it wrote has left.
    left = cache / ".ssvae-graph-0.partial-1.npz"
    left.touch()
    os.utime(left, (0, 0))
    for seed in range(MAX_KEPT):
        spread_anew(config=CONFIG.replace(seed=seed))
        for path in cache.iterdir():
            os.utime(path, (path.stat().st_mtime - 10,) * 2)
    # The oldest is asked for, so that the next one goes when there is a new one.
    assert "made before" in spread_anew(config=CONFIG.replace(seed=0))[1][0]
    spread_anew(config=CONFIG.replace(seed=MAX_KEPT))
    assert others < set(cache.iterdir())
    assert not left.exists()
    assert len(list(cache.iterdir())) == len(others) + MAX_KEPT
    assert "made before" in spread_anew(config=CONFIG.replace(seed=0))[1][0]
    assert "made before" not in spread_anew(config=CONFIG.replace(seed=1))[1][0]


def test_a_graph_in_a_read_only_folder_is_used(cache, spread_anew, monkeypatch):
    def touch(path):
        raise PermissionError(path)

    spread_anew()
    monkeypatch.setattr(Path, "touch", touch)
    assert "made before" in spread_anew()[1][0]


def test_labels_are_spread_where_no_graph_can_be_kept(cache, spread_anew, monkeypatch):
    cache.write_text("a file where the folder should be")
    first, _ = spread_anew()
    assert cache.read_text().startswith("a file")
    monkeypatch.setenv("SSVAE_CACHE", "")
    second, said = spread_anew()
    assert "made before" not in said[0]
    assert same(first.graph, second.graph)


def test_graphs_are_kept_in_the_cache_folder_of_the_user(monkeypatch):
    monkeypatch.delenv("SSVAE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert folder() == Path("/somewhere/ssvae")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/one")
    assert folder() == Path("/home/one/.cache/ssvae")
