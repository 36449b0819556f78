"""What a `.keras` file may hold: looked at before anything of it is built.

It is a zip archive with JSON about the model and an HDF5 file of arrays. A file from
elsewhere may be damaged, or made to run code, to read other files or to fill the
memory: what is not exactly a model of this package is refused.
"""

import io
import json
import zipfile
import zlib

from ssvae.config.settings import Config, upgraded
from ssvae.errors import InputError

MEMBERS = {"metadata.json", "config.json", "model.weights.h5"}
SETTINGS = {"image_shape", "class_names", "config"}
# Bytes that the members, and the arrays in them, may have uncompressed.
MAX_BYTES, MAX_JSON_BYTES = 2**30, 2**20
# How files start that are taken for models.
_STARTS = {
    b"\x89HDF": "it is an HDF5 file, weights alone or an old Keras model",
    b"\x80": "it is a pickle, which is never opened, for it may run any code",
}


def check(path):
    """Raise `InputError` unless a file holds an `SSVAE` and nothing else.

    Args:
        path: Path of the file.
    """
    try:
        return _check(path)
    except InputError as error:
        reason = str(error)
    except zipfile.BadZipFile:
        reason = _beginning(path)
    except (zlib.error, EOFError):
        reason = "it is damaged"
    # What h5py, zipfile and json raise for damaged files is not to be foreseen.
    except Exception as error:
        reason = f"it is damaged ({str(error).strip() or type(error).__name__})"
    raise InputError(
        f"cannot load {str(path)!r}: {reason}; need a .keras file that ssvae saved"
    )


def _check(path):
    with zipfile.ZipFile(path) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
        missing, foreign = MEMBERS - sizes.keys(), sizes.keys() - MEMBERS
        if missing:
            raise InputError(f"it has no {', '.join(sorted(missing))}")
        if foreign:
            raise InputError(f"it holds {min(foreign)!r}, which no ssvae wrote")
        if sum(sizes.values()) > MAX_BYTES:
            raise InputError(f"it unpacks to more than {MAX_BYTES:,} bytes")
        metadata, config = (
            _json(archive, sizes, name) for name in ("metadata.json", "config.json")
        )
        version = str(metadata.get("keras_version"))
        if version.split(".")[0] != "3":
            raise InputError(f"it was saved by Keras {version}, need 3")
        _check_config(config)
        _check_arrays(archive.read("model.weights.h5"))


def _json(archive, sizes, name):
    """Return the object in one of the members."""
    if sizes[name] > MAX_JSON_BYTES:
        raise InputError(f"its {name} has {sizes[name]:,} bytes")
    value = json.loads(archive.read(name))
    if not isinstance(value, dict):
        raise InputError(f"its {name} is no JSON object")
    return value


def _check_config(config):
    """Raise `InputError` unless what Keras will build is an `SSVAE`."""
    known = ("ssvae.model", "SSVAE", "ssvae>SSVAE")
    names = ("module", "class_name", "registered_name")
    if tuple(config.get(name) for name in names) != known:
        raise InputError(f"it holds a {config.get('class_name')!r}, not an 'SSVAE'")
    # Keras would build what these name.
    for name in config.keys() - {*names, "config"}:
        if config[name]:
            raise InputError(f"its config.json states {name!r}, which no ssvae wrote")
    settings = config.get("config")
    if not isinstance(settings, dict) or settings.keys() != SETTINGS:
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
    Config().replace(**upgraded(settings["config"]))


def _check_arrays(content):
    """Raise `InputError` unless HDF5 bytes hold plain arrays of bounded size."""
    import h5py

    total = 0

    def wrong(name, link):
        """Say what is wrong with a link; None goes on to the next."""
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

    with h5py.File(io.BytesIO(content)) as file:
        # What is raised in there would be lost.
        reason = file.visititems_links(wrong)
    if reason:
        raise InputError(reason)


def _beginning(path):
    """Say what a file is that is no zip archive."""
    with open(path, "rb") as file:
        start = file.read(4)
    for known, words in _STARTS.items():
        if start.startswith(known):
            return words
    if start == b"PK\x03\x04":
        return "it is cut off"
    return "it is no zip archive"
