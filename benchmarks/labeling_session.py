"""The scripted user of `labeling.py`: two ways to label a project."""

import numpy as np

from ssvae.projects.atlas import Atlas
from ssvae.projects.guesses import guess
from ssvae.projects.order import SURE_ENOUGH, grid_of, order

# Images of one screen, and images that are shown one by one at first, per class.
SCREEN, FIRST = 40, 3
# Images of a class that are guessed surely from which a screen of them is shown, and
# images that are shown one by one where there is no such class.
ENOUGH, SINGLES = 20, 10
# Decisions that a guess serves for: people do not wait for a newer one.
SERVES = 5
# Part of the images that are new.
NEW = 1 / 4


class Session:
    """A project, a user who knows the truth, and what was measured of them.

    Args:
        vectors: float32 array `(n, d)`, features of the data set.
        truth: int array `(n,)`, its classes.
        seed: Seed of the draw of new images.
        after: Decisions after which guesses are measured, ascending.
    """

    def __init__(self, vectors, truth, seed, after):
        order = np.random.default_rng((seed, 16)).permutation(len(truth))
        rows, new = np.split(order, [round((1 - NEW) * len(truth))])
        self.vectors, self.truth = vectors[rows], truth[rows]
        # New images are rows below those of the project: guessed like them.
        self.new, self.new_truth = vectors[new], truth[new]
        self.num_classes = truth.max() + 1
        self.labels = np.full(len(rows), -1)
        self.refused = np.zeros((len(rows), self.num_classes), bool)
        self.decisions, self.points, self.seed = 0, [], seed
        self.after = after

    def guesses(self):
        """Guess from the labels so far, as the page does."""
        return guess(self.vectors, self.labels, self.num_classes)

    def label(self, rows, decisions):
        """Label images with their true class, after so many decisions."""
        self.labels[rows] = self.truth[rows]
        self.decisions += decisions
        if not self.is_over and self.decisions >= self.after[len(self.points)]:
            self.measure(self.after[len(self.points)])

    @property
    def knows_all_classes(self):
        """Whether every class has a label."""
        return len(np.unique(self.labels)) > self.num_classes

    @property
    def is_over(self):
        """Whether everything is measured."""
        return len(self.points) == len(self.after)

    def measure(self, after):
        """Measure guesses on the project's images and on new ones."""
        both = np.concatenate([self.vectors, self.new])
        labels = np.concatenate([self.labels, np.full(len(self.new), -1)])
        there = self.guesses()
        new = guess(both, labels, self.num_classes).probabilities[len(self.labels) :]
        is_open = self.labels < 0
        wrong = is_open & (there.probabilities.argmax(axis=1) != self.truth)
        estimate = there.estimate
        self.points.append(
            {
                "after": after,
                "decisions": int(self.decisions),
                "labels": int(np.sum(~is_open)),
                "images": len(is_open),
                "project_error": float(wrong.mean()),
                "unlabeled_error": float(wrong[is_open].mean()) if is_open.any() else 0,
                "new_error": float(np.mean(new.argmax(axis=1) != self.new_truth)),
                "estimated_error": estimate and 1 - estimate.accuracy,
                "interval": estimate and [1 - estimate.high, 1 - estimate.low],
            }
        )


def single(session):
    """Label random images one after another."""
    rows = np.random.default_rng((session.seed, 17)).permutation(len(session.labels))
    for row in rows:
        if session.is_over:
            return
        session.label([row], 1)
    finish(session)


def screens(session):
    """Label typical images first, then screens of images taken for one class."""
    atlas = Atlas.of(session.vectors)
    guesses, asked = session.guesses(), 0
    first = FIRST * session.num_classes
    for row in order("typical", atlas, guesses, open_of(session), 4 * first):
        if session.decisions >= first and session.knows_all_classes:
            break
        session.label([row], 1)
    while not session.is_over and np.any(session.labels < 0):
        if not asked or session.decisions - asked >= SERVES:
            guesses, asked = session.guesses(), session.decisions
        rows, index = next_screen(session, atlas, guesses)
        if len(rows):
            answer(session, rows, index)
            continue
        for row in order("helpful", atlas, guesses, open_of(session), SINGLES):
            session.label([row], 1)
    finish(session)


def next_screen(session, atlas, guesses):
    """Return the images of the next screen, and the class they are taken for.

    It is the class of the fewest labels of which enough images are guessed surely.
    """
    is_open = session.labels < 0
    given = np.bincount(session.labels[~is_open], minlength=session.num_classes)
    for index in np.argsort(given, kind="stable"):
        allowed = np.flatnonzero(is_open & ~session.refused[:, index])
        sure = guesses.probabilities[allowed, index] >= SURE_ENOUGH
        if sure.sum() >= ENOUGH:
            return grid_of(atlas, guesses, allowed, index, SCREEN), index
    return np.zeros(0, int), -1


def answer(session, rows, index):
    """Take away what is wrong, label the others by one key, then those taken away.

    Where most are wrong, all are taken away by one decision, and those that are right
    clicked.
    """
    right = session.truth[rows] == index
    clicks = min(np.sum(~right), 1 + np.sum(right))
    session.refused[rows[~right], index] = True
    session.label(rows[right], clicks + 1)
    for row in rows[~right]:
        session.label([row], 1)


def open_of(session):
    """Return the rows without a label."""
    return np.flatnonzero(session.labels < 0)


def finish(session):
    """Measure the rest where everything is labeled before the last decision."""
    for after in session.after[len(session.points) :]:
        session.measure(after)
