"""What is said of a data set before it is trained on."""

import json

import numpy as np
import pytest
from PIL import Image

import ssvae.data.__main__ as data
from ssvae.data import from_arrays
from ssvae.data.report import check, report, warnings
from ssvae.data.report_text import as_text
from ssvae.errors import InputError


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (30, 9, 7), dtype=np.uint8)


def test_counts_are_those_of_the_arrays(images):
    images[4] = images[9] = images[2]
    images[5] = 7
    labels = np.repeat(["a", "b", ""], [12, 1, 17])
    dataset = from_arrays(
        images, labels, np.stack([images[2], 255 - images[2]]), ["a", "b"]
    )
    counts = report(dataset)
    assert counts["image_shape"] == (9, 7, 1)
    assert (counts["num_labeled"], counts["num_unlabeled"]) == (13, 17)
    assert counts["classes"]["a"] == {"labeled": 12, "test": 1}
    assert counts["duplicates"] == 2
    assert counts["overlap"] == 1
    assert counts["blank"] == 1
    text = "\n".join(warnings(counts))
    for words in (
        "only one image of 'b' is labeled",
        "'a' has 12 labels, 'b' has 1",
        "1 of 2 test images are training images too",
        "2 training images are copies of others",
        "1 images are blank",
    ):
        assert words in text
    assert "13 labeled in 2 classes, 17 unlabeled; 2 test images" in as_text(counts, [])


def test_a_test_part_that_is_the_training_part_is_refused(images):
    labels = np.arange(30) % 3
    with pytest.raises(InputError, match="30 of its 30 test images are training"):
        check(report(from_arrays(images, labels, images, labels)))
    half = np.concatenate([images[:5], 255 - images[:20]])
    check(report(from_arrays(images, labels, half, labels[:25])))


def test_a_good_data_set_has_no_warnings(images):
    labels = np.arange(30) % 3
    assert warnings(report(from_arrays(images, labels, 255 - images, labels))) == []


def test_the_command_prints_and_draws(tmp_path, images, call):
    np.savez(tmp_path / "own.npz", x=images, y=np.arange(30) % 4 - 1)
    path, sheet = tmp_path / "own.npz", tmp_path / "sheet.png"
    text = call(data.main, path, "--sheet", sheet)
    assert "22 labeled in 3 classes, 8 unlabeled; no test part" in text
    assert "Note: there is no test part" in text
    assert "30 images of 7x9 pixels, grey" in text
    # Four rows: one per class, and one of unlabeled images.
    with Image.open(sheet) as picture:
        assert picture.height == 4 * 9 * 6
    counts = json.loads(call(data.main, path, "--json"))
    assert counts["classes"]["2"] == {"labeled": 7, "test": 0}
    assert len(counts["warnings"]) == 1
