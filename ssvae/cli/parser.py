"""The parser of every command: an error is one line and ends with exit status 2."""

import argparse
import difflib
import math
import sys
from collections.abc import Callable
from typing import Any, NoReturn


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line and name the most similar flag.

    Args:
        command: Name of the command, such as `train`. Help and errors name it as it
            was started: `ssvae train`, or `python -m ssvae.train`.
        kwargs: What `argparse.ArgumentParser` takes.
    """

    def __init__(self, command: str, **kwargs: Any):
        started = f"ssvae {command}"
        prog = started if sys.argv[0] == started else f"python -m ssvae.{command}"
        super().__init__(prog=prog, allow_abbrev=False, **kwargs)

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse the arguments, or end the program with one line."""
        parsed, unknown = self.parse_known_intermixed_args(args, namespace)
        if unknown:
            flag = unknown[0].split("=")[0]
            close = difflib.get_close_matches(flag, self._option_string_actions, n=1)
            hint = f"did you mean {close[0]}?" if close else "see --help"
            self.error(f"unknown argument {flag!r}; {hint}")
        return parsed

    def error(self, message: str) -> NoReturn:
        """End the program with one line on standard error and status 2."""
        self.exit(2, f"{self.prog}: error: {message}\n")


def whole_number(low: int) -> Callable[[str], int]:
    """Return a function that reads a flag's value: a whole number from `low` up."""
    return _number(int, f"need a whole number from {low} up", low, math.inf)


def number(low: float, high: float = math.inf) -> Callable[[str], float]:
    """Return a function that reads a flag's value: a number from `low` to `high`."""
    needed = f"from {low} up" if high == math.inf else f"from {low} to {high}"
    return _number(float, f"need a number {needed}", low, high)


def _number(kind, needed, low, high):
    def parse(text):
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not (low <= value <= high and math.isfinite(value)):
            raise argparse.ArgumentTypeError(f"got {text!r}, {needed}")
        return value

    return parse
