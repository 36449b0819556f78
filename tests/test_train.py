"""The main job, as a person runs it: `python -m ssvae.train`."""

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
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


def command(*arguments, **environment):
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


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
    process = command("-m", "ssvae.train", *flags, "--out", out)
    assert process.returncode == 0, process.stderr
    return out, process


def metrics(folder):
    return json.loads((folder / "metrics.json").read_text())


def test_run_folder_is_complete(run):
    names = sorted(path.name for path in run[0].iterdir())
    assert names == sorted(
        "README.md config.toml history.csv labels.json metrics.json model.keras "
        "samples.png to_label.csv".split()
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
    lines = process.stderr.strip().splitlines()
    assert lines[0].startswith("Training recipe default with seed 4 on ")
    assert "20 labeled in 10 classes, 5,801 unlabeled" in lines[1]
    assert lines[2].startswith("Spreading the labels")
    assert lines[3] == f"3 epochs of {STEPS} steps."
    assert lines[4].endswith("summed over the 2 likeliest of 10 classes.")
    assert [line.split()[:2] for line in lines[5:]] == [
        ["epoch", f"{epoch}/3"] for epoch in (1, 2, 3)
    ], "nothing else is said: TensorFlow starts in silence"


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
    process = command(SCRIPTS / "interrupted.py", by, 13, *flags, "--out", out)
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


BAD = {
    "too few labels": ("--labels 5", "need at least one per class: 10"),
    "too many labels": ("--labels 60001", "has 60000"),
    "labels in words": ("--labels ten", "labels: got 'ten'"),
    "nothing to resume": ("--resume {}/none", "no run to resume"),
    "a run that is whole": ("--resume {}/exists", "no run to resume"),
    "no labels": ("--labels 0", "for a plain VAE use configs/vae.toml"),
    "labels for the VAE": ("--config configs/vae.toml --labels 10", "a plain VAE"),
    "two sources of labels": ("--labels 10 --labels-file x", "exclude each other"),
    "missing labels file": ("--labels-file {}/none.json", "No such file"),
    "unknown flag": ("--epoch 3", "unknown argument '--epoch'; did you mean --epochs?"),
    "flag without value": ("--epochs", "expected one argument"),
    "stray word": ("100", "unknown argument '100'"),
    "unknown key": ("--config {}/unknown.toml", "did you mean 'learning_rate'?"),
    "not TOML": ("--config {}/broken.toml", "is not TOML"),
    "missing config": ("--config {}/none.toml", "No such file"),
    "unknown data set": ("--dataset cifar", "unknown data set 'cifar'"),
    "one class": ("--dataset {}/one.npz", "has labels of 1 classes, need two or more"),
    "test part again": (
        "--dataset {}/twice.npz",
        "20 of its 20 test images",
    ),
    "two test parts": ("--test-fraction 0.2", "has a test part of its own"),
    "size of no files": ("--image-size 20", "'mnist' is no folder of image files"),
    "missing data set": ("--dataset tfds:kmnist --data-dir {}", "is not prepared"),
    "out exists": ("--out {}/exists", "exists"),
    "out exists and is no run": ("--out {}/unknown.toml --overwrite", "no run folder"),
    "out cannot be written": ("--out /proc/run", "cannot write"),
    "no epochs": ("--epochs 0", "epochs: got 0, need a whole number from 1 up"),
    "negative seed": ("--seed -1", "seed: got -1"),
    "not a number": ("--learning-rate nan", "learning_rate: got nan"),
}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """A folder with the files that the bad inputs name."""
    folder = tmp_path_factory.mktemp("inputs")
    (folder / "unknown.toml").write_text("learning_rat = 1.0")
    (folder / "broken.toml").write_text("epochs = = 3")
    (folder / "exists").mkdir()
    images = np.random.default_rng(0).integers(0, 256, (20, 8, 8), dtype=np.uint8)
    np.savez(folder / "one.npz", x=images, y=np.zeros(20, int))
    both = {"x_train": images, "y_train": np.arange(20) % 2}
    np.savez(folder / "twice.npz", **both, x_test=images, y_test=both["y_train"])
    return folder


@pytest.fixture(scope="module")
def answers(inputs):
    """What one process answers to every bad input: status, output and error."""
    before = sorted(inputs.rglob("*"))
    arguments = [
        text.format(*[inputs] * text.count("{}")).split() for text, _ in BAD.values()
    ]
    process = subprocess.run(
        [sys.executable, SCRIPTS / "answers.py", "ssvae.train"],
        # No backend has this name: whoever starts Keras fails in another way.
        env={**os.environ, "KERAS_BACKEND": "none-is-started"},
        input=json.dumps(arguments),
        capture_output=True,
        text=True,
        check=True,
    )
    assert sorted(inputs.rglob("*")) == before
    return dict(zip(BAD, json.loads(process.stdout), strict=True))


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_and_status_2_without_keras(answers, name):
    status, output, error = answers[name]
    assert (status, output) == (2, "")
    assert error.count("\n") == 1
    assert BAD[name][1] in error


@pytest.mark.parametrize("name", ["too few labels", "unknown flag"])
def test_bad_input_ends_a_process_with_status_2(answers, name):
    process = command("-m", "ssvae.train", *BAD[name][0].split())
    assert process.returncode == 2
    assert [process.stdout, process.stderr] == answers[name][1:]


def test_a_backend_that_does_not_start_is_one_line(tmp_path):
    out = tmp_path / "run"
    process = command("-m", "ssvae.train", "--out", out, KERAS_BACKEND="theano")
    assert (process.returncode, process.stderr.count("\n")) == (2, 1), process.stderr
    assert "KERAS_BACKEND=theano" in process.stderr
    assert list(tmp_path.iterdir()) == []


def test_help_names_every_setting_without_keras():
    process = command("-m", "ssvae.train", "--help", KERAS_BACKEND="none-is-started")
    assert process.returncode == 0
    for field in Config.__dataclass_fields__:
        assert f"--{field.replace('_', '-')} " in process.stdout


def test_train_is_a_function_and_the_module_of_the_command():
    script = "import ssvae; assert callable(ssvae.train); from ssvae.train import main"
    process = command("-c", script, KERAS_BACKEND="none-is-started")
    assert process.returncode == 0, process.stderr


@pytest.mark.slow
def test_the_m1_recipe_trains_m1_first_and_then_a_classifier(tmp_path, mnist, call):
    """One command trains both, without unlabeled images in the second part."""
    out = tmp_path / "run"
    quick = "--hidden-units 64 --m1-latent-dim 6 --m1-epochs 1 --epochs 5".split()
    recipe = ("--config", "configs/m1.toml", "--labels", "200", "--out", out)
    process = command("-m", "ssvae.train", *recipe, *quick, "--labeled-batch-size", 500)
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
