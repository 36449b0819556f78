"""Images as people have them become what the networks take."""

import numpy as np

from ssvae.data.store import CHUNK, room_for
from ssvae.types import ArrayLike

# Smallest and largest side of the images that the networks take, pixels.
MIN_SIDE, MAX_SIDE = 4, 512


def as_byte_images(images: np.ndarray) -> np.ndarray:
    """Return images as bytes, with an axis of channels.

    Args:
        images: uint8 array, or float array in [0, 1], of shape `(n, height, width)` or
            `(n, height, width, channels)`, with 1 or 3 channels.

    Returns:
        uint8 array `(n, height, width, channels)`; bytes are not copied.

    Raises:
        ValueError: If the images are something else; the message says what came and
            what is needed.
        InputError: If there is no room for the bytes.
    """
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or images.shape[-1] not in (1, 3):
        raise ValueError(
            f"images have shape {images.shape}; need (n, height, width), or "
            "(n, height, width, channels) with 1 or 3 channels"
        )
    if not len(images):
        raise ValueError("there are no images; need one or more")
    sides = images.shape[1:3]
    if min(sides) < MIN_SIDE or max(sides) > MAX_SIDE:
        raise ValueError(
            f"images have {sides[0]} by {sides[1]} pixels; need sides from {MIN_SIDE} "
            f"to {MAX_SIDE}"
        )
    if images.dtype == np.uint8:
        return images
    grey_levels = room_for(len(images), images.shape[1:])
    for start in range(0, len(images), CHUNK):
        part = as_float_images(images[start : start + CHUNK], images.shape[1:])
        grey_levels[start : start + CHUNK] = np.rint(255 * part)
    return grey_levels


def as_float_images(images: ArrayLike, image_shape: tuple[int, ...]) -> np.ndarray:
    """Return images as floats, with an axis of channels.

    Args:
        images: See `checked_images`.
        image_shape: Height, width and channels needed.

    Returns:
        float32 array `(n, height, width, channels)` in [0, 1].

    Raises:
        ValueError: See `checked_images`.
    """
    return as_floats(checked_images(images, image_shape))


def as_floats(images: np.ndarray) -> np.ndarray:
    """Return bytes divided by 255; floats are returned as they are.

    This is the only place where the bytes of an array become floats, so that they
    become the same bits everywhere.

    Args:
        images: Array of any shape: uint8, or floats in [0, 1].

    Returns:
        Array of the same shape in [0, 1], float32 if it was uint8.
    """
    if images.dtype == np.uint8:
        return images.astype(np.float32) / np.float32(255)
    return images


def checked_images(
    images: ArrayLike, image_shape: tuple[int, ...], any_size: bool = False
) -> np.ndarray:
    """Return images with an axis of channels, if dtype, range and shape are right.

    Args:
        images: uint8 array, or float array in [0, 1], of shape `(n, height, width)` or
            `(n, height, width, channels)`.
        image_shape: Height, width and channels needed.
        any_size: Whether another height and width will do.

    Returns:
        uint8 or float32 array `(n, height, width, channels)`. Bytes and float32 are not
        copied.

    Raises:
        ValueError: If dtype, range or shape is wrong; the message says what came and
            what is needed.
    """
    images = np.asarray(images)
    height, width, channels = image_shape
    needed = f"need (n, {height}, {width}, {channels})"
    came = images.shape
    if channels == 1:
        needed += f" or (n, {height}, {width})"
        if images.ndim == 3:
            images = images[..., None]
    if any_size and images.ndim == 4 and min(images.shape[1:3]) >= MIN_SIDE:
        image_shape = *images.shape[1:3], channels
    if images.ndim != 4 or images.shape[1:] != tuple(image_shape):
        raise ValueError(f"images have shape {came}; {needed}")
    if images.dtype == np.uint8:
        return images
    if not np.issubdtype(images.dtype, np.floating):
        raise ValueError(
            f"images have dtype {images.dtype}; need uint8, or floats in [0, 1]"
        )
    if images.size:
        low, high = images.min(), images.max()
        # Written so that NaN fails too.
        if not (low >= 0 and high <= 1):
            raise ValueError(
                f"images have values from {low:g} to {high:g}; "
                "need floats in [0, 1], or uint8"
            )
    return images.astype(np.float32, copy=False)


def binarized(images: np.ndarray, seed: int) -> np.ndarray:
    """Return images of black and white pixels; the lighter a pixel, the likelier white.

    A pixel becomes 255 with the probability of its value divided by 255, otherwise 0.

    Args:
        images: uint8 array `(n, height, width, channels)`.
        seed: Seed of the draw, int ≥ 0.
    """
    chance = np.random.default_rng(seed).random(images.shape)
    return np.where(chance < images / 255, np.uint8(255), np.uint8(0))
