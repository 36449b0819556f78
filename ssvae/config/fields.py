"""One setting: default, meaning and limits; whether a value fits; its line of TOML."""

import dataclasses
import difflib
import math
from collections.abc import Iterable, Sequence
from typing import Any

from ssvae.errors import InputError


def setting(
    default: Any,
    meaning: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: Sequence[str] | None = None,
    words: Sequence[str] = (),
) -> Any:
    """Declare one field of `Config`.

    Args:
        default: Value of the setting when nobody states one.
        meaning: One line for `--help` and for the comment in a TOML file.
        low: Smallest number allowed; None for no limit.
        high: Largest number allowed; None for no limit.
        choices: The only texts allowed; None for any text.
        words: Texts that a number's setting accepts in place of a number.

    Returns:
        A dataclass field, which type checkers must take for a value of its type.
    """
    limits = {
        "meaning": meaning,
        "low": low,
        "high": high,
        "choices": choices,
        "words": words,
    }
    return dataclasses.field(default=default, metadata=limits)


def kind_of(field: dataclasses.Field) -> type:
    """Return the type of a field's values, not counting the words it accepts."""
    kind: Any = field.type
    return kind if isinstance(kind, type) else kind.__args__[0]


def checked(field: dataclasses.Field, value: Any) -> Any:
    """Return `value` as the field's type, or raise `InputError`."""
    if isinstance(value, str) and value in field.metadata["words"]:
        return value
    kind = kind_of(field)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind is bool:
        fits = isinstance(value, bool)
    elif kind is str:
        fits = isinstance(value, str) and _fits_utf8(value)
    elif kind is int:
        fits = number and isinstance(value, int)
    else:
        fits = number and math.isfinite(value)
    limits = field.metadata
    if fits and limits["choices"]:
        fits = value in limits["choices"]
    if fits and limits["low"] is not None:
        fits = value >= limits["low"]
    if fits and limits["high"] is not None:
        fits = value <= limits["high"]
    if not fits:
        raise InputError(f"{field.name}: got {value!r}, {needs(field)}")
    return kind(value)


def _fits_utf8(text):
    """Return whether UTF-8 can encode a text: a path may hold bytes that it cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def needs(field: dataclasses.Field) -> str:
    """Return what values a field accepts, in words."""
    limits = field.metadata
    if limits["choices"]:
        return f"need one of {', '.join(limits['choices'])}"
    kind = kind_of(field)
    if kind is bool:
        return "need true or false"
    if kind is str:
        return "need text that UTF-8 can encode"
    words = "need a number" if kind is float else "need a whole number"
    if limits["high"] is not None:
        words += f" from {limits['low']} to {limits['high']}"
    else:
        words += f" from {limits['low']} up"
    return ", or ".join([words, *limits["words"]])


def as_toml(field: dataclasses.Field, value: Any) -> str:
    """Return a setting as one line of TOML, with its meaning as a comment."""
    # Here, because a machine that only trains may have no package but Keras, its
    # backend and SciPy; see benchmarks/gpu.py.
    import tomli_w

    line = tomli_w.dumps({field.name: value}).rstrip("\n")
    return f"{line}  # {field.metadata['meaning']}"


def nearest(name: str, names: Iterable[str]) -> str:
    """Return a hint that names the most similar of `names`; empty if none is."""
    close = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
