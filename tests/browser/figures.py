"""Figures of the app: kept in a file, and put into the page of all figures."""

import json
import runpy
from typing import Any

from serving import ROOT

from ssvae.evaluation.tables import update_page

FOLDER = ROOT / "benchmarks"


def keep(name: str, figures: dict[str, Any]) -> None:
    """Print figures, write `benchmarks/NAME.json`, and update the page's table."""
    text = json.dumps(figures, indent=1)
    print(text)
    (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    table = runpy.run_path(str(FOLDER / f"{name}.py"))["table"]
    update_page(FOLDER / "README.md", f"benchmarks/{name}.json", table(figures))
