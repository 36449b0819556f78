"""Files to take away: exports of a model, made once and kept, and tables of answers."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import resources
from ssvae.errors import InputError
from ssvae.saving.find import MODEL_FILE

# Where exports are kept: they can be made again.
EXPORTS = resources.RUNS / ".exports"


def export_path(name: str, folder: Path, kind: str) -> Path:
    """Return where the zip file of an export is kept; another for a newer model.

    Args:
        name: Name of the model.
        folder: Its run folder.
        kind: The format.
    """
    changed = (folder / MODEL_FILE).stat().st_mtime_ns
    return EXPORTS / str(changed) / f"{name.replace('/', '-')}-{kind}.zip"


def make_export(folder: Path, kind: str, path: Path) -> None:
    """Export a model in a process of its own, so that its memory is given back.

    Args:
        folder: Its run folder.
        kind: The format.
        path: Path of the zip file.

    Raises:
        InputError: If it cannot be exported.
    """
    command = [sys.executable, "-m", "ssvae.export", str(folder), "--format", kind]
    done = subprocess.run(
        [*command, "--zip", str(path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it printed nothing"]
        words = lines[-1].removeprefix("ssvae.export: ").removeprefix("error: ")
        raise InputError(f"the model could not be exported: {words}")


def as_csv(columns: Mapping[str, Any]) -> bytes:
    """Return columns of the same length as CSV, for a download."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    # Names of files may hold bytes that are no text.
    return text.getvalue().encode("utf-8", "surrogateescape")
