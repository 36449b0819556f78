"""What the scripts of `benchmarks/` share: draws, labels, and results that are kept."""

import runpy

import numpy as np
import pytest

from ssvae.benchmark.field_draw import Split
from ssvae.benchmark.field_sets import FieldSet
from ssvae.benchmark.grey_sets import DIGITS, open_grey, some_rows
from ssvae.benchmark.labels import equal_shares, labels_only, with_labels
from ssvae.benchmark.script import Script, seeds_of
from ssvae.config.settings import Config

RESULT = {"dataset": "a", "recipe": "r", "num_labels": 2, "seed": 0}
PAGE = "Text.\n\n<!-- {0}/few.json -->\nold\n<!-- end of {0}/few.json -->\nMore.\n"


@pytest.fixture
def script(tmp_path):
    page = tmp_path / "README.md"
    page.write_text(PAGE.format(tmp_path.name), encoding="utf-8")
    return Script(str(tmp_path / "few.py"))


@pytest.fixture(scope="module")
def digits():
    return open_grey(DIGITS)


def split_of(seed, some=None):
    """Return a split of forty random images of two classes."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (40, 4, 4, 1), np.uint8)
    labels = np.arange(40) % 2
    field_set = FieldSet("path", images, labels, ("even", "odd"), 0, Config())
    return Split.of(field_set, rng.normal(size=(40, 6)).astype("f"), seed, some)


def test_results_are_kept_and_stand_in_the_page(script, capsys):
    assert script.results == []
    script.add(RESULT, "told")
    script.add({**RESULT, "seed": 1}, "told")
    assert script.done("dataset", "seed") == {("a", 0), ("a", 1)}
    script.finish(lambda results: f"| {len(results)} results |")
    page = script.path.with_name("README.md").read_text(encoding="utf-8")
    assert page.replace("| 2 results |", "old") == PAGE.format(script.path.parent.name)
    assert capsys.readouterr().out == "told\ntold\n| 2 results |\n"


def test_seeds_follow_the_first_one(script):
    parser = script.parser("What it does.", ("a", "b"), 3)
    flags = parser.parse_args(["folder"])
    assert (flags.sets, list(seeds_of(flags))) == (["a", "b"], [0, 1, 2])
    flags = parser.parse_args("folder --sets b --seeds 2 --first-seed 7".split())
    assert (flags.sets, list(seeds_of(flags))) == (["b"], [7, 8])


def test_labels_stand_at_their_images():
    labels = with_labels(5, np.array([3, 0]), np.array([1, 2]))
    assert labels.tolist() == [2, -1, -1, 1, -1]
    dataset = labels_only(labels, "abc", outside=[4])
    assert dataset.labeled.tolist() == [0, 3]
    assert dataset.unlabeled.tolist() == [1, 2]
    # The first class has no label.
    shares = equal_shares(labels, "abc")
    assert shares[1] == shares[2] > 100 * shares[0]


def test_the_parts_of_a_split_hold_every_image_once():
    split = split_of(seed=3)
    (vectors, classes), (new, truth) = split.train, split.test
    assert len(vectors) == len(classes) == 30
    assert len(new) == len(truth) == 10
    rows = np.concatenate(split.field_set.parts(3))
    np.testing.assert_array_equal(np.r_[classes, truth], rows % 2)
    assert split.graph.shape == (40, 40)


def test_a_split_can_keep_some_of_its_training_part():
    odd = split_of(seed=3, some=np.flatnonzero)
    assert set(odd.train[1]) == {1}
    np.testing.assert_array_equal(odd.test[1], split_of(seed=3).test[1])
    # The directions are those of the images that were kept.
    np.testing.assert_allclose(odd.train[0].mean(axis=0), 0, atol=1e-5)


def test_a_draw_of_images_keeps_their_order(digits):
    some = some_rows(digits, 50, (1, 2))
    order = np.random.default_rng((1, 2)).permutation(len(digits.images))[:50]
    np.testing.assert_array_equal(some.images, digits.images[np.sort(order)])
    np.testing.assert_array_equal(some.labels, digits.labels[np.sort(order)])


def test_a_setting_that_finds_nothing_costs_nothing():
    compared = runpy.run_path("benchmarks/defaults.py")["compared"]
    asked = []

    def outcome_of(looking):
        asked.append(looking)
        cost = 0.1 * ("trust_labels" in looking) + 0.03 * ("put_aside" in looking)
        found = {"class_prior": 0, "trust_labels": 7, "put_aside": 40}
        return 0.2 + cost, found

    told = compared(outcome_of)
    assert told["changed"] == ["trust_labels", "put_aside"]
    assert (told["num_distrusted"], told["num_put_aside"]) == (7, 40)
    assert told["errors"] == pytest.approx(
        {
            "none of them": 0.2,
            "all of them": 0.33,
            "class_prior": 0.2,
            "trust_labels": 0.3,
            "put_aside": 0.23,
        }
    )
    assert {"class_prior"} not in asked
