"""A test part without labels: training goes on, and what is not known is null."""

import json

import numpy as np
import pytest
from helpers import TINY

import ssvae.evaluate
from ssvae.errors import InputError
from ssvae.training.run import train


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (60, 9, 7), dtype=np.uint8)
    path = tmp_path_factory.mktemp("data") / "own.npz"
    y = np.r_[np.arange(20) % 2, np.full(30, -1)]
    np.savez(path, x_train=images[:50], y_train=y, x_test=images[50:])
    return path


@pytest.fixture(scope="module")
def run(path, tmp_path_factory):
    config = TINY.replace(dataset=str(path), epochs=1)
    return train(config, tmp_path_factory.mktemp("runs") / "run")


def test_training_goes_on_without_an_accuracy(run):
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["test_accuracy"] is None and metrics["test_error"] is None
    # The bound needs no label.
    assert np.isfinite(metrics["test_elbo"])
    assert "no image of the test part has a label" in (run / "README.md").read_text()


def test_the_command_prints_why_there_is_no_accuracy(run, capsys):
    from ssvae.train import _report

    _report(run)
    printed = capsys.readouterr().out
    assert "no label in the test part, so no accuracy: see --test-fraction" in printed
    assert "nan" not in printed


def test_evaluate_says_what_is_missing(run, call):
    with pytest.raises(InputError, match="no image of the test part"):
        call(ssvae.evaluate.main, run)


def test_only_labeled_test_images_count_in_the_accuracy(path, tmp_path):
    with np.load(path) as arrays:
        arrays = dict(arrays)
    for name, y_test in (("all", [0] * 10), ("half", [0] * 5 + [-1] * 5)):
        np.savez(tmp_path / f"{name}.npz", **arrays, y_test=y_test)
    shares = {}
    for name in ("all", "half"):
        config = TINY.replace(dataset=str(tmp_path / f"{name}.npz"), epochs=1)
        folder = train(config, tmp_path / name)
        shares[name] = json.loads((folder / "metrics.json").read_text())
    model = ssvae.load_model(tmp_path / "half")
    taken = model.predict_proba(arrays["x_test"]).argmax(axis=1) == 0
    assert shares["half"]["test_accuracy"] == pytest.approx(taken[:5].mean())
    assert shares["all"]["test_accuracy"] == pytest.approx(taken.mean())
