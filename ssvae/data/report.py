"""What a data set holds, and what a person should know of it before training."""

import hashlib

import numpy as np

from ssvae.errors import InputError

# A class with this many times more labels than another makes them unbalanced.
UNBALANCED = 10
# Fraction of the test images that may stand in the training part too.
OVERLAP = 0.5


def report(dataset) -> dict:
    """Count what a data set holds.

    Args:
        dataset: `Dataset`, its test part included.

    Returns:
        A dict: `name`; `image_shape`; `num_images`, `num_labeled`, `num_unlabeled` and
        `num_test`, the last None where there is no test part; `classes`, a dict of
        each class name to its `labeled` and `test` images; `duplicates` within the
        training part, `overlap` between the parts and `blank` images, all numbers of
        images.
    """
    counts = np.bincount(dataset.labels + 1, minlength=dataset.num_classes + 1)
    prints = fingerprints(dataset.images)
    test, overlap = None, 0
    test_counts = np.zeros(dataset.num_classes, int)
    if dataset.read_test is not None:
        images, labels = dataset.read_test()
        test = len(images)
        test_counts = np.bincount(labels, minlength=dataset.num_classes)
        overlap = np.isin(fingerprints(images), prints).sum()
    return {
        "name": dataset.name,
        "image_shape": tuple(dataset.image_shape),
        "num_images": len(dataset.images),
        "num_labeled": int(counts[1:].sum()),
        "num_unlabeled": int(counts[0]),
        "num_test": test,
        "classes": {
            name: {"labeled": int(counts[index + 1]), "test": int(test_counts[index])}
            for index, name in enumerate(dataset.class_names)
        },
        "duplicates": len(prints) - len(np.unique(prints)),
        "overlap": int(overlap),
        "blank": sum(int(image.min() == image.max()) for image in dataset.images),
    }


def fingerprints(images) -> np.ndarray:
    """Return a hash of each image, `(n,)`, that only equal ones share."""
    hashes = (
        hashlib.blake2b(np.ascontiguousarray(image), digest_size=8).digest()
        for image in images
    )
    return np.frombuffer(b"".join(hashes), np.uint64)


def as_text(counts) -> str:
    """Return what `report` returned as lines of text."""
    height, width, channels = counts["image_shape"]
    size = f"{height}x{width}, {'grey' if channels == 1 else 'color'}"
    test = counts["num_test"]
    lines = [
        f"{counts['name']}: {counts['num_images']:,} images of {size}",
        f"{counts['num_labeled']:,} labeled in {len(counts['classes'])} classes, "
        f"{counts['num_unlabeled']:,} unlabeled; "
        + ("no test part" if test is None else f"{test:,} more to test by"),
        "",
    ]
    width = max([len(name) for name in counts["classes"]] + [5])
    lines.append(f"{'class':{width}}  labeled" + ("     test" if test else ""))
    for name, part in counts["classes"].items():
        row = f"{name:{width}}  {part['labeled']:7,}"
        lines.append(row + (f"  {part['test']:7,}" if test else ""))
    return "\n".join(lines)


def check(counts):
    """Raise `InputError` if the test part is the training part over again."""
    if counts["overlap"] and counts["overlap"] >= OVERLAP * counts["num_test"]:
        raise InputError(
            f"data set {counts['name']!r}: {counts['overlap']:,} of its "
            f"{counts['num_test']:,} test images stand in the training part too; need "
            "others to test by"
        )


def warnings(counts) -> list[str]:
    """Return what a person should look into, a line each.

    Args:
        counts: What `report` returned.
    """
    lines = []
    labeled = {name: part["labeled"] for name, part in counts["classes"].items()}
    without = [name for name, number in labeled.items() if not number]
    if without:
        lines.append(
            f"no image of {_listed(without)} is labeled: label some, or it is never "
            "predicted"
        )
    single = [name for name, number in labeled.items() if number == 1]
    if single and counts["num_labeled"] > len(labeled):
        lines.append(f"only one image of {_listed(single)} is labeled: label more")
    present = sorted((number, name) for name, number in labeled.items() if number)
    if present and present[-1][0] >= UNBALANCED * present[0][0]:
        (few, smallest), (many, largest) = present[0], present[-1]
        lines.append(
            f"the classes are unbalanced: {largest!r} has {many:,} labels, "
            f"{smallest!r} {few:,}"
        )
    if counts["num_test"] is None and counts["num_labeled"]:
        lines.append(
            "there is no test part, so no accuracy will be known: --test-fraction 0.2 "
            "makes one"
        )
    if counts["overlap"]:
        lines.append(
            f"{counts['overlap']:,} of {counts['num_test']:,} test images stand in the "
            "training part too: accuracy will look better than it is"
        )
    if counts["duplicates"]:
        lines.append(
            f"{counts['duplicates']:,} training images stand there more than once"
        )
    if counts["blank"]:
        lines.append(f"{counts['blank']:,} images are blank")
    return lines


def _listed(names):
    """Return names as words, the first few of many."""
    words = ", ".join(map(repr, names[:5]))
    return f"{words} and {len(names) - 5} more" if len(names) > 5 else words
