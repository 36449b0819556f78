"""Image files: sizes from headers, quick decoding, and images brought to one size."""

import io

import numpy as np
import pytest
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from ssvae.data.pixels.decode import open_image
from ssvae.data.pixels.headers import header_size
from ssvae.data.pixels.stored import brought_to
from ssvae.errors import InputError


def photograph(rng, height, width):
    """Return pixels with large shapes, edges and noise."""
    rows, columns = np.mgrid[:height, :width]
    waves = np.sin(rows[..., None] / (20, 31, 47)) + np.cos(columns[..., None] / 25)
    edges = ((rows // 61 + columns // 83) % 2)[..., None]
    noise = rng.normal(0, 8, (height, width, 3))
    return np.clip(100 + 30 * waves + 60 * edges + noise, 0, 255).astype(np.uint8)


def saved(pixels, **kwargs):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, **kwargs)
    return file


@pytest.mark.parametrize("size", [64, 150, 224, (100, 224), (300, 60)])
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_large_photograph_is_decoded_quickly_and_well(rng, size, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = saved(photograph(rng, 1195, 1701), format="JPEG", quality=90, exif=exif)
    quick = open_image(file, "a", size=size).astype(int)
    full = brought_to(size, open_image(file, "a"))
    assert np.abs(quick - full).mean() < 1
    assert np.abs(quick - full).max() < 10


def test_no_more_is_decoded_than_a_wanted_size_needs(rng, monkeypatch):
    sizes, draft = [], JpegImageFile.draft

    def noted(picture, mode, size):
        result = draft(picture, mode, size)
        sizes.append(picture.size)
        return result

    monkeypatch.setattr(JpegImageFile, "draft", noted)
    file = saved(photograph(rng, 600, 1000), format="JPEG")
    for size in (0, 32, 100, 200, (40, 260), 600, 700):
        open_image(file, "a", size=size)
    whole, half, eighth = (1000, 600), (500, 300), (125, 75)
    assert sizes == [eighth, half, whole, whole, whole, whole]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_the_header_tells_the_size_of_the_decoded_image(rng, kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = saved(photograph(rng, 20, 30), format=kind, exif=exif)
    assert header_size(file, "a") == open_image(file, "a").shape[:2]
    assert header_size(file, "a", turned=False) == (20, 30)


def test_a_header_is_read_without_the_pixels(rng):
    file = saved(photograph(rng, 200, 300), format="PNG")
    cut = io.BytesIO(file.getvalue()[:1000])
    assert header_size(cut, "a") == (200, 300)
    with pytest.raises(InputError, match="'a' is no readable image"):
        open_image(cut, "a")


def test_a_broken_header_has_the_error_of_a_broken_image(rng):
    content = saved(photograph(rng, 20, 30), format="PNG").getvalue()[:20]
    with pytest.raises(InputError) as header:
        header_size(io.BytesIO(content), "a")
    with pytest.raises(InputError) as image:
        open_image(io.BytesIO(content), "a")
    assert str(header.value) == str(image.value)


def test_a_rectangle_is_covered_and_the_rest_cut_off():
    image = np.zeros((40, 40), np.uint8)
    image[3:37] = 255
    assert np.all(brought_to((10, 20), image) == 255)
    assert brought_to((10, 20), image).shape == (10, 20, 1)
    assert np.array_equal(brought_to((40, 40), image)[..., 0], image)
