"""How a command's process starts and ends: Keras, signals, exit status."""

import contextlib
import ctypes
import os
import re
import signal
import sys
import tempfile
import threading

from ssvae.errors import InputError

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


def prepare_process():
    """Set this process up for training, before Keras is imported.

    It sets environment variables of TensorFlow, where they are not set, and makes
    glibc keep freed memory. Commands call it; a program or notebook that calls
    `ssvae.train` may: training is then faster, and gives the same weights bit for bit
    as the command.
    """
    # Three large gradients or more of one tensor are added in the order in which they
    # come, once TensorFlow has optimised the graph for memory, which two operations at
    # a time leave to chance: one at a time, each on every core, gives the same weights
    # bit for bit.
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
    # Convolutions in a third less time; TensorFlow has it on with some processors only.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    _keep_memory()


def start_keras(first=None):
    """Import Keras, quietly, or say in one line why its backend does not start.

    Args:
        first: Function of `ssvae.backends.current` to call before anything is computed.

    Returns:
        What `first` returned.

    Raises:
        InputError: If it does not start.
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


def _say(program, message, status):
    line = " ".join(message.split())
    print(f"{program}: {line}", file=sys.stderr)
    return status


# Of mallopt, in glibc: how much free memory is given back, and how many arrays may be
# mapped from the system one by one.
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4


def _keep_memory():
    """Let this process keep the memory that it frees, for the arrays to come.

    Else glibc gives that of every large array back to the system, and each step of
    training waits for it to be handed out again page by page: up to half of its time.
    Elsewhere, where there is no glibc, nothing is changed.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_MAX, 0)
        library.mallopt(_TRIM_THRESHOLD, -1)
