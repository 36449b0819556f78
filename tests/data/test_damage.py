"""Damaged files are one line about the file; bugs of ours keep their traceback."""

import io
import struct
import zipfile

import numpy as np
import pytest
from PIL import Image

from ssvae.data import npz
from ssvae.data.damage import reading
from ssvae.data.pixels import decode
from ssvae.errors import InputError


def npy(header) -> bytes:
    """Return a `.npy` file with this header."""
    text = header.encode("latin-1")
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


@pytest.mark.parametrize(
    "header",
    [
        "{[]: 1}",
        "{1: 2, 'a': 3}",
        "{'descr': (), 'fortran_order': False, 'shape': (3,)}",
        "{'descr': 'a,(', 'fortran_order': False, 'shape': (3,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (-3,)}",
        f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({10**30},)}}",
        "{'descr': '",
        "{" * 4000,
        "{}" + " " * 20_000,
    ],
    ids=range(9),
)
def test_headers_that_numpy_cannot_read_are_damage(tmp_path, header):
    path, archive = tmp_path / "a.npy", tmp_path / "a.npz"
    path.write_bytes(npy(header))
    with zipfile.ZipFile(archive, "w") as file:
        file.write(path, "x.npy")
    for damaged in (path, archive):
        with pytest.raises(InputError, match="no readable array") as error:
            npz.open_array(damaged, ("x",))
        assert "\n" not in str(error.value)
        assert npz.num_rows(damaged, ("x",)) == 0


def test_only_arrays_of_objects_are_called_so(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as file:
        file.writestr("objects.txt", "text")
    with pytest.raises(InputError, match=r"no item named 'objects\.txt\.npy'"):
        npz.open_arrays(tmp_path / "a.npz")
    (tmp_path / "text.npy").write_text("no array")
    with pytest.raises(InputError, match="magic string is not correct"):
        npz.open_array(tmp_path / "text.npy", ())


def test_the_array_that_was_measured_is_the_one_that_is_read(tmp_path):
    """A second member of nearly the same name is no way around the bound."""
    np.savez(tmp_path / "a.npz", x=np.arange(3))
    with zipfile.ZipFile(tmp_path / "a.npz", "a") as file:
        file.writestr("x", b"something else")
    assert npz.open_array(tmp_path / "a.npz", ("x",)).tolist() == [0, 1, 2]


def test_an_upload_of_no_known_format_is_told_what_is_known():
    with pytest.raises(InputError, match=r"'a\.png' is no .*: it holds none of PNG"):
        decode.open_image(io.BytesIO(b"text"), "a.png")


@pytest.mark.parametrize("bug", [TypeError, AttributeError, NameError])
def test_a_bug_of_ours_is_not_told_as_a_damaged_file(tmp_path, monkeypatch, bug):
    def fails(*args):
        raise bug

    Image.new("L", (9, 7)).save(tmp_path / "a.png")
    np.savez(tmp_path / "a.npz", x=np.zeros((2, 9, 7)))
    for module, name in ((npz, "_header"), (npz, "_chosen"), (decode, "_flat")):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, fails)
            with pytest.raises(bug):
                if module is decode:
                    decode.open_image(tmp_path / "a.png", "a.png")
                else:
                    npz.open_array(tmp_path / "a.npz", ("x",))
            if module is npz:
                with pytest.raises(bug):
                    npz.num_rows(tmp_path / "a.npz", ("x",))


@pytest.mark.parametrize(
    ("error", "reason"), [(ValueError("one\ntwo"), "one"), (EOFError(), "EOFError")]
)
def test_one_line_is_kept_of_a_reason(error, reason):
    with pytest.raises(InputError) as told, reading("a", "image"):
        raise error
    assert str(told.value) == f"'a' is no readable image: {reason}"
