"""Images of which no label is known."""

import csv
import json
import shutil

import numpy as np
import pytest
from helpers import rows_of, save_photographs

from ssvae.config.settings import Config
from ssvae.data import from_arrays, load_dataset
from ssvae.errors import InputError
from ssvae.runs.folder import CONTENTS
from ssvae.runs.labeling import read_suggestions
from ssvae.train import main
from ssvae.training.exploration import explore
from ssvae.training.plan import plan
from ssvae.training.run import train

FEATURES = "gradients color"


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """A folder of photographs without classes."""
    folder = tmp_path_factory.mktemp("photographs")
    save_photographs(folder)
    for path in sorted(folder.glob("*/*.png")):
        # The class is kept at the end of the name, where nobody looks for it.
        shutil.move(path, folder / f"{path.stem}{path.parent.name[0]}.png")
        if not list(path.parent.iterdir()):
            path.parent.rmdir()
    return folder


@pytest.fixture(scope="module")
def run(photographs, tmp_path_factory):
    """The folder of a run without labels."""
    config = Config(dataset=str(photographs), labels=0, features=FEATURES, suggest=12)
    return train(config, tmp_path_factory.mktemp("runs") / "run")


def classes(rows):
    """Return the true classes, letters, of rows of a table."""
    return [row["file"].removesuffix(".png")[-1] for row in rows]


def test_the_folder_holds_clusters_a_map_and_what_to_label(run):
    names = {path.name for path in run.iterdir()}
    assert names <= CONTENTS
    pictures = {"clusters.png", "map.png", "to_label.png"}
    assert names >= pictures | {"clusters.csv", "to_label.csv", "features.npy"}
    figures = json.loads((run / "metrics.json").read_text())
    assert figures["num_labels"] == 0 and figures["num_images"] == 90
    assert sum(figures["cluster_sizes"]) == 90
    assert len(np.load(run / "features.npy")) == 90
    assert "to_label.csv" in (run / "README.md").read_text()


def test_clusters_are_of_images_that_look_alike(run):
    rows = rows_of(run / "clusters.csv")
    truth, clusters = np.array(classes(rows)), np.array([r["cluster"] for r in rows])
    right = 0
    for cluster in set(clusters):
        _, counts = np.unique(truth[clusters == cluster], return_counts=True)
        right += counts.max()
    assert right > 0.6 * len(rows)
    assert len(set(clusters)) < 20


def test_the_first_images_to_label_are_of_every_class(run):
    assert len(read_suggestions(run)) == 12
    assert set(classes(rows_of(run / "to_label.csv")[:4])) == set("rgb")


def test_the_table_with_classes_filled_in_is_one_of_labels(run, photographs, tmp_path):
    rows = rows_of(run / "to_label.csv")
    for row, name in zip(rows[:8], classes(rows), strict=False):
        row["class"] = name
    path = tmp_path / "to_label.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    dataset = load_dataset(str(photographs), labels_csv=str(path))
    assert sorted(dataset.labeled) == sorted(int(row["index"]) for row in rows[:8])
    told = [dataset.class_names[dataset.labels[int(row["index"])]] for row in rows[:8]]
    assert told == classes(rows[:8])


def test_the_command_says_what_comes_next(photographs, tmp_path, call):
    out = tmp_path / "run"
    flags = "--labels", "0", "--features", FEATURES, "--suggest", "5"
    text = call(main, "--dataset", photographs, *flags, "--out", out)
    assert "clusters of similar images among 90" in text
    assert "Next: label the 5 images" in text and "--labels-csv" in text


def test_labels_that_nobody_asked_for_change_nothing(rng):
    images = rng.integers(0, 256, (40, 16, 16, 3), np.uint8)
    found = [
        explore(from_arrays(images, labels), Config(features=FEATURES), print)
        for labels in (np.arange(40) % 4, np.arange(40) // 20)
    ]
    assert np.array_equal(found[0].to_label, found[1].to_label)
    assert np.array_equal(found[0].clusters, found[1].clusters)


def test_too_few_images_are_refused(rng):
    images = rng.integers(0, 256, (3, 16, 16, 3), np.uint8)
    dataset = from_arrays(images, np.full(3, -1))
    with pytest.raises(InputError, match="3 images to find clusters in: need 4"):
        explore(dataset, Config(features=FEATURES), print)


def test_weights_to_start_from_are_refused(rng):
    images = rng.integers(0, 256, (20, 28, 28, 1), np.uint8)
    dataset = from_arrays(images, np.full(20, -1))
    with pytest.raises(InputError, match="labels: got 0, so nothing is trained"):
        plan(Config(labels=0), dataset=dataset, init="mnist-100")
