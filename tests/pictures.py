"""Pictures that people might show a model: photographed digits, and other things."""

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

# Height and width of the photographs, pixels, and their digits' side.
SIZE, DIGIT = (480, 640), 220


def photographed(digit, rng):
    """Return a photograph of a digit on paper, as a phone would take it.

    The light is uneven, the paper has a grain, the pen a color, the phone is turned and
    held at an angle, its picture is not quite sharp, and it is a JPEG.

    Args:
        digit: uint8 array `(28, 28)`, bright on dark.
        rng: NumPy's random generator.

    Returns:
        uint8 array `(height, width, 3)`.
    """
    ink = np.zeros(SIZE, np.float32)
    large = Image.fromarray(digit).resize((DIGIT, DIGIT), Image.Resampling.BICUBIC)
    # A pen has sharp edges.
    stroke = np.asarray(large, np.float32) / 255 - rng.uniform(0.2, 0.6)
    stroke = np.clip(stroke / 0.3, 0, 1)
    top, left = rng.integers(50, (SIZE[0] - DIGIT - 50, SIZE[1] - DIGIT - 50))
    ink[top : top + DIGIT, left : left + DIGIT] = stroke
    ink = _turned(ink, rng)
    paper = np.array([0.95, 0.94, 0.9]) * rng.uniform(0.75, 1) + rng.normal(0, 0.02, 3)
    pens = [(0.1, 0.1, 0.12), (0.1, 0.15, 0.5), (0.6, 0.1, 0.1), (0.35, 0.35, 0.36)]
    pen = np.array(pens[rng.integers(len(pens))])
    page = paper + ink[..., None] * (pen - paper)
    page *= _grain(rng)[..., None] * _light(rng)[..., None]
    page = ndimage.gaussian_filter(page, (*[rng.uniform(0.5, 2.5)] * 2, 0))
    page += rng.normal(0, rng.uniform(0.005, 0.02), page.shape)
    return compressed(np.uint8(255 * np.clip(page, 0, 1)), int(rng.integers(40, 90)))


def _turned(ink, rng):
    """Return ink as it is seen from a phone that is turned and held at an angle."""
    height, width = SIZE
    corners = np.array([(0, 0), (0, height), (width, height), (width, 0)], float)
    corners += rng.uniform(-40, 40, corners.shape)
    picture = Image.fromarray(ink).transform(
        (width, height),
        Image.Transform.QUAD,
        corners.ravel().tolist(),
        Image.Resampling.BILINEAR,
    )
    turned = picture.rotate(rng.uniform(-12, 12), Image.Resampling.BILINEAR)
    return np.clip(np.asarray(turned), 0, 1)


def _grain(rng):
    """Return the brightness of paper: fine fibers, and spots of some millimeters."""
    fine = ndimage.gaussian_filter(rng.normal(0, 1, SIZE), 1)
    coarse = ndimage.gaussian_filter(rng.normal(0, 1, SIZE), 12)
    return 1 + 0.015 * fine / fine.std() + 0.015 * coarse / coarse.std()


def _light(rng):
    """Return light that falls off to one side, and sometimes a soft shadow."""
    row, column = np.indices(SIZE) / max(SIZE) - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    along = np.cos(angle) * column + np.sin(angle) * row
    light = 1 + rng.uniform(-0.7, 0.7) * along
    if rng.random() < 0.5:
        edge = (along - rng.uniform(-0.3, 0.3)) / rng.uniform(0.02, 0.2)
        light *= 1 - rng.uniform(0.1, 0.4) / (1 + np.exp(-np.clip(edge, -50, 50)))
    return light / light.max()


def compressed(array, quality):
    """Return an image as it is after JPEG has lost some of it."""
    file = io.BytesIO()
    Image.fromarray(array).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


def foreign(seed):
    """Return pictures of anything but a digit: a dict of uint8 arrays by name."""
    rng = np.random.default_rng(seed)
    return _made(rng) | _shapes(rng) | _writing(rng) | _shipped(rng)


