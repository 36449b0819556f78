import csv
import json

import numpy as np
import pytest
from PIL import Image

from ssvae.score import extremes, main, score


@pytest.fixture
def file(tmp_path, mnist, rng):
    """Sixty digits and four images of noise among them."""
    images = mnist.images[:64].copy()
    images[[3, 20, 41, 63]] = rng.integers(0, 256, (4, 28, 28, 1))
    np.save(tmp_path / "mixed.npy", images)
    return tmp_path / "mixed.npy"


def test_table_is_ranked_and_names_the_unusual(small_run, small_model, file, call):
    out, picture = file.with_name("scores.csv"), file.with_name("scores.png")
    flags = ("--out", out, "--picture", picture, "--json", "--false-alarms", 0.02)
    printed = json.loads(call(main, small_run, file, *flags))
    with open(out, newline="") as table:
        rows = list(csv.DictReader(table))
    scores = np.array([float(row["score"]) for row in rows])
    assert np.all(np.diff(scores) <= 0)
    assert {row["image"] for row in rows[:4]} == {
        f"{file}[{row}]" for row in (3, 20, 41, 63)
    }
    unusual = [row["unusual"] == "true" for row in rows]
    assert unusual == list(scores > printed["threshold"])
    assert printed["unusual"] == sum(unusual) >= 4
    assert printed["threshold"] == pytest.approx(small_model.fitted.threshold(0.02))
    with Image.open(picture) as drawn:
        assert drawn.height == 4 * 28 * 2


def test_false_alarms_are_as_frequent_as_asked_for(small_model, mnist):
    scores = score(small_model, mnist.read_test()[0][:3000])
    for share in (0.01, 0.05):
        told = np.mean(scores > small_model.fitted.threshold(share))
        assert told == pytest.approx(share, abs=0.015)


def test_extremes_of_parts_are_those_of_the_whole(rng):
    values, images = rng.normal(size=50), rng.normal(size=(50, 2))
    (high, high_images), (low, _) = extremes(values, images, 5)
    assert high.tolist() == sorted(values, reverse=True)[:5]
    assert low.tolist() == sorted(values)[:5]
    assert np.array_equal(high_images[0], images[values.argmax()])
