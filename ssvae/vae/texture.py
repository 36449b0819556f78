"""Texture: what the decoder leaves of images, drawn as noise of the same power.

The decoder draws the mean of p(x|y,z). What an image has beside it, the residual, is
taken to be Gaussian noise, independent at the frequencies of a cosine transform over
height, width and channels, with a power per class and frequency. The powers of the
residuals of training images are its maximum likelihood.
"""

import dataclasses

import numpy as np
from scipy import fft

from ssvae.vae.arrays import class_rows
from ssvae.vae.interface import Answering

# Training images whose residuals are looked at, at most.
TEXTURE_IMAGES = 10_000
# Images that the power of all classes counts as in the power of each: a frequency's
# power in ten images has a standard deviation of about half of itself.
POOLED_IMAGES = 10
# Images drawn with texture and without, over all classes, to compare how well their
# classes are told; each passes through the backbone.
COMPARED = 240
# Standard errors by which the mean probability of their class must grow: chance alone
# rarely brings that.
SURE = 3.0
# Images that are transformed at once.
CHUNK = 500
# Height, width and channels of `(n, h, w, c)`.
AXES = (1, 2, 3)


def add_texture(
    model: Answering, images: np.ndarray, classes: np.ndarray, rng: np.random.Generator
) -> None:
    """Fit the texture of a model of features; keep it if classes are told better.

    Not every residual is a texture: that of a hand is its outline, which noise of the
    same power hides. So images are drawn with texture and without, and the texture is
    kept in `model.fitted` only if the model's own classifier gives the classes asked
    for a clearly greater probability with it.

    Args:
        model: An `SSVAE` with features whose prior is fitted.
        images: `(n, h, w, c)`, training images.
        classes: int array `(n,)`, their likeliest classes.
        rng: `numpy.random.Generator`, for the draws from q(z|x,y).
    """
    some = rng.permutation(len(images))[:TEXTURE_IMAGES]
    fitted = model.fitted
    texture = fit_texture(model, images[some], classes[some], rng)
    model.fitted = dataclasses.replace(fitted, texture=texture)
    asked = np.arange(max(COMPARED, model.num_classes)) % model.num_classes
    means, textured = (
        model.predict_proba(model.generate(asked, texture=with_texture), 1.0)
        for with_texture in (False, True)
    )
    rows = np.arange(len(asked))
    gains = textured[rows, asked] - means[rows, asked]
    if gains.mean() <= SURE * gains.std() / np.sqrt(len(gains)):
        model.fitted = fitted


def fit_texture(
    model: Answering, images: np.ndarray, classes: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return the scales of the residuals of images, x minus the mean of p(x|y,z).

    Args:
        model: An `SSVAE`.
        images: `(n, h, w, c)`.
        classes: int array `(n,)`.
        rng: `numpy.random.Generator`, for the draws from q(z|x,y).

    Returns:
        float32 array `(num_classes, *pixel_shape)`; see `scales`.
    """
    counts = np.bincount(classes, minlength=model.num_classes)
    power = np.zeros((model.num_classes, *model.pixel_shape))
    for start in range(0, len(images), CHUNK):
        part, own = (array[start : start + CHUNK] for array in (images, classes))
        mean, log_variance = model.encode(part, own)
        noise = rng.standard_normal(mean.shape, np.float32)
        decoded = model.decode(mean + np.exp(0.5 * log_variance) * noise, own)
        one_hot = class_rows(own, model.num_classes)
        power += powers(model.as_drawn(part) - decoded, one_hot)
    return scales(power, counts)


def powers(residuals: np.ndarray, one_hot: np.ndarray) -> np.ndarray:
    """Return the sums over the images of each class of the power per frequency.

    Args:
        residuals: float32 array `(n, h, w, c)`.
        one_hot: Float array `(n, num_classes)`.

    Returns:
        Float array `(num_classes, h, w, c)`.
    """
    squares = np.square(fft.dctn(residuals, axes=AXES, norm="ortho"))
    return np.tensordot(one_hot, squares, axes=(0, 0))


def scales(power: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return standard deviations per class and frequency.

    The power of a class is drawn to that of all classes, to the half if it has
    `POOLED_IMAGES`.

    Args:
        power: Float array `(num_classes, h, w, c)`, sums over the images of a class.
        counts: int array `(num_classes,)`, numbers of these images.

    Returns:
        float32 array of the shape of `power`.
    """
    pooled = power.sum(axis=0) / max(1, counts.sum())
    images = counts.reshape(-1, 1, 1, 1) + POOLED_IMAGES
    return np.sqrt((power + POOLED_IMAGES * pooled) / images).astype(np.float32)


def add_noise(
    images: np.ndarray,
    one_hot: np.ndarray,
    texture: np.ndarray,
    seed: int,
    scale: float = 1.0,
) -> np.ndarray:
    """Return images with a texture drawn for each.

    Args:
        images: float32 array `(n, h, w, c)` in [0, 1], means.
        one_hot: float32 array `(n, num_classes)`, the weights of their classes.
        texture: float32 array `(num_classes, h, w, c)`; see `scales`.
        seed: Seed of the noise.
        scale: Factor of the noise.

    Returns:
        float32 array `(n, h, w, c)` in [0, 1].
    """
    # The stream is another than those of `inference.draw_noise` and `draw_choice`.
    rng = np.random.default_rng((seed, 2))
    textured = np.empty_like(images)
    for start in range(0, len(images), CHUNK):
        rows = slice(start, start + CHUNK)
        power = np.tensordot(one_hot[rows], np.square(texture), axes=1)
        noise = rng.standard_normal(power.shape, np.float32) * np.sqrt(power)
        noise = fft.idctn(noise, axes=AXES, norm="ortho")
        textured[rows] = np.clip(images[rows] + np.float32(scale) * noise, 0.0, 1.0)
    return textured
