import numpy as np
from PIL import Image

from ssvae.runs.unusual import read_unusual, save_unusual, sentences


def test_the_strangest_image_comes_first(tmp_path):
    images = np.zeros((9, 8, 6, 1), np.uint8)
    files = [f"{row}.png" for row in range(9)]
    rows, groups = np.array([2, 5, 7]), np.array([1, 2, 1])
    save_unusual(tmp_path, rows, np.array([0.5, 1, 0.75]), groups, images, files)
    kept = read_unusual(tmp_path)
    assert [row["file"] for row in kept] == ["5.png", "7.png", "2.png"]
    assert [row["group"] for row in kept] == ["2", "1", "1"]
    assert float(kept[1]["strangeness"]) == 0.75


def test_the_picture_has_a_row_of_each_group(tmp_path):
    images = np.full((4, 200, 100, 3), 255, np.uint8)
    images[3] = 0
    save_unusual(tmp_path, np.array([1, 3]), np.ones(2), np.array([1, 2]), images)
    with Image.open(tmp_path / "unusual.png") as picture:
        pixels = np.asarray(picture.convert("L"))
    height = len(pixels) // 2
    assert (pixels[height:] == 0).mean() > 0.02
    assert pixels[:height, -1].min() == 255


def test_a_run_that_found_nothing_has_no_such_file(tmp_path):
    assert read_unusual(tmp_path) == []
    assert sentences({}) == []
