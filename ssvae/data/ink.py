"""Ink on a plain ground, found in a picture of any size."""

from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage

# Longer side of the picture in which ink is looked for, pixels: larger ones are reduced
# by averaging, which also removes the noise of a camera.
SIDE = 256
# Longer side of the copy in which the ground is estimated, pixels.
GROUND_SIDE = 64
# Width of the window in which thin ink covers less than the ground, fraction of the
# longer side. Light and shadows that are larger are followed.
WINDOW = 0.3
# Share of the pixels that the darkest ink has at least.
DARKEST = 0.005
# Least difference of ink and ground, fraction of the ground's brightness: the grain of
# empty paper in uneven light has up to 0.09, a pencil in shadow has 0.45.
FAINT = 0.12
# Fractions of the darkest ink's value below which there is no ink, and above which it
# is full.
LOW, HIGH = 0.2, 0.8
# Largest share of pixels far from ink that are neither ground nor ink. Of 320 digits
# on paper the worst has 0.055, the next 0.02; of 7 photographs of scenes the best has
# 0.06.
STRAY = 0.055
# Distance from the ink at which pixels should be ground, pixels.
FAR = 3
# Largest share of the picture's border that is ink: of a thing, and of lines. Hands
# come in from the border, and cover 0.05 of it or more.
BORDER, BORDER_OF_LINES = 0.1, 0.04
# Smallest area of a piece of ink, fraction of the largest piece: less is dirt. And the
# largest share of dirt in the ink of lines: of 200 digits on paper the worst has 0.02.
PIECE, DIRT = 0.03, 0.05
# Largest deviation of the color within the lines, and of their darkness, fractions of
# full brightness and of the darkest ink. Of 200 digits on paper one exceeds 0.065, and
# one 0.13; of photographs of things most do.
COLORS, UNEVEN = 0.08, 0.2

NOTHING = "nothing is on it"
NOT_PLAIN = "its background is not plain, as in a photograph of a scene"
AT_THE_EDGE = "it reaches the edge of the picture: leave some background around it"


class Ink(NamedTuple):
    """The ink of a picture.

    Attributes:
        amount: float32 array `(h, w)` in [0, 1], 1 for full ink.
        lack: Why the picture is not one of ink on a plain ground; "" if it is.
    """

    amount: np.ndarray
    lack: str


class _Look(NamedTuple):
    """The darkness of each pixel, which are ink, and colors against the ground."""

    darkness: np.ndarray
    ink: np.ndarray
    full: float
    color: np.ndarray

    @property
    def border(self) -> float:
        """Share of the border that is ink."""
        ink = self.ink
        return float(np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]]).mean())

    @property
    def quality(self) -> float:
        """How well ink and ground are told apart, and how strong and small ink is."""
        ink, total = self.ink, self.darkness.var()
        if not ink.any() or ink.all() or not total:
            return 0.0
        share = ink.mean()
        between = self.darkness[ink].mean() - self.darkness[~ink].mean()
        told_apart = share * (1 - share) * between**2 / total
        return float(told_apart * self.full * (1 - self.border) * (1 - share))


def find_ink(picture: np.ndarray, thin: bool = True) -> Ink:
    """Return the ink of a picture, be it dark on a bright ground or bright on a dark.

    Light that falls unevenly, shadows, and the colors of pen and paper do not matter.

    Args:
        picture: uint8 array `(h, w, channels)`.
        thin: Whether the ink is lines. Then the ground is what surrounds them; else it
            is what is on the border of the picture.
    """
    values = _reduced(picture)
    looks = [_look(values, bright, thin) for bright in (True, False)]
    look = max(looks, key=lambda look: look.quality)
    if look.full < FAINT:
        return Ink(np.zeros(look.ink.shape, np.float32), NOTHING)
    pieces, _ = ndimage.label(look.ink, np.ones((3, 3)))
    areas = np.bincount(pieces.ravel())
    areas[0] = 0
    kept = (areas >= PIECE * areas.max())[pieces]
    lack = _lack(look)
    if thin and not lack:
        lack = _lack_of_lines(look, kept)
    amount = (look.darkness / look.full - LOW) / (HIGH - LOW)
    # The soft edges of what is kept belong to it.
    amount *= ndimage.binary_dilation(kept, iterations=2)
    return Ink(np.clip(amount, 0, 1).astype(np.float32), lack)


def _reduced(picture):
    """Return a picture as floats in [0, 1], reduced to a longer side of `SIDE`."""
    height, width, channels = picture.shape
    factor = SIDE / max(height, width)
    if factor < 1:
        size = max(1, round(width * factor)), max(1, round(height * factor))
        flat = Image.fromarray(picture[..., 0] if channels == 1 else picture)
        picture = np.asarray(flat.resize(size, Image.Resampling.BOX))
    return picture.reshape(*picture.shape[:2], channels).astype(np.float32) / 255


def _look(values, bright, thin):
    """Return the darkness of pixels against a bright ground, or the contrary."""
    ground = _local_ground(values, bright) if thin else _border_ground(values)
    if bright:
        # Light multiplies: in a shadow the ink differs less from the paper.
        color = (ground - values) / np.maximum(ground, 0.1)
    else:
        color = (values - ground) / np.maximum(1 - ground, 0.5)
    darkness = np.clip(color.max(axis=-1), 0, 1)
    full = float(np.quantile(darkness, 1 - DARKEST))
    return _Look(darkness, darkness > full / 2, full, color)


def _local_ground(values, bright):
    """Return the ground around thin ink: what is left when narrow things are closed."""
    height, width, channels = values.shape
    factor = GROUND_SIDE / max(height, width)
    size = max(4, round(width * factor)), max(4, round(height * factor))
    window = round(WINDOW * max(size)) | 1
    close = ndimage.grey_closing if bright else ndimage.grey_opening
    ground = np.empty_like(values)
    for channel in range(channels):
        whole = Image.fromarray(values[..., channel])
        small = np.asarray(whole.resize(size, Image.Resampling.BOX))
        small = ndimage.gaussian_filter(small, 0.7)
        small = close(small, window, mode="nearest")
        small = ndimage.gaussian_filter(small, window / 6, mode="nearest")
        large = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
        ground[..., channel] = large
    return ground


def _border_ground(values):
    """Return the median of the picture's border."""
    border = np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])
    return np.median(border, axis=0)


def _lack(look):
    """Return why a picture is not one of ink on a plain ground; "" if it is."""
    far = ~ndimage.binary_dilation(look.ink, iterations=FAR)
    stray = np.mean(look.darkness[far] > look.full / 4) if far.any() else 1.0
    return NOT_PLAIN if stray > STRAY or look.border > BORDER else ""


def _lack_of_lines(look, kept):
    """Return why the ink is not lines of one pen within the picture; "" if it is."""
    if look.border > BORDER_OF_LINES:
        return AT_THE_EDGE
    if np.mean(kept[look.ink]) < 1 - DIRT:
        return NOT_PLAIN
    # The edges of a line are between ink and paper.
    core = ndimage.binary_erosion(look.ink)
    if not core.any():
        return ""
    color = look.color[core] - look.color[core].mean(axis=1, keepdims=True)
    away = np.sqrt(np.mean(np.sum((color - np.median(color, axis=0)) ** 2, axis=1)))
    uneven = look.darkness[core].std() / look.full
    return NOT_PLAIN if away > COLORS or uneven > UNEVEN else ""
