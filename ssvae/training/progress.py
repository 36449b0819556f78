"""What a person sees while a model trains, and the history that is kept of it."""

import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from ssvae.training.steps import CountsSteps


class TrainingProgress(CountsSteps):
    """A bar with the remaining time on a terminal, and a line an epoch anywhere.

    Both go to standard error.

    Args:
        resumed: `Checkpoint` that training goes on from, or None.

    Attributes:
        history: A dict an epoch: `epoch`, counted from 1; `seconds` since training
            began, graph and M1 included; and the mean of every term.
    """

    def __init__(self, resumed=None):
        super().__init__(resumed)
        self.history = list(resumed.history) if resumed else []
        self.before = resumed.seconds if resumed else 0.0
        self.began = time.perf_counter()
        self.task = None
        self.console = Console(
            stderr=True, highlight=False, soft_wrap=True, markup=False
        )
        self.bar = Progress(
            TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
            BarColumn(),
            TextColumn("step {task.completed}/{task.total}"),
            TimeRemainingColumn(elapsed_when_finished=True),
            TextColumn("left"),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )

    def say(self, text):
        """Print a line."""
        self.console.print(text)

    def on_train_begin(self, logs=None):
        """Start the bar, if it does not run yet."""
        if self.task is not None:
            return
        epochs = self.model.config.epochs
        total = epochs * self.model.steps_per_epoch
        self.task = self.bar.add_task(
            "train", total=total, completed=self.step, epoch=1, epochs=epochs
        )
        self.bar.start()

    def seconds(self) -> float:
        """Return how long training has taken, broken off runs included."""
        return self.before + time.perf_counter() - self.began

    def on_epoch_begin(self, epoch, logs=None):
        """Name the epoch on the bar."""
        self.bar.update(self.task, epoch=epoch + 1)

    def on_train_batch_end(self, batch, logs=None):
        """Move the bar."""
        super().on_train_batch_end(batch, logs)
        self.bar.update(self.task, completed=self.step)

    def on_epoch_end(self, epoch, logs=None):
        """Keep the epoch's terms and print them."""
        seconds = self.seconds()
        terms = {name: float(value) for name, value in (logs or {}).items()}
        self.history.append({"epoch": epoch + 1, "seconds": seconds, **terms})
        words = [f"{name} {value:.4g}" for name, value in terms.items()]
        self.console.print(
            f"epoch {epoch + 1}/{self.model.config.epochs}",
            f"{seconds:.0f} s",
            *words,
            sep="  ",
        )

    def close(self):
        """Take the bar away, however training ended."""
        self.bar.stop()
