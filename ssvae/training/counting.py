"""Progress of work on images that comes before training."""

import time
from types import TracebackType

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from ssvae.training.live import LiveFolder
from ssvae.training.progress import TrainingProgress

# Lines that are printed where there is no terminal, for the whole work.
LINES = 10


class Counting:
    """Tells how many images are done, and how long the others will take.

    On a terminal that is a bar, elsewhere a line after every tenth of the images. A
    program that watches the run finds both in `progress.json`.

    Args:
        what: What is made of the images, a noun.
        progress: `TrainingProgress`, which prints.
        live: `LiveFolder` of the run.
    """

    def __init__(self, what: str, progress: TrainingProgress, live: LiveFolder):
        self.what, self.progress, self.live = what, progress, live
        # Images that were done at a time, seconds: the first ones take longer.
        self.first: tuple[int, float] | None = None
        self.told = 0
        self.bar = Progress(
            TextColumn(
                f"{what}: {{task.completed:,.0f}} of {{task.total:,.0f}} images"
            ),
            BarColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
            TextColumn("left"),
            console=progress.console,
            transient=True,
            disable=not progress.console.is_terminal,
        )

    def __enter__(self) -> "Counting":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the bar, however the work ended."""
        self.bar.stop()

    def __call__(self, done: int, total: int) -> None:
        """Tell that `done` of `total` images are done."""
        if self.first is None:
            self.first = done, time.perf_counter()
            self.bar.add_task(self.what, total=total)
            self.bar.start()
        self.bar.update(self.bar.task_ids[0], completed=done)
        text = f"{self.what}: {done:,} of {total:,} images{self._left(done, total)}."
        self.live.count(text, done, total)
        if self.bar.disable and done * LINES // total > self.told:
            self.told = done * LINES // total
            self.progress.say(text)
        if done == total:
            self.bar.stop()

    def _left(self, done, total):
        """Return how long the others will take, in words; nothing if not yet known."""
        start, began = self.first
        if not start < done < total:
            return ""
        each = (time.perf_counter() - began) / (done - start)
        return f", {max(1, round(each * (total - done)))} s left"
