"""How well labels by screens and guesses do: `python benchmarks/labeling.py FOLDER`.

A scripted user knows the truth and needs 0.6 seconds for each decision: a click on an
image, or a key. It begins without any label. Three quarters of a data set are the
project; the others are new images, which nobody labels and guesses are measured on too.
What is measured already is not measured again.
"""

import argparse
import sys
from pathlib import Path
from statistics import mean

import numpy as np

from ssvae.evaluation.results import read_results
from ssvae.evaluation.tables import update_page
from ssvae.features.principal import principal_directions
from ssvae.files.atomic import write_json
from ssvae.hardware import machine
from ssvae.projects.atlas import Atlas
from ssvae.projects.guesses import guess
from ssvae.projects.order import SURE_ENOUGH, grid_of, order

OUT, PAGE = Path("benchmarks/labeling.json"), "benchmarks/README.md"
SETS = "signs", "symbols", "things"
SCREENS, SINGLE = "screens", "single random images"
# Decisions after which guesses are measured. The last are those of five minutes.
SECONDS = 0.6
AFTER = 50, 100, 300, round(5 * 60 / SECONDS)
# Images of one screen, and images that are shown one by one at first, per class.
SCREEN, FIRST = 40, 3
# Images of a class that are guessed surely from which a screen of them is shown, and
# images that are shown one by one where there is no such class.
ENOUGH, SINGLES = 20, 10
# Decisions that a guess serves for: people do not wait for a newer one.
SERVES = 5
# Part of the images that are new, and main directions of the features.
NEW, DIRECTIONS = 1 / 4, 300


class Session:
    """A project, a user who knows the truth, and what was measured of them."""

    def __init__(self, vectors, truth, seed):
        order = np.random.default_rng((seed, 16)).permutation(len(truth))
        rows, new = np.split(order, [round((1 - NEW) * len(truth))])
        self.vectors, self.truth = vectors[rows], truth[rows]
        # New images are rows below those of the project: guessed like them.
        self.new, self.new_truth = vectors[new], truth[new]
        self.num_classes = truth.max() + 1
        self.labels = np.full(len(rows), -1)
        self.refused = np.zeros((len(rows), self.num_classes), bool)
        self.decisions, self.points, self.seed = 0, [], seed

    def guesses(self):
        """Guess from the labels so far, as the page does."""
        return guess(self.vectors, self.labels, self.num_classes)

    def label(self, rows, decisions):
        """Label images with their true class, after so many decisions."""
        self.labels[rows] = self.truth[rows]
        self.decisions += decisions
        due = [each for each in AFTER if each not in {p["after"] for p in self.points}]
        if due and self.decisions >= due[0]:
            self.measure(due[0])

    @property
    def knows_all_classes(self):
        """Whether every class has a label."""
        return len(np.unique(self.labels)) > self.num_classes

    @property
    def is_over(self):
        """Whether everything is measured."""
        return len(self.points) == len(AFTER)

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
    for after in AFTER[len(session.points) :]:
        session.measure(after)


def main():
    """Measure what is missing, and put the table into the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="folder of the data sets")
    parser.add_argument("--sets", nargs="*", default=SETS)
    parser.add_argument("--seeds", type=int, default=2, help="draws of each set")
    arguments = parser.parse_args()
    results = read_results(OUT)
    known = {(r["dataset"], r["recipe"], r["seed"]) for r in results}
    from ssvae.benchmark.field_sets import find_sets

    for path in find_sets(arguments.folder, arguments.sets):
        seeds = range(arguments.seeds)
        wanted = [(way, seed) for seed in seeds for way in (SCREENS, SINGLE)]
        wanted = [(w, s) for w, s in wanted if (path.name, w, s) not in known]
        vectors, truth = project_of(path) if wanted else (None, None)
        for way, seed in wanted:
            result = {"dataset": path.name, "recipe": way, "seed": seed}
            results.append({**result, **played(vectors, truth, way, seed)})
            write_json(OUT, results, indent=1)
    print(table(results))
    update_page(PAGE, str(OUT), table(results))


def project_of(path):
    """Return the vectors of a data set and the true classes."""
    from ssvae.benchmark.field_sets import features_of, open_set

    say = lambda line: print(line, file=sys.stderr)  # noqa: E731
    field_set = open_set(path, say=say)
    features, _ = features_of(field_set, say)
    directions = principal_directions(features, DIRECTIONS, 0)
    return directions.project(features), field_set.labels


def played(vectors, truth, way, seed):
    """Return what was measured of one session."""
    session = Session(vectors, truth, seed)
    (screens if way == SCREENS else single)(session)
    return {
        "num_labels": session.points[-1]["labels"],
        "points": session.points,
        "machine": machine(),
    }


def table(results) -> str:
    """Return the figures as Markdown: one row per data set, way and decisions."""
    rows = [
        "| data | labels come from | decisions | labels | wrong of all images of the "
        "project | guesses of new images wrong | estimated | estimates within 5 "
        "points |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name in dict.fromkeys(result["dataset"] for result in results):
        for number, after in enumerate(AFTER):
            for way in (SINGLE, SCREENS):
                points = [
                    result["points"][number]
                    for result in results
                    if (result["dataset"], result["recipe"]) == (name, way)
                ]
                if points:
                    rows.append(f"| {name} | {way} | {after} | {_cells(points)} |")
    return "\n".join(rows)


def _cells(points):
    """Return the cells of one row: means over the draws."""
    told = [point for point in points if point["estimated_error"] is not None]
    near = [abs(p["estimated_error"] - p["new_error"]) <= 0.05 for p in told]
    errors = [
        f"{100 * mean(point[key] for point in chosen):.1f} %" if chosen else "-"
        for key, chosen in (
            ("project_error", points),
            ("new_error", points),
            ("estimated_error", told),
        )
    ]
    labels = f"{mean(point['labels'] for point in points):,.0f}"
    return " | ".join([labels, *errors, f"{sum(near)} of {len(points)}"])


if __name__ == "__main__":
    main()
