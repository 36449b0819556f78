"""What pages show of a run is kept in its folder and needs no data set."""

import dataclasses

import numpy as np
import pytest

from ssvae.errors import InputError
from ssvae.evaluation.examples import examples_of, examples_of_run, with_places
from ssvae.runs.folder import SHOWN_FILE
from ssvae.runs.shown import HELD_OUT, MAX_BYTES, TEST, TRAINING, Shown, load_shown
from ssvae.saving.find import saved_models


def some(rng, side, channels):
    """Return `Shown` of seven noisy images."""
    return Shown(
        part=TEST,
        class_names=("one", "zwei"),
        labels=np.array([0, 1, -1, 0, 1, 1, 0, 1]),
        predicted=np.array([0, 1, 1, 1, 1, 0, 0, 1]),
        confidence=np.linspace(0.5, 1, 8, dtype=np.float32),
        kept=np.array([4, 0, 1, 2, 6, 7, 3]),
        images=rng.integers(0, 256, (7, side, side, channels), dtype=np.uint8),
        num_drawn=6,
        active=np.array([3, 0]),
    )


@pytest.mark.parametrize("channels", [1, 3])
def test_small_images_come_back_exactly(rng, tmp_path, channels):
    shown = some(rng, 12, channels).with_places(np.eye(6, 2, dtype=np.float32))
    shown.save(tmp_path / SHOWN_FILE)
    again = load_shown(tmp_path)
    for field in dataclasses.fields(Shown):
        before, after = getattr(shown, field.name), getattr(again, field.name)
        np.testing.assert_array_equal(before, after, field.name)


def test_photographs_take_less_room_and_look_alike(rng, tmp_path):
    shown = some(rng, 96, 3)
    smooth = np.linspace(0, 255, 96)[None, :, None, None] * np.ones((7, 1, 96, 3))
    shown = dataclasses.replace(shown, images=np.uint8(smooth))
    shown.save(tmp_path / SHOWN_FILE)
    again = load_shown(tmp_path)
    assert again.images.shape == shown.images.shape
    assert np.abs(again.images - smooth).mean() < 4
    assert (tmp_path / SHOWN_FILE).stat().st_size < shown.images.nbytes / 20


def test_a_damaged_file_is_told(rng, tmp_path):
    assert load_shown(tmp_path) is None
    path = tmp_path / SHOWN_FILE
    some(rng, 12, 1).save(path)
    whole = path.read_bytes()
    for damaged in (b"", b"no archive", whole[: len(whole) // 2]):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match="delete it"):
            load_shown(tmp_path)


def test_a_run_keeps_answers_for_its_test_part(small_run, small_model, digits):
    shown = load_shown(small_run)
    test = np.load(digits)
    assert shown.part == TEST and shown.class_names == small_model.class_names
    np.testing.assert_array_equal(shown.labels, test["y_test"])
    np.testing.assert_array_equal(
        shown.images[..., 0], test["x_test"][shown.kept].reshape(-1, 28, 28)
    )
    probabilities = small_model.predict_proba(shown.images)
    agree = probabilities.argmax(axis=1) == shown.predicted[shown.kept]
    assert agree.mean() > 0.995
    assert 1 <= len(shown.active) <= 6 and shown.places is None


@pytest.fixture
def unlabeled(small_model, mnist):
    """Images without a test part, three of them labeled."""
    labels = np.full(500, -1)
    labels[:3] = mnist.labels[:3]
    return dataclasses.replace(
        mnist, images=mnist.images[:500], labels=labels, read_test=None
    )


def test_without_a_test_part_other_images_are_shown(small_model, unlabeled, mnist):
    shown = examples_of(small_model, unlabeled)
    assert shown.part == TRAINING and len(shown.images) == 500
    assert (shown.labels != -1).sum() == 3
    held = np.arange(100, 160)
    shown = examples_of(small_model, dataclasses.replace(unlabeled, held_out=held))
    assert shown.part == HELD_OUT and set(shown.labels) == {-1}
    np.testing.assert_array_equal(shown.images, mnist.images[held][shown.kept])


def test_sure_mistakes_are_kept_besides_images_drawn_at_random(
    small_model, unlabeled, mnist, monkeypatch
):
    monkeypatch.setattr("ssvae.evaluation.examples.MOST_DRAWN", 50)
    images, labels = mnist.images[:500], mnist.labels[:500]
    dataset = dataclasses.replace(unlabeled, read_test=lambda: (images, labels))
    shown = examples_of(small_model, dataset)
    assert shown.num_drawn == 50 and len(shown.images) > 50
    others = shown.kept[50:]
    assert (shown.predicted[others] != shown.labels[others]).all()
    assert (np.diff(shown.confidence[others]) <= 0).all()
    # The rest of the answers is there without a picture.
    assert len(shown.labels) == 500
    with_map = with_places(small_model, shown)
    assert with_map.places.shape == (50, 2) and with_map.places.std() > 0


def test_what_an_older_run_lacks_is_made_from_its_images(small_run, small_model):
    made, kept = examples_of_run(small_model, small_run), load_shown(small_run)
    np.testing.assert_array_equal(made.images, kept.images)
    np.testing.assert_array_equal(made.predicted, kept.predicted)


@pytest.mark.parametrize("name", sorted(saved_models()))
def test_a_shipped_model_brings_what_its_pages_show(name):
    folder = saved_models()[name]
    shown = load_shown(folder)
    assert shown.part == TEST and shown.num_drawn > 200
    assert len(shown.places) == shown.num_drawn
    assert len(shown.active) > 3 and len(shown.class_names) == 10
    assert (folder / SHOWN_FILE).stat().st_size < 1.4 * MAX_BYTES
