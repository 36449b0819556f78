"""The folders of a list of file names as a tree."""

from collections.abc import Iterable, Iterator, Sequence

# Folders of a path that are told apart, number: the rest of a longer path counts as one
# folder, so that an archive made to do harm costs no time.
MAX_DEPTH = 50


class Folder:
    """A folder, the folders in it, and the rows of the files that lie in it.

    Attributes:
        name: Name, "" for the place itself.
        parent: The folder it lies in, None for the place itself.
        folders: Folders in it, by name.
        rows: Row in the list of names of each file that lies directly in it.
    """

    __slots__ = ("folders", "name", "parent", "rows")

    def __init__(self, name: str, parent: "Folder | None" = None):
        self.name, self.parent = name, parent
        self.folders: dict[str, Folder] = {}
        self.rows: list[int] = []

    @property
    def path(self) -> str:
        """The path below the place, "/" between folders; "" for the place itself."""
        return "/".join(folder.name for folder in self.chain())

    def chain(self) -> list["Folder"]:
        """Return the folders from below the place down to this one."""
        chain: list[Folder] = []
        folder = self
        while folder.parent is not None:
            chain.append(folder)
            folder = folder.parent
        return chain[::-1]

    def walk(self) -> Iterator["Folder"]:
        """Yield this folder and all below it, a folder before those in it."""
        waiting = [self]
        while waiting:
            folder = waiting.pop()
            yield folder
            waiting += reversed(folder.folders.values())

    def branches(self) -> bool:
        """Return whether folders lie side by side anywhere in it."""
        return bool(self.folders) and any(
            len(folder.folders) > 1 for folder in self.walk()
        )

    def unwrapped(self) -> "Folder":
        """Return the first folder, from this one down, that is no mere wrapper."""
        folder = self
        while len(folder.folders) == 1 and not folder.rows:
            (folder,) = folder.folders.values()
        return folder

    def all_rows(self) -> list[int]:
        """Return the rows of all files in this folder and below it."""
        return [row for folder in self.walk() for row in folder.rows]


def grow(names: Sequence[str]) -> Folder:
    """Return the tree of folders of file names with "/" between folders."""
    root = Folder("")
    known = {"": root}
    for row, name in enumerate(names):
        place = name.rpartition("/")[0]
        folder = known.get(place)
        if folder is None:
            folder = root
            for part in place.split("/", MAX_DEPTH):
                if part not in folder.folders:
                    folder.folders[part] = Folder(part, folder)
                folder = folder.folders[part]
            known[place] = folder
        folder.rows.append(row)
    return root


def remove(folder: Folder) -> None:
    """Take a folder out of the tree, and those above it that then hold nothing."""
    parent = folder.parent
    if parent is not None:
        del parent.folders[folder.name]
        if not parent.folders and not parent.rows:
            remove(parent)


def images(number: int) -> str:
    """Return a number of images in words."""
    return "1 image" if number == 1 else f"{number:,} images"


def few(names: Iterable[str], most: int = 3) -> str:
    """Return the first of some names for a sentence, with "…" for the others."""
    names = list(names)
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")
