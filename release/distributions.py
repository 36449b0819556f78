"""Build both distributions into `dist/`: `ssvae`, and `ssvae-core` without TensorFlow.

    python release/distributions.py [FOLDER]

The second one is made from the source distribution of the first: only the name and what
is required differ. Both hold the package `ssvae`, so an environment has one of them.
"""

import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

import tomli_w

ROOT = Path(__file__).resolve().parents[1]
# What is not required, and the extras that are of use without it.
WITHOUT = "tensorflow"
EXTRAS = ("app", "heif", "hub", "jax", "keras-hub", "lite", "torch")


def main() -> None:
    """Build the distributions and print their names."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "dist").resolve()
    build(ROOT, folder)
    with tempfile.TemporaryDirectory() as scratch:
        build(core_tree(newest(folder, "ssvae-*.tar.gz"), Path(scratch)), folder)
    for path in sorted(folder.iterdir()):
        print(f"{path.stat().st_size / 1e6:6.1f} MB  {path.name}")


def build(tree: Path, folder: Path) -> None:
    """Build the source distribution and the wheel of a tree into a folder."""
    command = [sys.executable, "-m", "build", "--outdir", str(folder), str(tree)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def newest(folder: Path, pattern: str) -> Path:
    """Return the latest file of a pattern."""
    return max(folder.glob(pattern), key=lambda path: path.stat().st_mtime)


def core_tree(archive: Path, scratch: Path) -> Path:
    """Unpack a source distribution of `ssvae` as one of `ssvae-core`."""
    with tarfile.open(archive) as files:
        files.extractall(scratch, filter="data")
    (tree,) = scratch.iterdir()
    path = tree / "pyproject.toml"
    settings = tomllib.loads(path.read_text(encoding="utf-8"))
    path.write_text(tomli_w.dumps(core(settings)), encoding="utf-8")
    return tree


def core(settings: dict) -> dict:
    """Return the `pyproject.toml` of `ssvae-core`, given that of `ssvae`."""
    project = settings["project"]
    extras = project["optional-dependencies"]
    return settings | {
        "project": project
        | {
            "name": "ssvae-core",
            "dependencies": _without(project["dependencies"]),
            "optional-dependencies": {
                name: [need.replace("ssvae[", "ssvae-core[") for need in needs]
                for name, needs in extras.items()
                if name in EXTRAS
            },
        }
    }


def _without(needs):
    return [need for need in needs if not need.startswith(WITHOUT)]


if __name__ == "__main__":
    main()
