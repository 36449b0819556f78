"""Lines about work on many files: how much is done, and how long the rest takes."""

import re
import time
from collections.abc import Callable

from ssvae.types import Say

# Seconds before the first line: what is done by then needs none.
FIRST = 1.0
# Smallest number of seconds between lines. It grows with the time that has passed.
BETWEEN, GROWTH = 3.0, 0.1
# How its lines begin: what is done, and of how many.
_LINE = re.compile(r"([\d,]+) of ([\d,]+) ")


class Progress:
    """How much of some work is done, told at most every few seconds.

    Args:
        total: Number of things to do.
        what: What is done, after the numbers: "images read".
        say: Function that prints a line; None for nobody.
        clock: Function that returns seconds.
    """

    def __init__(
        self,
        total: int,
        what: str,
        say: Say | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.total, self.what, self.say, self.clock = total, what, say, clock
        self.done, self.work_done, self.work = 0, 0, 0
        self.began = clock()
        self.next_line = self.began + FIRST

    def expect(self, work: int) -> None:
        """State how much work all things are, for example bytes; else they are equal.

        Args:
            work: Sum of what `step` will be given.
        """
        self.work = work

    def step(self, work: int = 0) -> None:
        """Count one thing that is done, and print a line if it is time for one.

        Args:
            work: How much work it was, in the unit of `expect`.
        """
        self.done += 1
        self.work_done += work
        now = self.clock()
        if self.say and now >= self.next_line and self.done < self.total:
            passed = now - self.began
            self.next_line = now + max(BETWEEN, GROWTH * passed)
            self.say(f"{self.line(passed)}.")

    def line(self, passed: float) -> str:
        """Return the line, without a full stop.

        Args:
            passed: Seconds since the beginning.
        """
        share = self.done / self.total
        if self.work and self.work_done:
            # Large files take longer, and opening takes the same time for all.
            share = (share + self.work_done / self.work) / 2
        left = passed * (1 - share) / max(share, 1e-9)
        return (
            f"{self.done:,} of {self.total:,} {self.what}, about {in_words(left)} left"
        )


def share_of(line: str) -> float | None:
    """Return the share, from 0 to 1, that a line of `Progress` tells; None of others.

    Args:
        line: A line of text, "300 of 1,200 images read, about 20 s left".
    """
    found = _LINE.match(line)
    if not found:
        return None
    done, total = (int(number.replace(",", "")) for number in found.groups())
    return done / max(1, total)


def in_words(seconds: float) -> str:
    """Return a duration for a person: "1 s", "20 s", "3 min", "2 h".

    Args:
        seconds: Duration, seconds.
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3600)} h"
