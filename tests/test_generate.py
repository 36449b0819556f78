import dataclasses
import json

import numpy as np
import pytest
from PIL import Image

from ssvae.errors import InputError
from ssvae.generate import (
    active_dimensions,
    analogies,
    class_indices,
    interpolate,
    main,
    traverse,
)


@pytest.fixture
def images(mnist):
    return mnist.images[:4]


@pytest.fixture
def files(tmp_path, images):
    paths = [tmp_path / f"{row}.png" for row in range(len(images))]
    for path, image in zip(paths, images, strict=True):
        Image.fromarray(image[..., 0]).save(path)
    return paths


def pixels(path):
    with np.load(path) as arrays:
        return arrays["images"]


def test_an_images_own_class_among_its_analogies_is_its_reconstruction(
    small_model, images
):
    rows = analogies(small_model, images)
    assert rows.shape == (4, 10, 28, 28, 1)
    own = rows[np.arange(4), small_model.predict_proba(images).argmax(axis=1)]
    assert own == pytest.approx(small_model.reconstruct(images), abs=1e-5)


def test_interpolation_starts_and_ends_at_reconstructions(small_model, images):
    way = interpolate(small_model, images[0], images[1], num_steps=5)
    assert way.shape == (5, 28, 28, 1)
    ends = small_model.reconstruct(images[:2])
    assert way[[0, -1]] == pytest.approx(ends, abs=1e-5)
    # Each step changes something, none jumps.
    steps = np.abs(np.diff(way, axis=0)).mean(axis=(1, 2, 3))
    assert steps.min() > 0
    assert steps.max() < np.abs(way[-1] - way[0]).mean()


def test_a_traversal_changes_one_dimension(small_model):
    rows = traverse(small_model, 7, [4, 1], [-1.0, 0.0, 2.0])
    assert rows.shape == (2, 3, 28, 28, 1)
    z = np.zeros((3, 6))
    z[1, 4], z[2, 1] = -1, 2
    expected = small_model.decode(z, [7] * 3)
    assert rows[0, 1] == pytest.approx(expected[0], abs=1e-5)
    assert rows[0, 0] == pytest.approx(expected[1], abs=1e-5)
    assert rows[1, 2] == pytest.approx(expected[2], abs=1e-5)


def test_active_dimensions_are_ordered_by_variance(small_model, mnist):
    images = mnist.images[:500]
    activity = small_model.encode(images)[0].var(axis=0)
    dimensions = active_dimensions(small_model, images, threshold=np.median(activity))
    assert len(dimensions) == 3
    assert np.all(np.diff(activity[dimensions]) <= 0)


def test_the_picture_has_one_row_per_class(small_run, tmp_path, call):
    out = tmp_path / "grid.png"
    call(main, small_run, "--classes", 3, 7, "--count", 4, "--grid", out)
    with Image.open(out) as picture:
        width, height = picture.size
    assert height == 2 * 28 * 2
    assert width > 4 * 28 * 2


def test_arrays_are_what_the_model_generates(small_run, small_model, tmp_path, call):
    out = tmp_path / "samples.npz"
    flags = ("--count", 3, "--seed", 5, "--temperature", 0.5)
    printed = call(main, small_run, *flags, "--out", out, "--json")
    assert json.loads(printed) == {
        "model": f"run folder {small_run}",
        "images": 30,
        "out": str(out),
    }
    classes = np.repeat(np.arange(10), 3)
    expected = small_model.generate(classes, 5, temperature=0.5)
    assert pixels(out).reshape(30, 28, 28, 1) == pytest.approx(255 * expected, abs=0.51)


def test_like_between_and_traverse(
    small_run, small_model, tmp_path, files, images, call
):
    out = tmp_path / "like.npz"
    call(main, small_run, "--like", *files[:2], "--out", out)
    assert np.array_equal(pixels(out)[:, 0], images[:2])
    assert pixels(out)[:, 1:] == pytest.approx(
        255 * analogies(small_model, images[:2]), abs=0.51
    )
    out = tmp_path / "between.npz"
    call(main, small_run, "--between", *files[:2], "--count", 6, "--out", out)
    assert pixels(out).shape == (1, 8, 28, 28, 1)
    out = tmp_path / "walk.npz"
    call(main, small_run, "--traverse", "--classes", 2, "--count", 5, "--out", out)
    assert pixels(out).shape[1:] == (5, 28, 28, 1)


def test_temperature_zero_decodes_the_mean_of_the_prior(small_model):
    images = small_model.generate([3] * 40, seed=1, temperature=0.0, prior="normal")
    assert np.ptp(images, axis=0).max() == 0
    middle = small_model.decode(np.zeros((1, 6)), [3])[0]
    assert images[0] == pytest.approx(middle, abs=1e-6)


def test_unknown_class_is_named(small_model):
    with pytest.raises(InputError, match="unknown class 'eleven': need 0, 1, 2"):
        class_indices(small_model, ["3", "eleven"])


def test_without_latent_variables_in_use_nothing_is_varied(
    small_run, monkeypatch, call
):
    monkeypatch.setattr("ssvae.generate.active_dimensions", lambda *_: np.zeros(0, int))
    with pytest.raises(InputError, match="uses none of its latent variables"):
        call(main, small_run, "--traverse")


def test_texture_is_added_unless_it_is_declined(
    small_run, small_model, tmp_path, monkeypatch, call
):
    rng = np.random.default_rng(0)
    scales = rng.uniform(0.05, 0.1, size=(10, 28, 28, 1)).astype(np.float32)
    fitted = dataclasses.replace(small_model.fitted, texture=scales)
    monkeypatch.setattr(small_model, "fitted", fitted)
    monkeypatch.setattr("ssvae.cli.sources.open_model", lambda _: small_model)
    for flag, wanted in (("--texture", True), ("--no-texture", False)):
        out = tmp_path / f"{flag}.npz"
        call(main, small_run, flag, "--count", 1, "--out", out)
        expected = small_model.generate(np.arange(10), texture=wanted)
        assert pixels(out)[:, 0] == pytest.approx(255 * expected, abs=0.51)
