"""The main job, as a person runs it: in a process of its own."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

import ssvae
from ssvae.config.settings import Config
from ssvae.config.toml import load_config
from ssvae.data.mnist import FOLDER

# All of MNIST in a few steps of a small network.
QUICK = (
    "--classifier-body mlp --hidden-units 16 --latent-dim 4 --propagation none "
    "--unlabeled-batch-size 6000 --epochs 1"
).split()


def command(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "ssvae.train", *map(str, arguments)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run folder made by the command, and what it printed."""
    out = tmp_path_factory.mktemp("runs") / "run"
    process = command(
        "--labels", 20, "--seed", 4, "--out", out, *QUICK, "--propagation", "deskewed"
    )
    assert process.returncode == 0, process.stderr
    return out, process


def test_run_folder_is_complete(run):
    names = sorted(path.name for path in run[0].iterdir())
    assert names == sorted(
        "README.md config.toml history.csv labels.json metrics.json model.keras "
        "samples.png to_label.csv".split()
    )
    assert [path.name for path in run[0].parent.iterdir()] == ["run"]


def test_config_of_the_run_is_what_was_asked_for(run):
    config = load_config(run[0] / "config.toml")
    assert (config.labels, config.seed, config.epochs) == (20, 4, 1)
    assert config.learning_rate == Config().learning_rate


def test_metrics_are_true(run, mnist):
    metrics = json.loads((run[0] / "metrics.json").read_text())
    images, labels = mnist.read_test()
    model = ssvae.load_model(run[0])
    accuracy = np.mean(model.predict_proba(images).argmax(axis=1) == labels)
    assert metrics["test_accuracy"] == pytest.approx(accuracy, abs=2e-4)
    assert metrics["test_error"] == pytest.approx(1 - metrics["test_accuracy"])
    assert metrics["test_elbo"] == pytest.approx(model.elbo(images).mean(), rel=1e-4)
    assert (metrics["num_labels"], metrics["num_unlabeled"]) == (20, 58181)
    assert metrics["num_held_out"] == 1799
    assert (metrics["seed"], metrics["dataset"]) == (4, "mnist")
    assert metrics["recipe"] == "default"
    assert 0 < metrics["train_seconds"] < 300
    speed = 10 * (50 + 6000) / metrics["train_seconds"]
    assert metrics["images_per_second"] == pytest.approx(speed)
    assert set(metrics["versions"]) >= {"ssvae", "python", "keras", "numpy"}
    assert metrics["keras_backend"] in metrics["versions"]


def test_labels_are_saved_and_true(run, mnist):
    draw = json.loads((run[0] / "labels.json").read_text())
    assert len(draw["indices"]) == 20
    assert mnist.labels[draw["indices"]].tolist() == draw["classes"]
    assert np.bincount(draw["classes"]).tolist() == [2] * 10


