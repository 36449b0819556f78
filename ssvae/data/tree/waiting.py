"""A word now and then about work that may take long."""

import time
from collections.abc import Callable

from ssvae.types import Say

# Seconds between two lines, and before the first: most work is done by then.
SECONDS = 5.0


class Waiting:
    """Prints how far some work is, if it takes long.

    Args:
        say: Function that prints a line; None to print nothing.
    """

    def __init__(self, say: Say | None) -> None:
        self._say, self._start = say, time.monotonic()
        self._last = self._start

    def tell(self, text: Callable[[], str], share: float = 0.0) -> None:
        """Print a line if the last one was long ago.

        Args:
            text: Function that returns the line, without a full stop.
            share: Share of the work that is done, 0 to 1; 0 if it is not known. The
                remaining time is printed then.
        """
        now = time.monotonic()
        if self._say is None or now - self._last < SECONDS:
            return
        self._last = now
        left = ""
        if share:
            seconds = (now - self._start) * (1 - share) / share
            left = f"; about {max(1, round(seconds)):,} s are left"
        self._say(f"{text()}{left}.")
