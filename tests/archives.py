"""Archives that tests write, and what they hold."""

import io
import tarfile
import warnings
import zipfile

CONTENTS = {
    "a/1.png": b"one",
    "a/2.png": bytes(range(256)) * 1000,
    "a/ä ö.png": b"",
    "b/.DS_Store": b"x",
    "notes.txt": b"words",
}
# Name of each kind of archive, and the mode in which `tarfile` writes it.
TARS = {"x.tar": "w", "x.tar.gz": "w:gz", "x.tar.bz2": "w:bz2", "x.tar.xz": "w:xz"}


def zipped(path, contents, **changes):
    """Write a `.zip` file; return its path.

    Args:
        path: Path of the file.
        contents: Dict from names to contents, or pairs of them.
        changes: Attributes that the header of each member gets.
    """
    pairs = contents.items() if isinstance(contents, dict) else contents
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        # The same name again.
        warnings.simplefilter("ignore")
        for name, content in pairs:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            for attribute, value in changes.items():
                setattr(info, attribute, value)
            archive.writestr(info, content)
    return path


def tarred(path, contents, mode="w", **changes):
    """Write a `.tar` file; return its path. See `zipped`."""
    pairs = contents.items() if isinstance(contents, dict) else contents
    with tarfile.open(path, mode) as archive:
        for name, content in pairs:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            for attribute, value in changes.items():
                setattr(member, attribute, value)
            archive.addfile(member, io.BytesIO(content))
    return path


def contents_of(place):
    """Return the content of every file of a place by name."""
    contents = {}
    for entry in place.entries:
        with place.open(entry.name) as file:
            contents[entry.name] = file.read()
            assert len(contents[entry.name]) == entry.size
    return contents


def reasons_of(place):
    return {reason: left.count for reason, left in place.account.reasons.items()}
