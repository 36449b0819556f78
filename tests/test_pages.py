"""Pages name files that exist, and state the figures that were measured."""

import json
import re
import runpy
import tomllib
from pathlib import Path

import numpy as np
import pytest
from documents import PAGES, SHOWN, text_of

from ssvae.evaluation.results import read_results
from ssvae.evaluation.tables import speed_table, table, uses_table

README = Path("README.md").read_text(encoding="utf-8")
LEFT_OUT = ("left_out_auroc",)
# Made by scripts of their own.
SCRIPTS = (
    "benchmarks/million.json",
    "benchmarks/asking.json",
    "benchmarks/own.json",
    "benchmarks/stream.json",
    "benchmarks/minutes.json",
    "benchmarks/bound.json",
    "benchmarks/by_hand.json",
    "benchmarks/estimators.json",
    "benchmarks/unusual.json",
    "benchmarks/coarse_labels.json",
    "benchmarks/defaults.json",
    "benchmarks/junk.json",
    "benchmarks/pseudo_labels.json",
    "benchmarks/reading.json",
    "benchmarks/labeling.json",
    "benchmarks/asked_labels.json",
    "benchmarks/origins.json",
    "benchmarks/imbalance.json",
    "benchmarks/wrong_labels.json",
    "benchmarks/story.json",
    "benchmarks/app.json",
)
USES = (
    "accuracy",
    "calibration_error",
    "accuracy_at_coverage_99",
    "unusual_auroc",
    "judged_accuracy",
    "classification_accuracy_score",
    "neighbor_accuracy",
    "neighbor_accuracy_pca",
    "log_px",
)


