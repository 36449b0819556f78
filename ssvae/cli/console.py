"""What a command prints: progress, lines and its summary."""

import json
import sys
import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from ssvae.errors import InputError
from ssvae.hardware import peak_memory
from ssvae.saving.find import describe


def say(text):
    """Print a line on standard error, where progress goes."""
    print(text, file=sys.stderr, flush=True)


def cost(count, began) -> dict:
    """Return what the work on so many images took, for a summary.

    Args:
        count: Images.
        began: What `time.perf_counter()` was before.
    """
    seconds = time.perf_counter() - began
    figures = {"images_per_second": round(count / seconds)}
    memory = peak_memory()
    return (
        figures if memory is None else {**figures, "peak_memory_gib": round(memory, 2)}
    )


def report(flags, summary):
    """Print a command's summary, a dict of names and values, on standard output.

    What kind of model was found comes first.
    """
    print_summary({"model": describe(flags.run), **summary}, flags.json)


def print_summary(summary, as_json):
    """Print a dict of names and values on standard output, as JSON or for people."""
    if as_json:
        print(json.dumps(summary))
        return
    for name, value in summary.items():
        print(f"{name.replace('_', ' ')}: {value}")


def with_progress(images, doing):
    """Yield the chunks of images while a bar on a terminal tells how far that is.

    Args:
        images: What `open_images` returned.
        doing: Word that says what is done to them.

    Raises:
        InputError: If there was none, or none that could be used.
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
    if not done:
        raise InputError("no image is left: need at least one that can be used")
