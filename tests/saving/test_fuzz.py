"""A short run of `fuzzing.py`, and files made to do harm."""

import gzip
import io
import json
import pickle
import subprocess
import zipfile
from pathlib import Path

import fuzzing
import numpy as np
import pytest
from PIL import Image

from ssvae import load_model
from ssvae.config.toml import load_config
from ssvae.data import read_labels
from ssvae.data.decode import open_image
from ssvae.data.files import ImageFiles
from ssvae.data.idx import read_bytes
from ssvae.errors import InputError


@pytest.mark.parametrize("kind", fuzzing.KINDS)
def test_mutated_files_are_opened_or_refused(kind):
    counts = fuzzing.run(kind, 25 if kind == "keras" else 150)
    assert not counts["wrong"]
    assert counts["refused"] > 0
    assert counts["opened"] + counts["refused"] == counts["cases"]


class Trap:
    """Pickled, it leaves a file behind when it is opened."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.fixture
def members(small_run):
    with zipfile.ZipFile(small_run / "model.keras") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def refused(tmp_path):
    """Return a function that writes a model file and returns why it is refused."""

    def refused(members, compression=zipfile.ZIP_DEFLATED):
        path = tmp_path / "model.keras"
        with zipfile.ZipFile(path, "w", compression) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        with pytest.raises(InputError) as error:
            load_model(path)
        assert "\n" not in str(error.value)
        return str(error.value)

    return refused


def with_config(members, **changes):
    config = json.loads(members["config.json"])
    return members | {"config.json": json.dumps(config | changes)}


def arrays(write):
    """Return the bytes of an HDF5 file."""
    import h5py

    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        write(file)
    return content.getvalue()


def test_a_pickle_is_never_opened(tmp_path):
    path, mark = tmp_path / "model.keras", tmp_path / "mark"
    path.write_bytes(pickle.dumps(Trap(mark)))
    with pytest.raises(InputError, match="it is a pickle"):
        load_model(path)
    np.save(tmp_path / "x.npy", np.array([Trap(mark)]), allow_pickle=True)
    np.savez(tmp_path / "x.npz", x=np.array([Trap(mark)]))
    for name in ("x.npy", "x.npz"):
        with pytest.raises(InputError, match="no readable array"):
            list(ImageFiles([tmp_path / name], (9, 7, 1)))
    assert not mark.exists()


def test_foreign_classes_are_not_built(members, refused):
    function = {"class_name": "__lambda__", "config": {"code": "4wEAAA=="}}
    layer = {"function": function, "name": "lambda"}
    for changes, words in (
        ({"class_name": "Lambda", "config": layer}, "holds a 'Lambda'"),
        ({"module": "os", "class_name": "system"}, "holds a 'system'"),
        ({"module": "builtins"}, "not an 'SSVAE'"),
        ({"registered_name": "other>SSVAE"}, "not an 'SSVAE'"),
        ({"compile_config": {"optimizer": layer}}, "states 'compile_config'"),
        ({"build_config": layer}, "states 'build_config'"),
        ({"config": layer}, "lacks what makes an SSVAE"),
    ):
        assert words in refused(with_config(members, **changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"image_shape": [28, 28]}, "the shape [28, 28]"),
        ({"image_shape": [28, 28, 10**9]}, "networks of more than"),
        ({"image_shape": {"class_name": "Lambda"}}, "the shape"),
        ({"class_names": ["a", "a"]}, "no list of different names"),
        ({"class_names": 7}, "no list of different names"),
        ({"config": {"hidden_units": 10**7}}, "networks of more than"),
        ({"config": {"hidden_unit": 7}}, "hidden_unit"),
        ({"config": {"epochs": "many"}}, "epochs: got 'many'"),
        ({"config": []}, "lacks the settings"),
    ],
    ids=str,
)
def test_unfit_settings_are_refused(members, refused, changes, words):
    settings = json.loads(members["config.json"])["config"] | changes
    assert words in refused(with_config(members, config=settings))


def test_what_belongs_to_no_model_is_refused(members, refused):
    assert "holds 'assets/run.sh'" in refused(members | {"assets/run.sh": b"true"})
    assert "holds '../../x'" in refused(members | {"../../x": b"true"})
    weights = {"model.weights.h5": members["model.weights.h5"]}
    assert "has no config.json, metadata.json" in refused(weights)
    old = json.dumps({"keras_version": "2.15.0"})
    assert "saved by Keras 2.15.0, need 3" in refused(members | {"metadata.json": old})


def test_bombs_are_refused(members, refused):
    bomb = members | {"model.weights.h5": bytes(2**30 + 1)}
    assert "unpacks to more than" in refused(bomb)
    bomb = members | {"config.json": b" " * 2**21}
    assert "its config.json has 2,097,152 bytes" in refused(bomb)
    huge = arrays(lambda f: f.create_dataset("x", (2**34,), "f4", chunks=(2**20,)))
    assert "arrays have more than" in refused(members | {"model.weights.h5": huge})


def test_arrays_that_point_elsewhere_are_refused(members, refused, tmp_path):
    import h5py

    secret = tmp_path / "secret"
    secret.write_bytes(b"0123" * 100)

    def external_link(file):
        file["layers"] = h5py.ExternalLink(str(secret), "/")

    def soft_link(file):
        file["layers"] = h5py.SoftLink("/elsewhere")

    def external_data(file):
        file.create_dataset("x", (100,), "i4", external=[(str(secret), 0, 400)])

    def virtual(file):
        layout = h5py.VirtualLayout((4,), "f4")
        layout[:] = h5py.VirtualSource(str(secret), "x", (4,))
        file.create_virtual_dataset("x", layout)

    def strings(file):
        file["x"] = ["many", "words"]

    for write, words in (
        (external_link, "points out of the file"),
        (soft_link, "points out of the file"),
        (external_data, "lies in another file"),
        (virtual, "lies in another file"),
        (strings, "need numbers"),
    ):
        assert words in refused(members | {"model.weights.h5": arrays(write)})


def test_other_kinds_of_file_are_named(tmp_path, members):
    for content, words in (
        (members["model.weights.h5"], "an HDF5 file, weights alone"),
        (b"PK\x03\x04 cut", "it is cut off"),
        (b"", "no zip archive"),
    ):
        path = tmp_path / "model.h5"
        path.write_bytes(content)
        with pytest.raises(InputError, match=words):
            load_model(path)


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
            list(ImageFiles([tmp_path / name], (9, 7, 1)))


def test_a_compressed_data_file_has_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr("ssvae.data.idx.MAX_BYTES", 1000)
    path = tmp_path / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(bytes(1001)))
    with pytest.raises(InputError, match="unpacks to more than 1,000 bytes"):
        read_bytes(path)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_nesting_without_end_is_refused(tmp_path, opening, tiny_dataset):
    path = tmp_path / "labels.json"
    path.write_text(opening * 100_000)
    with pytest.raises(InputError, match="is not JSON"):
        read_labels(path, tiny_dataset)
    path.write_text("a = " + "[" * 100_000)
    with pytest.raises(InputError, match="is not TOML"):
        load_config(path)


def test_nothing_here_opens_the_door():
    """No pickle, no evaluated text, no unsafe mode, anywhere in the product."""
    root = Path(__file__).parents[2]
    words = (
        r"\bpickle\b|\beval\(|\bexec\(|allow_pickle=True|safe_mode=False|"
        r"enable_unsafe_deserialization|shell=True|os\.system"
    )
    found = subprocess.run(
        ["grep", "-rnE", "--include=*.py", words, "ssvae", "app"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [
        line
        for line in found.stdout.splitlines()
        # What `archive.py` says of a pickle that it refuses.
        if "it is a pickle" not in line and "\\x80" not in line
    ]
    assert not lines, "\n".join(lines)
