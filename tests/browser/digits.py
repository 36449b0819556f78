"""How a hand draws the ten digits: strokes of points in the unit square."""

import math


def arc(x, y, width, height, start, end, count=16):
    """Return points of an ellipse around (x, y), angles in degrees, 0 to the right."""
    angles = (
        math.radians(start + (end - start) * i / (count - 1)) for i in range(count)
    )
    return [(x + width * math.cos(a), y + height * math.sin(a)) for a in angles]


DIGITS = {
    "0": [arc(0.5, 0.5, 0.17, 0.3, -90, 270)],
    "1": [[(0.55, 0.2), (0.48, 0.8)]],
    "2": [[*arc(0.5, 0.34, 0.17, 0.14, -170, 40), (0.32, 0.78), (0.7, 0.78)]],
    "3": [
        [
            *arc(0.47, 0.34, 0.17, 0.14, -150, 80),
            *arc(0.47, 0.63, 0.2, 0.16, -80, 150),
        ]
    ],
    "4": [[(0.38, 0.2), (0.3, 0.53), (0.7, 0.5)], [(0.62, 0.22), (0.56, 0.82)]],
    "5": [
        [
            (0.66, 0.22),
            (0.4, 0.22),
            (0.37, 0.47),
            *arc(0.46, 0.62, 0.2, 0.17, -100, 150),
        ]
    ],
    "6": [[(0.6, 0.2), (0.42, 0.4), *arc(0.5, 0.64, 0.15, 0.15, -170, 190)]],
    "7": [[(0.32, 0.24), (0.68, 0.24), (0.46, 0.8)]],
    "8": [
        [
            *arc(0.5, 0.34, 0.13, 0.13, 60, -240, 20),
            *arc(0.5, 0.64, 0.16, 0.17, -90, 270, 20),
        ]
    ],
    "9": [[*arc(0.5, 0.36, 0.15, 0.15, 0, -360, 20), (0.62, 0.5), (0.55, 0.82)]],
}
