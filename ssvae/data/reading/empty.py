"""Folders beside those of the classes that hold no file."""

from collections.abc import Sequence

from ssvae.data.tree.entries import Place


def note_of_empty_folders(
    place: Place, names: Sequence[str], classes: Sequence[str]
) -> str:
    """Return a sentence about empty folders beside those of classes; "" for none.

    Args:
        place: The place of the files.
        names: Names of the image files.
        classes: Class of each; "" for unlabeled.
    """
    labeled = {
        name.rpartition("/")[0]
        for name, label in zip(names, classes, strict=True)
        if label and "/" in name
    }
    homes = {folder.rpartition("/")[0] for folder in labeled}
    found = sorted(
        folder for folder in place.empty if folder.rpartition("/")[0] in homes
    )
    if not found:
        return ""
    first = found[0].rpartition("/")[2]
    if len(found) == 1:
        return f"The folder {first!r} beside those of the classes holds no file"
    return (
        f"{len(found):,} folders beside those of the classes hold no file, for example "
        f"{first!r}"
    )
