"""The plan of a run: its labels and its settings, before Keras starts."""

import dataclasses

import numpy as np
import pytest
from helpers import TINY
from PIL import Image

from ssvae.config.settings import Config
from ssvae.data import save_labels
from ssvae.errors import InputError
from ssvae.runs.folder import CONTENT_FILE, partial_folder
from ssvae.training.plan import plan
from ssvae.training.record import begin


def test_labels_of_a_file_are_used_whatever_the_seed(tiny_dataset, tmp_path):
    labeled = tiny_dataset.with_labels(np.arange(40), np.arange(40) % 3)
    labeled = dataclasses.replace(labeled, read_test=None)
    first = plan(Config(labels=12, seed=0), tmp_path / "run", dataset=labeled)
    save_labels(tmp_path / "labels.json", first.dataset)
    config = Config(labels=30, seed=5)
    drawn = plan(config, tmp_path / "run", dataset=labeled)
    again = plan(
        config,
        tmp_path / "run",
        dataset=labeled,
        labels_file=tmp_path / "labels.json",
    )
    assert np.array_equal(again.dataset.labels, first.dataset.labels)
    assert not np.array_equal(drawn.dataset.labels, first.dataset.labels)
    assert again.config.labels == 12


@pytest.fixture
def begun(tmp_path, rng):
    """A run of a folder of images that was interrupted after a checkpoint."""
    folder = tmp_path / "photos"
    for row in range(12):
        place = folder / "ab"[row % 2]
        place.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 256, (9, 7), dtype=np.uint8)
        Image.fromarray(pixels).save(place / f"{row:02}.png")
    config = TINY.replace(dataset=str(folder), labels=4, test_fraction=0.3)
    planned = plan(config, tmp_path / "run")
    partial = partial_folder(tmp_path / "run")
    partial.mkdir()
    begin(partial, planned.dataset, planned.config)
    (partial / "checkpoint-000000001.npz").touch()
    return folder, tmp_path / "run"


def test_a_run_of_the_same_images_is_resumed(begun):
    planned = plan(out=begun[1], resume=True)
    assert planned.begun == partial_folder(begun[1])
    assert len(planned.dataset.labeled) == 4


@pytest.mark.parametrize("what", ["added", "removed", "changed"])
def test_a_run_of_other_images_is_not_resumed(begun, what, rng):
    folder, out = begun
    other = Image.fromarray(rng.integers(0, 256, (9, 7), dtype=np.uint8))
    if what == "added":
        other.save(folder / "a" / "00b.png")
        words = "it had 12 images and has 13; new: 'a/00b.png'"
    elif what == "removed":
        (folder / "b" / "05.png").unlink()
        words = "it had 12 images and has 11; missing: 'b/05.png'"
    else:
        for path in folder.rglob("*.png"):
            Image.open(path).transpose(Image.Transpose.ROTATE_180).save(path)
        words = "it has 12 images as before, but not the same"
    with pytest.raises(InputError, match=words) as error:
        plan(out=out, resume=True)
    assert "begin again: --out" in str(error.value)
    # Folders of older versions do not tell: these are resumed as they were.
    (partial_folder(out) / CONTENT_FILE).unlink()
    (partial_folder(out) / "labels.json").write_text(
        '{"indices": [0, 1], "classes": [0, 1]}'
    )
    assert plan(out=out, resume=True).begun


def test_a_complete_run_keeps_no_content(small_run):
    assert not (small_run / CONTENT_FILE).exists()
