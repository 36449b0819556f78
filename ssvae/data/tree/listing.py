"""Every file of a folder or an archive: none is lost in silence."""

import os
import stat
from collections.abc import Collection
from pathlib import Path

from ssvae.data.tree.account import Account
from ssvae.data.tree.archive import is_archive, open_archive
from ssvae.data.tree.entries import Entry, Place, cannot_read
from ssvae.data.tree.folder import Folder
from ssvae.data.tree.kinds import HEAD, is_image_content, kind_of, reason_of
from ssvae.errors import InputError
from ssvae.types import PathLike, Say

__all__ = ["Entry", "Place", "choose", "is_archive", "open_place", "single_file"]


def choose(
    place: Place, kinds: Collection[str] = ("image",), names: Collection[str] = ()
) -> tuple[list[Entry], Account]:
    """Return the files to read, and the account of all others of a place.

    Only files whose name says nothing are opened, to see whether they are images.

    Args:
        place: The place.
        kinds: Kinds of files to read, see `kind_of`.
        names: Names of other files that are read, such as a table of labels.

    Returns:
        The files to read, in order, and a new account in which they are not counted
        yet.
    """
    chosen, account = [], Account() + place.account
    for entry in place.entries:
        kind = kind_of(entry.name)
        wanted = kind in kinds or entry.name in names
        if kind == "unknown" and "image" in kinds and entry.size and not wanted:
            wanted = _is_image(place, entry.name)
        if wanted:
            chosen.append(entry)
        else:
            account.leave_out(reason_of(entry.name), entry.name)
    return chosen, account


def single_file(path: PathLike) -> Folder:
    """Return a place with one file in it, so that it is read as a folder's are.

    Raises:
        InputError: If there is no such file.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        raise cannot_read(path, error) from None
    return Folder(path.parent, [Entry(path.name, size)])


def open_place(path: PathLike, say: Say | None = None) -> Place:
    """Return the files of a folder, or of an archive of one.

    Args:
        path: Path of a folder; or of a `.zip` or `.tar` file, or a `.tar` file that is
            compressed by gzip, bzip2 or xz, whatever it is called.
        say: Function that prints a line about work that takes long.

    Raises:
        InputError: If it is neither, is damaged, or cannot be read.
    """
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        raise _missing(Path(path)) from None
    except (OSError, ValueError) as error:
        raise cannot_read(path, error) from None
    return Folder(path, say=say) if stat.S_ISDIR(mode) else open_archive(path, say)


def _missing(path):
    """Return the error for a path that does not exist: it says from where on."""
    there = next((above for above in path.absolute().parents if above.exists()), "/")
    return InputError(
        f"{str(path)!r} does not exist, but {str(there)!r} does: need a folder, or a "
        ".zip or .tar file of one"
    )


def _is_image(place, name):
    """Return whether the first bytes of a file are those of an image."""
    try:
        with place.open(name) as file:
            return is_image_content(file.read(HEAD))
    except (InputError, OSError):
        return False
