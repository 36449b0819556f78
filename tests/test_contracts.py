"""What holds for the package's source as a whole."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# It reads the steps of a pickle, and runs none.
OPCODES = ROOT / "ssvae" / "features" / "torch_pickle.py"
# The ending of a file, ".pickle", is only a name.
UNSAFE = re.compile(
    r"(?<!\.)\bpickle\b|\beval\(|\bexec\(|allow_pickle=True|safe_mode=False|"
    r"enable_unsafe_deserialization|shell=True|os\.system"
)


def test_nothing_in_the_product_runs_code_from_a_file():
    """No pickle, no evaluated text, no unsafe mode."""
    lines = [
        f"{path.relative_to(ROOT)}: {line}"
        for folder in ("ssvae", "app")
        for path in (ROOT / folder).rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if UNSAFE.search(line)
        # What `archive.py` says of a pickle that it refuses.
        and "it is a pickle" not in line
        and path.name != OPCODES.name
    ]
    assert not lines, "\n".join(lines)


def test_the_reader_of_tensors_takes_names_of_steps_alone_from_pickle():
    """Constants in capitals: nothing that could run a step."""
    text = OPCODES.read_text(encoding="utf-8")
    assert "pickle.STOP" in text
    assert not re.findall(r"pickle\.(?![A-Z0-9_]+\b)\w+", text)
    assert not re.search(r"from pickle|import pickle as|getattr\(pickle", text)
    assert not re.search(UNSAFE.pattern.replace(r"\bpickle\b|", ""), text)


def lint_imports(folder):
    """Return the status and the words of import-linter on a checkout."""
    command = "import sys; from importlinter.cli import lint_imports; "
    command += "sys.exit(lint_imports(no_cache=True))"
    process = subprocess.run(
        [sys.executable, "-c", command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return process.returncode, process.stdout + process.stderr


def test_imports_go_downwards_only():
    status, words = lint_imports(ROOT)
    assert status == 0, words
    assert "2 kept, 0 broken" in words


LAYERS = "Imports go downwards only"
NO_KERAS = "Help and bad input are answered without Keras"


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("config/settings.py", "from ssvae.evaluation import measures", [LAYERS]),
        ("config/settings.py", "from ssvae.vae import losses", [LAYERS, NO_KERAS]),
        ("data/images.py", "import keras", [NO_KERAS]),
    ],
)
def test_a_forbidden_import_breaks_the_contract(tmp_path, module, line, broken):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    ignored = shutil.ignore_patterns("__pycache__", "mnist_files")
    shutil.copytree(ROOT / "ssvae", tmp_path / "ssvae", ignore=ignored)
    path = tmp_path / "ssvae" / module
    path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n")
    status, words = lint_imports(tmp_path)
    assert status == 1, words
    assert re.findall("^(.*) BROKEN", words, flags=re.MULTILINE) == broken
