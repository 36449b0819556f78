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
# Largest share of the picture's border that is ink.
BORDER = 0.1
# Smallest area of a piece of ink, fraction of the largest piece: less is dirt.
PIECE = 0.03

NOTHING = "nothing is on it"
NOT_PLAIN = "it has no plain ground, as a photograph of a scene"


class Ink(NamedTuple):
    """The ink of a picture.

    Attributes:
        amount: float32 array `(h, w)` in [0, 1], 1 for full ink.
        lack: Why the picture is not one of ink on a plain ground; "" if it is.
    """

    amount: np.ndarray
    lack: str


class _Look(NamedTuple):
    """The darkness of each pixel against the ground, and which pixels are ink."""

    darkness: np.ndarray
    ink: np.ndarray
    full: float

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
    amount = (look.darkness / look.full - LOW) / (HIGH - LOW)
    # The soft edges of what is kept belong to it.
    amount *= ndimage.binary_dilation(kept, iterations=2)
    lack = "" if _is_plain(look) else NOT_PLAIN
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
        darkness = (ground - values) / np.maximum(ground, 0.1)
    else:
        darkness = (values - ground) / np.maximum(1 - ground, 0.5)
    darkness = np.clip(darkness.max(axis=-1), 0, 1)
    full = float(np.quantile(darkness, 1 - DARKEST))
    return _Look(darkness, darkness > full / 2, full)


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


def _is_plain(look):
    """Return whether what is not ink is plain."""
    far = ~ndimage.binary_dilation(look.ink, iterations=FAR)
    stray = np.mean(look.darkness[far] > look.full / 4) if far.any() else 1.0
    return bool(stray <= STRAY) and look.border <= BORDER
