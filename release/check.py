"""Install each distribution into a fresh environment, use it there, and measure it.

    python release/check.py [--dist FOLDER] [--ways plain jax ...] [--out FILE.json]

For each way: seconds and megabytes of the installation, seconds of `import ssvae`, what
must not be installed, and that `ssvae` trains, predicts and generates.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from distributions import ROOT, newest
from sklearn.datasets import load_digits

from ssvae.hardware import machine

CONSTRAINTS = ROOT / "constraints.txt"
# Imports that are timed; the least of them is reported, which no other program slowed.
IMPORTS = 5


@dataclass
class Way:
    """A way to install."""

    wheel: str
    extras: str = ""
    beside: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


WAYS = {
    "plain": Way("ssvae-*.whl", absent=("streamlit", "tensorflow_datasets", "pandas")),
    "app": Way("ssvae-*.whl", "[app]", absent=("tensorflow_datasets",)),
    "all": Way("ssvae-*.whl", "[all]"),
    "jax": Way("ssvae_core-*.whl", "", ("jax",), ("tensorflow", "torch", "streamlit")),
    "torch": Way("ssvae_core-*.whl", "", ("torch",), ("tensorflow", "jax")),
}


def main() -> None:
    """Check and measure the ways that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dist", type=Path, default=ROOT / "dist")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=["plain", "jax"])
    parser.add_argument("--python", default=sys.executable, help="its interpreter")
    parser.add_argument(
        "--measure", action="store_true", help="only: do not train there"
    )
    parser.add_argument("--name", help="name of the figures (that of the way)")
    parser.add_argument("--out", type=Path, help="file of the figures, added to")
    flags = parser.parse_args()
    for name in flags.ways:
        with tempfile.TemporaryDirectory() as scratch:
            place = Path(scratch)
            figures = check(WAYS[name], flags.dist, place, flags.python, flags.measure)
        print(name, json.dumps(figures), flush=True)
        if flags.out:
            _add(flags.out, flags.name or name, figures | {"machine": machine()})


def check(way: Way, dist: Path, scratch: Path, python: str, measure: bool) -> dict:
    """Return the figures of one way; its environment is made below `scratch`.

    With `measure` nothing is checked or used there.
    """
    place = scratch / "environment"
    subprocess.run([python, "-m", "venv", str(place)], check=True)
    before = _megabytes(place)
    wheel = f"{newest(dist, way.wheel)}{way.extras}"
    install = [str(place / "bin" / "pip"), "install", "--quiet", "--constraint"]
    start = time.perf_counter()
    subprocess.run([*install, str(CONSTRAINTS), wheel, *way.beside], check=True)
    seconds = time.perf_counter() - start
    for module in () if measure else way.absent:
        found = _run(place, scratch, "python", "-c", f"import {module}", expected=1)
        assert "ModuleNotFoundError" in found, f"{module} is installed: {found}"
    if not measure:
        _use(place, scratch)
    version = _run(place, scratch, "python", "--version").split()[1]
    return {
        "python": version,
        "install_seconds": round(seconds, 1),
        "megabytes": _megabytes(place) - before,
        "packages": len(list(place.glob("lib/*/site-packages/*.dist-info"))),
        "import_seconds": round(_import_seconds(place, scratch), 3),
    }


def _use(place, scratch):
    """Train a model of small digits, predict and generate, as the commands do."""
    images, labels = load_digits(return_X_y=True)
    images = (images.reshape(-1, 8, 8) * (255 / 16)).astype("uint8")
    np.savez(scratch / "digits.npz", x=images, y=labels)
    train = "train --dataset digits.npz --labels 50 --epochs 1 --test-fraction 0.2"
    train += " --features gradients"
    _run(place, scratch, "ssvae", *train.split(), "--out", "run")
    _run(place, scratch, "ssvae", "predict", "run", "--out", "answers.csv")
    _run(place, scratch, "ssvae", "generate", "run", "--count", "2", "--grid", "a.png")
    accuracy = json.loads((scratch / "run" / "metrics.json").read_text())
    # By chance it is 0.1.
    assert accuracy["test_accuracy"] > 0.8, accuracy["test_accuracy"]


def _import_seconds(place, scratch):
    """Return the seconds of `import ssvae`, without those of the interpreter."""
    code = "import time; s = time.perf_counter(); import ssvae; ssvae.Config; "
    code += "print(time.perf_counter() - s)"
    runs = (_run(place, scratch, "python", "-c", code) for _ in range(IMPORTS))
    return min(float(seconds) for seconds in runs)


def _run(place, scratch, program, *arguments, expected=0):
    """Run a program of the environment; return what it printed."""
    hidden = ("PYTHONPATH", "KERAS_BACKEND")
    variables = {k: v for k, v in os.environ.items() if k not in hidden}
    # No file of settings of Keras may choose the backend.
    variables |= {"KERAS_HOME": str(scratch / "keras"), "TF_CPP_MIN_LOG_LEVEL": "3"}
    result = subprocess.run(
        [str(place / "bin" / program), *arguments],
        cwd=scratch,
        env=variables,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert result.returncode == expected, result.stdout
    return result.stdout


def _megabytes(place):
    return round(sum(f.lstat().st_size for f in place.rglob("*")) / 1e6)


def _add(out, name, figures):
    known = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    text = json.dumps(known | {name: figures}, indent=2) + "\n"
    out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
