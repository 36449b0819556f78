"""The data sets and the table of `benchmarks/minutes.py`."""

import json
import runpy

import numpy as np
import pytest
from PIL import Image

from ssvae.data import load_dataset
from ssvae.data.pixels.headers import header_size

ROOM = runpy.run_path("benchmarks/minutes.py", run_name="minutes")


@pytest.fixture
def folder(tmp_path, rng):
    """Two data sets of two classes, 12 images each."""
    for name in ("first", "second"):
        for label in ("a", "b"):
            home = tmp_path / name / label
            home.mkdir(parents=True)
            for number in range(12):
                pixels = rng.integers(0, 256, (40, 30, 3), np.uint8)
                Image.fromarray(pixels).save(home / f"{number}.png")
    return tmp_path


def test_photographs_have_mixed_sizes_and_few_labels(folder, tmp_path):
    place = tmp_path / "made" / "photographs"
    ROOM["write_photographs"](place, folder, ("first", "second"), 70)
    counts = {path.name: len(list(path.iterdir())) for path in place.iterdir()}
    classes = {"first-a", "first-b", "second-a", "second-b"}
    assert counts == {**dict.fromkeys(classes, 10), "unlabeled": 30}
    sizes = {header_size(path, path) for path in place.rglob("*.jpg")}
    assert {max(size) for size in sizes} == set(ROOM["SIDES"])


def test_small_images_are_shifted_copies_with_few_labels(folder, tmp_path):
    place = tmp_path / "made" / "small.npz"
    ROOM["write_small"](place, folder, ("first", "second"), 100)
    dataset = load_dataset(str(place))
    assert dataset.images.shape == (100, 32, 32, 3)
    assert np.bincount(dataset.labels[dataset.labeled]).tolist() == [10] * 4
    assert len(dataset.unlabeled) == 60
    # No image is shown twice alike.
    assert len(np.unique(dataset.images.reshape(100, -1), axis=0)) > 90


def test_the_table_shows_stages_and_what_they_may_take():
    stages = {"features": 20.4, "mixture": 9.0, "pixels": 100.0}
    results = [
        {
            "case": case,
            "machine": "two cores",
            "stage_seconds": stages,
            "seconds": 150.0,
            "usable_seconds": usable,
            "peak_memory_gib": 1.96,
        }
        for case, usable in zip(ROOM["CASES"], (61.2, None), strict=True)
    ]
    lines = ROOM["table"](json.loads(json.dumps(results))).splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[4:]]
    assert rows[:3] == [
        ["features", "20", "20"],
        ["mixture", "9", "9"],
        ["pixels", "100", "100"],
    ]
    assert rows[3][1:] == ["21", "21"]
    assert rows[4][1:] == ["**61**", "**-**"]
    assert rows[5] == ["at most", "90", "-"]
    assert rows[6:] == [
        ["until the run folder", "**150**", "**150**"],
        ["at most", "300", "900"],
        ["peak memory, GiB", "2.0", "2.0"],
    ]
