"""Progress of training on standard error, and the history of its loss terms."""

import time

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from ssvae.data.progress import in_words
from ssvae.runs.checkpoints import Checkpoint
from ssvae.training.steps import CountsSteps, Logs
from ssvae.training.stopwatch import Stopwatch

# Lines about epochs, at most: of more epochs only some are told.
LINES = 20
# Seconds of training after which the time that is left is told, those of the first
# launch not counted; least time that is worth a word; and seconds after which it is
# told again where nothing else was printed.
TOLD_AFTER, WORTH_TELLING, TOLD_AGAIN = 10.0, 30.0, 60.0
# Terms of the loss that training does not change if q(y|x) stands on features.
OF_CLASSIFIER = ("accuracy", "cross_entropy")


class TrainingProgress(CountsSteps):
    """Prints lines about epochs and, on a terminal, a bar with the remaining time.

    Both go to standard error. Up to 20 epochs have a line each; of more, every second
    or third and so on has one. The time that is left is told after some seconds, and
    each minute in which no epoch ends.

    Args:
        resumed: `Checkpoint` to resume from, or None.

    Attributes:
        history: One dict per epoch: `epoch`, counted from 1; `seconds` since training
            began, graph and M1 included; and the mean of every loss term.
        stopwatch: `Stopwatch` of the stages of training.
    """

    def __init__(self, resumed: Checkpoint | None = None):
        super().__init__(resumed)
        self.history = list(resumed.history) if resumed else []
        self.stopwatch = Stopwatch(resumed.stages if resumed else None)
        # Step and moment after the first launch, in which the program is compiled.
        self.timed: tuple[int, float] | None = None
        self.estimated = False
        # Moment at which the last line was printed.
        self.told = time.perf_counter()
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

    def say(self, text: str) -> None:
        """Print a line."""
        self.console.print(text)
        self.told = time.perf_counter()

    def on_train_begin(self, logs: Logs = None) -> None:
        """Start the bar, unless an earlier `fit` started it."""
        if self.bar.task_ids:
            return
        epochs = self.model.config.epochs
        total = epochs * self.model.steps_per_epoch
        self.bar.add_task(
            "train", total=total, completed=self.step, epoch=1, epochs=epochs
        )
        self.bar.start()

    def seconds(self) -> float:
        """Return the seconds of training so far, interrupted runs included."""
        return self.stopwatch.total()

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Show the number of the epoch on the bar."""
        self.bar.update(self.bar.task_ids[0], epoch=epoch + 1)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Move the bar."""
        super().on_train_batch_end(batch, logs)
        self.bar.update(self.bar.task_ids[0], completed=self.step)
        self._tell_left(time.perf_counter())

    def _tell_left(self, now):
        """Print how long training will take, when that is known or long untold."""
        if self.timed is None:
            self.timed = self.step, now
            return
        first, began = self.timed
        due = now - self.told > TOLD_AGAIN
        if not self.estimated:
            due = now - began > TOLD_AFTER
        if not due:
            return
        total = self.model.config.epochs * self.model.steps_per_epoch
        each = (now - began) / (self.step - first)
        left = each * (total - self.step)
        if self.estimated or left > WORTH_TELLING:
            cost = f"{each:.1f}" if each >= 1 else f"{each:.2g}"
            self.say(
                f"Step {self.step:,} of {total:,}, {cost} s each: about "
                f"{in_words(left)} left."
            )
        self.estimated = True

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Add the epoch's loss terms to the history, and print some epochs'."""
        seconds = self.seconds()
        terms = {name: float(value) for name, value in (logs or {}).items()}
        self.history.append({"epoch": epoch + 1, "seconds": seconds, **terms})
        epochs = self.model.config.epochs
        if (epoch + 1) % -(-epochs // LINES) and epoch + 1 < epochs:
            return
        self.told = time.perf_counter()
        by_features = getattr(self.model, "has_features", False)
        left_out = OF_CLASSIFIER if by_features else ()
        words = [f"{k} {value:.4g}" for k, value in terms.items() if k not in left_out]
        self.console.print(
            f"epoch {epoch + 1}/{epochs}",
            f"{seconds:.0f} s",
            *words,
            sep="  ",
        )

    def close(self) -> None:
        """Remove the bar, however training ended."""
        self.bar.stop()
