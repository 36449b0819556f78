import dataclasses
import json
import os
import subprocess
import sys

import pytest

from ssvae.benchmark import _find, read_results
from ssvae.config import Config
from ssvae.errors import InputError
from ssvae.plots import error_over_time
from ssvae.tables import table, update_page

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


def test_a_foreign_file_is_refused(tmp_path):
    path = tmp_path / "other.json"
    path.write_text('{"a": 1}')
    with pytest.raises(InputError, match="holds no results"):
        read_results(path)


def test_a_failing_run_is_one_line(tmp_path):
    process = benchmark(tmp_path, "--labels", "3")
    assert process.returncode == 2
    assert process.stderr.splitlines()[-1].startswith("ssvae.benchmark: error: ")
    assert "Traceback" not in process.stderr
    assert not (tmp_path / "out.json").exists()


def result(error, seed=0, recipe="default"):
    return {
        "dataset": "mnist",
        "recipe": recipe,
        "num_labels": 1000,
        "seed": seed,
        "test_error": error,
        "test_elbo": -100.0,
        "train_seconds": 60.2,
        "curve": [
            {"seconds": 50.0, "test_accuracy": 1 - 3 * error},
            {"seconds": 60.1, "test_accuracy": 1 - error},
        ],
    }


def test_table_by_hand():
    late = result(0.1, recipe="m2") | {"curve": []}
    assert table([result(0.01, 1), result(0.02), late]).splitlines()[2:] == [
        "| mnist | default | 1,000 | 2 | 1.50 ± 0.71 % | 2.00 % | 4.50 % | "
        "-100.0 nats | 60 s |",
        "| mnist | m2 | 1,000 | 1 | 10.00 % | 10.00 % | - | -100.0 nats | 60 s |",
    ]


def test_plot_joins_the_means_over_the_draws_up_to_the_end():
    curve = [
        [
            {
                "step": s,
                "seconds": 10.0 * s + d,
                "test_accuracy": 0.9 + 0.01 * s - 0.02 * d,
            }
            for s in (1, 2)
        ]
        for d in (0, 1)
    ]
    runs = [result(0.1, seed) | {"curve": curve[seed]} for seed in (0, 1)]
    figure = error_over_time([*runs, result(0.1, recipe="m2") | {"curve": []}])
    (line,) = figure.axes[0].lines
    assert line.get_xdata() == pytest.approx([10.5, 20.5, 60.2])
    assert line.get_ydata() == pytest.approx([10.0, 9.0, 10.0])
    assert line.get_label() == "default, 1,000 labels"


def test_a_page_takes_the_table_in_the_place_of_the_old(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- f.json -->\nold\n<!-- end of f.json -->\nb\n")
    update_page(page, "f.json", "new\nrows")
    assert page.read_text() == (
        "a\n<!-- f.json -->\nnew\nrows\n<!-- end of f.json -->\nb\n"
    )
    with pytest.raises(InputError, match="needs the lines"):
        update_page(page, "other.json", "new")
