"""The field benchmark: data sets below a folder, learners of features side by side."""

import dataclasses
import json
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from ssvae.benchmark import field, field_whole
from ssvae.benchmark.__main__ import main
from ssvae.benchmark.field import FieldPlan, measure_field
from ssvae.benchmark.field_draw import Split, measure_draw
from ssvae.benchmark.field_page import error_over_labels, field_tables
from ssvae.benchmark.field_sets import (
    features_of,
    find_sets,
    labels_per_class,
    open_set,
    suited_features,
)
from ssvae.benchmark.field_whole import whole_run
from ssvae.config.settings import Config
from ssvae.data import open_dataset
from ssvae.data.balance import class_shares
from ssvae.errors import InputError
from ssvae.evaluation.results import read_results
from ssvae.model import SSVAE
from ssvae.runs.folder import partial_folder
from ssvae.training.feature_learning import learn_classifier
from ssvae.training.plan import plan as plan_of

FEATURES = "gradients"
# Images of each class of the small sets.
COUNT = 24


def stripes(rng, index, noise=20):
    """Return an image of stripes whose direction is that of a class."""
    row, column = np.indices((16, 16))
    angle, phase = index * np.pi / 3, rng.uniform(0, 2 * np.pi)
    wave = np.sin(0.9 * (np.cos(angle) * row + np.sin(angle) * column) + phase)
    pixels = 128 + 90 * wave + rng.normal(0, noise, (16, 16))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def make_set(folder, counts, rng, noise=20):
    for index, count in enumerate(counts):
        (folder / f"class {index}").mkdir(parents=True)
        for number in range(count):
            name = folder / f"class {index}" / f"{number:02}.png"
            stripes(rng, index, noise).save(name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with two data sets: one to be split, one with a test part of its own."""
    rng = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("field")
    make_set(folder / "whole", [COUNT] * 3, rng)
    make_set(folder / "parts" / "train", [COUNT] * 2, rng)
    make_set(folder / "parts" / "test", [5] * 2, rng)
    return folder


@pytest.fixture(scope="module")
def split(folder):
    field_set = open_set(folder / "whole", FEATURES)
    features, _ = features_of(field_set, lambda line: None)
    return Split.of(field_set, features, seed=1)


@pytest.fixture(scope="module")
def measured(folder, tmp_path_factory):
    """One draw, then that and another: the results' file, and what was said."""
    out = tmp_path_factory.mktemp("measured") / "field.json"
    said = []
    for draws in (1, 2):
        lines = []
        measure_field(FieldPlan(folder, (1, 5), draws, (), FEATURES), out, lines.append)
        said.append("\n".join(lines))
    return out, *said


def results_in(out):
    return json.loads(out.read_text())


def test_every_set_number_and_draw_has_a_result(measured):
    out, _, _ = measured
    found = [(r["dataset"], r["labels_per_class"], r["seed"]) for r in results_in(out)]
    every = [(n, k, s) for n in ("parts", "whole") for k in (1, 5) for s in (0, 1)]
    assert sorted(found) == every
    for result in results_in(out):
        assert (
            result["num_labels"] == result["labels_per_class"] * result["num_classes"]
        )
        assert {"labels alone", "both", "poisson"} <= result["errors"].keys()
        assert result["error"] == result["errors"][result["believed"]]
        for name in ("left_out_accuracy", "estimated_accuracy"):
            assert (result[name] is None) == (result["labels_per_class"] == 1)
        assert result["machine"] and result["versions"]["keras"]


def test_a_measured_draw_is_not_repeated(measured):
    _, first, second = measured
    assert "whole: 2 draws, 0 of them measured already" in first
    assert "whole: 4 draws, 2 of them measured already" in second
    assert "seed 0" not in second


def test_changed_settings_are_measured_again(measured, folder, tmp_path):
    out = tmp_path / "field.json"
    out.write_text(measured[0].read_text())
    plan = FieldPlan(folder, (1,), 1, ("parts",), "gradients texture")
    lines = []
    results = measure_field(plan, out, lines.append)
    assert "0 of them measured already" in lines[0]
    assert len(results) == len(results_in(measured[0]))
    features = {r["settings"]["features"] for r in results if r["dataset"] == "parts"}
    assert features == {"gradients", "gradients texture"}


def test_an_interruption_says_how_to_go_on(folder, tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(field, "measure_draw", interrupt)
    plan = FieldPlan(folder, (1,), 1, ("parts",), FEATURES)
    with pytest.raises(KeyboardInterrupt, match="the same command continues"):
        measure_field(plan, tmp_path / "field.json", lambda line: None)


@pytest.mark.parametrize("seed", [0, 1])
def test_parts_and_labels_are_those_of_training(folder, seed):
    path = folder / "whole"
    config = Config(dataset=str(path), test_fraction=0.25, seed=seed, labels=15)
    planned = plan_of(config, "unused")
    field_set = open_set(path, FEATURES)
    train, test = field_set.parts(seed)
    np.testing.assert_array_equal(field_set.images[train], planned.dataset.images)
    images, classes = planned.dataset.read_test()
    np.testing.assert_array_equal(field_set.images[test], images)
    np.testing.assert_array_equal(field_set.labels[test], classes)
    indices, classes = labels_per_class(field_set.labels[train], 5, 3, seed)
    np.testing.assert_array_equal(indices, planned.dataset.labeled)
    np.testing.assert_array_equal(classes, planned.dataset.labels[indices])


def test_a_draw_is_judged_as_training_judges_it(split, folder, tmp_path):
    config = Config(
        dataset=str(folder / "whole"),
        test_fraction=0.25,
        seed=1,
        labels=15,
        features=FEATURES,
        hidden_units=4,
    )
    dataset = plan_of(config, "unused").dataset
    model = SSVAE(dataset.image_shape, dataset.class_names, config)
    shares = class_shares(dataset, config.class_prior)
    path = tmp_path / "classified.npz"
    classified = learn_classifier(model, dataset, shares, path, lambda line: None)
    result = measure_draw(split, 5)
    assert result["believed"] == classified.believed
    assert result["left_out_accuracy"] == pytest.approx(classified.left_out_accuracy)
    assert result["temperature"] == pytest.approx(classified.temperature, rel=0.05)
    images, classes = dataset.read_test()
    wrong = model.predict_proba(images).argmax(axis=1) != classes
    assert result["error"] == pytest.approx(np.mean(wrong))


def test_a_test_part_of_its_own_is_kept(folder):
    field_set = open_set(folder / "parts", FEATURES)
    images, classes = open_dataset(Config(dataset=str(folder / "parts"))).read_test()
    for seed in (0, 1):
        _, test = field_set.parts(seed)
        np.testing.assert_array_equal(field_set.images[test], images)
        np.testing.assert_array_equal(field_set.labels[test], classes)


def test_classes_of_the_test_part_are_never_learned_from(split):
    classes = split.classes.copy()
    classes[split.num_train :] = (classes[split.num_train :] + 1) % 3
    right = measure_draw(split, 5)["errors"]
    wrong = measure_draw(dataclasses.replace(split, classes=classes), 5)["errors"]
    assert max(right.values()) < 0.2
    assert min(wrong.values()) > 0.8


def test_a_small_class_gives_all_its_labels_but_one():
    labels = np.repeat([0, 1, 2, 3, -1], [30, 4, 1, 10, 20])
    indices, classes = labels_per_class(labels, 10, 4, seed=0)
    assert np.bincount(classes).tolist() == [10, 3, 1, 9]
    np.testing.assert_array_equal(labels[indices], classes)


def test_features_are_those_suggested_and_never_pixels():
    assert "color" in suited_features(1000, (100, 100, 3))
    assert "pixels" not in suited_features(1000, (28, 28, 1))


def test_sets_are_found_by_name(folder, tmp_path):
    assert [path.name for path in find_sets(folder)] == ["parts", "whole"]
    assert [path.name for path in find_sets(folder, ["whole"])] == ["whole"]
    with pytest.raises(InputError, match="has no 'steal': need some of parts, whole"):
        find_sets(folder, ["steal"])
    for empty in (tmp_path, tmp_path / "missing"):
        with pytest.raises(InputError, match="holds no folders"):
            find_sets(empty)


def test_a_set_of_one_class_is_refused(tmp_path, rng):
    make_set(tmp_path / "lonely", [3], rng)
    with pytest.raises(InputError, match="labels of 0 classes, need two or more"):
        open_set(tmp_path / "lonely", FEATURES)


def figures(name, seed, error, alone, each=10):
    return {
        "dataset": name,
        "labels_per_class": each,
        "seed": seed,
        "num_classes": 6,
        "error": error,
        "errors": {"labels alone": alone, "poisson": 0.3, "both": 0.25},
    }


def test_tables_have_mean_and_worst_and_count_the_worse_draws():
    results = [
        figures("steel", 0, 0.10, 0.20),
        figures("steel", 1, 0.30, 0.29),
        figures("signs", 0, 0.204, 0.20),
        figures("signs", 0, 0.5, 0.6, each=1),
    ]
    tables = field_tables(results)
    first, second = tables.split("**10 labels per class**")
    assert "**1 label per class**" in first
    assert "| signs | 6 | 1 | 50.0 (50.0) | 60.0 (60.0) |" in first
    assert "| steel | 6 | 2 | 20.0 (30.0) | 24.5 (29.0) |" in second
    worse = re.findall(r"\| (\w+) .*\| (\d of \d) \|", second)
    # Half a point is tolerated.
    assert worse == [("signs", "0 of 1"), ("steel", "1 of 2")]
    assert "whole run" not in tables


def test_tables_show_whole_runs_where_they_were_measured():
    results = [figures("steel", 0, 0.1, 0.2), figures("signs", 0, 0.1, 0.2)]
    results[0]["whole"] = {"test_error": 0.123}
    signs, steel = field_tables(results).splitlines()[-2:]
    assert "| 12.3 (12.3) | 0 of 1 |" in steel
    assert "| - | 0 of 1 |" in signs


def test_picture_has_a_panel_per_set(measured):
    figure = error_over_labels(results_in(measured[0]))
    panels = [axes for axes in figure.axes if axes.axison]
    assert [axes.get_title() for axes in panels] == ["parts", "whole"]
    results = [
        r["errors"]["labels alone"]
        for r in results_in(measured[0])
        if r["dataset"] == "whole" and r["labels_per_class"] == 1
    ]
    lines = {line.get_label(): line for line in panels[1].lines}
    line = lines["labels alone"]
    assert line.get_xdata().tolist() == [1, 5]
    assert line.get_ydata()[0] == pytest.approx(100 * np.mean(results))


def test_the_command_prints_its_tables_and_fills_a_page(measured, call, tmp_path):
    out, page, plot = measured[0], tmp_path / "field.md", tmp_path / "field.png"
    page.write_text(f"Before\n<!-- {out} -->\n<!-- end of {out} -->\n")
    flags = ["--field", "unused", "--table", "--out", out]
    printed = call(main, *flags, "--page", page, "--plot", plot)
    assert printed.strip() == field_tables(results_in(out))
    assert printed.strip() in page.read_text()
    with Image.open(plot) as picture:
        assert picture.size[0] > 500


def test_page_holds_the_measured_figures():
    text = Path("benchmarks/field.md").read_text(encoding="utf-8")
    results = read_results("benchmarks/field.json")
    _, held = text.split("<!-- benchmarks/field.json -->\n")
    assert held.split("\n<!-- end of")[0] == field_tables(results)
    assert Path("benchmarks/field.png").exists()


@pytest.fixture
def commands(monkeypatch):
    """The training commands that are called; instead of training they write figures."""
    called = []

    def run(command, env, **_):
        called.append(command[3:])
        assert env["SSVAE_CACHE"] == ""
        if "--out" not in command:
            return SimpleNamespace(returncode=2)
        out = Path(command[command.index("--out") + 1])
        out.mkdir(parents=True)
        metrics = {"test_error": 0.1, "train_seconds": 2.0, "device": "x"}
        (out / "metrics.json").write_text(json.dumps(metrics))
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(field_whole.subprocess, "run", run)
    return called


def test_a_whole_run_is_the_command_with_nothing_else_stated(
    folder, tmp_path, commands
):
    field_set = open_set(folder / "whole", FEATURES)
    for _ in range(2):
        figures = whole_run(field_set, 30, 2, tmp_path)
        assert figures == {"test_error": 0.1, "train_seconds": 2.0}
    out = tmp_path / "field-whole-30-2"
    flags = f"--labels 30 --test-fraction 0.25 --seed 2 --out {out}"
    # The second call finds the finished run.
    assert commands == [["--dataset", str(folder / "whole"), *flags.split()]]
    whole_run(open_set(folder / "parts", FEATURES), 2, 0, tmp_path)
    assert "--test-fraction" not in commands[1]


def test_an_interrupted_whole_run_is_gone_on_with(folder, tmp_path, commands):
    partial = partial_folder(tmp_path / "field-whole-30-2")
    partial.mkdir()
    (partial / "checkpoint-5.npz").touch()
    with pytest.raises(InputError, match="the reason is above"):
        whole_run(open_set(folder / "whole", FEATURES), 30, 2, tmp_path)
    assert commands == [["--resume", str(tmp_path / "field-whole-30-2")]]


def test_whole_runs_are_added_to_the_results(measured, folder, tmp_path, commands):
    out = tmp_path / "field.json"
    out.write_text(measured[0].read_text())
    plan = FieldPlan(folder, (5,), 2, ("parts",), FEATURES, tmp_path / "runs")
    for _ in range(2):
        results = measure_field(plan, out, lambda line: None)
    with_runs = [r for r in results if "whole" in r]
    assert [(r["dataset"], r["seed"]) for r in with_runs] == [
        ("parts", 0),
        ("parts", 1),
    ]
    assert all(r["whole"]["test_error"] == 0.1 for r in with_runs)
    assert len(commands) == 2
