"""Pictures of images: grids with names, PNG bytes, URLs."""

import base64
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont


def image_grid(
    rows: np.ndarray,
    names: Sequence[str] = (),
    zoom: int = 2,
    ink: str = "black",
    paper: str | None = "white",
) -> Image.Image:
    """Draw rows of images, each with a name at its left.

    Args:
        rows: Array `(rows, columns, h, w, c)`, floats in [0, 1]; c is 1 or 3.
        names: One name per row; empty for no names.
        zoom: Side of an image's pixel in the picture, pixels.
        ink: Color of the names.
        paper: Color behind the names; None for a transparent picture.

    Returns:
        An RGB picture; with names and without paper an RGBA picture.
    """
    count, columns, height, width, channels = rows.shape
    pixels = (np.clip(rows, 0.0, 1.0) * 255.0).round().astype(np.uint8)
    pixels = pixels.transpose(0, 2, 1, 3, 4)
    pixels = pixels.reshape(count * height, columns * width, channels)
    pixels = np.broadcast_to(pixels, (*pixels.shape[:2], 3))
    images = Image.fromarray(np.ascontiguousarray(pixels))
    images = images.resize(
        (images.width * zoom, images.height * zoom), Image.Resampling.NEAREST
    )
    if not names:
        return images
    font = ImageFont.load_default(size=max(10, height * zoom // 3))
    margin = 16 + round(max(font.getlength(name) for name in names))
    size = margin + images.width, images.height
    picture = Image.new("RGB", size, paper) if paper else Image.new("RGBA", size)
    picture.paste(images, (margin, 0))
    draw = ImageDraw.Draw(picture)
    for row, name in enumerate(names):
        middle = round((row + 0.5) * height * zoom)
        draw.text((margin - 8, middle), name, ink, font, anchor="rm")
    return picture


def as_png(picture: Image.Image) -> bytes:
    """Return a picture as the bytes of a PNG file."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def as_url(image: np.ndarray, longest: int = 0) -> str:
    """Return an image as a URL that contains it.

    Args:
        image: Float array `(h, w, c)` in [0, 1].
        longest: Longer side, pixels, that a larger image is scaled to; 0 to keep all.
    """
    picture = image_grid(image[None, None], zoom=1)
    if longest:
        picture.thumbnail((longest, longest))
    png = as_png(picture)
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
