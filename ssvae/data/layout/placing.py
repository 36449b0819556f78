"""Where in a tree of folders the classes begin, below wrappers and parts."""

from ssvae.data.layout.nodes import Folder
from ssvae.data.layout.placed import MAX_LOOSE_SHARE, Placing, note_unknown
from ssvae.data.layout.splits import Splits
from ssvae.data.layout.words import (
    is_about,
    is_holder,
    is_unlabeled,
    key_of,
    no_class,
    part_word,
)

# How the parts are called in sentences.
PART_NAMES = {
    "train": "training part",
    "validation": "validation part",
    "test": "test part",
}


def place(root: Folder, splits: Splits) -> Placing:
    """Return what each folder of a tree is, see `Placing`."""
    placing = Placing(splits, len(root.all_rows()))
    _place(root, placing, set())
    note_unknown(placing)
    return placing


def _place(folder, placing, known):
    """Place all that is below a folder, and return the names of its class folders.

    Args:
        folder: The folder.
        placing: What is added to.
        known: Names of class folders of other parts.
    """
    top = _descend(folder, placing, known)
    if top in placing.splits.parents and not known & _keys(top):
        return _place_parts(top, placing, known)
    placing.roots.append(top)
    _below(top, (), placing)
    deep = [
        child
        for child in top.folders.values()
        if child.branches() and not (is_about(child.name) or is_unlabeled(child.name))
    ]
    if deep and all(_holds(child) for child in deep):
        for child in top.folders.values():
            if child not in deep and child not in placing.left_out:
                placing.beside(child, *deep)
    return _keys(top)


def _place_parts(top, placing, known):
    """Place the parts that lie side by side in a folder."""
    splits, found = placing.splits, set(known)
    parts = [child for child in top.folders.values() if child in splits.roles]
    # The part with most classes first: another may have a single one, or groups less.
    for child in sorted(parts, key=lambda part: -_most_folders(part)):
        if child in splits.classes:
            placing.roots.append(top)
            _below(child, (splits.classes[child],), placing)
        else:
            found |= _place(child, placing, found)
    for child in top.folders.values():
        if child in splits.roles:
            continue
        # Its classes may lie in a wrapper of their own.
        inner = child if _keys(child) <= found else child.unwrapped()
        keys = _keys(inner)
        if keys and keys <= found and not is_unlabeled(child.name):
            role = part_word(child.name)[0] or "train"
            splits.roles[child] = role
            _below(inner, (), placing)
            placing.notes.append(
                f"{child.path!r} has the same classes as the parts beside it and is "
                f"taken as more of the {PART_NAMES[role]}: move it away if it is not"
            )
        else:
            placing.beside(child, *parts)
    placing.loose(top)
    return found


def _descend(folder, placing, known):
    """Return the folder below wrappers in which classes or parts lie side by side."""
    while folder not in placing.splits.parents and not known & _keys(folder):
        inner = _main(folder)
        if inner is None:
            break
        placing.loose(folder)
        for child in folder.folders.values():
            if child is not inner:
                placing.beside(child, inner)
        folder = inner
    return folder


def _main(folder):
    """Return the folder in a wrapper that holds the data; None if it is no wrapper."""
    kids = [
        child
        for child in folder.folders.values()
        if not (is_unlabeled(child.name) or is_about(child.name))
    ]
    if not kids and len(folder.folders) == 1:
        kids = [child for child in folder.folders.values() if is_about(child.name)]
    if len(kids) == 1:
        return kids[0] if _wraps(kids[0], folder) else None
    deep = [child for child in kids if child.branches()]
    if len(deep) != 1:
        return None
    others = [child.name for child in kids if child is not deep[0]]
    holds = _holds(deep[0]) or all(is_holder(n) or part_word(n)[0] for n in others)
    return deep[0] if holds else None


def _wraps(child, folder):
    """Return whether the only folder of data in a folder is no class itself."""
    if _holds(child):
        return True
    alone = len(folder.folders) == 1 and not folder.rows
    if child.folders:
        # Sources inside a class, beside images without a class.
        return alone or not all(no_class(name) for name in child.folders)
    # A class beside images without one; or with pictures about the data.
    return not folder.rows and not any(is_unlabeled(name) for name in folder.folders)


def _holds(folder):
    """Return whether a folder's name says no more than that it holds data."""
    part, rest = part_word(folder.name)
    return is_holder(folder.name) or bool(part and not rest)


def _below(top, base, placing):
    """Add the path of each folder below the one in which the classes lie."""
    paths = {top: base}
    wide = len(top.folders) > 2
    for folder in top.walk():
        path = paths[folder]
        placing.paths[folder] = path or ()
        if path is None:
            placing.unlabeled.add(folder)
        for child in folder.folders.values():
            name = placing.splits.classes.get(child, child.name)
            if path is None or is_unlabeled(child.name):
                paths[child] = None
            elif child in placing.splits.roles and child not in placing.splits.classes:
                paths[child] = path
            elif path and key_of(path[-1]) == key_of(name):
                # A folder in one of the same name is no class of its own.
                paths[child] = path
            else:
                paths[child] = (*path, name)
    for child in top.folders.values():
        number = len(child.all_rows())
        if wide and is_about(child.name) and number <= MAX_LOOSE_SHARE * placing.total:
            placing.beside(child, top)


def _keys(folder):
    """Return the names of the folders in a folder that may be classes."""
    return {
        key_of(name)
        for name, child in folder.folders.items()
        if not (is_unlabeled(name) or is_about(name))
    }


def _most_folders(folder):
    """Return the largest number of folders that lie side by side below a folder."""
    return max(len(inner.folders) for inner in folder.walk())
