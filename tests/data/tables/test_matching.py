import pytest

from ssvae.data.tables.labels import labels_of_table
from ssvae.data.tables.matching import ImageNames
from ssvae.errors import InputError

NAMES = [
    "images/train/x.jpg",
    "images/test/x.jpg",
    "images/train/My Cat 1.jpg",
    "images/train/ISIC_0024306.jpg",
    "images/train/scan.v2.png",
    "images/train/0012.png",
    "images/pairs/p.jpg",
    "images/pairs/p.png",
    "masks/m.png",
    "images/train/m.png",
    "images/train/Möwe.png",
]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("images/train/x.jpg", "images/train/x.jpg"),
        ("./images/test/x.jpg", "images/test/x.jpg"),
        ("../images/test/x.jpg", "images/test/x.jpg"),
        ("train/x.jpg", "images/train/x.jpg"),
        ("/home/someone/data/images/test/x.jpg", "images/test/x.jpg"),
        (r"C:\data\test\x.jpg", "images/test/x.jpg"),
        (r"test\X.JPG", "images/test/x.jpg"),
        ("file:///C:/data/train/x.jpg", "images/train/x.jpg"),
        ("https://host/bucket/train/x.jpg?size=9#top", "images/train/x.jpg"),
        ("s3://bucket/train/x.jpg", "images/train/x.jpg"),
        ("/data/local-files/?d=images%2Ftest%2Fx.jpg", "images/test/x.jpg"),
        ("/data/upload/3/abcdef12-ISIC_0024306.jpg", "images/train/ISIC_0024306.jpg"),
        ("My%20Cat%201.jpg", "images/train/My Cat 1.jpg"),
        ("my cat 1", "images/train/My Cat 1.jpg"),
        ("ISIC_0024306", "images/train/ISIC_0024306.jpg"),
        ("isic_0024306.png", "images/train/ISIC_0024306.jpg"),
        ("ISIC_0024306.dcm", "images/train/ISIC_0024306.jpg"),
        ("scan.v2", "images/train/scan.v2.png"),
        ("scan.v2.jpg", "images/train/scan.v2.png"),
        ("p.png", "images/pairs/p.png"),
        ("other/p.JPG", "images/pairs/p.jpg"),
        ("m.png", "images/train/m.png"),
        ("Mo\u0308we.png", "images/train/Möwe.png"),
        # None, as nothing says which one, or none is meant.
        ("x.jpg", None),
        ("p", None),
        ("scan", None),
        ("scan.v3", None),
        ("masks/x.jpg", None),
        ("12", None),
        ("", None),
        ("/", None),
        ("..", None),
        ("x" * 5000, None),
    ],
)
def test_a_path_means_the_image_with_the_longest_common_end(text, name):
    match = ImageNames(NAMES).find(text)
    assert (NAMES[match.image] if match and match.image >= 0 else None) == name


def test_a_path_is_seen_from_the_folder_of_the_table_first():
    names = ["x.jpg", "train/x.jpg", "test/x.jpg"]
    for folder, image in (("", 0), ("train", 1), ("test/", 2)):
        for text in ("x.jpg", "./x.jpg", "X"):
            assert ImageNames(names).seen_from(folder).find(text).image == image


@pytest.mark.parametrize("text", ["12", "12.0", "0012", "00012"])
def test_a_number_that_lost_its_zeros_is_found(text):
    assert NAMES[ImageNames(NAMES).find_number(text).image] == "images/train/0012.png"


def test_a_number_that_fits_two_images_means_neither():
    assert ImageNames(["012.png", "a/0012.png"]).find_number("12").image == -1


def read(text, names):
    return labels_of_table(text.encode(), "labels.csv", names)


def test_another_column_says_the_folder():
    text = "part,image,label\ntrain,1.png,cat\ntest,1.png,dog\n"
    assert read(text, ["test/1.png", "train/1.png"]).labels == ["dog", "cat"]


def test_rows_that_fit_several_images_are_left_out_and_said():
    found = read("file,label\n1.png,cat\n2.png,dog\n", ["a/1.png", "b/1.png", "2.png"])
    assert found.labels == ["", "", "dog"]
    assert "'1.png', may be 'a/1.png' or 'b/1.png'" in found.notes[0]
    with pytest.raises(InputError, match="left out as several images fit"):
        read("file,label\n1.png,cat\n", ["a/1.png", "b/1.png"])


def test_a_row_of_a_folder_that_is_not_here_labels_no_other_image():
    text = "file,label\na/1.png,cat\nb/1.png,dog\nb/2.png,dog\nb/3.png,dog\n"
    found = read(text, ["data/b/1.png", "data/b/2.png", "data/c/3.png"])
    assert found.labels == ["dog", "dog", ""]
    assert "2 of 4 rows are images here" in found.sentence


def test_numbers_of_a_spreadsheet_find_their_files():
    found = read("id,label\n1,cat\n2,dog\n", ["0001.png", "0002.png", "0010.png"])
    assert found.labels == ["cat", "dog", ""]


def test_pixels_are_no_files():
    rows = "".join(f"{n % 2},{n % 3},{n % 999}\n" for n in range(2000))
    with pytest.raises(InputError, match="no column names an image"):
        read(f"label,pixel0,pixel1\n{rows}", ["0.png", "1.png", "2.png"])


def test_a_hundred_thousand_rows_find_their_images():
    names = [f"images/{n % 100:03d}/img_{n:06d}.jpg" for n in range(100_000)]
    text = "".join(f"C:\\data\\{name},c{n % 10}\n" for n, name in enumerate(names))
    found = read(text, names)
    assert found.labels == [f"c{n % 10}" for n in range(100_000)]


def test_rows_that_fit_several_images_mean_the_folder_of_the_others():
    names = ["f/Test/x/1.png", "f/Train/x/1.png", "f/Train/x/2.png", "f/Train/y/3.png"]
    found = read("file,label\nx/1.png,cat\nx/2.png,dog\ny/3.png,cat\n", names)
    assert found.labels == ["", "cat", "dog", "cat"]
    assert "1 rows (first: 'f/Train/x/1.png')" in found.notes[0]


def test_rows_that_fit_several_images_mean_the_part_that_the_table_is_named_after():
    names = ["test/1.png", "train/1.png", "test/2.png", "train/2.png"]
    content = b"id,label\n1,cat\n2,dog\n"
    found = labels_of_table(content, "set/train_labels.csv", names)
    assert found.labels == ["", "cat", "", "dog"]
    with pytest.raises(InputError, match="several images fit"):
        labels_of_table(content, "set/labels.csv", names)


def test_one_index_serves_several_tables():
    images = ImageNames(["a/1.png", "b/1.png"])
    for folder, labels in (("a", ["x", ""]), ("b", ["", "x"])):
        found = labels_of_table(b"1.png;x\n", "t.csv", images, table_folder=folder)
        assert found.labels == labels
