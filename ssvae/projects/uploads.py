"""Images that are dropped onto the page: checked, named safely, and stored."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from ssvae.data.damage import DAMAGE
from ssvae.data.pixels.headers import read_header
from ssvae.data.tree.archive import is_archive
from ssvae.data.tree.entries import Place
from ssvae.data.tree.kinds import kind_of
from ssvae.data.tree.listing import choose, open_place
from ssvae.errors import InputError
from ssvae.files.atomic import cannot_write, replaced
from ssvae.files.waiting import waited_for
from ssvae.projects.project import FORBIDDEN, IMAGES_FOLDER, Project

# Bytes of the name of a file or folder, at most; file systems allow 255, and hidden
# files that become it have longer names.
MAX_NAME = 180
# Folders above an image that its name keeps, at most.
MAX_FOLDERS = 6
# Names that Windows does not allow, whatever their ending.
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
# Bytes that are copied or compared at once.
CHUNK = 2**20
# Why a file is left out that is there already.
SAME = "the same image is there already"


class Dropped(Protocol):
    """A file that was dropped onto the page, as Streamlit gives it."""

    name: str

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes."""


@dataclass
class Uploads:
    """What became of files that were dropped onto the page.

    Attributes:
        stored: Names of the images in the project.
        left_out: Dict from the name of a file to why it was left out.
    """

    stored: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)


def add_uploads(project: Project, files: Iterable[Dropped]) -> Uploads:
    """Store images in a project's own folder.

    An archive is unpacked. What is no image is left out, and so is an image that is
    there already under the same name. Open the images of the project anew afterwards.

    Args:
        project: The project, which was made without a folder of images.
        files: The files, each at its beginning.

    Raises:
        InputError: If the project's images lie elsewhere, or there is no room.
    """
    if not project.holds_uploads:
        raise InputError(
            f"the images of project {project.name!r} are in {project.config.dataset!r}:"
            " put new ones there, or make a project of dropped files"
        )
    folder = project.folder / IMAGES_FOLDER
    done = Uploads()
    try:
        folder.mkdir(exist_ok=True)
        with waited_for(project.folder / "uploads.lock"):
            for file in files:
                _add(folder, file, done)
    except OSError as error:
        raise cannot_write(folder, error) from None
    return done


def safe_name(name: str) -> str:
    """Return the name under which a file is stored: no path leaves the folder.

    Args:
        name: What the browser says, perhaps with folders before it.

    Returns:
        A relative path with "/" between folders, without hidden parts or characters
        that some system refuses.
    """
    parts = [_safe_part(part) for part in re.split(r"[/\\]", name)]
    parts = [part for part in parts if part]
    return "/".join(parts[-1 - MAX_FOLDERS :]) or "image"


def _safe_part(part):
    """Return the name of one file or folder, made safe; "" if nothing is left."""
    kept = "".join("_" if c in FORBIDDEN or not c.isprintable() else c for c in part)
    kept = kept.strip().strip(".").strip()
    if len(kept.encode()) > MAX_NAME:
        stem, dot, ending = kept.rpartition(".")
        ending = dot + ending if dot and len(ending) < 12 else ""
        stem = (stem if ending else kept).encode()[: MAX_NAME - len(ending.encode())]
        kept = stem.decode(errors="ignore") + ending
    return f"_{kept}" if RESERVED.fullmatch(kept.partition(".")[0]) else kept


def _add(folder: Path, file: Dropped, done: Uploads) -> None:
    """Store one dropped file, or every image of an archive."""
    with tempfile.TemporaryDirectory(prefix=".upload-", dir=folder.parent) as aside:
        copy = Path(aside) / "file"
        with copy.open("wb") as target:
            shutil.copyfileobj(file, target, CHUNK)
        if not is_archive(copy):
            with copy.open("rb") as content:
                _store(folder, file.name, content, done)
            return
        try:
            _unpack(folder, file.name, open_place(copy), done)
        except InputError as error:
            done.left_out[file.name] = str(error).replace(str(copy), file.name)


def _unpack(folder: Path, archive: str, place: Place, done: Uploads) -> None:
    """Store every image of an archive, below a folder of its name."""
    entries, account = choose(place)
    above = safe_name(archive).partition(".")[0] or "archive"
    for entry in entries:
        try:
            with place.open(entry.name) as content:
                _store(folder, f"{above}/{entry.name}", content, done)
        except (InputError, *DAMAGE) as error:
            done.left_out[f"{archive}/{entry.name}"] = str(error)
    for reason, left in account.reasons.items():
        done.left_out[f"{archive}/{left.example}"] = (
            reason if left.count == 1 else f"{reason} ({left.count:,} such files)"
        )


def _store(folder: Path, name: str, content: IO[bytes], done: Uploads) -> None:
    """Store one image, unless it is none or is there already."""
    try:
        header = read_header(content, name)
    except InputError as error:
        done.left_out[name] = str(error)
        return
    first = _place(folder, safe_name(name))
    if kind_of(first.name) != "image":
        # By its name alone it would not be taken for an image when it is read.
        first = first.with_name(f"{first.name}.{header.format.lower()}")
    target, number = first, 1
    while target.exists():
        if _is_same(target, content):
            done.left_out[name] = SAME
            return
        number += 1
        target = first.with_name(f"{first.stem} ({number}){first.suffix}")
    target.parent.mkdir(parents=True, exist_ok=True)
    content.seek(0)
    with replaced(target) as partial, partial.open("wb") as file:
        shutil.copyfileobj(content, file, CHUNK)
    done.stored.append(target.relative_to(folder).as_posix())


def _place(folder, name):
    """Return where a file goes; without its folders where one of these is a file."""
    place = folder / name
    above = [path for path in place.parents if path.is_relative_to(folder)]
    return folder / name.replace("/", "_") if any(map(Path.is_file, above)) else place


def _is_same(path, content):
    """Return whether a file holds what is in another."""
    content.seek(0)
    with path.open("rb") as file:
        while True:
            one, other = file.read(CHUNK), content.read(CHUNK)
            if one != other:
                return False
            if not one:
                return True
