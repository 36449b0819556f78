"""Data files made to do harm: every one is refused before it is decoded."""

import gzip
import io
import zipfile

import numpy as np
import pytest
from helpers import Trap
from PIL import Image

from ssvae.data import read_labels
from ssvae.data.idx import read_bytes
from ssvae.data.pixels.decode import open_image
from ssvae.data.reading.brought import Brought
from ssvae.data.reading.files import ImageFiles
from ssvae.errors import InputError


def test_a_pickle_is_never_opened(tmp_path):
    mark = tmp_path / "mark"
    np.save(tmp_path / "x.npy", np.array([Trap(mark)]), allow_pickle=True)
    np.savez(tmp_path / "x.npz", x=np.array([Trap(mark)]))
    for name in ("x.npy", "x.npz"):
        with pytest.raises(InputError, match="no readable array"):
            list(ImageFiles([tmp_path / name], Brought((9, 7, 1))))
    assert not mark.exists()


def test_large_images_are_refused_before_they_are_decoded(tmp_path):
    path = tmp_path / "bomb.png"
    Image.new("1", (20_000, 20_000)).save(path)
    with pytest.raises(InputError, match=r"20,000 by 20,000 pixels|decompression bomb"):
        open_image(path, path, 1)


def test_pictures_that_are_programs_are_refused(tmp_path):
    path = tmp_path / "image.png"
    Image.new("L", (9, 7)).save(path, "EPS")
    with pytest.raises(InputError, match="no readable image"):
        open_image(path, path, 1)


def test_arrays_that_claim_too_much_are_refused(tmp_path):
    header = {"descr": "|u1", "fortran_order": False, "shape": (10**9, 9, 7)}
    content = io.BytesIO()
    np.lib.format.write_array_header_1_0(content, header)
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("x.npy", content.getvalue())
    (tmp_path / "x.npy").write_bytes(content.getvalue())
    for name in ("x.npy", "x.npz"):
        with pytest.raises(InputError, match="no readable array"):
            list(ImageFiles([tmp_path / name], Brought((9, 7, 1))))


def test_a_compressed_data_file_has_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr("ssvae.data.idx.MAX_BYTES", 1000)
    path = tmp_path / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(bytes(1001)))
    with pytest.raises(InputError, match="unpacks to more than 1,000 bytes"):
        read_bytes(path)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_labels_nested_too_deeply_are_refused(tmp_path, opening, tiny_dataset):
    path = tmp_path / "labels.json"
    path.write_text(opening * 100_000)
    with pytest.raises(InputError, match="is not JSON"):
        read_labels(path, tiny_dataset)
