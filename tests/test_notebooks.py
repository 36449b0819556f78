"""The notebooks run from start to end, and are stored without what they print."""

import json
from pathlib import Path

import nbformat
import pytest
from helpers import save_photographs
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"
# What replaces the cell of parameters: the same notebook, in less time.
QUICK = {
    "digits": "LABELS = 100\n"
    'SETTINGS = {"epochs": 1, "propagation": "none", "classifier_body": "mlp"}',
    "photographs": 'FOLDER, LABELS = "photographs", 20\nSETTINGS = {"epochs": 1}',
    "labeling": 'FOLDER, ROUNDS, PER_ROUND = "photographs", 2, 10\n'
    'SETTINGS = {"epochs": 1}',
    "scikit_learn": "PER_CLASS = 5",
}


def test_every_notebook_has_quick_parameters():
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == set(QUICK)


@pytest.mark.parametrize("name", QUICK)
def test_a_notebook_is_stored_without_output(name):
    notebook = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(not cell["outputs"] and not cell["execution_count"] for cell in code)


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_a_notebook_runs(name, tmp_path, monkeypatch):
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    (parameters,) = (
        cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ())
    )
    parameters.source = QUICK[name]
    save_photographs(tmp_path / "photographs")
    monkeypatch.setenv("PYTHONPATH", str(FOLDER.parent))
    # Tests draw into no window; a kernel draws into the notebook.
    monkeypatch.delenv("MPLBACKEND", raising=False)
    client = NotebookClient(notebook, timeout=600, kernel_name="python3")
    client.execute(cwd=str(tmp_path))
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert any("image/png" in output.get("data", {}) for output in outputs)
