"""The main job, as a person runs it: `python -m ssvae.train`."""

import csv
import json
import signal
from pathlib import Path

import numpy as np
import pytest
from helpers import run_python
from PIL import Image

import ssvae
from ssvae.config.settings import Config
from ssvae.config.toml import load_config
from ssvae.errors import InputError
from ssvae.train import main

SCRIPTS = Path(__file__).with_name("scripts")
# A small network, for a few steps.
QUICK = """
classifier_body = "mlp"
hidden_units = 16
latent_dim = 4
unlabeled_batch_size = 600
"""
STEPS = 10


@pytest.fixture(scope="module")
def flags(digits, tmp_path_factory):
    """Flags of a quick run of the default recipe on the digits."""
    path = tmp_path_factory.mktemp("quick") / "quick.toml"
    path.write_text(QUICK)
    return f"--config {path} --dataset {digits} --labels 20 --seed 4 --epochs 3".split()


@pytest.fixture(scope="module")
def run(flags, tmp_path_factory):
    """A run folder made by the command, and what it printed."""
    out = tmp_path_factory.mktemp("runs") / "run"
    process = run_python("-m", "ssvae.train", *flags, "--out", out)
    assert process.returncode == 0, process.stderr
    return out, process


def metrics(folder):
    return json.loads((folder / "metrics.json").read_text())


def test_run_folder_is_complete(run):
    names = sorted(path.name for path in run[0].iterdir())
    assert names == sorted(
        "README.md config.toml history.csv labels.json metrics.json model.keras "
        "samples.png shown.npz to_label.csv unusual.csv unusual.png".split()
    )
    assert [path.name for path in run[0].parent.iterdir()] == ["run"]


def test_config_of_the_run_is_what_was_asked_for(run):
    config = load_config(run[0] / "config.toml")
    assert (config.labels, config.seed, config.epochs) == (20, 4, 3)
    assert config.learning_rate == Config().learning_rate


def test_metrics_are_those_of_the_saved_model(run, mnist):
    figures = metrics(run[0])
    images, labels = (part[:1000] for part in mnist.read_test())
    model = ssvae.load_model(run[0])
    accuracy = np.mean(model.predict_proba(images).argmax(axis=1) == labels)
    assert figures["test_accuracy"] == pytest.approx(accuracy, abs=2e-3)
    assert figures["test_error"] == pytest.approx(1 - figures["test_accuracy"])
    assert figures["test_elbo"] == pytest.approx(model.elbo(images).mean(), rel=1e-4)
    assert (figures["num_labels"], figures["num_unlabeled"]) == (20, 5801)
    assert figures["num_held_out"] == 179
    assert figures["seed"] == 4
    assert figures["recipe"] == "default"
    assert 0 < figures["train_seconds"] < 300
    speed = 3 * STEPS * (50 + 600) / figures["train_seconds"]
    assert figures["images_per_second"] == pytest.approx(speed)
    assert set(figures["versions"]) >= {"ssvae", "python", "keras", "numpy"}
    assert figures["keras_backend"] in figures["versions"]


def test_labels_of_the_run_are_those_of_the_data_set(run, mnist):
    draw = json.loads((run[0] / "labels.json").read_text())
    assert len(draw["indices"]) == 20
    assert mnist.labels[draw["indices"]].tolist() == draw["classes"]
    assert np.bincount(draw["classes"]).tolist() == [2] * 10


