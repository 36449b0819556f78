"""The size at which the images of a data set are kept, if none is stated."""

from collections.abc import Sequence

import numpy as np

from ssvae.data.images import MIN_SIDE
from ssvae.types import Say

# Largest side of the images that are kept, pixels: what backbones are made for.
MAX_STORED_SIDE = 224
# Share of the images that may have a larger side, and the others' size is still taken:
# a few photographs do not enlarge a folder of small images.
FEW_LARGE = 0.05


def suited_size(
    sizes: Sequence[tuple[int, int]], say: Say | None = None
) -> tuple[int, int]:
    """Return the height and width that all images of a data set are brought to.

    One size for all is kept, or scaled until its longer side is `MAX_STORED_SIDE`.
    Images of mixed sizes become squares: of that side, or if nearly all are smaller, of
    the median of their shorter sides.

    Args:
        sizes: Height and width of each image, pixels; one image or more.
        say: Function that prints the choice, if images are to change.
    """
    heights, widths = np.array(sizes).T
    areas = heights.astype(np.int64) * widths
    smallest, largest = sizes[areas.argmin()], sizes[areas.argmax()]
    one_size = bool(np.ptp(heights) == 0 and np.ptp(widths) == 0)
    if one_size:
        size = _within(*sizes[0])
    elif np.mean(np.maximum(heights, widths) > MAX_STORED_SIDE) > FEW_LARGE:
        size = (MAX_STORED_SIDE, MAX_STORED_SIDE)
    else:
        side = int(np.median(np.minimum(heights, widths)))
        size = (side, side)
    if say and not one_size:
        say(
            f"Images of mixed sizes, {_text(smallest)} to {_text(largest)} pixels: "
            f"brought to {_text(size)}."
        )
    elif say and size != tuple(sizes[0]):
        say(f"Images of {_text(sizes[0])} pixels: brought to {_text(size)}.")
    return size


def _within(height, width):
    """Return height and width, scaled down if a side is above `MAX_STORED_SIDE`."""
    scale = min(1, MAX_STORED_SIDE / max(height, width))
    if scale == 1:
        return height, width
    # What is longer than the networks can take at this scale is cut at its ends.
    return max(MIN_SIDE, round(scale * height)), max(MIN_SIDE, round(scale * width))


def _text(size):
    """Return a size as people write it: width first."""
    return f"{size[1]}x{size[0]}"
