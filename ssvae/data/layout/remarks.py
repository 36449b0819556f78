"""Notes on classes: too few of them, too small, or in one part alone."""

from collections import Counter
from collections.abc import Sequence

from ssvae.data.layout.found import Found
from ssvae.data.layout.nodes import few

# What is noted where nothing tells classes.
NO_CLASSES = (
    "There are no classes: put the images of each class into a folder of its own, or "
    "state the classes by --labels-csv or --label-from parent|name"
)


def notes_on_classes(found: Found, parts: Sequence[str]) -> list[str]:
    """Return notes on classes that are too few, too small, or in one part alone."""
    names, notes = found.names, []
    pairs = zip(found.classes, parts, strict=True)
    counts = Counter(pair for pair in pairs if pair[0] and pair[1])
    if not names and found.classes:
        notes.append(NO_CLASSES)
    learned = [name for name in names if counts[name, "train"]]
    tested = [name for name in names if counts[name, "test"]]
    if len(learned) == 1:
        notes.append(
            f"There is one class to learn, {learned[0]!r}, so nothing to tell apart: a "
            "model of it scores how unusual images are; --label-from parent or name "
            "takes the classes from elsewhere"
        )
    only = [name for name in tested if name not in set(learned)]
    if only:
        notes.append(
            f"Classes in the test part alone, of which nothing can be learned "
            f"({len(only):,}): {few(only)}; move some of their images into the "
            "training part"
        )
    if tested and len(set(learned) - set(tested)):
        missing = sorted(set(learned) - set(tested))
        notes.append(
            f"Classes without an image in the test part ({len(missing):,}): "
            f"{few(missing)}; nothing is known of their accuracy"
        )
    single = [name for name in learned if counts[name, "train"] == 1]
    if single:
        notes.append(
            f"Classes with one image ({len(single):,} of {len(names):,}): "
            f"{few(single)}; such a class cannot be learned and tested"
        )
    return notes