def _made(rng):
    """Return pictures of nothing, of noise and of patterns."""
    row, column = np.indices(SIZE)
    size = (*SIZE, 1)
    waves = np.sin(row / rng.uniform(5, 20)) * np.sin(column / rng.uniform(5, 20))
    paper = 0.85 * _grain(rng) * _light(rng)
    grey = {
        "white": np.ones(SIZE),
        "black": np.zeros(SIZE),
        "grey": np.full(SIZE, rng.uniform(0.2, 0.8)),
        "empty paper": paper + rng.normal(0, 0.015, SIZE),
        "noise": rng.random(SIZE),
        "soft noise": 0.5 + 3 * ndimage.gaussian_filter(rng.normal(0, 1, SIZE), 8),
        "ramp": row / SIZE[0],
        "stripes": (column // rng.integers(10, 60)) % 2,
        "squares": (column // 40 + row // 40) % 2,
        "waves": 0.5 + 0.4 * waves,
    }
    colors = np.clip(rng.random(size) + rng.normal(0, 0.2, (*SIZE, 3)), 0, 1)
    pictures = {name: np.clip(one, 0, 1) for name, one in grey.items()}
    return {
        name: np.repeat(np.uint8(255 * one)[..., None], 3, axis=2)
        for name, one in pictures.items()
    } | {"colored noise": np.uint8(255 * colors)}


def _star(corners, inner, turn):
    """Return the corners of a star, or of a polygon if `inner` is 1."""
    angles = turn + np.pi * np.arange(2 * corners) / corners
    radius = np.where(np.arange(2 * corners) % 2, inner, 1)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1) * radius[:, None]


def _canvas():
    """Return white paper to draw on, and what draws."""
    picture = Image.new("RGB", SIZE[::-1], (244, 242, 238))
    return picture, ImageDraw.Draw(picture)


def _shapes(rng):
    """Return shapes that are filled, and others that are drawn by a line."""
    forms = {
        "triangle": _star(3, 0.5, -np.pi / 2),
        "square": _star(4, np.sqrt(0.5), np.pi / 4),
        "diamond": _star(4, np.sqrt(0.5), 0) * (0.7, 1),
        "star": _star(5, 0.4, -np.pi / 2),
    }
    pictures = {}
    for name, form in forms.items():
        size, middle = rng.uniform(100, 180), rng.uniform(200, 280, 2)
        points = [tuple(point) for point in form * size + middle[::-1]]
        picture, draw = _canvas()
        draw.polygon(points, fill=tuple(rng.integers(0, 120, 3).tolist()))
        pictures[f"filled {name}"] = np.asarray(picture)
        if name in ("square", "star"):
            picture, draw = _canvas()
            draw.line([*points, points[0]], "black", int(rng.integers(10, 25)), "curve")
            pictures[f"drawn {name}"] = np.asarray(picture)
    picture, draw = _canvas()
    for x, y in rng.uniform(60, 420, (14, 2)):
        draw.ellipse((x, y, x + 25, y + 25), "black")
    pictures["dots"] = np.asarray(picture)
    picture, draw = _canvas()
    draw.ellipse((170, 90, 470, 390), outline="black", width=14)
    draw.ellipse((250, 180, 280, 210), "black")
    draw.ellipse((360, 180, 390, 210), "black")
    draw.arc((240, 180, 400, 330), 20, 160, "black", 14)
    pictures["face"] = np.asarray(picture)
    picture, draw = _canvas()
    draw.line([(60, 420), (60, 40)], "black", 6)
    draw.line([(60, 420), (600, 420)], "black", 6)
    for left, high in zip(range(90, 560, 80), rng.uniform(60, 330, 6), strict=True):
        draw.rectangle((left, 420 - high, left + 50, 420), "steelblue")
    pictures["bars"] = np.asarray(picture)
    return pictures | _lines()


def _lines():
    """Return lines that are no digit."""
    far, near = np.linspace(0, 1, 300), np.linspace(0.3, 1, 200)
    head = [(420, 160), (500, 240), (420, 320)]
    lines = {
        "arrow": [[(100, 240), (500, 240)], head],
        "spiral": [
            list(
                zip(
                    320 + 180 * near * np.cos(20 * near),
                    240 + 180 * near * np.sin(20 * near),
                    strict=True,
                )
            )
        ],
        "wave": [
            list(
                zip(60 + 520 * far, 240 + 80 * np.sin(17 * far), strict=True),
            )
        ],
    }
    pictures = {}
    for name, parts in lines.items():
        picture, draw = _canvas()
        for part in parts:
            draw.line(part, "black", 14, "curve")
        pictures[name] = np.asarray(picture)
    return pictures


def _writing(rng):
    """Return pictures of words, of letters and of several digits."""
    from matplotlib import font_manager

    path = font_manager.findfont("DejaVu Sans")
    texts = {
        "word": ("Hello", 150),
        "page": ("\n".join(["The quick brown fox jumps over it"] * 8), 32),
        "two digits": (str(rng.integers(10, 100)), 260),
        "long number": (str(rng.integers(10**6, 10**7)), 130),
        "letter W": ("W", 300),
        "letter K": ("K", 300),
        "ampersand": ("&", 300),
        "at": ("@", 300),
    }
    pictures = {}
    for name, (text, size) in texts.items():
        picture, draw = _canvas()
        place = tuple(rng.integers(20, 60, 2).tolist())
        draw.text(place, text, "black", ImageFont.truetype(path, size))
        pictures[name] = np.asarray(picture)
    return pictures


def _shipped(rng):
    """Return photographs and pictures that packages ship, whole and in part."""
    import matplotlib
    from sklearn.datasets import load_sample_image

    data = Path(matplotlib.get_data_path())
    pictures = {}
    for name in ("china", "flower"):
        whole = load_sample_image(f"{name}.jpg")
        pictures[name] = whole
        for part in range(2):
            top, left = rng.integers(0, (227, 340))
            pictures[f"{name}, part {part + 1}"] = whole[top:, left:][:200, :300]
    for name, path in (
        ("portrait", "sample_data/grace_hopper.jpg"),
        ("bag", "sample_data/Minduka_Present_Blue_Pack.png"),
        ("wheel", "images/matplotlib_large.png"),
    ):
        picture = Image.open(data / path).convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        shown = Image.alpha_composite(white, picture).convert("RGB")
        pictures[name] = np.asarray(shown)
    return pictures