def test_pictures_and_links_exist():
    for page in PAGES + SHOWN:
        text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\((?!http)([^)#]+)(?:#[^)]*)?\)", text):
            assert (page.parent / target).exists(), f"{page}: {target}"


def test_links_of_the_readme_lead_to_headings():
    """Sphinx checks those of the site, `make docs`."""
    for file, heading in re.findall(r"\]\((?!http)([^)#]+)#([^)]+)\)", README):
        text = Path(file).read_text(encoding="utf-8")
        titles = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
        slugs = [re.sub(r"[^\w -]", "", title).lower() for title in titles]
        assert heading in [slug.replace(" ", "-") for slug in slugs], heading


def test_source_files_that_pages_name_exist():
    for page in PAGES + SHOWN:
        text = page.read_text(encoding="utf-8")
        named = re.findall(r"`((?:ssvae|tests|configs)/[a-z0-9_/]+\.\w+)`", text)
        assert [name for name in named if not Path(name).exists()] == [], page


def test_the_rooms_that_developers_read_of_are_the_layers_that_are_checked():
    settings = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    table = Path("CONTRIBUTING.md").read_text(encoding="utf-8").split("| room |")[1]
    rooms = [line.split("|")[1] for line in table.splitlines() if "| `" in line]
    named = [re.findall(r"`([a-z_]+)(?:/|\.py)`", room) for room in rooms]
    assert [set(names) for names in named] == [
        set(layer.split(" | ")) for layer in layers
    ]


@pytest.mark.parametrize(
    "page", ["docs/figures.md", "docs/by-hand.md", "benchmarks/README.md"]
)
def test_tables_are_made_of_the_measured_figures(page, monkeypatch):
    # Some scripts have their parts in files beside them.
    monkeypatch.syspath_prepend("benchmarks")
    text = Path(page).read_text(encoding="utf-8")
    sources = re.findall(r"<!-- (benchmarks/\S+) -->\n", text)
    assert sources
    for source in sources:
        marks = f"<!-- {source} -->\n(.*?)<!-- end of {source} -->"
        held = re.search(marks, text, flags=re.DOTALL)[1].rstrip("\n")
        if not Path(source).exists():
            # Not measured yet.
            assert held == ""
            continue
        if source in SCRIPTS:
            made = runpy.run_path(source.removesuffix(".json") + ".py")["table"]
            assert held == made(json.loads(Path(source).read_text(encoding="utf-8")))
            continue
        results = read_results(source)
        shown = [uses_table(results, names) for names in ((), USES, LEFT_OUT)]
        assert held in (table(results), *shown)


def test_errors_in_the_text_stand_in_a_table():
    pages = text_of(PAGES).splitlines()
    lines = [*pages, *text_of([Path("benchmarks/README.md")]).splitlines()]
    rows = "\n".join(line for line in lines if line.startswith("|"))
    text = " ".join(line for line in pages if not line.startswith("|"))
    errors = re.findall(r"\d+\.\d+ +± +\d+\.\d+ +%", text)
    assert errors
    for error in errors:
        assert " ".join(error.split()) in rows, error


def test_errors_on_digits_of_8_pixels_are_the_measured_ones():
    own = runpy.run_path("benchmarks/own.py")
    runs = read_results("benchmarks/own.json")
    errors = [
        100 * run["test_error"]
        for run in runs
        if (run["dataset"], run["recipe"]) == (own["SMALL"], "suggested")
    ]
    assert own["spread"](errors) in README


def test_errors_on_photographs_are_the_measured_ones():
    runs = json.loads(Path("benchmarks/field.json").read_text(encoding="utf-8"))

    def means(error):
        found = []
        for name in ("steel", "signs", "traffic", "aerial", "rubbish", "things"):
            draws = [
                100 * error(run)
                for run in runs
                if run["dataset"] == name and run["labels_per_class"] == 10
            ]
            assert len(draws) == 3
            found.append(f"{sum(draws) / 3:.1f}")
        return found

    text = " ".join(README.split())
    steel, signs, traffic, aerial, rubbish, things = means(lambda run: run["error"])
    assert f"{steel} % on flaws of steel, {signs} % on hand signs" in text
    assert f"{traffic} % on traffic signs, {aerial} % on satellite scenes" in text
    assert f"{rubbish} % on waste, {things} % on a part of CIFAR-10" in text
    *most, last = means(lambda run: run["errors"]["labels alone"])
    assert f"The labels alone give {', '.join(most)} and {last} % on" in text


def test_page_of_classes_holds_the_measured_figures():
    script = runpy.run_path("benchmarks/classes.py")
    results = json.loads(Path("benchmarks/classes.json").read_text(encoding="utf-8"))
    text = Path("benchmarks/classes.md").read_text(encoding="utf-8")
    assert text == script["page"](results)


def test_page_of_speed_holds_the_measured_figures():
    text = Path("benchmarks/speed.md").read_text(encoding="utf-8")
    tables = {
        "speed-one-core-before": speed_table,
        "speed-one-core": speed_table,
        "start": runpy.run_path("benchmarks/start.py")["table"],
        "workers": runpy.run_path("benchmarks/workers.py")["table"],
    }
    for name, made in tables.items():
        figures = json.loads(Path(f"benchmarks/{name}.json").read_text("utf-8"))
        assert made(figures) in text


def test_page_of_scale_holds_the_measured_figures():
    script = runpy.run_path("benchmarks/scale.py")
    results = json.loads(Path("benchmarks/scale.json").read_text("utf-8"))
    text = Path("benchmarks/scale.md").read_text(encoding="utf-8")
    assert script["curves"](results) in text
    assert script["billion"]() in text
    cubic = [(n, 7.0 * n**3) for n in (1, 10, 50)]
    assert script["exponent"](cubic) == pytest.approx(3)


@pytest.mark.parametrize("page", ["docs/figures.md", "benchmarks/README.md"])
def test_mean_of_the_left_out_digits_is_the_measured_one(page):
    runs = read_results("benchmarks/left-out.json")
    values = [run["evaluation"]["left_out_auroc"] for run in runs]
    assert len(values) == 10
    assert f"{np.mean(values):.3f}" in Path(page).read_text(encoding="utf-8")
