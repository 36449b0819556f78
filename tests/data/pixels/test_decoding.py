"""Many image files in one array: grey or color, damaged ones, and the second time."""

import numpy as np
import pytest
from PIL import Image

from ssvae.data.pixels import cache as decoded_cache
from ssvae.data.pixels import gathered
from ssvae.data.pixels import many as decoding
from ssvae.data.pixels.decode import open_image
from ssvae.data.pixels.grey import as_grey
from ssvae.data.pixels.headers import Header
from ssvae.data.pixels.many import Wanted, decode_images, read_headers
from ssvae.data.pixels.values import ValueRange
from ssvae.data.tree.listing import open_place
from ssvae.errors import InputError


@pytest.fixture
def folder(tmp_path, rng):
    """Return a writer of images, in color or not, into a folder."""

    def write(name, in_color=False, size=(9, 7)):
        shape = (*size, 3) if in_color else size
        pixels = rng.integers(0, 256, shape, dtype=np.uint8)
        (tmp_path / "images").mkdir(exist_ok=True)
        Image.fromarray(pixels).save(write.path / name)
        return pixels

    write.path = tmp_path / "images"
    return write


def read(path, wanted=None, refuse=None, **kwargs):
    place = open_place(path)
    refused = {}
    wanted = wanted or Wanted((9, 7))
    refuse = refuse or refused.__setitem__
    return decode_images(place, place.entries, wanted, refuse, **kwargs), refused


def test_headers_are_in_order_and_say_what_is_broken(folder):
    for row in range(9):
        folder(f"{row}.png", size=(9 + row, 7))
    (folder.path / "4.png").write_text("no picture")
    place = open_place(folder.path)
    headers = read_headers(place, place.entries)
    assert isinstance(headers[4], InputError) and "4.png" in str(headers[4])
    heights = [header.height for header in headers if isinstance(header, Header)]
    assert heights == [9, 10, 11, 12, 14, 15, 16, 17]


def test_images_are_in_order_without_the_broken_ones(folder):
    written = [folder(f"{row:03}.png") for row in range(60)]
    for row in (0, 30):
        (folder.path / f"{row:03}.png").write_text("no picture")
    decoded, refused = read(folder.path)
    assert decoded.rows == [*range(1, 30), *range(31, 60)]
    assert sorted(refused) == [0, 30] and "030.png" in str(refused[30])
    expected = [written[row] for row in decoded.rows]
    assert np.array_equal(decoded.images[..., 0], expected)
    assert decoded.in_color == []


def test_a_broken_file_may_end_it(folder):
    for row in range(90):
        folder(f"{row:02}.png")
    (folder.path / "03.png").write_text("no picture")

    def refuse(row, error):
        raise error

    with pytest.raises(InputError, match=r"03\.png' is no readable image"):
        read(folder.path, refuse=refuse)


def test_only_broken_files_give_no_images(folder):
    folder("1.png")
    (folder.path / "1.png").write_text("no picture")
    found, refused = read(folder.path)
    assert found.rows == [] and list(refused) == [0]


@pytest.mark.parametrize("aside", [2**27, 100])
@pytest.mark.parametrize(("in_color", "channels"), [(1, 1), (2, 1), (3, 3), (40, 3)])
def test_a_few_files_in_color_do_not_make_three_channels(
    folder, monkeypatch, in_color, channels, aside
):
    monkeypatch.setattr(gathered, "ASIDE", aside)
    written = [folder(f"{row:02}.png", row < in_color) for row in range(40)]
    decoded, _ = read(folder.path)
    assert decoded.images.shape == (40, 9, 7, channels)
    assert decoded.in_color == list(range(in_color))
    for row, (pixels, image) in enumerate(zip(written, decoded.images, strict=True)):
        if row >= in_color:
            pixels = pixels[..., None]
        elif channels == 1:
            pixels = as_grey(pixels)
        assert np.array_equal(image, np.broadcast_to(pixels, image.shape))


@pytest.mark.parametrize("channels", [1, 3])
def test_wanted_channels_are_given_and_colors_are_told(folder, channels):
    for row in range(4):
        folder(f"{row}.png", in_color=row == 2)
    decoded, _ = read(folder.path, Wanted((9, 7), channels))
    assert decoded.images.shape == (4, 9, 7, channels)
    assert decoded.in_color == [2]


def test_size_and_range_are_those_wanted(folder):
    folder("1.png", size=(30, 50))
    path, values = folder.path / "1.png", ValueRange(bytes=(0, 100))
    decoded, _ = read(folder.path, Wanted((20, 10), value_range=values))
    expected = open_image(path, "a", size=(20, 10), value_range=values)
    assert np.array_equal(decoded.images, expected[None])


def test_large_images_are_decoded_one_by_one(folder, monkeypatch):
    threads, run = [], decoding.in_threads
    monkeypatch.setattr(
        decoding, "in_threads", lambda *args: threads.append(args[2]) or run(*args)
    )
    monkeypatch.setattr(decoding, "cores_here", lambda: set(range(8)))
    folder("1.png")
    for largest in (63, decoding.PIXELS_AT_ONCE // 3, 2**26, 2**28):
        read(folder.path, largest=largest)
    assert threads == [8, 3, 1, 1]


@pytest.fixture
def cached(tmp_path, monkeypatch):
    monkeypatch.setenv("SSVAE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(decoded_cache, "MIN_FILES", 1)


@pytest.mark.usefixtures("cached")
def test_the_second_time_only_broken_files_are_opened(folder, monkeypatch):
    for row in range(30):
        folder(f"{row:02}.png", in_color=row == 3)
    (folder.path / "07.png").write_text("no picture")
    first, refused = read(folder.path)
    opened = []
    monkeypatch.setattr(
        decoding,
        "open_image",
        lambda *args: opened.append(args[1]) or open_image(*args),
    )
    # Another name is no other content; the order changes with it.
    (folder.path / "00.png").rename(folder.path / "99.png")
    second, again = read(folder.path)
    assert [path[-6:] for path in opened] == ["07.png"]
    assert list(again) == [6] and str(again[6]) == str(refused[7])
    assert np.array_equal(second.images, np.roll(first.images, -1, axis=0))
    assert (second.in_color, second.rows[-1]) == ([2], 29)


@pytest.mark.usefixtures("cached")
def test_a_changed_file_is_decoded_again(folder):
    for row in range(5):
        folder(f"{row}.bmp")
    read(folder.path)
    # Of the same size as before.
    pixels = folder("3.bmp")
    decoded, _ = read(folder.path)
    assert np.array_equal(decoded.images[3, ..., 0], pixels)
    assert np.array_equal(read(folder.path)[0].images, decoded.images)
