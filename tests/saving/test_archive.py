"""Model files made to do harm: every one is refused before Keras opens it."""

import io
import json
import pickle
import zipfile

import pytest
from helpers import Trap

from ssvae import load_model
from ssvae.errors import InputError


@pytest.fixture(scope="session")
def members(small_run):
    """Return what a model file holds: name to bytes."""
    with zipfile.ZipFile(small_run / "model.keras") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def reason(tmp_path):
    """Return a function that writes a model file and says why it is refused."""

    def reason(members):
        path = tmp_path / "model.keras"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        with pytest.raises(InputError) as error:
            load_model(path)
        assert "\n" not in str(error.value)
        return str(error.value)

    return reason


def with_config(members, **changes):
    config = json.loads(members["config.json"])
    return members | {"config.json": json.dumps(config | changes)}


def hdf5(write):
    """Return the bytes of an HDF5 file that a function writes."""
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
    assert not mark.exists()


FUNCTION = {"class_name": "__lambda__", "config": {"code": "4wEAAA=="}}
LAYER = {"function": FUNCTION, "name": "lambda"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"class_name": "Lambda", "config": LAYER}, "holds a 'Lambda'"),
        ({"class_name": "Sequential"}, "holds a 'Sequential', not an 'SSVAE'"),
        ({"module": "os", "class_name": "system"}, "holds a 'system'"),
        ({"module": "builtins"}, "not an 'SSVAE'"),
        ({"registered_name": "other>SSVAE"}, "not an 'SSVAE'"),
        ({"compile_config": {"optimizer": LAYER}}, "states 'compile_config'"),
        ({"build_config": LAYER}, "states 'build_config'"),
        ({"config": LAYER}, "lacks what makes an SSVAE"),
    ],
    ids=str,
)
def test_other_classes_are_not_built(members, reason, changes, words):
    assert words in reason(with_config(members, **changes))


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
def test_settings_out_of_range_are_refused(members, reason, changes, words):
    settings = json.loads(members["config.json"])["config"] | changes
    assert words in reason(with_config(members, config=settings))


def test_members_that_no_model_has_are_refused(members, reason):
    assert "holds 'assets/run.sh'" in reason(members | {"assets/run.sh": b"true"})
    assert "holds '../../x'" in reason(members | {"../../x": b"true"})


def test_an_archive_without_a_config_is_refused(members, reason):
    weights = {"model.weights.h5": members["model.weights.h5"]}
    assert "has no config.json, metadata.json" in reason(weights)


def test_a_file_of_keras_2_is_refused(members, reason):
    old = json.dumps({"keras_version": "2.15.0"})
    assert "saved by Keras 2.15.0, need 3" in reason(members | {"metadata.json": old})


def test_files_that_unpack_to_too_much_are_refused(members, reason):
    bomb = members | {"config.json": b" " * 2**22}
    assert "its config.json has 4,194,304 bytes" in reason(bomb)
    huge = hdf5(lambda f: f.create_dataset("x", (2**34,), "f4", chunks=(2**20,)))
    assert "arrays have more than" in reason(members | {"model.weights.h5": huge})


def test_weights_that_unpack_to_too_much_are_refused(members, reason, monkeypatch):
    monkeypatch.setattr("ssvae.saving.archive.MAX_BYTES", 2**20)
    bomb = members | {"model.weights.h5": bytes(2**20 + 1)}
    assert "unpacks to more than" in reason(bomb)


def test_arrays_that_point_elsewhere_are_refused(members, reason, tmp_path):
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
        assert words in reason(members | {"model.weights.h5": hdf5(write)})


def test_other_kinds_of_file_are_named(tmp_path, members):
    for content, words in (
        (members["model.weights.h5"], "an HDF5 file, weights alone"),
        (b"PK\x03\x04 cut", "it is cut off"),
        (b"not a zip", "no zip archive"),
        (b"", "no zip archive"),
    ):
        path = tmp_path / "model.h5"
        path.write_bytes(content)
        with pytest.raises(InputError, match=words) as error:
            load_model(path)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.99])
def test_a_file_that_is_cut_off_is_refused(small_run, tmp_path, keep):
    content = (small_run / "model.keras").read_bytes()
    path = tmp_path / "model.keras"
    path.write_bytes(content[: int(keep * len(content))])
    with pytest.raises(InputError, match="it is cut off"):
        load_model(path)
