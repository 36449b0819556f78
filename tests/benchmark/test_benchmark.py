"""Recipes side by side, each run in a process of its own."""

import dataclasses
import json
import os

import pytest

from ssvae.benchmark.__main__ import main
from ssvae.benchmark.recipes import _find, _summary, benchmark
from ssvae.benchmark.snapshots import Snapshots
from ssvae.config.settings import Config
from ssvae.config.toml import load_config
from ssvae.errors import InputError
from ssvae.evaluation.tables import table

# An epoch of 50 steps: the first at which the benchmark measures.
RECIPE = """
recipe = "quick"
classifier_body = "mlp"
hidden_units = 8
unlabeled_batch_size = 118
propagation = "none"
held_out = 0.0
epochs = 1
"""
# Side by side where there are cores for it.
JOBS = min(2, os.cpu_count())


@pytest.fixture(scope="module")
def measured(digits, tmp_path_factory):
    """One seed, then that and another: the folder, and what was said each time."""
    folder = tmp_path_factory.mktemp("benchmark")
    (folder / "quick.toml").write_text(RECIPE)
    recipe = load_config(folder / "quick.toml")
    recipe = recipe.replace(dataset=str(digits), labels=100)
    configs = [recipe.replace(seed=seed) for seed in (0, 1)]
    said = []
    for count, jobs in ((1, 1), (2, JOBS)):
        lines = []
        place = folder / "out.json", folder / "runs"
        benchmark(configs[:count], *place, jobs, lines.append)
        said.append("\n".join(lines))
    return folder, *said


def results_in(folder):
    return json.loads((folder / "out.json").read_text())


def test_a_measured_run_is_not_repeated(measured):
    folder, first, second = measured
    assert "1 runs, 0 of them measured already" in first
    assert "2 runs, 1 of them measured already" in second
    assert "quick, 100 labels, seed 0" not in second
    assert [result["seed"] for result in results_in(folder)] == [0, 1]


def test_results_are_those_of_the_run_folders(measured, call):
    folder, _, _ = measured
    results = results_in(folder)
    for result in results:
        (run,) = (folder / "runs").glob(f"*-quick-100-{result['seed']}")
        metrics = json.loads((run / "metrics.json").read_text())
        assert {name: result[name] for name in metrics} == metrics
    printed = call(main, "--table", "--out", folder / "out.json")
    assert printed.strip() == table(results)


def test_the_curve_counts_the_seconds_of_training(measured):
    folder, _, _ = measured
    for result in results_in(folder):
        (point,) = result["curve"]
        assert point["step"] == 50
        assert 0 < point["seconds"] <= result["train_seconds"]
        # The last step is the fiftieth: what is measured there is the finished model.
        assert point["test_accuracy"] == result["test_accuracy"]


def test_a_changed_recipe_is_measured_again():
    config = Config()
    stated = dataclasses.asdict(config)
    assert _find([{"settings": stated}], config)
    assert not _find([{"settings": stated}], config.replace(shear=0.2))
    assert not _find([{"settings": stated}], config.replace(seed=1))
    # A setting that the result does not know had no effect unless asked for.
    del stated["shear"]
    assert _find([{"settings": stated}], config)
    assert not _find([{"settings": stated}], config.replace(shear=0.2))


@pytest.mark.slow
def test_a_failing_run_is_one_line_and_leaves_no_result(tmp_path):
    out = tmp_path / "out.json"
    with pytest.raises(InputError, match="3 labels, seed 0 failed") as error:
        benchmark([Config(labels=3)], out, tmp_path / "runs", say=lambda line: None)
    assert "\n" not in str(error.value)
    assert not out.exists()


def test_models_without_classes_have_no_error_and_no_curve(plain_run):
    config = load_config(plain_run / "config.toml")
    assert Snapshots().curve(plain_run, config, 1.0) == []
    result = {"test_error": None, "train_seconds": 2.0}
    summary = _summary(result | {"settings": dataclasses.asdict(config)})
    assert summary.endswith(f"seed {config.seed}: 2 s")
