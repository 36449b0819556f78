"""The scripts of `benchmarks/` name modules and functions that exist."""

import ast
import importlib
import json
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = sorted(Path("benchmarks").glob("*.py"))


def imported(tree):
    """Return what a script imports from the package, within functions too, by name."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("ssvae"):
            home = importlib.import_module(node.module)
            for name in node.names:
                if not hasattr(home, name.name):
                    importlib.import_module(f"{node.module}.{name.name}")
                names[name.asname or name.name] = getattr(home, name.name)
    return names


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_scripts_use_names_that_exist(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = names.get(node.value.id)
            if isinstance(module, ModuleType) and isinstance(node.ctx, ast.Load):
                assert hasattr(module, node.attr), ast.unparse(node)


@pytest.mark.slow
def test_the_first_step_is_timed_part_by_part(tmp_path):
    flags = "--labels 100 --classifier-body mlp --hidden-units 8 --propagation original"
    process = subprocess.run(
        [
            *(sys.executable, "benchmarks/start_parts.py", "train", str(time.time())),
            *(*flags.split(), "--out", tmp_path / "run"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    figures = json.loads(process.stdout.splitlines()[-1])
    assert {"Keras and its backend", "data", "networks"} < set(figures["parts"])
    assert "graph, which spreads the labels" in figures["parts"]
    assert all(seconds > 0 for seconds in figures["parts"].values())
    assert sum(figures["parts"].values()) == pytest.approx(figures["whole"])