def test_history_has_one_row_per_epoch(run):
    with open(run[0] / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert float(rows[0]["unlabeled_elbo"]) < 0
    assert 0 <= float(rows[0]["accuracy"]) <= 1


def test_samples_have_one_row_per_class(run):
    picture = Image.open(run[0] / "samples.png")
    model = ssvae.load_model(run[0])
    first = model.generate(np.repeat(np.arange(10), 12), seed=0)[0, ..., 0]
    margin = picture.width - 12 * 56
    corner = np.asarray(picture)[:56:2, margin : margin + 56 : 2, 0] / 255
    assert corner == pytest.approx(first, abs=0.01)
    assert picture.height == 10 * 56


def test_card_states_the_figures_of_the_metrics(run):
    card = (run[0] / "README.md").read_text()
    figures = metrics(run[0])
    assert f"{figures['test_accuracy']:.2%}" in card
    assert f"{figures['test_elbo']:.1f} nats" in card
    assert "20 labeled and 5,801 unlabeled" in card


def test_results_go_to_standard_output_and_progress_to_standard_error(run):
    _, process = run
    assert process.stdout.startswith("test accuracy 0.")
    assert "samples.png" in process.stdout
    first, *lines = process.stderr.strip().splitlines()
    assert first == "Starting Keras."
    assert lines[0].startswith("Training recipe default with seed 4 on ")
    assert "20 labeled in 10 classes, 5,801 unlabeled" in lines[1]
    assert lines[2].startswith("Spreading the labels")
    assert lines[3].startswith("Class shares: taken as equal")
    assert lines[4].startswith("Pseudo-labels: by a graph of gradients")
    assert lines[5] == f"3 epochs of {STEPS} steps."
    assert lines[6].endswith("summed over the 2 likeliest of 10 classes.")
    assert [line.split()[:2] for line in lines[7:10]] == [
        ["epoch", f"{epoch}/3"] for epoch in (1, 2, 3)
    ]
    # TensorFlow starts in silence.
    assert [line.split()[0] for line in lines[10:]] == [
        "Fitting",
        "Looking",
        "Measuring",
    ]


@pytest.mark.parametrize(
    "by",
    [
        "SIGTERM",
        pytest.param("SIGINT", marks=pytest.mark.slow),
        pytest.param("SIGKILL", marks=pytest.mark.slow),
    ],
)
def test_an_interrupted_run_that_is_resumed_ends_bit_for_bit_like_a_whole_one(
    run, flags, by, tmp_path, call, capsys
):
    """Weights, history, and what is fitted after training."""
    whole, out = run[0], tmp_path / "run"
    process = run_python(SCRIPTS / "interrupted.py", by, 13, *flags, "--out", out)
    assert "Traceback" not in process.stderr
    assert not out.exists()
    if by == "SIGKILL":
        assert process.returncode == -signal.SIGKILL
    else:
        assert process.returncode == 1
        last = process.stderr.splitlines()[-1]
        assert last == f"ssvae.train: interrupted; go on with --resume '{out}'"
    with pytest.raises(InputError, match=f"--resume '{out}'"):
        call(main, *flags, "--out", out)
    with pytest.raises(InputError, match="leave out --epochs"):
        call(main, "--resume", out, "--epochs", 9)
    capsys.readouterr()
    call(main, "--resume", out)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["run"]
    names = [sorted(p.name for p in folder.iterdir()) for folder in (whole, out)]
    assert names[0] == names[1]
    one, other = ssvae.load_model(whole), ssvae.load_model(out)
    for first, second in zip(one.get_weights(), other.get_weights(), strict=True):
        assert np.array_equal(first, second)
    assert one.fitted.temperature == other.fitted.temperature
    assert np.array_equal(one.fitted.usual_scores, other.fitted.usual_scores)
    figures = [metrics(folder) for folder in (whole, out)]
    for name in ("test_accuracy", "test_elbo"):
        assert figures[0][name] == figures[1][name]


def test_a_plain_vae_is_trained_without_a_label(plain_run):
    figures = metrics(plain_run)
    assert figures["test_accuracy"] is None
    assert figures["num_labels"] == 0
    # A decoder that says one half everywhere has 784 log 2 nats.
    assert -543 < figures["test_elbo"] < -100
    assert ssvae.load_model(plain_run).generate([0, 0], seed=1).shape == (2, 28, 28, 1)


def test_a_plain_vae_is_trained_on_images_without_labels(tmp_path, mnist, call):
    np.save(tmp_path / "images.npy", mnist.images[:100])
    out, again = tmp_path / "vae", tmp_path / "again"
    flags = "--hidden-units 8 --epochs 1 --unlabeled-batch-size 50".split()
    place = "--dataset", tmp_path / "images.npy", "--out", out
    call(main, "--config", "configs/vae.toml", *place, *flags)
    # The model card says how to train it again.
    labels = "--labels-file", out / "labels.json"
    call(main, "--config", out / "config.toml", *labels, "--out", again)
    assert metrics(again)["test_elbo"] is None


@pytest.mark.slow
def test_the_m1_recipe_trains_m1_first_and_then_a_classifier(tmp_path, mnist, call):
    """One command trains both, without unlabeled images in the second part."""
    out = tmp_path / "run"
    quick = "--hidden-units 64 --m1-latent-dim 6 --m1-epochs 1 --epochs 5".split()
    recipe = ("--config", "configs/m1.toml", "--labels", "200", "--out", out)
    process = run_python(
        "-m", "ssvae.train", *recipe, *quick, "--labeled-batch-size", 500
    )
    assert process.returncode == 0, process.stderr
    assert process.stderr.count("epoch 1/1") == 1
    figures = metrics(out)
    assert figures["num_unlabeled"] == 0
    # Latents that were not trained tell much less.
    assert figures["test_accuracy"] > 0.5
    model = ssvae.load_model(out)
    assert model.generate([1, 2]).shape == (2, 28, 28, 1)
    # One epoch of the plain VAE brings some 550 nats down to a third.
    assert -220 < model.elbo(mnist.images[:500]).mean() < -100
