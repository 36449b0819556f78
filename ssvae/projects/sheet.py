"""A contact sheet: some images of a project side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

# Side of an image on the contact sheet, and space between two, pixels.
TILE, GAP = 96, 4
# Images on a line.
PER_LINE = 12


def contact_sheet(
    images: Sequence[np.ndarray], per_line: int = PER_LINE
) -> Image.Image:
    """Return a picture with images side by side, on a transparent ground.

    Args:
        images: uint8 arrays `(height, width, channels)`, with 1 or 3 channels.
        per_line: Number of images on a line.

    Returns:
        Pillow's picture, in mode RGBA.
    """
    # Imported here, because it takes time that `--help` has not.
    from PIL import Image, ImageOps

    columns = max(1, min(per_line, len(images)))
    lines = max(1, math.ceil(len(images) / columns))
    step = TILE + GAP
    sheet = Image.new("RGBA", (columns * step - GAP, lines * step - GAP))
    for number, image in enumerate(images):
        picture = Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)
        # Small drawings are enlarged without blur.
        small = max(picture.size) < TILE
        way = Image.Resampling.NEAREST if small else Image.Resampling.LANCZOS
        tile = ImageOps.fit(picture, (TILE, TILE), way)
        sheet.paste(tile, (number % columns * step, number // columns * step))
    return sheet
