"""What every `python -m ssvae.NAME` shares: flags, one-line errors, exit status."""

import argparse
import contextlib
import difflib
import math
import os
import re
import signal
import sys
import tempfile
import threading

from ssvae.errors import InputError
from ssvae.machine import keep_memory


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, exit status 2, and name the nearest flag."""

    def __init__(self, **kwargs):
        super().__init__(allow_abbrev=False, **kwargs)

    def parse_args(self, args=None, namespace=None):
        """Parse, or end the program with one line."""
        parsed, unknown = self.parse_known_intermixed_args(args, namespace)
        if unknown:
            flag = unknown[0].split("=")[0]
            close = difflib.get_close_matches(flag, self._option_string_actions, n=1)
            hint = f"did you mean {close[0]}?" if close else "see --help"
            self.error(f"unknown argument {flag!r}; {hint}")
        return parsed

    def error(self, message):
        """End the program with one line on standard error and status 2."""
        self.exit(2, f"{self.prog}: error: {message}\n")


def whole_number(low):
    """Return a parser of a flag's value: a whole number from `low` up."""
    return _number(int, f"need a whole number from {low} up", low, math.inf)


def number(low, high=math.inf):
    """Return a parser of a flag's value: a number from `low` to `high`."""
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


# What TensorFlow's libraries say at every start on a machine without a GPU.
_START_UP_NOISE = re.compile(
    r"WARNING: All log messages before absl|[IW]\d{4} |E\d{4} .* cuInit"
)


@contextlib.contextmanager
def quiet_start():
    """Keep TensorFlow's start-up noise off standard error; let anything else through.

    The libraries write to the file descriptor, past `sys.stderr`: it is held back for
    the length of the block, then passed on without the lines known to be harmless.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stderr.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(terminal, 2)
            os.close(terminal)
            held.seek(0)
            text = held.read().decode(errors="replace")
            for line in text.splitlines(keepends=True):
                if not _START_UP_NOISE.match(line):
                    sys.stderr.write(line)


@contextlib.contextmanager
def interrupts_held_back():
    """Let Ctrl-C and SIGTERM wait for the end of the block.

    Around imports: the libraries swallow an interruption that falls into theirs.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received = []
    signals = (signal.SIGINT, signal.SIGTERM)
    handlers = [signal.signal(s, lambda *_: received.append(True)) for s in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, handlers, strict=True):
            signal.signal(number, handler)
    if received:
        raise KeyboardInterrupt


def start_keras(first=None):
    """Import Keras, quietly, or say in one line why its backend does not start.

    Args:
        first: Function of `ssvae.backends` to call before anything is computed.

    Returns:
        What `first` returned.

    Raises:
        InputError: If it does not start.
    """
    # Three large gradients or more of one tensor are added in the order in which they
    # come, once TensorFlow has optimised the graph for memory, which two operations at
    # a time leave to chance: one at a time, each on every core, gives the same weights
    # bit for bit.
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
    # Convolutions in a third less time; TensorFlow has it on with some processors only.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    keep_memory()
    with interrupts_held_back(), quiet_start():
        try:
            from ssvae import backends
        except (ImportError, ValueError) as error:
            name = os.environ.get("KERAS_BACKEND", "tensorflow")
            raise InputError(
                f"Keras does not start on KERAS_BACKEND={name} ({error}): need "
                "tensorflow, jax or torch, installed; pip install 'ssvae[backends]' "
                "brings all three"
            ) from error
    with quiet_start():
        result = first(backends) if first else None
    with interrupts_held_back(), quiet_start():
        # Asking for the device is what makes the libraries speak.
        backends.device_name()
    return result


def run(main, program: str):
    """Run a command's `main()` and end the program with its exit status.

    0 is success, 2 is bad input (one line on standard error), 1 is anything else. An
    interruption, by Ctrl-C or by SIGTERM, is one line too.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main()
    except InputError as error:
        sys.exit(_say(program, f"error: {error}", 2))
    except KeyboardInterrupt as error:
        words = str(error) or "interrupted; nothing was written"
        sys.exit(_say(program, words, 1))


def say(text):
    """Print a line on standard error, where progress goes."""
    print(text, file=sys.stderr, flush=True)


def _say(program, message, status):
    line = " ".join(message.split())
    print(f"{program}: {line}", file=sys.stderr)
    return status
