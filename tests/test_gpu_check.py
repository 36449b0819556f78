"""What checks a GPU, here on a machine that may have none."""

import json
import subprocess
import sys
from pathlib import Path

import keras
import pytest

SCRIPT = Path(__file__).with_name("scripts") / "bare.py"
OTHERS = {"tensorflow", "tensorflow_datasets", "jax", "torch"}
MISSING = {"sklearn", "PIL", "matplotlib", "pyarrow", "pandas", "streamlit", "psutil"}


@pytest.mark.slow
def test_it_runs_with_keras_and_a_backend_alone(tmp_path):
    backend = keras.backend.backend()
    out = tmp_path / "gpu.json"
    process = subprocess.run(
        [sys.executable, SCRIPT, out, *MISSING, *OTHERS - {backend}],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    figures = json.loads(out.read_text())
    assert figures["keras_backend"] == backend
    if figures["device"] == "cpu":
        assert "There is no GPU here" in process.stdout
        assert figures["loss_difference"] < 1e-6
    (run,) = figures["runs"]
    assert run["test_accuracy"] > 0.8
    assert run["network_seconds"] > 0


def test_losses_that_differ_from_those_of_the_cpu_are_reported(monkeypatch):
    sys.path.insert(0, "benchmarks")
    import gpu

    sys.path.remove("benchmarks")
    answer = subprocess.CompletedProcess([], 0, stdout=b"[1.0, 2.0]")
    monkeypatch.setattr(gpu.subprocess, "run", lambda *_, **__: answer)
    monkeypatch.setattr(gpu, "losses", lambda quick: [1.0, 2.002])
    assert gpu.check(True) == pytest.approx(1e-3)
    monkeypatch.setattr(gpu, "losses", lambda quick: [1.0, 2.1])
    with pytest.raises(SystemExit, match="need"):
        gpu.check(True)
