"""What a file is for, by its name and by its first bytes."""

import io

import numpy as np
import pytest
from PIL import Image

from ssvae.data.suffixes import IMAGE_SUFFIXES
from ssvae.data.tree.kinds import (
    HEAD,
    is_image_content,
    kind_of,
    reason_of,
    tables_first,
)

# Name, its kind, and the reason why it is no image if it is not read.
NAMES = {
    "a.png": ("image", "no image: .png"),
    "a/b.c/d.JPG": ("image", "no image: .jpg"),
    "a.b.jpeg": ("image", "no image: .jpeg"),
    "a.npy": ("array", "no image: .npy"),
    "labels.CSV": ("table", "no image: .csv"),
    "iris.data": ("table", "no image: .data"),
    "labels.txt": ("text", "no image: .txt"),
    "a.zip": ("archive", "archive inside, not opened"),
    "a.tar.gz": ("archive", "archive inside, not opened"),
    "a.TAR.XZ": ("archive", "archive inside, not opened"),
    "brain.nii.gz": ("other", "a volume: export its slices as PNG or TIFF"),
    "ct.dcm": ("other", "a DICOM image: export it as PNG or TIFF"),
    "labels.csv.gz": ("other", "no image: .csv.gz"),
    "a.xml": ("other", "no image: .xml"),
    "README": ("unknown", "no image: no ending"),
    "a.png/README": ("unknown", "no image: no ending"),
    "scan.0001": ("unknown", "no image: no ending"),
    "photo.jpg_large": ("unknown", "no image: .jpg_large"),
    "photo.jpg?size=9": ("unknown", "no image: no ending"),
    "Dr. Smith": ("unknown", "no image: no ending"),
    ".png": ("hidden", "hidden"),
    ".cache/a.png": ("hidden", "hidden"),
    "a/.cache/b/c.png": ("hidden", "hidden"),
    "a/Thumbs.db": ("hidden", "system file"),
    "a/desktop.ini": ("hidden", "system file"),
    ".DS_Store": ("hidden", "system file"),
    "__MACOSX/a/b.png": ("hidden", "system file"),
    "a/._b.png": ("hidden", "system file"),
    "a/@eaDir/b.jpg": ("hidden", "system file"),
    "$RECYCLE.BIN/a.png": ("hidden", "system file"),
    "System Volume Information/x": ("hidden", "system file"),
    "lost+found/a.png": ("hidden", "system file"),
    "a/.ipynb_checkpoints/b.png": ("hidden", "system file"),
    ".git/objects/ab/cd": ("hidden", "system file"),
}


@pytest.mark.parametrize("name", NAMES)
def test_the_name_tells_the_kind(name):
    assert (kind_of(name), reason_of(name)) == NAMES[name]


def test_every_image_that_is_decoded_is_one_by_name():
    assert {kind_of(f"a{suffix.upper()}") for suffix in IMAGE_SUFFIXES} == {"image"}


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_images_are_known_by_their_first_bytes(format, mode):
    content = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    Image.fromarray(noise).convert(mode).save(content, format)
    assert is_image_content(content.getvalue()[:HEAD])


NO_IMAGES = {
    "nothing": b"",
    "text": b"BMW and others\nare cars, and this is a text\n" * 3,
    "a list of parts": b"P1 is the first of them\n",
    "sound": b"RIFF\x24\x08\0\0WAVEfmt ",
    "film": b"\0\0\0\x18ftypmp42\0\0\0\0",
    "pdf": b"%PDF-1.7\n",
    "zeros": bytes(HEAD),
}


@pytest.mark.parametrize("head", NO_IMAGES.values(), ids=NO_IMAGES)
def test_other_files_are_not_taken_for_images(head):
    assert not is_image_content(head)


@pytest.mark.parametrize(
    ("names", "tables"),
    [
        (["a.png", "b.csv", "c.txt"], ["b.csv"]),
        (["README.txt", "a/LICENSE.txt", "a/labels.txt"], ["a/labels.txt"]),
        ([".b.csv", "a.png"], []),
    ],
    ids=["a table wins", "a text that is not for people", "no hidden table"],
)
def test_texts_are_tables_where_there_is_none(names, tables):
    assert tables_first(names) == tables
