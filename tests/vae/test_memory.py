"""The memory that answers take does not grow with the number of classes."""

import dataclasses
import math

import numpy as np
import pytest
from helpers import TINY
from keras import ops

from ssvae.evaluate import evaluate
from ssvae.evaluation import plots
from ssvae.generate import analogies
from ssvae.model import SSVAE
from ssvae.vae import by_class, prior
from ssvae.vae.arrays import CHUNK_AREA, CHUNK_ROWS
from ssvae.vae.m2 import M2

# Values that the decoder makes at once, at most, by the constants.
MOST = CHUNK_ROWS * CHUNK_AREA


@pytest.fixture
def largest(monkeypatch):
    """The largest array that the decoder made, and that the prior made, in values."""
    seen = {"decoder": 0, "prior": 0}
    log_px, mean_px, einsum = M2.log_px, M2.mean_px, ops.einsum

    def note(name, values):
        seen[name] = max(seen[name], values)

    def noted_log_px(self, x, z, one_hot):
        note("decoder", z.shape[0] * math.prod(self.pixel_shape))
        return log_px(self, x, z, one_hot)

    def noted_mean_px(self, z, one_hot):
        note("decoder", z.shape[0] * math.prod(self.pixel_shape))
        return mean_px(self, z, one_hot)

    def noted_einsum(subscripts, *operands):
        result = einsum(subscripts, *operands)
        note("prior", math.prod(result.shape))
        return result

    monkeypatch.setattr(M2, "log_px", noted_log_px)
    monkeypatch.setattr(M2, "mean_px", noted_mean_px)
    monkeypatch.setattr(ops, "einsum", noted_einsum)
    return seen


def model_of(num_classes, side=9):
    names = tuple(map(str, range(num_classes)))
    model = SSVAE((side, side, 1), names, TINY)
    rng = np.random.default_rng(0)
    count = max(1, prior.GAUSSIANS // num_classes)
    fitted = prior.MixturePrior(
        np.full((num_classes, count), 1 / count, np.float32),
        rng.normal(size=(num_classes, count, 3)).astype(np.float32),
        np.tile(np.eye(3, dtype=np.float32), (num_classes, count, 1, 1)),
    )
    model.fitted = dataclasses.replace(model.fitted, prior=fitted)
    return model


def use(model, rng):
    """Use a model in every way on some images."""
    height, width, _ = model.image_shape
    images = rng.integers(0, 256, (40, height, width, 1), dtype=np.uint8)
    labels = np.arange(40) % model.num_classes
    figures = evaluate(model, images, labels, num_samples=10, num_likelihood=20)
    assert np.isfinite(figures["log_px"])
    model.assess(images)
    model.encode(images)
    analogies(model, images[:3])
    model.generate(np.arange(200) % model.num_classes)


def test_no_array_grows_with_the_number_of_classes(largest, rng):
    use(model_of(10), rng)
    few = dict(largest)
    use(model_of(150), rng)
    assert largest["decoder"] <= max(few["decoder"], MOST)
    # Each code is compared with as many Gaussians as ten classes have.
    per_code = prior.GAUSSIANS * 3
    assert largest["prior"] <= CHUNK_ROWS * per_code


def test_large_images_of_many_classes_pass_class_by_class(largest, monkeypatch, rng):
    # As images of 28 by 28 pixels would be with a limit of 2,000 rows of them.
    monkeypatch.setattr("ssvae.vae.arrays.CHUNK_ROWS", 300)
    monkeypatch.setattr(by_class, "CHUNK_ROWS", 300)
    model = model_of(50, side=56)
    images = rng.integers(0, 256, (2, 56, 56, 1), dtype=np.uint8)
    model.log_likelihood(images, 10)
    # 50 classes with 10 samples of a single image would be 500 rows of four times the
    # area: 2,000 rows.
    assert largest["decoder"] <= 300 * CHUNK_AREA


@pytest.mark.each_backend
@pytest.mark.parametrize("same_noise", [True, False])
def test_class_by_class_gives_the_same(monkeypatch, same_noise, rng):
    model = model_of(3)
    images = rng.integers(0, 256, (7, 9, 9, 1), dtype=np.uint8)
    found = []
    for limit in (60, 1):
        monkeypatch.setattr(by_class, "GAUSSIANS", limit)
        found.append(
            (
                *model.elbo_parts(images).values(),
                model.log_likelihood(images, 25, same_noise=same_noise),
                model.log_likelihood(images, 25, prior="normal"),
            )
        )
    for one, other in zip(*found, strict=True):
        assert other == pytest.approx(one, rel=1e-5, abs=1e-5)


def test_the_density_of_the_prior_is_the_same_in_parts(monkeypatch, rng):
    mixture = model_of(7).fitted.prior
    z = ops.convert_to_tensor(rng.normal(size=(20, 3)).astype(np.float32))
    one_hot = ops.convert_to_tensor(np.eye(7, dtype=np.float32)[np.arange(20) % 7])
    whole = ops.convert_to_numpy(mixture.log_density(z, one_hot))
    monkeypatch.setattr(prior, "GAUSSIANS", 20)
    parts = ops.convert_to_numpy(mixture.log_density(z, one_hot))
    assert parts == pytest.approx(whole, rel=1e-5)
    own = mixture.only(range(4, 5)).log_density(z[4:5], ops.ones((1, 1)))
    assert ops.convert_to_numpy(own) == pytest.approx(whole[4:5], rel=1e-5)


def test_codes_are_drawn_in_parts(monkeypatch, rng):
    mixture = model_of(7).fitted.prior
    noise = rng.normal(size=(50, 3)).astype(np.float32)
    whole = mixture.draw(np.arange(50) % 7, noise, seed=3)
    monkeypatch.setattr(prior, "CHUNK", 8)
    assert np.array_equal(mixture.draw(np.arange(50) % 7, noise, seed=3), whole)


def test_the_picture_of_a_confusion_matrix_stays_small():
    names = [f"class {number}" for number in range(300)]
    figure = plots.confusion(np.eye(300, dtype=int), names)
    pixels = figure.get_size_inches().max() * figure.dpi
    assert pixels <= 4_000
    assert len(figure.axes[0].get_xticklabels()) == 60
    assert len(figure.axes[0].texts) == 0
    few = plots.confusion(np.eye(10, dtype=int), names[:10])
    assert few.get_size_inches().tolist() == [6, 6] and len(few.axes[0].texts) == 10
