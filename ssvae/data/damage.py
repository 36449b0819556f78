"""Damaged files: a library's exception becomes one line about the file."""

import contextlib
import lzma
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator

from ssvae.errors import InputError

# Exceptions that NumPy, zipfile and Pillow raise for damaged files: documented, or
# found by tests/fuzzing.py.
DAMAGE = (
    ArithmeticError,  # a number in a header is too large
    EOFError,
    LookupError,  # no such member of an archive; an empty tuple in a header of NumPy's
    MemoryError,
    OSError,
    RuntimeError,  # too deeply nested, encrypted, or compressed in an unknown way
    SyntaxError,  # NumPy's headers are Python literals; Pillow's PNG chunks
    TypeError,  # a literal in NumPy's header that Python cannot evaluate
    ValueError,
    lzma.LZMAError,
    struct.error,
    tokenize.TokenError,  # in NumPy's header
    zipfile.BadZipFile,
    zlib.error,
)


@contextlib.contextmanager
def reading(name: object, what: str, *others: type[Exception]) -> Iterator[None]:
    """Turn a library's error about a damaged file into an `InputError`.

    Wrap the library's call alone: an error in our own code is a bug, and must keep its
    traceback.

    Args:
        name: The file's path or name.
        what: What the file should be, "image" or "array".
        *others: Exceptions that mean damage in addition to `DAMAGE`.

    Raises:
        InputError: If the library raises one of these exceptions.
    """
    damage: tuple[type[Exception], ...] = (*DAMAGE, *others)
    try:
        yield
    except InputError:
        # It says already what is wrong.
        raise
    except damage as error:
        raise unreadable(name, what, first_line(error)) from None


def first_line(error: Exception) -> str:
    """Return the first line of an error's text; its type if there is no text."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def unreadable(name: object, what: str, reason: str) -> InputError:
    """Return the error of a file that is not what it should be.

    Args:
        name: The file's path or name.
        what: What the file should be, "image" or "array".
        reason: What is wrong with it, without a full stop.
    """
    return InputError(f"{str(name)!r} is no readable {what}: {reason}")
