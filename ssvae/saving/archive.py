"""What a `.keras` file may hold: it is checked before anything is built from it.

The file is a zip archive of JSON about the model and an HDF5 file of arrays. A file
from elsewhere may be damaged, or made to run code, to read other files or to fill the
memory: everything but a model of this package is refused.
"""

import contextlib
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

from ssvae.config.settings import Config, upgraded
from ssvae.data.damage import DAMAGE
from ssvae.errors import InputError
from ssvae.features.described import check_description, needs_description
from ssvae.types import PathLike

METADATA, CONFIG, WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
MEMBERS = {METADATA, CONFIG, WEIGHTS}
# The class that a file names, and the settings that it is built from.
CLASS = {
    "module": "ssvae.model",
    "class_name": "SSVAE",
    "registered_name": "ssvae>SSVAE",
}
SETTINGS = {"image_shape", "class_names", "config"}
# What a model with a backbone from elsewhere states too.
BACKBONE = "backbone"
# Limits of the uncompressed members and of the arrays in them, bytes.
MAX_BYTES, MAX_JSON_BYTES = 2**30, 2**21
# The first bytes of files that are mistaken for models, and what these files are.
_STARTS = {
    b"\x89HDF": "it is an HDF5 file, weights alone or an old Keras model",
    b"\x80": "it is a pickle, which is never opened, for it may run any code",
}


def read_model(path: PathLike) -> tuple[dict[str, Any], bytes]:
    """Return what a model file holds, after checking that it is an `SSVAE`.

    Args:
        path: Path of the file.

    Returns:
        What `SSVAE.from_config` takes, and the bytes of an HDF5 file of weights.

    Raises:
        InputError: If the file is damaged, or holds something else or something more.
    """
    try:
        members = _members(path)
        metadata, config = (_json(members, name) for name in (METADATA, CONFIG))
        version = str(metadata.get("keras_version"))
        if version.split(".")[0] != "3":
            raise InputError(f"it was saved by Keras {version}, need 3")
        _check_config(config)
        _check_arrays(members[WEIGHTS])
        return config["config"], members[WEIGHTS]
    except zipfile.BadZipFile:
        reason = _beginning(path)
    except InputError as error:
        reason = str(error)
    raise InputError(
        f"cannot load {str(path)!r}: {reason}; need a .keras file that ssvae saved"
    )


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    """Turn a library's error about a damaged file into an `InputError`."""
    try:
        yield
    except zipfile.BadZipFile:
        # `read_model` says what the file is instead.
        raise
    except DAMAGE as error:
        raise InputError(f"it is damaged ({first_line(error)})") from None


def first_line(error: BaseException) -> str:
    """Return the first line of an error's text; its type's name if it has none."""
    return str(error).strip().split("\n")[0] or type(error).__name__


def _members(path):
    """Return the bytes of each member by name."""
    with _reading():
        archive = zipfile.ZipFile(path)
    with archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
        missing, foreign = MEMBERS - sizes.keys(), sizes.keys() - MEMBERS
        if missing:
            raise InputError(f"it has no {', '.join(sorted(missing))}")
        if foreign:
            raise InputError(f"it holds {min(foreign)!r}, which no ssvae wrote")
        if sum(sizes.values()) > MAX_BYTES:
            raise InputError(f"it unpacks to more than {MAX_BYTES:,} bytes")
        for name in (METADATA, CONFIG):
            if sizes[name] > MAX_JSON_BYTES:
                raise InputError(f"its {name} has {sizes[name]:,} bytes")
        with _reading():
            return {name: archive.read(name) for name in MEMBERS}


def _json(members, name):
    """Return the JSON object in one of the members."""
    with _reading():
        value = json.loads(members[name])
    if not isinstance(value, dict):
        raise InputError(f"its {name} is no JSON object")
    return value


def _check_config(config):
    """Raise `InputError` unless the JSON describes an `SSVAE` and nothing else."""
    if {name: config.get(name) for name in CLASS} != CLASS:
        raise InputError(f"it holds a {config.get('class_name')!r}, not an 'SSVAE'")
    # Keras would build the objects that other entries name.
    for name in config.keys() - {*CLASS, "config"}:
        if config[name]:
            raise InputError(f"its config.json states {name!r}, which no ssvae wrote")
    settings = config.get("config")
    if not isinstance(settings, dict) or settings.keys() - {BACKBONE} != SETTINGS:
        raise InputError("its config.json lacks what makes an SSVAE")
    shape, classes = settings["image_shape"], settings["class_names"]
    if not (
        isinstance(shape, list)
        and len(shape) == 3
        and all(type(size) is int and size > 0 for size in shape)
    ):
        raise InputError(f"its images have the shape {shape!r}")
    if not (
        isinstance(classes, list)
        and all(isinstance(name, str) for name in classes)
        and len(set(classes)) == len(classes) > 0
    ):
        raise InputError("its class names are no list of different names")
    if not isinstance(settings["config"], dict):
        raise InputError("its config.json lacks the settings")
    _check_backbone(Config().replace(**upgraded(settings["config"])), settings)


def _check_backbone(config, settings):
    """Raise `InputError` unless a backbone is described where one is needed.

    Without its description, Keras would look for what the config names: a path of this
    machine, or something to download.
    """
    if needs_description(config):
        if BACKBONE not in settings:
            raise InputError(f"it does not describe its backbone {config.backbone!r}")
        check_description(settings[BACKBONE])
    elif BACKBONE in settings:
        raise InputError("it describes a backbone that its features do not have")


def _check_arrays(content):
    """Raise `InputError` unless HDF5 bytes hold plain arrays of bounded size."""
    import h5py

    total = 0

    def wrong(name, link):
        """Return what is wrong with a link; None makes h5py visit the next one."""
        nonlocal total
        if not isinstance(link, h5py.HardLink):
            return f"its {name!r} points out of the file"
        found = file.get(name)
        if not isinstance(found, h5py.Dataset):
            return None
        if found.external or found.is_virtual:
            return f"its {name!r} lies in another file"
        if found.dtype.kind not in "fiub":
            return f"its {name!r} holds {found.dtype}, need numbers"
        total += found.size * found.dtype.itemsize
        if total > MAX_BYTES:
            return f"its arrays have more than {MAX_BYTES:,} bytes"
        return None

    with _reading(), h5py.File(io.BytesIO(content)) as file:
        # The function returns what is wrong: h5py loses what it raises.
        reason = file.visititems_links(wrong)
    if reason:
        raise InputError(reason)


def _beginning(path):
    """Return what a file is, in words, if it is no whole zip archive."""
    with open(path, "rb") as file:
        start = file.read(4)
    for known, words in _STARTS.items():
        if start.startswith(known):
            return words
    if start == b"PK\x03\x04":
        return "it is cut off"
    return "it is no zip archive"
