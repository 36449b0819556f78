"""The image files and array files at a path that a person names."""

from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ssvae.data import npz
from ssvae.data.tables.listed import images_of_table
from ssvae.data.tree.account import Account
from ssvae.data.tree.entries import Place
from ssvae.data.tree.folder import Folder
from ssvae.data.tree.kinds import HEAD, is_image_content, kind_of, reason_of
from ssvae.data.tree.listing import choose, is_archive, open_place, single_file
from ssvae.data.unknown import not_there
from ssvae.errors import InputError


@dataclass(frozen=True, slots=True)
class Found:
    """A file with one image, or with an array of images.

    Attributes:
        place: The folder or archive it lies in.
        name: Its name below the place.
        is_array: Whether it is an array file.
    """

    place: Place
    name: str
    is_array: bool = False

    @property
    def where(self) -> str:
        """Its path, as a person would write it."""
        return self.place.where(self.name)

    def open(self) -> IO[bytes]:
        """Open it to read its bytes."""
        return self.place.open(self.name)


def found_at(path: Path, file_column: str = "") -> tuple[list[Found], Account]:
    """Return the image files and array files at a path, and what is left out there.

    Args:
        path: Path of an image file, an array file, a folder, an archive of one, or a
            table that names image files beside it.
        file_column: Column of a table with the files, see `choose_columns`.

    Raises:
        InputError: If there is no such path, or it holds no images.
    """
    path = path.expanduser()
    if path.is_dir():
        return _found_in(open_place(path))
    if not path.is_file():
        raise InputError(f"no images at {str(path)!r}: {not_there(path)}")
    if path.suffix.lower() in npz.SUFFIXES:
        return [Found(single_file(path), path.name, is_array=True)], Account()
    if is_archive(path):
        return _found_in(open_place(path))
    if kind_of(path.name) in ("table", "text"):
        return _listed(path, file_column), Account()
    if kind_of(path.name) == "image" or _shows_image(path):
        return [Found(single_file(path), path.name)], Account()
    raise InputError(
        f"{str(path)!r} is {reason_of(path.name)}: need an image file, an .npy or .npz "
        "file, a folder, a .zip or .tar file, or a table of image files"
    )


def _found_in(place):
    """Return the files of a folder or an archive."""
    # Arrays of an archive would have to be unpacked.
    kinds = ("image", "array") if isinstance(place, Folder) else ("image",)
    entries, account = choose(place, kinds)
    if not entries:
        raise InputError(
            f"{str(place.path)!r} holds no images ({account.why_nothing()}): need "
            "image files, .npy or .npz"
        )
    names = [entry.name for entry in entries]
    account.count_read(len(names))
    return [Found(place, name, kind_of(name) == "array") for name in names], account


def _listed(path, file_column):
    """Return the images that a table names."""
    place = open_place(path.parent)
    names = [entry.name for entry in choose(place)[0]]
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {str(path)!r}: {error.strerror}") from None
    rows = images_of_table(content, repr(str(path)), names, file_column)
    return [Found(place, names[row]) for row in rows]


def _shows_image(path):
    """Return whether the first bytes of a file are those of an image."""
    try:
        with path.open("rb") as file:
            return is_image_content(file.read(HEAD))
    except OSError:
        return False
