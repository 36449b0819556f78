"""Folders of image files by their names alone, with what is to be understood."""

from collections.abc import Mapping

from ssvae.data.layout.layout import Layout, find_layout

# Images in a folder of a case; a pattern of a file's name has its own number.
IMAGES = 12


def named(folder: str, number: int = IMAGES) -> list[str]:
    """Return the names of the images in a folder.

    Args:
        folder: Path of the folder, "" for the place itself. After a `*` the number of
            images, as in `cat*30`. With a `#` it is the pattern of the files' paths,
            as in `x/cat_#.jpg`, where it stands for the number of the file.
        number: Number of images if the folder does not say.
    """
    folder, _, stated = folder.partition("*")
    number = int(stated) if stated else number
    if "#" in folder:
        return [folder.replace("#", f"{row:04}") for row in range(number)]
    start = f"{folder}/" if folder else ""
    return [f"{start}{row:04}.png" for row in range(number)]


def understood(tree: Mapping[str, str], **settings) -> tuple[dict[str, str], Layout]:
    """Return what is understood of each folder, and the layout.

    Args:
        tree: What is expected of each folder, see `named` for the keys. The class, with
            " @test" if it is in the test part; "" for unlabeled; "-" for left out.
        **settings: Those of `find_layout`.
    """
    names = {folder: named(folder) for folder in tree}
    layout = find_layout([n for group in names.values() for n in group], **settings)
    found, row = {}, 0
    for folder, group in names.items():
        said = {_said(layout, row + at) for at in range(len(group))}
        found[folder] = " or ".join(sorted(said))
        row += len(group)
    return found, layout


def _said(layout, row):
    """Return what is understood of an image."""
    if layout.reasons[row]:
        assert not layout.classes[row] and not layout.parts[row]
        return "-"
    end = {"train": "", "test": " @test"}[layout.parts[row]]
    return layout.classes[row] + end
