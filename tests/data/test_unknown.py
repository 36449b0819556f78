"""A name or path that is no data set: the message says why, and the way."""

import numpy as np
import pytest
from PIL import Image

from ssvae.data import load_dataset
from ssvae.errors import InputError


@pytest.fixture
def place(tmp_path, monkeypatch):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cats").mkdir()
    Image.fromarray(np.zeros((9, 7), np.uint8)).save(tmp_path / "one.png")
    for name in ("own.mat", "own.parquet", "own.docx"):
        (tmp_path / name).write_bytes(b"something")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cifar", "unknown data set 'cifar': need mnist, fashion-mnist, tfds:NAME"),
        ("Mnist", "unknown data set 'Mnist'; did you mean 'mnist'"),
        ("fashion_mnist", "did you mean 'fashion-mnist'"),
        ("./photo", "no file or folder 'photo', looked for at '.*photo'; did you mean"),
        ("photos/cat", "no file or folder 'photos/cat'.*did you mean 'cats'"),
        ("fotos/cats/1", "'.' holds no 'fotos'; did you mean 'photos'"),
        ("/nowhere/at/all.zip", "there is no file or folder '/nowhere/at/all.zip'"),
        ("one.png", "is a single image: name the folder"),
        ("own.mat", r"is a file .mat, which ssvae does not read: save .*numpy.savez"),
        ("own.parquet", r"numpy.savez\(FILE, x=images, y=labels\)"),
        ("own.docx", "is no data set: its ending is '.docx'; need mnist"),
    ],
)
def test_the_reason_and_the_way_are_told(place, name, words):
    with pytest.raises(InputError, match=words) as error:
        load_dataset(name)
    assert "\n" not in str(error.value)
