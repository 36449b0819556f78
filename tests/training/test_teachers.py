"""Which pseudo-labels teach: graphs and border steps, compared by left-out labels."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from ssvae.data import UNLABELED
from ssvae.graph.construction import neighbor_graph
from ssvae.graph.propagation import Propagation
from ssvae.hardware import on_all_cores
from ssvae.training import teachers
from ssvae.training.teachers import (
    FAR_STEPS,
    NEAR_STEPS,
    Teacher,
    chosen_teacher,
    majority,
)

CLASSES = np.arange(6_000) % 3


class Guesser:
    """A teacher whose guesses are wrong for some images, by the border steps."""

    shares = np.full(3, 1 / 3)

    def __init__(self, name, wrong):
        self.name, self.wrong = name, wrong
        self.seen = []

    def guesses(self, labels, steps):
        self.seen.append(labels)
        made = []
        for number in steps:
            guesses = CLASSES.copy()
            rows = np.random.default_rng((number, len(self.seen))).permutation(6_000)
            rows = rows[: round(6_000 * self.wrong[number])]
            guesses[rows] = (guesses[rows] + 1) % 3
            known = labels != UNLABELED
            guesses[known] = labels[known]
            made.append(guesses)
        return made


def some_labels(each):
    return np.where(np.arange(6_000) < 3 * each, CLASSES, UNLABELED)


def test_where_all_guesses_agree_borders_move_far(monkeypatch):
    monkeypatch.setattr(teachers, "QUICK", 100)
    teacher = Guesser("gradients", {0: 0.01, NEAR_STEPS: 0.01, FAR_STEPS: 0.0})
    taught = chosen_teacher([teacher], some_labels(10), "auto", seed=0)
    np.testing.assert_array_equal(taught.guesses, CLASSES)
    assert "No label was left out" in taught.sentence and len(teacher.seen) == 1
    assert taught.estimate is None
    assert 0 < taught.doubtful.sum() < 6_000 * 0.03


def test_the_accuracy_to_expect_is_estimated_from_left_out_labels():
    teacher = Guesser("gradients", dict.fromkeys((0, NEAR_STEPS, FAR_STEPS), 0.2))
    taught = chosen_teacher([teacher], some_labels(50), "auto", seed=0)
    assert taught.estimate.low < 0.8 < taught.estimate.high
    assert taught.estimate.high - taught.estimate.low < 0.15


@pytest.mark.parametrize("best", [0, NEAR_STEPS, FAR_STEPS])
def test_border_steps_are_those_that_guess_left_out_labels(best):
    wrong = {0: 0.5, NEAR_STEPS: 0.5, FAR_STEPS: 0.5} | {best: 0.1}
    teacher = Guesser("gradients", wrong)
    taught = chosen_teacher([teacher], some_labels(30), "auto", seed=0)
    assert np.mean(taught.guesses == CLASSES) == pytest.approx(0.9, abs=0.01)
    assert f"moved by {best} steps" in taught.sentence


def test_a_label_is_hidden_from_the_teacher_while_it_is_guessed():
    teacher = Guesser("gradients", {0: 0.4, NEAR_STEPS: 0.0, FAR_STEPS: 0.4})
    labels = some_labels(10)
    chosen_teacher([teacher], labels, "auto", seed=0)
    hidden = [(seen != labels) for seen in teacher.seen[1:]]
    assert np.sum(hidden, axis=0)[:30].tolist() == [1] * 30
    assert all(
        (seen[rows] == UNLABELED).all()
        for seen, rows in zip(teacher.seen[1:], hidden, strict=True)
    )


def test_of_two_teachers_the_better_one_is_believed():
    poor = dict.fromkeys((0, NEAR_STEPS, FAR_STEPS), 0.5)
    good = dict.fromkeys((0, NEAR_STEPS, FAR_STEPS), 0.05)
    first, last = Guesser("gradients", good), Guesser("both", poor)
    taught = chosen_teacher([first, last], some_labels(30), "auto", seed=0)
    assert "a graph of gradients," in taught.sentence


def test_where_guesses_differ_the_majority_of_three_is_believed():
    wrong = dict.fromkeys((0, NEAR_STEPS, FAR_STEPS), 0.2)
    one, both = Guesser("gradients", wrong), Guesser("both", wrong)
    # Different images are wrong: the teacher has guessed before.
    both.seen.append(None)
    for each in (1, 30):
        taught = chosen_teacher([one, both], some_labels(each), "auto", seed=0)
        # Two or three of three independent guesses are wrong.
        expected = 3 * 0.2**2 * 0.8 + 0.2**3
        assert np.mean(taught.guesses != CLASSES) == pytest.approx(expected, abs=0.02)
        assert taught.sentence.startswith(
            "Pseudo-labels: by the majority of a graph of both, borders moved by "
            f"{NEAR_STEPS} steps; a graph of both"
        )


def test_an_image_that_no_label_reaches_gets_the_vote_of_those_that_reach_it():
    guesses = np.array([[-1, 0, 2, -1], [1, 1, 0, -1], [-1, 1, 1, -1]])
    assert majority(guesses).tolist() == [1, 1, 2, -1]


def test_stated_border_steps_are_not_compared():
    teacher = Guesser("gradients", {7: 0.3})
    taught = chosen_teacher([teacher], some_labels(10), 7, seed=0)
    assert "moved by 7 steps" in taught.sentence and not taught.doubtful.any()


def test_labels_alone_beside_the_graph_correct_its_guesses():
    data = load_digits()
    vectors = (data.data - data.data.mean(axis=0)).astype("float32")
    # A poor graph: of the first five pixels that differ.
    spreading = Propagation(neighbor_graph(vectors[:, 2:12]))
    shares = np.full(10, 1 / 10)
    labels = np.where(np.arange(len(data.target)) < 200, data.target, UNLABELED)

    def wrong(teacher):
        return np.mean(teacher.guesses(labels, [0])[0] != data.target)

    plain, helped = on_all_cores(
        wrong,
        [Teacher("a", spreading, shares), Teacher("b", spreading, shares, vectors)],
    )
    assert helped < plain - 0.1
