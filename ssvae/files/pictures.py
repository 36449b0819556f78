"""Pictures of images: grids with names, PNG bytes, URLs."""

import base64
import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont


def image_grid(rows, names=(), zoom=2, ink="black", paper="white") -> Image.Image:
    """Draw rows of images, with a name before each row.

    Args:
        rows: Array `(rows, columns, h, w, c)`, floats in [0, 1]; c is 1 or 3.
        names: A name a row; none for no names.
        zoom: Pixels of the picture a pixel of an image, along each side.
        ink: Color of the names.
        paper: Color behind them; None for none.

    Returns:
        An RGB picture, RGBA without paper.
    """
    count, columns, height, width, channels = rows.shape
    pixels = (np.clip(rows, 0.0, 1.0) * 255.0).round().astype(np.uint8)
    pixels = pixels.transpose(0, 2, 1, 3, 4)
    pixels = pixels.reshape(count * height, columns * width, channels)
    pixels = np.broadcast_to(pixels, (*pixels.shape[:2], 3))
    images = Image.fromarray(np.ascontiguousarray(pixels))
    images = images.resize((images.width * zoom, images.height * zoom), Image.NEAREST)
    if not names:
        return images
    font = ImageFont.load_default(size=max(10, height * zoom // 3))
    margin = 16 + round(max(font.getlength(name) for name in names))
    mode, color = ("RGB", paper) if paper else ("RGBA", (0, 0, 0, 0))
    picture = Image.new(mode, (margin + images.width, images.height), color)
    picture.paste(images, (margin, 0))
    draw = ImageDraw.Draw(picture)
    for row, name in enumerate(names):
        middle = round((row + 0.5) * height * zoom)
        draw.text((margin - 8, middle), name, ink, font, anchor="rm")
    return picture


def as_png(picture) -> bytes:
    """Return a picture as the bytes of a PNG file."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def as_url(image) -> str:
    """Return an image, floats `(h, w, c)` in [0, 1], as a URL that holds it."""
    png = as_png(image_grid(image[None, None], zoom=1))
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
