"""Labels that name no class: a group of classes, or none of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from ssvae.data.classes import in_order
from ssvae.data.coarse import Coarse
from ssvae.data.dataset import UNLABELED, Dataset
from ssvae.data.groups import group_table, place_in
from ssvae.data.tables.missing import NONE_OF_THESE, is_none_of_these
from ssvae.errors import InputError


def set_apart(
    dataset: Dataset, groups: Mapping[str, Sequence[str]] | None = None
) -> Dataset:
    """Return a data set whose classes are classes: other labels are set apart.

    Images labeled "none of these" become those of `Dataset.outside`. Images labeled
    with the name of a group become those of `Dataset.coarse`; if the group has a single
    class, they are of this class. In the test part both count as unlabeled.

    Args:
        dataset: `Dataset` with labels as its source has them.
        groups: Names of classes by the name of their group; None for no groups.

    Raises:
        InputError: If a group holds an unknown class, or no class is left.
    """
    names, groups = dataset.class_names, dict(groups or {})
    none = [is_none_of_these(name) for name in names]
    places = [place_in(list(groups), name) for name in names]
    gone = [n for n, place in enumerate(places) if none[n] or place is not None]
    kept = tuple(name for n, name in enumerate(names) if n not in gone)
    if gone and not kept:
        raise InputError(
            f"no label of {dataset.name!r} names a class, all {len(dataset.labeled):,} "
            f"name a group or say {NONE_OF_THESE!r}: label some images of each class"
        )
    if gone and all(name.isdecimal() for name in kept):
        # They were sorted as text, since the other labels are no numbers.
        kept = in_order(kept)
    table = group_table(groups, kept, repr(dataset.name))
    if not gone:
        return dataset
    numbers = np.array(
        [kept.index(name) if name in kept else UNLABELED for name in names]
        # For unlabeled images, whose label is -1.
        + [UNLABELED]
    )
    is_coarse = np.zeros(len(numbers), bool)
    for number, place in enumerate(places):
        if place is not None and not none[number]:
            members = np.flatnonzero(table[place])
            is_coarse[number] = len(members) > 1
            numbers[number] = UNLABELED if len(members) > 1 else members[0]
    rows = np.flatnonzero(is_coarse[dataset.labels])
    of_rows = [places[label] for label in dataset.labels[rows]]
    found = Coarse(rows, table[np.array(of_rows, int)])
    outside = np.flatnonzero(np.array([*none, False])[dataset.labels])
    read_test = dataset.read_test

    def renumbered():
        images, labels = read_test()
        return images, numbers[labels]

    told = dataclasses.replace(
        dataset,
        labels=numbers[dataset.labels],
        class_names=kept,
        outside=np.union1d(dataset.outside, outside),
        coarse=_all_coarse(dataset.coarse, found, gone, numbers),
        read_test=read_test and renumbered,
    )
    return _told(told, len(outside), len(rows))


def name_no_class(
    texts: np.ndarray, groups: Mapping[str, Sequence[str]] | None = None
) -> np.ndarray:
    """Return which labels name a group, or say "none of these", bool array `(n,)`.

    Args:
        texts: str array `(n,)`, labels.
        groups: See `set_apart`.
    """
    unlike, places = np.unique(texts, return_inverse=True)
    names = list(groups or ())
    apart = [
        is_none_of_these(text) or place_in(names, text) is not None
        for text in unlike.tolist()
    ]
    return np.array(apart, bool)[places.ravel()]


def _all_coarse(before, found, gone, numbers):
    """Return labels of groups that were set apart before, and those found now."""
    for number in sorted(gone, reverse=True):
        before = before and before.without(number)
    if before is not None:
        stay = np.delete(numbers[:-1], gone)
        before = before.renumbered(stay, len(stay))
    if not len(found.rows):
        return before
    return found.and_others(before)


def _told(dataset, num_outside, num_coarse):
    """Return a data set with a sentence about labels that were set apart."""
    told = []
    if num_outside:
        told.append(f"{num_outside:,} images are labeled {NONE_OF_THESE!r}")
    if num_coarse:
        told.append(f"{num_coarse:,} images are labeled with a group of classes")
    if not told:
        return dataset
    sentence = f"{' and '.join(told)}."
    if dataset.reading is None:
        return dataclasses.replace(dataset, notes=(*dataset.notes, sentence))
    reading = dataset.reading
    sentences = (*reading.sentences, sentence)
    reading = dataclasses.replace(reading, sentences=sentences)
    return dataclasses.replace(dataset, reading=reading)
