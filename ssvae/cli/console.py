"""What a command prints: progress and messages, and its summary at the end."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from ssvae.errors import InputError
from ssvae.hardware import peak_memory
from ssvae.saving.find import describe

if TYPE_CHECKING:
    from ssvae.cli.sources import Images


def say(text: str) -> None:
    """Print a line on standard error, where progress goes."""
    print(text, file=sys.stderr, flush=True)


def cost(count: int, began: float) -> dict[str, float]:
    """Return speed and memory of the work on images, for a summary.

    Args:
        count: Number of images.
        began: Value of `time.perf_counter()` at the start of the work.

    Returns:
        Dict of `images_per_second` and, where the system tells it, `peak_memory_gib`.
    """
    seconds = time.perf_counter() - began
    figures: dict[str, float] = {"images_per_second": round(count / seconds)}
    memory = peak_memory()
    if memory is not None:
        figures["peak_memory_gib"] = round(memory, 2)
    return figures


def report(flags: argparse.Namespace, summary: dict[str, Any]) -> None:
    """Print what kind of model a command used, then its summary.

    Args:
        flags: The parsed arguments, with `run` and `json`.
        summary: Dict of names and values.
    """
    print_summary({"model": describe(flags.run), **summary}, flags.json)


def print_summary(summary: dict[str, Any], as_json: bool) -> None:
    """Print a dict of names and values on standard output, as JSON or for people."""
    if as_json:
        print(json.dumps(summary))
        return
    for name, value in summary.items():
        print(f"{name.replace('_', ' ')}: {value}")


def with_progress(images: Images, doing: str) -> Iterator[tuple[np.ndarray, list[str]]]:
    """Yield chunks of images and their names; on a terminal a bar shows the progress.

    Args:
        images: What `open_images` returned.
        doing: Verb that the bar shows, such as "scoring".

    Raises:
        InputError: If there is no image, or none that can be used.
    """
    console = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
    bar = Progress(
        TextColumn(f"{doing} {{task.completed:,.0f}} of {{task.total:,.0f}} images"),
        BarColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
        TextColumn("left"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    done = 0
    with bar:
        task = bar.add_task(doing, total=images.count())
        for rows, names in images:
            yield rows, names
            done += len(names)
            bar.update(task, completed=done)
    for path, reason in images.skipped.items():
        console.print(f"left out {path}: {reason}")
    if blank := getattr(images, "blank", ()):
        more = f" and {len(blank) - 1:,} more" if len(blank) > 1 else ""
        console.print(f"nothing is on {blank[0]}{more}: all pixels are alike")
    if not done:
        raise InputError("no image is left: need at least one that can be used")
