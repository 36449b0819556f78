"""Commands and examples of README and site work as printed, with fewer steps."""

import importlib
import re
import runpy
import shlex
import shutil
import signal
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest
from documents import PAGES, SHOWN, blocks, commands, lines_of_commands
from helpers import run_python
from PIL import Image

import ssvae
import ssvae.data.__main__ as data
from ssvae.backends.workers import Workers
from ssvae.training.run import train as run_training

train = importlib.import_module("ssvae.train")

QUICK = (
    "--hidden-units 8 --epochs 1 --unlabeled-batch-size 6000 --labeled-batch-size 1000 "
    "--propagation none --classifier-body mlp"
)


# Lines of shell blocks that no test of this file runs: their beginning, and why.
NOT_RUN = {
    "make ": "takes minutes; a test of this file finds all of them",
    "python3 -m venv": "installs: release/check.py does so in fresh environments",
    "source ": "enters what was installed",
    "pip install ": "installs: release/check.py does so in fresh environments",
    "git clone ": "needs the network",
    "python -m ssvae.app": "serves until it is ended: tests/browser drives it",
    "python -m ssvae.push": "needs the hub: tests/test_push.py has a stand-in for it",
    "python -m ssvae.train --resume": "needs an interruption: tests/training",
    "python -m ssvae.train --distribute multiworker": "needs workers: tests/backends",
}
# The same of what only the pages of measured figures have.
MEASURED = {
    "python -m ssvae.benchmark": "takes hours: tests/benchmark runs it with less",
    "python -m ssvae.evaluate": "needs runs that took hours",
    "python benchmarks/": "takes minutes or hours: tests/benchmark checks the scripts",
    "python tests/browser/": "drives Chromium for minutes",
    "taskset ": "speed, on one core of a quiet machine",
    "KERAS_BACKEND=jax python benchmarks/": "takes hours, on a GPU",
    "for ": "a loop over commands for tables, which tests/test_pages.py makes anew",
    "done": "the end of such a loop",
}
# Examples in Python that are not run: what is in them, and why.
NOT_EXECUTED = {"hf://": "needs the hub: tests/test_push.py has a stand-in for it"}


def test_every_command_of_the_site_is_run_or_said_not_to_be():
    lines = {
        tuple(NOT_RUN): [line for line in lines_of_commands() if line not in TESTED],
        tuple(NOT_RUN | MEASURED): lines_of_commands(SHOWN),
    }
    for starts, here in lines.items():
        assert [line for line in here if not line.startswith(starts)] == []
    everything = lines_of_commands(PAGES + SHOWN)
    for start in NOT_RUN | MEASURED:
        assert any(line.startswith(start) for line in everything), start


def test_every_block_of_code_has_a_language_that_is_known():
    """What runs, what is only shown, and what Sphinx reads."""
    for path in PAGES + SHOWN:
        text = path.read_text(encoding="utf-8")
        opened = re.findall(
            r"^```([^\n]*)\n.*?^```$", text, flags=re.DOTALL | re.MULTILINE
        )
        shown = "text", "{include}", "{toctree}", "{eval-rst}", "{command-help}"
        for language in opened:
            known = language in ("sh", "python") or language.startswith(shown)
            assert known, f"{path}: {language!r}"


def test_make_targets_exist():
    makefile = Path("Makefile").read_text()
    for command in commands("make", PAGES + SHOWN):
        assert f"\n{command.split()[1]}:" in makefile


@pytest.fixture(scope="module")
def images(tmp_path_factory, mnist):
    """A folder of class folders with image files, some of them of no class."""
    folder = tmp_path_factory.mktemp("own") / "images"
    for row in range(300):
        name = mnist.labels[row] if row < 200 else "unlabeled"
        (folder / str(name)).mkdir(parents=True, exist_ok=True)
        pixels = Image.fromarray(mnist.images[row, ..., 0])
        pixels.resize((30, 20 + row % 9)).save(folder / str(name) / f"{row}.png")
    rows = [f"{mnist.labels[row]}/{row}.png,{mnist.labels[row]}" for row in range(50)]
    folder.with_name("table.csv").write_text("\n".join(["file,class", *rows]))
    return folder


def words_of(command, images):
    """Return the words of a command, with the paths of what they name."""
    table = images.parent / "table.csv"
    there = {"images": images, "runs/first/to_label.csv": table}
    return [str(there.get(word, word)) for word in shlex.split(command)]


def test_report_command_runs(images, tmp_path, monkeypatch, call):
    (line,) = commands("python -m ssvae.data")
    monkeypatch.chdir(tmp_path)
    text = call(data.main, *words_of(line, images)[3:])
    assert "300 images of 24x24 pixels, grey\n200 labeled in 10 classes" in text
    assert Path("sheet.png").exists()


TRAININGS = [
    line
    for line in commands("python -m ssvae.train")
    if not line.startswith(tuple(NOT_RUN))
]


@pytest.mark.parametrize("command", TRAININGS)
def test_a_training_command_is_accepted(command, images, tmp_path, monkeypatch, call):
    """What it asks for can be carried out; that it is, a slow test shows."""
    carried_out = []
    monkeypatch.setattr("ssvae.train.start", lambda way: Workers())
    monkeypatch.setattr(
        "ssvae.train.carry_out", lambda plan, *_, **__: carried_out.append(plan)
    )
    for name in ("_report", "_report_clusters"):
        monkeypatch.setattr(f"ssvae.train.{name}", lambda *_: None)
    call(train.main, *words_of(command, images)[3:], "--out", tmp_path / "run")
    (planned,) = carried_out
    assert planned.out == tmp_path / "run"
    labels = re.search("--labels ([0-9]+)", command)
    if labels:
        assert len(planned.dataset.labeled) == int(labels[1])


