"""What a data set holds, and what to look into before training on it."""

from typing import Any

import numpy as np

from ssvae.data.copies import copy_groups
from ssvae.data.dataset import UNLABELED, Dataset
from ssvae.data.splitting import fingerprints
from ssvae.errors import InputError

# Classes are called unbalanced if one has this many times the labels of another.
UNBALANCED = 10
# A data set is refused if this fraction of its test images are training images too.
OVERLAP = 0.5
# Fraction of the training images that are near copies, from which it is worth a note.
WORTH_TELLING = 0.01


def report(dataset: Dataset) -> dict[str, Any]:
    """Count the images, labels and duplicates of a data set.

    Args:
        dataset: `Dataset`; its test part is read too.

    Returns:
        A dict of counts of images: `num_images`, `num_labeled` and `num_unlabeled` of
        the training part; in it `num_coarse`, labeled with a group of classes, and
        `num_outside`, labeled with none of them; `num_test`, None without a test part;
        `duplicates` within the training part; `near_duplicates`, the images there that
        are nearly copies of others; `overlap`, the test images that are training images
        too; `near_overlap`, those that are nearly copies of training images;
        `num_test_labeled`, the labeled ones of the test images; `blank`, the training
        images whose pixels are all alike; `classes`, a dict from class name to its
        counts `labeled` and `test`. Also `name`, `image_shape` and `notes`; and of
        image files, `understood`, sentences about how they were read, and `files`, what
        became of each, see `Account.as_dict`.
    """
    counts = np.bincount(dataset.labels + 1, minlength=dataset.num_classes + 1)
    prints = fingerprints(dataset.images)
    coarse = 0 if dataset.coarse is None else len(dataset.coarse.rows)
    test, overlap, test_labeled = None, 0, 0
    parts = [dataset.images]
    test_counts = np.zeros(dataset.num_classes, int)
    if dataset.read_test is not None:
        images, labels = dataset.read_test()
        test = len(images)
        known = labels[labels != UNLABELED]
        test_labeled = len(known)
        test_counts = np.bincount(known, minlength=dataset.num_classes)
        overlap = np.isin(fingerprints(images), prints).sum()
        parts.append(images)
    groups = copy_groups(*parts)
    train, others = np.split(groups, [len(prints)])
    duplicates = len(prints) - len(np.unique(prints))
    # What the test part left out is known now that it was read.
    reading = dataset.reading
    return {
        "name": dataset.name,
        "image_shape": tuple(dataset.image_shape),
        "notes": list(dataset.notes),
        "understood": list(reading.sentences) if reading else [],
        "files": reading
        and {
            **reading.account.as_dict(),
            "lines": reading.account.lines(),
        },
        "num_images": len(dataset.images),
        "num_labeled": int(counts[1:].sum()),
        "num_unlabeled": int(counts[0]) - coarse - len(dataset.outside),
        "num_coarse": coarse,
        "num_outside": len(dataset.outside),
        "num_test": test,
        "num_test_labeled": test_labeled,
        "classes": {
            name: {"labeled": int(counts[index + 1]), "test": int(test_counts[index])}
            for index, name in enumerate(dataset.class_names)
        },
        "duplicates": duplicates,
        "near_duplicates": len(train) - len(np.unique(train)) - duplicates,
        "overlap": int(overlap),
        "near_overlap": int(np.isin(others, train).sum() - overlap),
        "blank": sum(int(image.min() == image.max()) for image in dataset.images),
    }


def check(counts: dict[str, Any]) -> None:
    """Raise `InputError` if too many test images are training images too.

    Args:
        counts: The counts of `report`.
    """
    if counts["overlap"] and counts["overlap"] >= OVERLAP * counts["num_test"]:
        raise InputError(
            f"data set {counts['name']!r}: {counts['overlap']:,} of its "
            f"{counts['num_test']:,} test images are training images too; need test "
            "images that are not trained on"
        )


def warnings(counts: dict[str, Any]) -> list[str]:
    """Return one line of text per fact that a person should look into.

    Args:
        counts: The counts of `report`.
    """
    lines = list(counts["notes"])
    labeled = {name: part["labeled"] for name, part in counts["classes"].items()}
    without = [name for name, number in labeled.items() if not number]
    if without:
        lines.append(
            f"no image of {_listed(without)} is labeled: label some, or the class is "
            "never predicted"
        )
    single = [name for name, number in labeled.items() if number == 1]
    if single and counts["num_labeled"] > len(labeled):
        lines.append(f"only one image of {_listed(single)} is labeled: label more")
    present = sorted((number, name) for name, number in labeled.items() if number)
    if present and present[-1][0] >= UNBALANCED * present[0][0]:
        (few, smallest), (many, largest) = present[0], present[-1]
        lines.append(
            f"the classes are unbalanced: {largest!r} has {many:,} labels, "
            f"{smallest!r} has {few:,}"
        )
    if counts["num_test"] is None and counts["num_labeled"]:
        lines.append(
            "there is no test part, so the accuracy stays unknown: --test-fraction 0.2 "
            "makes one"
        )
    unlabeled = (counts["num_test"] or 0) - counts["num_test_labeled"]
    if unlabeled and not counts["num_test_labeled"]:
        lines.append(
            f"none of the {unlabeled:,} test images has a label, so the accuracy stays "
            "unknown: --test-fraction 0.2 holds labeled images back in their place"
        )
    elif unlabeled:
        lines.append(
            f"{unlabeled:,} of {counts['num_test']:,} test images have no label: they "
            "do not count in the accuracy"
        )
    if counts["overlap"]:
        lines.append(
            f"{counts['overlap']:,} of {counts['num_test']:,} test images are training "
            "images too: the accuracy will look better than it is"
        )
    if counts["near_overlap"]:
        lines.append(
            f"near copies of training images among the {counts['num_test']:,} test "
            f"images: {counts['near_overlap']:,}; they say little of new images"
        )
    if counts["duplicates"]:
        lines.append(f"{counts['duplicates']:,} training images are copies of others")
    if counts["near_duplicates"] >= WORTH_TELLING * counts["num_images"]:
        lines.append(
            f"near copies of others among the training images: "
            f"{counts['near_duplicates']:,}"
        )
    if counts["blank"]:
        lines.append(f"{counts['blank']:,} images are blank")
    return lines


def _listed(names):
    """Return names joined into text; of many only the first few."""
    words = ", ".join(map(repr, names[:5]))
    return f"{words} and {len(names) - 5} more" if len(names) > 5 else words
