"""Masks beside images: found by name and by content, and never an image of its own."""

import numpy as np
import pytest
from PIL import Image

from ssvae.data.pixels import masks
from ssvae.data.pixels.masks import MASK, find_masks, mask_pairs


@pytest.fixture
def place(tmp_path, rng):
    """Return functions that write photographs and masks below a folder."""

    def write(name, pixels):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
        names.append(name)

    def photo(name, size=(40, 50)):
        rough = rng.integers(0, 256, (9, 7, 3), dtype=np.uint8)
        smooth = Image.fromarray(rough).resize(size[::-1], Image.Resampling.BICUBIC)
        noise = rng.integers(0, 9, (*size, 3), dtype=np.uint8)
        write(name, np.asarray(smooth) // 2 + noise + 60)

    def mask(name, size=(40, 50), colors=(0, 255)):
        pixels = np.full(size, colors[0], np.uint8)
        for row, color in enumerate(colors[1:]):
            pixels[5 + 4 * row : 20, 10:30] = color
        write(name, pixels)

    names: list[str] = []
    photo.names = names
    photo.find = lambda: find_masks(lambda name: (tmp_path / name).open("rb"), names)
    return photo, mask


@pytest.mark.parametrize(
    ("image", "mask"),
    [
        ("cat/1.jpg", "cat/1_mask.png"),
        ("benign/benign (1).png", "benign/benign (1)_mask.png"),
        ("benign/benign (1).png", "benign/benign (1)_mask_1.png"),
        ("a/ISIC_7.jpg", "a/ISIC_7_segmentation.png"),
        ("a/7.tif", "a/7-gt.bmp"),
        ("a/7.tif", "a/7.label.png"),
        ("a/7.tif", "a/mask_7.png"),
        ("a/7.jpg", "a/7.png"),
        ("COVID/images/7.png", "COVID/masks/7.png"),
        ("x/train_images/7.png", "x/train_masks/7.png"),
        ("x/train/7.jpg", "x/train_masks/7_mask.gif"),
        ("x/images/7.png", "x/lung masks/7.png"),
        ("VOC/JPEGImages/7.jpg", "VOC/SegmentationClass/7.png"),
        ("input/a/7.jpg", "groundtruth/a/7.png"),
        ("cat/1.jpg", "cat/1_mask.jpg"),
    ],
)
def test_a_mask_is_found_beside_its_image(place, image, mask):
    photo, draw = place
    photo(image)
    draw(mask)
    photo("other/7.jpg")
    photo("other/8.png")
    assert mask_pairs(photo.names)[mask][0] == image
    assert photo.find() == {mask: MASK}


def test_two_masks_of_one_image_are_found(place):
    photo, mask = place
    photo("a/1.png")
    mask("a/1_mask.png")
    mask("a/1_mask_1.png", colors=(0, 40, 90, 200))
    assert sorted(photo.find()) == ["a/1_mask.png", "a/1_mask_1.png"]


def test_what_is_no_mask_stays(place):
    photo, mask = place
    # Two photographs of one name; a photograph called so; another size.
    photo("a/1.jpg")
    photo("a/1.png")
    photo("a/2.jpg")
    photo("a/2_label.png")
    photo("a/3.jpg")
    mask("a/3_mask.png", size=(20, 30))
    # Drawings of their own, without an image; and the same names in two classes.
    mask("b/4_mask.png")
    photo("b/5.png")
    mask("c/5.png")
    assert photo.find() == {}


def test_drawings_in_few_colors_are_images_where_nothing_else_is_there(place):
    photo, mask = place
    mask("a/1.png")
    mask("a/1.bmp")
    assert photo.find() == {}


def test_a_broken_file_is_left_to_the_reader(place, tmp_path):
    photo, mask = place
    photo("a/1.png")
    mask("a/1_mask.png")
    (tmp_path / "a/1.png").write_bytes(b"nothing")
    assert photo.find() == {}


def test_of_many_pairs_a_few_are_opened(place, monkeypatch):
    photo, mask = place
    for row in range(9):
        photo(f"a/{row}.jpg")
        mask(f"a/{row}_mask.png")
    monkeypatch.setattr(masks, "CHECKED", 3)
    opened, read = [], masks.read_values

    def noted(file, name):
        opened.append(name)
        return read(file, name)

    monkeypatch.setattr(masks, "read_values", noted)
    assert len(photo.find()) == 9
    assert len(opened) == 6
    # If one of those is none, all are.
    opened.clear()
    photo("a/3_mask.png")
    photo.names.pop()
    assert len(photo.find()) == 8
    assert len(opened) == 6 + 18


def test_without_pairs_nothing_is_opened():
    names = ["a/1.png", "a/2.png", "b/1.png", "mask/3.png"]
    assert mask_pairs(names) == {}
    assert find_masks(lambda name: pytest.fail("opened"), names) == {}
