"""p(y), the share of each class, estimated from the unlabeled images.

A few labels drawn evenly say nothing of it. The unlabeled images do, as far as they can
be told apart. Labels are left out in turn to see how far that is: shares stay equal
unless the estimate is far from it, in comparison with how the turns differ.
"""

from __future__ import annotations

import functools

import numpy as np

from ssvae.data import UNLABELED
from ssvae.graph.propagation import Propagation
from ssvae.hardware import on_all_cores
from ssvae.runs.shares import AUTO, EQUAL, ESTIMATED, Shares
from ssvae.training.label_shift import Calibration, shares_by_em
from ssvae.training.share_evidence import (
    EXPLAINED_BY_LABELS,
    are_uneven,
    as_drawn,
    at_least_the_labels,
    chance_error,
    decided,
    evened,
    turns,
)
from ssvae.vae.labels_alone import fit_labels_alone

# Unlabeled images that the shares are estimated from, at most.
MAX_IMAGES = 10_000
# Weight of the Dirichlet prior, as a fraction of the unlabeled images.
STRENGTH = 0.05
# Weight of the labels' own shares where they were drawn as images come, a fraction of
# the unlabeled images.
AS_DRAWN = 0.5
# Draws of about as many labels of each class, by which shares are seen in a graph: one
# draw may be far off.
NUM_EVENED = 5
# Times that the borders of a graph are moved to find shares that are uneven, and by how
# many steps.
NUM_SETTLED, SETTLED_STEPS = 2, 15
# Images for which the turns are made in a graph even if shares look equal: it takes
# long in a larger graph.
QUICK = 20_000


def shares_of_vectors(
    vectors: np.ndarray, labels: np.ndarray, given: np.ndarray, seed: int
) -> Shares:
    """Estimate shares by a calibrated regression on the labels; see `label_shift`.

    Shares stay equal where the numbers of labels are uneven and the estimate does not
    say the same.

    Args:
        vectors: float32 array `(n, d)`, features.
        labels: int array `(n,)`, classes; -1 for unlabeled.
        given: Float array `(num_classes,)`, equal shares of the classes with labels.
        seed: Seed of the draws.
    """
    labeled = labels != UNLABELED
    parts = turns(labels, seed)
    count = parts.max() + 1
    if count < 2 or labeled.all():
        return Shares.given(given, AUTO)
    some = np.random.default_rng((seed, 31)).permutation(np.flatnonzero(~labeled))
    asked = vectors[some[:MAX_IMAGES]]

    def learned_without(part):
        known = labeled & (parts != part)
        return fit_labels_alone(vectors[known], labels[known], len(given))

    learned = on_all_cores(learned_without, [*range(count), None])
    left_out = np.zeros((len(labels), len(given)))
    for part in range(count):
        left_out[parts == part] = learned[part](vectors[parts == part])
    hidden = parts >= 0
    calibration = Calibration.of(left_out[hidden], labels[hidden])

    def estimated_without(part, center=given, strength=STRENGTH):
        known = labels[labeled & (parts != part)]
        frequency = np.bincount(known, minlength=len(given)) / len(known)
        logits = calibration(learned[count if part is None else part](asked))
        return shares_by_em(logits, frequency, center, strength * len(asked))

    told = labels[labeled], given, lambda: estimated_without(None)
    drawn = as_drawn(*told, EXPLAINED_BY_LABELS)
    if drawn is None and are_uneven(labels[labeled]):
        # By intent, it seems. Then the estimate leans towards classes with many labels.
        return Shares.given(given, AUTO)
    prior = (given, STRENGTH) if drawn is None else (drawn, AS_DRAWN)
    every, *each = on_all_cores(
        lambda part: estimated_without(part, *prior), [None, *range(count)]
    )
    return decided(every, lambda: each, labels, prior, always=True, equal=given)


def shares_of_graph(
    propagation: Propagation, labels: np.ndarray, given: np.ndarray, seed: int
) -> Shares:
    """Estimate shares by what each class holds of a graph when its labels spread.

    A class that looks like others may hold their images. So shares count as uneven only
    if more images speak for it than are guessed wrong, as left-out labels tell. They
    are then what classes hold after their borders were moved a little. If labels were
    drawn as images come, their own shares count too.

    Args:
        propagation: `Propagation` over n images.
        labels: int array `(n,)`, classes; -1 for unlabeled.
        given: See `shares_of_vectors`.
        seed: Seed of the draws.
    """
    parts = turns(labels, seed)
    count, num_classes = parts.max() + 1, len(given)
    if count < 2 or np.all(labels != UNLABELED):
        return Shares.given(given, AUTO)

    def held(known, *draws):
        few = [evened(known, (seed, draw)) for draw in draws] or [known]
        guesses = (propagation.free_guesses(some, num_classes) for some in few)
        return np.mean([_held(guess, num_classes) for guess in guesses], axis=0)

    known = labels[labels != UNLABELED]
    # A class with many labels holds more of a graph than it should.
    uneven = are_uneven(known)

    @functools.cache
    def left_out():
        hidden = [np.where(parts == part, UNLABELED, labels) for part in range(count)]
        made = np.array([propagation.free_guesses(h, num_classes) for h in hidden])
        rows = np.flatnonzero(parts >= 0)
        wrong = made[parts[rows], rows] != labels[rows]
        if not uneven:
            return [_held(guesses, num_classes) for guesses in made], np.mean(wrong)
        others = [held(some, part) for part, some in enumerate(hidden)]
        # Shares are equal, or those of the labels.
        weights = 1 / np.bincount(labels[rows])[labels[rows]] if drawn is None else None
        return others, np.average(wrong, weights=weights)

    every = held(labels, *range(NUM_EVENED if uneven else 0))
    drawn = as_drawn(known, given, lambda: every)
    # Counts of a graph need no prior, unless labels tell of the shares too. The counts
    # may be off by as much as is guessed wrong, and always in the same direction.
    center, weight = given, 0.0
    if drawn is not None:
        center = drawn
        weight = (left_out()[1] / chance_error(drawn, len(known))) ** 2

    def posterior(shares):
        return (shares + weight * center) / (1 + weight)

    def each():
        return [posterior(shares) for shares in left_out()[0]]

    always = len(labels) <= QUICK
    prior = center, weight or STRENGTH
    found = decided(posterior(every), each, labels, prior, always, given)
    doubtful = drawn is None and np.abs(every - given).sum() / 2 < left_out()[1]
    if found.source == EQUAL or doubtful:
        low, high = found.low, found.high
        if len(low):
            low, high = np.minimum(low, given), np.maximum(high, given)
        return Shares(given, EQUAL, low, high)
    values = found.values
    for _ in range(NUM_SETTLED):
        guesses = propagation.first_guesses(labels, values)
        guesses = propagation.settled(guesses, labels, SETTLED_STEPS)
        reached = _held(guesses[guesses != UNLABELED], num_classes)
        values = at_least_the_labels(posterior(reached), labels)
    low, high = np.minimum(found.low, values), np.maximum(found.high, values)
    return Shares(values, ESTIMATED, low, high)


def _held(guesses, num_classes):
    """Return the fraction of guesses that each class holds, counted once more each."""
    counts = np.bincount(guesses, minlength=num_classes) + 1
    return counts / counts.sum()
