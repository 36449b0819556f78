"""Input of the training command: help and bad input are answered without Keras."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import run_python

from ssvae.config.settings import Config

SCRIPTS = Path(__file__).with_name("scripts")
BAD = {
    "too few labels": ("--labels 5", "need at least one per class: 10"),
    "too many labels": ("--labels 60001", "has 60000"),
    "labels in words": ("--labels ten", "labels: got 'ten'"),
    "nothing to resume": ("--resume {}/none", "no run to resume"),
    "a run that is whole": ("--resume {}/exists", "no run to resume"),
    "no labels": ("--labels 0 --init mnist-100", "so nothing is trained that could"),
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
    "one class": ("--dataset {}/one.npz", "has labels of one class, need two or more"),
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
    "no groups": ("--groups {}/none.csv", "No such file"),
    "class in two groups": ("--groups {}/two.csv", "'3' is in two groups"),
    "unknown class": ("--groups {}/unknown.csv", "'10', which is no class of 'mnist'"),
    "none of these alone": ("--dataset {}/none.npz", "names a class, all 20"),
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
    np.savez(folder / "none.npz", x=images, y=["none of these"] * 20)
    (folder / "two.csv").write_text("low,1,3\nhigh,3,8")
    (folder / "unknown.csv").write_text("low,1,10")
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
    process = run_python("-m", "ssvae.train", *BAD[name][0].split())
    assert process.returncode == 2
    assert [process.stdout, process.stderr] == answers[name][1:]


def test_a_backend_that_does_not_start_is_one_line(tmp_path):
    out = tmp_path / "run"
    process = run_python("-m", "ssvae.train", "--out", out, KERAS_BACKEND="theano")
    *progress, last = process.stderr.splitlines()
    assert process.returncode == 2, process.stderr
    assert progress[-1] == "Starting Keras." and last.startswith("ssvae.train: error:")
    assert "KERAS_BACKEND=theano" in process.stderr
    assert list(tmp_path.iterdir()) == []


def test_help_names_every_setting_without_keras():
    process = run_python("-m", "ssvae.train", "--help", KERAS_BACKEND="none-is-started")
    assert process.returncode == 0
    for field in Config.__dataclass_fields__:
        assert f"--{field.replace('_', '-')} " in process.stdout


def test_train_is_a_function_and_the_module_of_the_command():
    script = "import ssvae; assert callable(ssvae.train); from ssvae.train import main"
    process = run_python("-c", script, KERAS_BACKEND="none-is-started")
    assert process.returncode == 0, process.stderr
