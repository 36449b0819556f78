"""How a command's process starts and ends: Keras, signals, exit status."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import json
import os
import re
import signal
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from ssvae.errors import InputError

# Backends of Keras, the one that is tried first at the beginning.
_BACKENDS = ("tensorflow", "jax", "torch")
# Lines that TensorFlow's libraries print at every start on a machine without a GPU.
_START_UP_NOISE = re.compile(
    r"WARNING: All log messages before absl|[IW]\d{4} |E\d{4} .* cuInit"
)


@contextlib.contextmanager
def quiet_start() -> Iterator[None]:
    """Keep TensorFlow's start-up messages off standard error; pass on anything else.

    The libraries write to the file descriptor, past `sys.stderr`. What they write in
    the block is held back until its end, then passed on without the lines that are
    known to be harmless.
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
def interrupts_held_back() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait for the end of the block.

    Imports need it: an interruption that comes while a library is imported is lost.
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


def prepare_process() -> None:
    """Set this process up for training, before Keras is imported.

    It sets environment variables of TensorFlow that are not set yet, chooses an
    installed backend where TensorFlow is not installed and no backend is stated,
    silences Pillow's warnings of damaged tags, and makes glibc keep freed memory.
    Commands call it. A
    program or notebook that calls `ssvae.train` may call it first: training is then
    faster, and ends in the same weights as the command, bit for bit.
    """
    # TensorFlow runs one operation at a time, each on every core. With two at a time,
    # the order of sums varies: where three or more large gradients of one tensor are
    # added, its memory optimizer adds them in the order in which they are ready.
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
    # Convolutions take a third less time. By default only some processors use it.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    _choose_backend()
    # Of damaged tags that no pixel depends on; what cannot be read is told anyway.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
    _keep_memory()


def start_keras(first: Callable[[ModuleType], Any] | None = None) -> Any:
    """Import Keras without its messages.

    Args:
        first: Function to call before anything is computed; it is given the module
            `ssvae.backends.current`.

    Returns:
        What `first` returned; None without it.

    Raises:
        InputError: If Keras or its backend does not start.
    """
    prepare_process()
    with interrupts_held_back(), quiet_start():
        try:
            # Here, so that `--help` and bad input are answered without Keras.
            from ssvae.backends import current as backends
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
        # The libraries print their messages when they look for a device.
        backends.device_name()
    return result


def run(main: Callable[[], None], program: str) -> None:
    """Run a command's `main()` and end the program with its exit status.

    Status 0 is success, 2 is bad input and 1 is anything else. Bad input and an
    interruption, by Ctrl-C or SIGTERM, print one line on standard error.

    Args:
        main: The command.
        program: Name that starts the line.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main()
    except InputError as error:
        sys.exit(_say(program, f"error: {error}", 2))
    except KeyboardInterrupt as error:
        words = str(error) or "interrupted; nothing was written"
        sys.exit(_say(program, words, 1))


def _say(program, message, status):
    line = " ".join(message.split())
    print(f"{program}: {line}", file=sys.stderr)
    return status


def _choose_backend():
    """State an installed backend for Keras where its own choice is not installed.

    Keras takes `KERAS_BACKEND`, or the backend in its file of settings, which it writes
    itself, or else TensorFlow. What is stated in `KERAS_BACKEND` is left as it is.
    """
    path = Path(os.environ.get("KERAS_HOME", "~/.keras"), "keras.json").expanduser()
    chosen = _BACKENDS[0]
    with contextlib.suppress(OSError, ValueError):
        chosen = json.loads(path.read_text(encoding="utf-8")).get("backend", chosen)
    installed = [name for name in _BACKENDS if importlib.util.find_spec(name)]
    if installed and chosen not in installed:
        os.environ.setdefault("KERAS_BACKEND", installed[0])


# Parameters of glibc's `mallopt`: the amount of free memory above which it is returned
# to the system, and the number of arrays that may be mapped from the system one by one.
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4


def _keep_memory():
    """Let this process keep the memory that it frees, for its next arrays.

    By default glibc returns the memory of every large array to the system. Each step of
    training then waits until the system hands it out again, page by page, which takes
    up to half of the step. Without glibc nothing changes.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_MAX, 0)
        library.mallopt(_TRIM_THRESHOLD, -1)
