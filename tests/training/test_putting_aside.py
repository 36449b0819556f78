"""Images of no class in a run: nothing is learned from them, and the run names them."""

import dataclasses
import json

import numpy as np
import pytest
from helpers import TINY, after_step, same, waves

from ssvae.config.settings import Config
from ssvae.data import from_arrays
from ssvae.runs.unusual import read_unusual
from ssvae.training.learn import learn
from ssvae.training.putting_aside import kept_outside
from ssvae.training.run import train
from ssvae.training.spread import spread_labels
from ssvae.training.strangest import unusual_images

# Digits, and waves that are none of them.
DIGITS, WAVES, EACH = 500, 250, 10
FEW = Config(
    features="gradients",
    augment="none",
    top_classes=1,
    generated_size=7,
    latent_dim=2,
    hidden_units=8,
    labels="all",
    epochs=1,
    epoch_steps=2,
    class_prior="uniform",
)


@pytest.fixture(scope="module")
def dataset():
    """Digits of scikit-learn's among waves, ten of each digit labeled."""
    from sklearn.datasets import load_digits

    found = load_digits()
    images = np.uint8(found.images[:DIGITS] * (255 / 16))[..., None]
    others = waves(np.random.default_rng(0), WAVES, 8, 8, 1)
    others = np.uint8(255 * np.clip(others, 0, 1))
    labels = np.full(DIGITS + WAVES, -1)
    for index in range(10):
        labels[np.flatnonzero(found.target[:DIGITS] == index)[:EACH]] = index
    return from_arrays(np.concatenate([images, others]), labels)


def test_waves_get_no_pseudo_label_and_are_not_asked_about(dataset, tmp_path):
    config = Config(augment="none", propagation="original", class_prior="uniform")
    shares = np.full(10, 0.1)
    path = tmp_path / "spread.npz"
    spread = spread_labels(dataset, config, shares, path, lambda text: None)
    found = kept_outside(tmp_path, dataset)
    assert np.mean(found.rows >= DIGITS) == 1
    assert len(found.rows) > 0.9 * WAVES
    assert (spread.pseudo_labels[found.rows] == -1).all()
    assert not np.isin(spread.to_label(found.put_aside(dataset)), found.rows).any()
    assert (spread.pseudo_labels[:DIGITS] >= 0).mean() > 0.98


def test_what_people_put_out_teaches_nothing_even_if_nothing_is_looked_for(
    dataset, tmp_path
):
    config = Config(
        augment="none", propagation="original", class_prior="uniform", put_aside="none"
    )
    said = np.arange(DIGITS, DIGITS + 20)
    told = dataclasses.replace(dataset, outside=said)
    path = tmp_path / "spread.npz"
    spread = spread_labels(told, config, np.full(10, 0.1), path, lambda text: None)
    assert (spread.pseudo_labels[said] == -1).all()
    assert not np.isin(said, spread.rows).any()
    assert np.isin(np.arange(DIGITS + 20, DIGITS + WAVES), spread.rows).all()


@pytest.mark.slow
def test_a_run_names_what_it_put_aside(dataset, tmp_path):
    run = train(FEW, tmp_path / "run", dataset=dataset)
    metrics = json.loads((run / "metrics.json").read_text())
    assert 0.9 * WAVES < metrics["num_put_aside"] <= WAVES
    group = metrics["unknown_groups"][0]
    assert group["put_aside"]
    assert min(group["examples"]) >= DIGITS
    left = DIGITS + WAVES - 10 * EACH - metrics["num_put_aside"]
    assert metrics["num_unlabeled"] + metrics["num_held_out"] >= left - 1
    assert metrics["num_unlabeled"] <= left
    kept = read_unusual(run)
    first = [int(row["index"]) for row in kept if row["group"] == "1"]
    assert min(first) >= DIGITS
    alone = [row for row in kept if not row["group"]]
    assert len(alone) == metrics["num_unusual_alone"] <= 24
    assert {row["put aside"] for row in alone} <= {"no"}
    assert (run / "unusual.png").exists()
    assert "like none of your classes" in (run / "README.md").read_text()
    assert not (run / "outside.npz").exists()


def stop(model):
    raise KeyboardInterrupt


@pytest.mark.slow
@pytest.mark.parametrize(
    "config",
    [
        FEW.replace(epochs=2, class_prior="auto"),
        TINY.replace(propagation="original", augment="none", epoch_steps=2),
    ],
    ids=["features", "graph"],
)
def test_a_resumed_training_puts_the_same_images_aside(dataset, tmp_path, config):
    """Weights, and what is asked about and listed: bit for bit."""
    # Labels that are not learned from are to be remembered too.
    labels = dataset.labels.copy()
    wrong = np.flatnonzero(labels >= 0)[::5]
    labels[wrong] = (labels[wrong] + 1) % 10
    given = dataclasses.replace(dataset, labels=labels)
    whole = learn(given, config, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        learn(given, config, tmp_path / "run", callbacks=[after_step(3, stop)])
    resumed = learn(given, config, tmp_path / "run")
    assert all(same(whole.model.get_weights(), resumed.model.get_weights()))
    assert same([whole.to_label], [resumed.to_label]) == [True]
    assert len(whole.outside.rows) > 0.9 * WAVES
    assert whole.issues.distrusted.sum() > 10
    for part in ("outside", "issues"):
        one, other = (vars(getattr(run, part)) for run in (whole, resumed))
        assert all(np.array_equal(one[name], other[name], True) for name in one)
    one, other = (
        unusual_images(run.model, given, run.outside, run.classified)
        for run in (whole, resumed)
    )
    assert all(same(list(vars(one).values()), list(vars(other).values())))
