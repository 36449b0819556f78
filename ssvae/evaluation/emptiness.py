"""Images with next to nothing on them, which a model takes for a class all the same."""

from typing import TYPE_CHECKING

import numpy as np

from ssvae.types import ArrayLike

if TYPE_CHECKING:
    from ssvae.model import SSVAE

# Images that the model draws, at least: some of every class.
DRAWN = 200
# An image is empty if its contrast is below this fraction of the least among the drawn
# ones. The faintest of 20,000 clothes and digits has three quarters of it.
FRACTION = 0.5


def least_contrast(model: "SSVAE") -> float:
    """Return the contrast below which an image is empty to a model.

    The score cannot tell: a black image is easy to draw, and a thin stroke is likely.
    Images that the model draws tell how much is on an image of its kind.

    Args:
        model: An `SSVAE`.

    Returns:
        Standard deviation of pixels in [0, 1].
    """
    count = max(DRAWN, model.num_classes)
    drawn = model.generate(np.arange(count) % model.num_classes)
    return FRACTION * float(_contrast(drawn).min())


def are_empty(model: "SSVAE", images: ArrayLike, least: float) -> np.ndarray:
    """Return which images have next to nothing on them, bool `(n,)`.

    Args:
        model: An `SSVAE`.
        images: `(n, h, w)` or `(n, h, w, c)`.
        least: What `least_contrast` returned.
    """
    return _contrast(model.as_drawn(images)) < least


def _contrast(images):
    """Return the standard deviation of the pixels of each image, over its channels."""
    pixels = images.reshape(len(images), -1, images.shape[-1])
    return np.sqrt(pixels.var(axis=1).mean(axis=1))
