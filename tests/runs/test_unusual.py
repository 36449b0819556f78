import numpy as np
from PIL import Image

from ssvae.runs.unusual import Unusual, read_unusual, save_unusual, sentences


def unusual(rows, groups, strangeness):
    groups = np.array(groups)
    return Unusual(np.array(rows), groups, groups == 1, np.array(strangeness))


def test_the_strangest_image_comes_first_and_single_ones_last(tmp_path):
    images = np.zeros((9, 8, 6, 1), np.uint8)
    files = [f"{row}.png" for row in range(9)]
    found = unusual([2, 3, 5, 7, 8], [1, 0, 2, 1, 0], [0.5, 4, 1, 0.75, 9.5])
    save_unusual(tmp_path, found, images, files)
    kept = read_unusual(tmp_path)
    names = [row["file"] for row in kept]
    assert names == ["5.png", "7.png", "2.png", "8.png", "3.png"]
    assert [row["group"] for row in kept] == ["2", "1", "1", "", ""]
    assert [row["put aside"] for row in kept] == ["no", "yes", "yes", "no", "no"]
    assert float(kept[1]["strangeness"]) == 0.75
    assert float(kept[3]["score"]) == 9.5
    assert (kept[0]["score"], kept[4]["strangeness"]) == ("", "")


def test_the_picture_has_a_row_of_each_group_and_one_of_single_images(tmp_path):
    images = np.full((4, 200, 100, 3), 255, np.uint8)
    images[3] = 0
    for numbers in ([1, 2], [1, 0]):
        save_unusual(tmp_path, unusual([1, 3], numbers, [1.0, 1.0]), images)
        with Image.open(tmp_path / "unusual.png") as picture:
            pixels = np.asarray(picture.convert("L"))
        height = len(pixels) // 2
        assert (pixels[height:] == 0).mean() > 0.02
        assert pixels[:height, -1].min() == 255


def test_a_run_that_found_nothing_has_no_such_file(tmp_path):
    assert read_unusual(tmp_path) == []
    assert sentences({}) == []


def test_single_images_are_told_of():
    told = {"unknown_groups": [], "num_unusual_alone": 1}
    assert sentences(told)[0].startswith("1 single image is unlike all others")
    assert sentences({"num_unusual_alone": 0}) == []
