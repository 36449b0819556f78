"""Why a name or a path is no data set, and what to do, in one line."""

import contextlib
from itertools import islice
from pathlib import Path

from ssvae.config.fields import nearest
from ssvae.data.suffixes import IMAGE_SUFFIXES
from ssvae.errors import InputError

NAMES = ("mnist", "fashion-mnist")
NEEDED = (
    "need mnist, fashion-mnist, tfds:NAME, or the path of a folder or archive of "
    "images, of a table of image files, of a folder of IDX files, of an .npz or .npy "
    "file"
)
# Endings of files with arrays that other programs write.
OTHER_ARRAYS = frozenset(
    ".mat .h5 .hdf5 .pkl .pickle .joblib .pt .pth .parquet .feather .arrow .tfrecord "
    ".bin .dat".split()
)
# Names in a folder that are compared with a name that is not there, at most.
COMPARED = 10_000


def unknown_data_set(name: str) -> InputError:
    """Return the error for a name that is no data set.

    Args:
        name: What a person gave as data set: a name or a path.
    """
    path = Path(name).expanduser()
    if name and path.exists():
        return unread_file(path)
    if not name or not ("/" in name or "\\" in name or path.suffix):
        # In another case a name is a folder's, which may not be there.
        hint = nearest(name.lower(), NAMES) if name else ""
        return InputError(f"unknown data set {name!r}{hint}: {NEEDED}")
    return InputError(f"{not_there(path)}; {NEEDED}")


def not_there(path: Path) -> str:
    """Return in words that a path does not exist, and what may be meant.

    Args:
        path: The path.
    """
    where = "" if path.is_absolute() else f", looked for at {str(path.absolute())!r}"
    above = next((part for part in path.parents if part.is_dir()), None)
    hint = ""
    if above is not None:
        missing = path.relative_to(above).parts[0]
        # A folder that may not be read gives no hint.
        with contextlib.suppress(OSError):
            names = [other.name for other in islice(above.iterdir(), COMPARED)]
            hint = nearest(missing, names)
        if above != path.parent:
            where += f"; {str(above)!r} holds no {missing!r}"
    return f"there is no file or folder {str(path)!r}{where}{hint}"


def unread_file(path: Path) -> InputError:
    """Return the error for a file that is there, but is no data set.

    Args:
        path: Its path.
    """
    suffix = path.suffix.lower()
    if suffix in IMAGE_SUFFIXES:
        return InputError(
            f"{str(path)!r} is a single image: name the folder that holds all images"
        )
    if suffix in OTHER_ARRAYS:
        return InputError(
            f"{str(path)!r} is a file {suffix}, which ssvae does not read: save its "
            "images and labels with numpy.savez(FILE, x=images, y=labels), and name "
            "the .npz file"
        )
    return InputError(
        f"{str(path)!r} is no data set: its ending is "
        f"{repr(suffix) if suffix else 'missing'}; {NEEDED}"
    )
