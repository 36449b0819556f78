import dataclasses

import numpy as np
import pytest

from ssvae.projects.atlas import Atlas
from ssvae.projects.guesses import Guesses
from ssvae.projects.order import ASKING, KINDS, SURE_ENOUGH, grid_of, order
from ssvae.training.suggesting import next_to_label

COUNT = 120


@pytest.fixture(scope="module")
def case():
    """Return an atlas of three groups, guesses and the group of each image.

    The first two groups are guessed to be of class 0 and 1, the surer the higher the
    row; of the third group nothing is known.
    """
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(3), COUNT // 3)
    vectors = rng.normal(size=(COUNT, 8)) + 10 * np.eye(8)[group]
    sure = np.tile(np.linspace(0.55, 0.99, COUNT // 3), 3)
    probabilities = np.stack([sure, 1 - sure, np.zeros(COUNT)], axis=1)
    probabilities[group == 1] = probabilities[group == 1][:, [1, 0, 2]]
    probabilities[group == 2] = 1 / 3
    surprise = np.arange(COUNT)[::-1]
    guesses = Guesses(probabilities.astype(np.float32), surprise, None, None)
    return Atlas.of(vectors.astype(np.float32)), guesses, group


@pytest.mark.parametrize("kind", KINDS)
def test_only_open_images_are_shown_and_each_once(case, kind):
    atlas, guesses, _ = case
    open_rows = np.arange(0, COUNT, 2)
    found = order(kind, atlas, guesses, open_rows, 30)
    assert len(set(found.tolist())) == 30 and set(found) <= set(open_rows)
    assert len(order(kind, atlas, guesses, open_rows, COUNT)) == len(open_rows)
    assert len(order(kind, atlas, guesses, open_rows[:0], 5)) == 0


def test_an_unknown_kind_is_refused(case):
    with pytest.raises(ValueError, match="need one of typical"):
        order("sure", *case[:2], np.arange(3), 1)


def test_orders_by_how_sure_and_how_strange_an_image_is(case):
    atlas, guesses, group = case
    everything = np.arange(COUNT)
    surest = order("surest", atlas, guesses, everything, 2)
    assert set(surest) == {COUNT // 3 - 1, 2 * COUNT // 3 - 1}
    assert set(group[order("least sure", atlas, guesses, everything, 40)]) == {2}
    assert order("strangest", atlas, guesses, everything, 3).tolist() == [0, 1, 2]
    typical = order("typical", atlas, guesses, everything, COUNT)
    assert typical.tolist() == atlas.typical.tolist()


def test_what_helps_is_what_a_run_would_ask_for(case):
    atlas, guesses, group = case
    known = np.flatnonzero(group == 0)[:20]
    open_rows = np.setdiff1d(np.arange(COUNT), known)
    found = order("helpful", atlas, guesses, open_rows, 6)
    assert set(group[found]) == {1, 2}
    told = 6, 3, guesses.probabilities
    asked = next_to_label(atlas.vectors, known, open_rows, *told)
    assert found.tolist() == asked.tolist()


@pytest.mark.parametrize("kind", ASKING)
def test_copies_and_images_of_no_class_are_asked_for_last(case, kind):
    atlas, guesses, _ = case
    # Rows 0 to 3 show one image, as do rows 50 to 52, of which one is labeled.
    copies = np.arange(COUNT)
    copies[:4], copies[50:53] = 0, 50
    atlas = dataclasses.replace(atlas, copies=copies)
    open_rows = np.delete(np.arange(COUNT), 52)
    aside = np.array([80, 81])
    found = order(kind, atlas, guesses, open_rows, COUNT, aside)
    last = set(found[-7:])
    assert sorted(found) == open_rows.tolist()
    assert {50, 51, 80, 81} <= last and len(last & {0, 1, 2, 3}) == 3


@pytest.mark.parametrize("kind", ["surest", "strangest"])
def test_copies_keep_their_place_where_nothing_is_asked(case, kind):
    atlas, guesses, _ = case
    copied = dataclasses.replace(atlas, copies=np.zeros(COUNT, int))
    everything = np.arange(COUNT)
    found = [order(kind, each, guesses, everything, COUNT) for each in (atlas, copied)]
    assert found[0].tolist() == found[1].tolist()


def test_a_screen_of_a_class_shows_the_least_sure_of_what_is_sure(case):
    atlas, guesses, group = case
    open_rows = np.flatnonzero(group < 2)
    found = grid_of(atlas, guesses, open_rows, 1, 14)
    sure = guesses.probabilities[found, 1]
    assert set(group[found]) == {1} and len(found) == 14
    assert sure.min() >= SURE_ENOUGH and np.all(np.diff(sure) <= 0)
    others = np.setdiff1d(np.flatnonzero(group == 1), found)
    left = guesses.probabilities[others, 1]
    assert not np.any((left >= SURE_ENOUGH) & (left < sure.min()))


def test_a_screen_of_a_class_without_sure_images_shows_the_surest(case):
    atlas, guesses, group = case
    unsure = np.flatnonzero((group == 1) & (guesses.probabilities[:, 1] < SURE_ENOUGH))
    found = grid_of(atlas, guesses, unsure, 1, 5)
    best = unsure[np.argsort(-guesses.probabilities[unsure, 1])[:5]]
    assert found.tolist() == best.tolist()
    assert len(grid_of(atlas, guesses, unsure, 0, 5)) == 0
    assert len(grid_of(atlas, guesses, unsure[:0], None, 5)) == 0


def test_images_that_look_alike_are_of_one_group(case):
    atlas, guesses, group = case
    found = grid_of(atlas, guesses, np.arange(COUNT), None, 20)
    assert len(set(group[found])) == 1 and len(set(found.tolist())) == 20
    assert found[0] == atlas.typical[0]
