"""Exact and near copies of images are found; other images are not taken for them."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from ssvae.data import from_arrays
from ssvae.data.copies import copy_groups, near_copies
from ssvae.data.report import report, warnings

SIDE = 48


def scenes(rng, count, channels=3):
    """Return images of soft patches, all different."""
    noise = gaussian_filter(
        rng.normal(size=(count, SIDE, SIDE, channels)), (0, 3, 3, 0)
    )
    return np.clip(128 + noise / noise.std() * 50, 0, 255).astype(np.uint8)


def as_jpeg(image):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=90)
    return np.asarray(Image.open(file))


def scaled(image):
    small = Image.fromarray(image).resize((SIDE * 2 // 3, SIDE * 2 // 3))
    return np.asarray(small.resize((SIDE, SIDE)))


def brighter(image):
    return np.clip(image.astype(int) + 12, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("changed", [as_jpeg, scaled, brighter])
def test_images_that_were_stored_anew_are_near_copies(rng, changed):
    images = scenes(rng, 60)
    copies = np.stack([changed(image) for image in images[:20]])
    pairs = near_copies(np.concatenate([images, copies]))
    assert pairs.tolist() == [[row, 60 + row] for row in range(20)]


def test_groups_hold_exact_copies_and_copies_of_copies(rng):
    images = scenes(rng, 8)
    more = images[1], as_jpeg(images[1]), brighter(as_jpeg(images[1])), images[5]
    groups = copy_groups(np.concatenate([images, np.stack(more)]))
    assert groups.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 1, 1, 1, 5]


def test_the_same_shape_in_another_color_is_no_copy(rng):
    image = scenes(rng, 1, channels=1)
    red, blue = np.repeat(image, 3, axis=3), np.repeat(image, 3, axis=3)
    red[..., 0] = np.minimum(red[..., 0].astype(int) + 60, 255)
    blue[..., 2] = np.minimum(blue[..., 2].astype(int) + 60, 255)
    assert len(near_copies(np.concatenate([red, blue]))) == 0


def test_blank_images_are_copies_only_if_they_are_equal():
    images = np.full((4, 20, 20, 1), 7, np.uint8)
    images[2:] = 9
    assert copy_groups(images).tolist() == [0, 0, 1, 1]
    assert len(near_copies(images)) == 0


def test_images_of_few_pixels_are_compared(rng):
    images = rng.integers(0, 256, (30, 5, 6, 1), dtype=np.uint8)
    near = images[3:4] ^ 1
    groups = copy_groups(np.concatenate([images, near]))
    assert groups.tolist() == [*range(30), 3]
    assert copy_groups(images[:1]).tolist() == [0]
    assert copy_groups(images[:0]).tolist() == []


def test_near_copies_stay_on_one_side_of_a_split(rng):
    images = scenes(rng, 40)
    copies = np.stack([as_jpeg(image) for image in images])
    said = []
    dataset = from_arrays(np.concatenate([images, copies]), np.arange(80) % 2)
    split = dataset.split_test(0.25, seed=0, say=said.append)
    test, _ = split.read_test()
    both = np.concatenate([test, split.images])
    groups = copy_groups(both)
    assert not np.isin(groups[: len(test)], groups[len(test) :]).any()
    assert len(test) == 20
    assert said[0].startswith("80 images are copies of one another, or nearly")


def test_the_report_counts_near_copies_within_and_between_the_parts(rng):
    images = scenes(rng, 12)
    test = np.stack([as_jpeg(images[0]), images[1], *scenes(rng, 2)])
    within = np.stack([brighter(images[4]), images[5]])
    train = np.concatenate([images, within])
    counts = report(from_arrays(train, np.arange(14) % 2, test, [0, 1, 0, 1]))
    assert (counts["duplicates"], counts["near_duplicates"]) == (1, 1)
    assert (counts["overlap"], counts["near_overlap"]) == (1, 1)
    text = "\n".join(warnings(counts))
    assert "near copies of others among the training images: 1" in text
    assert "near copies of training images among the 4 test images: 1" in text
