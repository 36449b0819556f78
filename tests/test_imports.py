"""What imports what: no backend before it is needed, and never another's."""

import os
from pathlib import Path

import pytest
from helpers import run_python

import ssvae

SCRIPT = Path(__file__).with_name("scripts") / "train_and_load.py"


def test_the_package_imports_nothing_heavy():
    script = "import ssvae; ssvae.Config(); ssvae.load_dataset; ssvae.train; "
    script += "ssvae.SSVAEClassifier; "
    script += "import sys; print(*{m.split('.')[0] for m in sys.modules})"
    loaded = set(run_python("-c", script).stdout.split())
    assert "ssvae" in loaded
    assert not loaded & {"keras", "tensorflow", "jax", "torch", "streamlit"}


def test_every_public_name_exists():
    assert all(getattr(ssvae, name) for name in ssvae.__all__)


@pytest.mark.each_backend
@pytest.mark.needs_backend("jax", "torch")
def test_training_and_loading_import_no_tensorflow(tmp_path):
    process = run_python(SCRIPT, tmp_path / "run")
    assert process.returncode == 0, process.stderr
    loaded = set(process.stdout.splitlines()[-1].split())
    assert os.environ["KERAS_BACKEND"] in loaded
    assert "tensorflow" not in loaded
