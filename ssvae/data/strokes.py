"""Lines that somebody drew become ink."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

# Side of the picture, pixels, and width of a line, fraction of the side.
SIDE, WIDTH = 280, 22 / 280
# Lines are drawn this many times as large and averaged, for soft edges.
FINER = 2


def ink_of_lines(lines: Sequence[Sequence[Sequence[float]]]) -> np.ndarray:
    """Return the ink of lines.

    Args:
        lines: Lists of points x, y in fractions of the side, from the upper left. What
            lies beyond the picture is cut off.

    Returns:
        float32 array `(SIDE, SIDE)` in [0, 1].
    """
    side = SIDE * FINER
    picture = Image.new("L", (side, side))
    draw = ImageDraw.Draw(picture)
    radius = WIDTH * side / 2
    for line in lines:
        points = [(x * side, y * side) for x, y in line]
        draw.line(points, 255, round(2 * radius), "curve")
        for x, y in (points[0], points[-1]):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), 255)
    small = picture.resize((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / 255
