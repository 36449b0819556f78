"""Damaged images of every format: opened, or refused in a line."""

import io
import random

import fuzzing
import numpy as np
import pytest
from PIL import Image, features

from ssvae.data.pixels.decode import open_image, read_values
from ssvae.data.pixels.headers import read_header
from ssvae.errors import InputError

GREY = np.random.default_rng(0).integers(0, 256, (24, 30), dtype=np.uint8)
COLOR, WORDS = np.dstack([GREY, GREY[::-1], GREY]), GREY.astype(np.uint16) * 200
PAGES = {"save_all": True, "append_images": [Image.fromarray(GREY[::-1])]}
SEEDS = {
    "bmp": (COLOR, "BMP", {}),
    "dib": (GREY, "DIB", {}),
    "tga": (COLOR, "TGA", {}),
    "gif": (GREY, "GIF", PAGES),
    "pages": (GREY, "TIFF", PAGES),
    "mpo": (COLOR, "MPO", PAGES),
    "png": (WORDS, "PNG", {}),
    "words": (WORDS, "TIFF", {}),
    "floats": (WORDS.astype(np.float32), "TIFF", {}),
    "pgm": (WORDS, "PPM", {}),
    "webp": (COLOR, "WEBP", {}),
    "avif": (COLOR, "AVIF", {}),
    "jp2": (COLOR, "JPEG2000", {}),
}


# Pillow warns of what is wrong with EXIF data, and reads the rest.
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", SEEDS)
def test_a_damaged_image_is_opened_or_refused_in_a_line(kind):
    if kind == "avif" and not features.check("avif"):
        pytest.skip("Pillow reads no AVIF here")
    pixels, form, options = SEEDS[kind]
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form, **options)
    name, refused = f"a.{kind}", 0
    for case in range(60):
        content = fuzzing.mutated(file.getvalue(), random.Random(f"{kind} {case}"))
        for read in (read_header, read_values, open_image):
            try:
                read(io.BytesIO(content), name)
            except InputError as error:
                refused += 1
                assert "\n" not in str(error)
    assert 0 < refused < 180
