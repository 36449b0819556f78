"""Grey or color: of an image whose channels are nearly alike, and of a whole set."""

from collections.abc import Sequence

import numpy as np

# Largest difference between the channels of a grey pixel, grey levels of 255. A grey
# image saved as JPEG in color gets up to 4 where the quality is 50.
GREY_LEVELS = 4
# Share of an image's pixels that may differ by more: dust, or a mark of a scanner.
FEW_PIXELS = 0.001
# Share of a set's images that may be in color, and the set is still grey: they are
# converted. One file among many grey ones must not make three channels of all.
FEW_IN_COLOR = 0.05


def grey_of(image: np.ndarray) -> np.ndarray | None:
    """Return the grey image that a color image nearly is; None if it has colors.

    Args:
        image: uint8 array `(height, width, 3)`.

    Returns:
        uint8 array `(height, width, 1)`, or None.
    """
    red, green, blue = image[..., 0], image[..., 1], image[..., 2]
    most = np.maximum(np.maximum(red, green), blue)
    least = np.minimum(np.minimum(red, green), blue)
    spread = most - least
    if not spread.any():
        return image[..., :1]
    if np.count_nonzero(spread > GREY_LEVELS) > FEW_PIXELS * spread.size:
        return None
    return as_grey(image)


def as_grey(images: np.ndarray) -> np.ndarray:
    """Return the brightness of images in color, as Pillow's mode L has it.

    Args:
        images: uint8 array `(..., 3)`.

    Returns:
        uint8 array `(..., 1)`.
    """
    # Weights of ITU-R 601-2 in units of 1 / 65536; they add up to one.
    weights = np.array([19595, 38470, 7471], np.uint32)
    return ((images @ weights + 0x8000) >> 16).astype(np.uint8)[..., None]


def channels_of_set(in_color: int, count: int) -> int:
    """Return the channels of a set: 1 for grey if few of its images are in color.

    Args:
        in_color: Number of images in color, see `grey_of`.
        count: Number of all images.
    """
    return 3 if in_color > FEW_IN_COLOR * count else 1


def color_note(in_color: Sequence[str], count: int, channels: int) -> str:
    """Return a sentence about the images that change with the set; "" if none does.

    Args:
        in_color: Names of the images in color, see `grey_of`.
        count: Number of all images.
        channels: Channels of the set: 1 for grey, 3 for color.
    """
    if not in_color or channels == 3:
        return ""
    first = in_color[0]
    if len(in_color) == 1:
        return f"1 of {count:,} images is in color and was made grey: {first!r}."
    return (
        f"{len(in_color):,} of {count:,} images are in color and were made grey, for "
        f"example {first!r}."
    )