@pytest.mark.slow
@pytest.mark.parametrize("command", TRAININGS)
def test_a_training_command_runs(tmp_path, command, images):
    words = words_of(command, images)[3:]
    quick = shlex.split(QUICK)
    if {"configs/vae.toml", "configs/density.toml"} & set(words):
        quick = quick[:-2]
    if "--init" in words:
        # Its networks are those of the model to start from.
        quick = "--unlabeled-batch-size 6000 --propagation none --epochs 1".split()
    if "m1" in words[-1]:
        quick += ["--m1-epochs", "1"]
    process = run_python("-m", "ssvae.train", *words, *quick, "--out", tmp_path / "run")
    assert process.returncode == 0, process.stderr
    assert (tmp_path / "run" / "metrics.json").exists()


USES_OF_A_MODEL = [
    line
    for line in commands("python -m ssvae")
    if not re.search(r"ssvae\.(train|benchmark|data)", line)
    and not line.startswith(tuple(NOT_RUN))
]
# What makes a command shorter; all others take a few images.
SHORTER = {
    "ssvae.evaluate": ["--samples", "1", "--likelihood-images", "10"],
    "ssvae.generate": [],
    "ssvae.export": [],
}


@pytest.fixture
def use(small_run, mnist, tmp_path):
    """Return a function of a command: its module, and its words for the small run."""

    def use(command):
        module, model, *flags = shlex.split(command)[2:]
        if module == "ssvae.export" and keras.backend.backend() != "tensorflow":
            pytest.skip("is written by TensorFlow")
        assert model in ("mnist-100", "runs/NAME")
        folder = shutil.copytree(small_run, tmp_path / "run")
        few = tmp_path / "few.npy"
        np.save(few, mnist.images[:40])
        if "new_images" in flags:
            words = [few if word == "new_images" else word for word in flags]
            return module, [folder, *words]
        return module, [folder, *flags, *SHORTER.get(module, [few])]

    return use


def check_files(words, folder):
    """Assert that every file that a command names was written."""
    for word in map(str, words):
        assert "." not in word or word[0].isdigit() or (folder / word).exists()


@pytest.mark.parametrize("command", USES_OF_A_MODEL)
def test_a_command_for_a_trained_model_works(
    command, use, tmp_path, monkeypatch, capsys
):
    module, words = use(command)
    if module == "ssvae.export":
        # Each format is opened again by a test of its own.
        monkeypatch.setattr("ssvae.export.checked.compare", lambda *_: {"all": 0.0})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", [module, *map(str, words)])
    name = "ssvae.export.__main__" if module == "ssvae.export" else module
    importlib.import_module(name).main()
    out, err = capsys.readouterr()
    assert out
    assert not err or module == "ssvae.evaluate"
    check_files(words, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("command", USES_OF_A_MODEL)
def test_a_command_for_a_trained_model_runs(command, use, tmp_path):
    module, words = use(command)
    process = run_python("-m", module, *words, cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert process.stdout
    assert not process.stderr or module == "ssvae.evaluate"
    check_files(words, tmp_path)


TESTED = {*commands("python -m ssvae.data"), *TRAININGS, *USES_OF_A_MODEL}


def test_every_command_is_a_module_that_explains_itself(monkeypatch, capsys):
    modules = {line.split()[2] for line in commands("python -m ssvae")}
    assert len(modules) >= 8
    handler = signal.getsignal(signal.SIGTERM)
    for module in sorted(modules):
        monkeypatch.setattr("sys.argv", [module, "--help"])
        with pytest.raises(SystemExit) as ended, warnings.catch_warnings():
            # Of the module, which may have been imported before.
            warnings.simplefilter("ignore", RuntimeWarning)
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        assert ended.value.code == 0
        assert f"python -m {module}" in capsys.readouterr().out
    signal.signal(signal.SIGTERM, handler)


GIVEN = """
import ssvae
mnist = ssvae.load_dataset()
images = mnist.images[:8]
x, y = mnist.images[:300], mnist.labels[:300].copy()
y[100:] = -1
"""


def examples():
    """Return the examples in Python; some are slow, and others show the same."""
    found = [
        example
        for example in blocks("python")
        if not any(part in example for part in NOT_EXECUTED)
    ]
    slow = re.compile(r"callbacks=|load_digits")
    return [
        pytest.param(example, marks=pytest.mark.slow if slow.search(example) else ())
        for example in found
    ]


def briefly(config=None, *, dataset, **others):
    """Train as `ssvae.train` does, for one epoch without a graph."""
    config = config or ssvae.suited_config(dataset)
    return run_training(
        config.replace(epochs=1, propagation="none"), dataset=dataset, **others
    )


@pytest.mark.parametrize("example", examples())
def test_a_python_example_runs(example, tmp_path, exported, monkeypatch):
    if "saved_model.load" in example:
        if keras.backend.backend() != "tensorflow":
            pytest.skip("is written by TensorFlow")
        place = tmp_path / "exported" / "mnist-100-savedmodel"
        shutil.copytree(exported("savedmodel"), place)
    monkeypatch.chdir(tmp_path)
    # As in a program that has not imported the command of this name.
    monkeypatch.setattr(ssvae, "train", briefly)
    exec(GIVEN + example, {})
