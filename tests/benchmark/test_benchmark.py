import dataclasses
import json
import os
import subprocess
import sys

import pytest

from ssvae.benchmark.recipes import _find
from ssvae.config.settings import Config
from ssvae.evaluation.tables import table

RECIPE = """
recipe = "quick"
classifier_body = "mlp"
hidden_units = 8
labeled_batch_size = 600
unlabeled_batch_size = 1200
propagation = "none"
held_out = 0.0
epochs = 1
"""


# Side by side where there are cores for it.
JOBS = str(min(2, os.cpu_count()))


def benchmark(folder, *flags):
    recipe = folder / "quick.toml"
    recipe.write_text(RECIPE)
    return subprocess.run(
        [
            *(sys.executable, "-m", "ssvae.benchmark", "--configs", recipe),
            *("--out", folder / "out.json", "--runs", folder / "runs", *flags),
        ],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """One run, then the same with two draws more, side by side."""
    folder = tmp_path_factory.mktemp("benchmark")
    first = benchmark(folder, "--draws", "1")
    return folder, first, benchmark(folder, "--draws", "3", "--jobs", JOBS)


def test_what_is_measured_is_not_repeated(measured):
    folder, first, second = measured
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert "1 runs, 0 of them measured already" in first.stderr
    assert "3 runs, 1 of them measured already" in second.stderr
    assert "quick, 100 labels, seed 0" not in second.stderr
    results = json.loads((folder / "out.json").read_text())
    assert [result["seed"] for result in results] == [0, 1, 2]


def test_results_are_those_of_the_run_folders(measured):
    folder, _, second = measured
    results = json.loads((folder / "out.json").read_text())
    for result in results:
        run = folder / "runs" / f"mnist-quick-100-{result['seed']}"
        metrics = json.loads((run / "metrics.json").read_text())
        assert {name: result[name] for name in metrics} == metrics
    assert second.stdout.strip() == table(results)


def test_the_curve_counts_the_seconds_of_training(measured):
    folder, _, _ = measured
    for result in json.loads((folder / "out.json").read_text()):
        (point,) = result["curve"]
        assert point["step"] == 50
        assert 0 < point["seconds"] <= result["train_seconds"]
        # The last step is the fiftieth: what is kept is what the run kept.
        assert point["test_accuracy"] == result["test_accuracy"]


def test_a_changed_recipe_is_measured_anew():
    config = Config()
    stated = dataclasses.asdict(config)
    assert _find([{"settings": stated}], config)
    assert not _find([{"settings": stated}], config.replace(shear=0.2))
    assert not _find([{"settings": stated}], config.replace(seed=1))
    # A setting that the result does not know had no effect unless asked for.
    del stated["shear"]
    assert _find([{"settings": stated}], config)
    assert not _find([{"settings": stated}], config.replace(shear=0.2))


def test_a_failing_run_is_one_line(tmp_path):
    process = benchmark(tmp_path, "--labels", "3")
    assert process.returncode == 2
    assert process.stderr.splitlines()[-1].startswith("ssvae.benchmark: error: ")
    assert "Traceback" not in process.stderr
    assert not (tmp_path / "out.json").exists()


def test_models_without_classes_have_no_error_to_say(tmp_path):
    text = RECIPE.replace('"mlp"', '"none"')
    (tmp_path / "plain.toml").write_text(text)
    process = subprocess.run(
        [
            *(sys.executable, "-m", "ssvae.benchmark", "--labels", "0"),
            *("--draws", "1"),
            *("--configs", tmp_path / "plain.toml", "--out", tmp_path / "out.json"),
            *("--runs", tmp_path / "runs"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    (result,) = json.loads((tmp_path / "out.json").read_text())
    assert result["test_error"] is None
    assert result["curve"] == []