def test_history_has_a_row_an_epoch(run):
    with open(run[0] / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1"]
    assert float(rows[0]["unlabeled_elbo"]) < 0
    assert 0 <= float(rows[0]["accuracy"]) <= 1


def test_samples_are_a_row_a_class(run):
    picture = Image.open(run[0] / "samples.png")
    model = ssvae.load_model(run[0])
    first = model.generate(np.repeat(np.arange(10), 12), seed=0)[0, ..., 0]
    margin = picture.width - 12 * 56
    corner = np.asarray(picture)[:56:2, margin : margin + 56 : 2, 0] / 255
    assert corner == pytest.approx(first, abs=0.01)
    assert picture.height == 10 * 56


def test_card_tells_the_same_figures(run):
    card = (run[0] / "README.md").read_text()
    metrics = json.loads((run[0] / "metrics.json").read_text())
    assert f"{metrics['test_accuracy']:.2%}" in card
    assert f"{metrics['test_elbo']:.1f} nats" in card
    assert "20 labeled and 58,181 unlabeled" in card


def test_result_and_progress_go_where_they_belong(run):
    _, process = run
    assert process.stdout.startswith("test accuracy 0.")
    assert "samples.png" in process.stdout
    lines = process.stderr.strip().splitlines()
    assert lines[0].startswith("Training recipe default with seed 4 on ")
    assert "20 labeled in 10 classes, 58,181 unlabeled" in lines[1]
    assert lines[2].startswith("Spreading the labels")
    assert lines[3] == "1 epochs of 10 steps."
    assert lines[4].endswith("summed over the 2 likeliest of 10 classes.")
    assert lines[5].startswith("epoch 1/1")
    # Nothing else: TensorFlow starts in silence.
    assert len(lines) == 6, process.stderr


def test_saved_draw_is_used_again(run, tmp_path):
    out = tmp_path / "again"
    process = command(
        "--labels-file", run[0] / "labels.json", "--seed", 5, "--out", out, *QUICK
    )
    assert process.returncode == 0, process.stderr
    first, again = (json.loads((f / "labels.json").read_text()) for f in (run[0], out))
    assert first == again
    assert load_config(out / "config.toml").labels == 20


def test_plain_vae_trains_without_a_label(tmp_path):
    out = tmp_path / "vae"
    process = command("--config", "configs/vae.toml", "--out", out, *QUICK[2:])
    assert process.returncode == 0, process.stderr
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["test_accuracy"] is None
    assert metrics["num_labels"] == 0
    # Better than a decoder that says one half everywhere: 784 log 2 nats.
    assert -543 < metrics["test_elbo"] < -100
    assert ssvae.load_model(out).generate([0, 0], seed=1).shape == (2, 28, 28, 1)


def test_plain_vae_trains_on_images_that_nobody_labeled(tmp_path, mnist):
    np.save(tmp_path / "images.npy", mnist.images[:500])
    out = tmp_path / "vae"
    flags = "--dataset", tmp_path / "images.npy", "--out", out, *QUICK[2:]
    process = command("--config", "configs/vae.toml", *flags)
    assert process.returncode == 0, process.stderr
    # As its model card says, it is made again.
    again = "--config", out / "config.toml", "--labels-file", out / "labels.json"
    process = command(*again, "--out", tmp_path / "again")
    assert process.returncode == 0, process.stderr


@pytest.fixture
def inputs(tmp_path):
    """Folders and files that the bad inputs name."""
    (tmp_path / "unknown.toml").write_text("learning_rat = 1.0")
    (tmp_path / "broken.toml").write_text("epochs = = 3")
    (tmp_path / "exists").mkdir()
    images = np.random.default_rng(0).integers(0, 256, (20, 8, 8), dtype=np.uint8)
    np.savez(tmp_path / "one.npz", x=images, y=np.zeros(20, int))
    both = {"x_train": images, "y_train": np.arange(20) % 2}
    np.savez(tmp_path / "twice.npz", **both, x_test=images, y_test=both["y_train"])
    return tmp_path


BAD = {
    "too few labels": ("--labels 5", "need at least one a class: 10"),
    "too many labels": ("--labels 60001", "has 60000"),
    "labels in words": ("--labels ten", "labels: got 'ten'"),
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
    "test part again": ("--dataset {}/twice.npz", "20 of its 20 test images stand in"),
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


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_and_status_2_without_tensorflow(inputs, name):
    arguments, words = BAD[name]
    arguments = arguments.format(*[inputs] * arguments.count("{}")).split()
    # A backend that does not exist: whoever starts Keras fails another way.
    before = sorted(inputs.rglob("*"))
    process = command(*arguments, KERAS_BACKEND="none-is-started")
    assert process.returncode == 2
    assert process.stdout == ""
    assert process.stderr.count("\n") == 1
    assert words in process.stderr
    assert sorted(inputs.rglob("*")) == before


def test_a_backend_that_does_not_start_is_one_line(tmp_path):
    process = command("--out", tmp_path / "run", KERAS_BACKEND="theano")
    assert (process.returncode, process.stderr.count("\n")) == (2, 1), process.stderr
    assert "KERAS_BACKEND=theano" in process.stderr
    assert list(tmp_path.iterdir()) == []


def test_truncated_mnist_is_one_line(tmp_path):
    name = "t10k-labels-idx1-ubyte.gz"
    script = (
        "import sys, ssvae.data.mnist as mnist, pathlib\n"
        "mnist.load_mnist.__defaults__ = (pathlib.Path(sys.argv.pop()),)\n"
        "from ssvae import command, train\n"
        "command.run(train.main, 'ssvae.train')\n"
    )
    for file in FOLDER.glob("*.gz"):
        content = file.read_bytes()
        (tmp_path / file.name).write_bytes(
            content[: 2000 if file.name == name else None]
        )
    process = subprocess.run(
        [sys.executable, "-c", script, tmp_path],
        env={**os.environ, "KERAS_BACKEND": "none-is-started"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (process.returncode, process.stderr.count("\n")) == (2, 1)
    assert name in process.stderr
    assert "truncated" in process.stderr


def test_help_names_every_setting_without_keras():
    process = command("--help", KERAS_BACKEND="none-is-started")
    assert process.returncode == 0
    for field in Config.__dataclass_fields__:
        assert f"--{field.replace('_', '-')} " in process.stdout


def begin(out, *flags):
    """Start a training in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "ssvae.train", "--out", out, *QUICK, *flags],
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(process, words):
    """Wait until a process says something."""
    while not process.stderr.readline().startswith(words):
        assert process.poll() is None


def test_interrupted_at_the_start_nothing_is_left(tmp_path):
    process = begin(tmp_path / "run", "--epochs", "500")
    while not any(tmp_path.iterdir()):
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    last = errors.splitlines()[-1]
    assert last == "ssvae.train: interrupted; nothing was written"
    assert "Traceback" not in errors
    assert process.returncode == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_was_ended_goes_on_as_if_it_had_not(tmp_path, by):
    """Bit for bit: weights, history, and what was fitted."""
    flags = ("--epochs", "3")
    whole, out = tmp_path / "whole", tmp_path / "run"
    assert command("--out", whole, *QUICK, *flags).returncode == 0
    process = begin(out, *flags)
    wait_for(process, "epoch 1/")
    if by == signal.SIGKILL:
        # A little later, when the checkpoint of the epoch is written.
        partial = tmp_path / ".run.partial"
        while not any(partial.glob("checkpoint-*.npz")):
            time.sleep(0.01)
    process.send_signal(by)
    _, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors
    assert not out.exists()
    if by != signal.SIGKILL:
        assert process.returncode == 1
        last = errors.splitlines()[-1]
        assert last == f"ssvae.train: interrupted; go on with --resume '{out}'"
    again = command("--out", out, *QUICK, *flags)
    assert (again.returncode, again.stderr.count("\n")) == (2, 1)
    assert "was broken off: go on with --resume" in again.stderr
    wrong = command("--resume", out, "--epochs", "9")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
    assert "leave out --epochs" in wrong.stderr
    resumed = command("--resume", out)
    assert resumed.returncode == 0, resumed.stderr
    assert "Going on after step" in resumed.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["run", "whole"]
    assert sorted(p.name for p in out.iterdir()) == sorted(
        p.name for p in whole.iterdir()
    )
    one, other = ssvae.load_model(whole), ssvae.load_model(out)
    for first, second in zip(one.get_weights(), other.get_weights(), strict=True):
        assert np.array_equal(first, second)
    assert one.fitted.temperature == other.fitted.temperature
    assert np.array_equal(one.fitted.usual_scores, other.fitted.usual_scores)
    metrics = [json.loads((f / "metrics.json").read_text()) for f in (whole, out)]
    for name in ("test_accuracy", "test_elbo"):
        assert metrics[0][name] == metrics[1][name]


def test_nothing_to_resume_is_one_line(run, tmp_path):
    for place in (tmp_path / "none", run[0]):
        process = command("--resume", place)
        assert (process.returncode, process.stderr.count("\n")) == (2, 1)
        assert "no run to resume" in process.stderr


@pytest.mark.parametrize("first", ["function", "module"])
def test_train_is_a_function_and_a_module(first):
    script = {
        "function": "import ssvae; ssvae.train; from ssvae.train import main",
        "module": "import ssvae.train; from ssvae.train import main",
    }[first]
    script += "; assert callable(ssvae.train) and callable(main)"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_m1_is_trained_first_and_its_latents_then_classified(tmp_path, mnist):
    """One command trains both, without unlabeled images in the second part."""
    out = tmp_path / "run"
    quick = "--hidden-units 64 --m1-latent-dim 6 --m1-epochs 1 --epochs 5".split()
    recipe = ("--config", "configs/m1.toml", "--labels", "200", "--out", out)
    process = command(*recipe, *quick, "--labeled-batch-size", 500)
    assert process.returncode == 0, process.stderr
    assert process.stderr.count("epoch 1/1") == 1
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["num_unlabeled"] == 0
    # Latents that were not trained tell nothing like as much.
    assert metrics["test_accuracy"] > 0.5
    model = ssvae.load_model(out)
    assert model.generate([1, 2]).shape == (2, 28, 28, 1)
    # One epoch of the plain VAE brings some 550 nats down to a third.
    assert -220 < model.elbo(mnist.images[:500]).mean() < -100


def test_a_run_that_goes_on_may_learn_at_another_rate(tmp_path):
    out = tmp_path / "run"
    process = begin(out, "--epochs", "2")
    wait_for(process, "epoch 1/")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    resumed = command("--resume", out, "--learning-rate", "0.0001")
    assert resumed.returncode == 0, resumed.stderr
    config = load_config(out / "config.toml")
    assert (config.learning_rate, config.epochs) == (0.0001, 2)
