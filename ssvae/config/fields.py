"""One setting: its default, its meaning, what it may be, and whether a value fits."""

import dataclasses
import difflib
import math

from ssvae.errors import InputError


def setting(default, meaning, *, low=None, high=None, choices=None, words=()):
    """Declare one field of `Config`: its default, meaning, and what it may be.

    `low` and `high` are inclusive bounds of a number, `words` what may stand for one.
    """
    limits = {
        "meaning": meaning,
        "low": low,
        "high": high,
        "choices": choices,
        "words": words,
    }
    return dataclasses.field(default=default, metadata=limits)


def kind_of(field) -> type:
    """Return the type of a field's values, words that stand for one aside."""
    return field.type if isinstance(field.type, type) else field.type.__args__[0]


def checked(field, value):
    """Return `value` as the field's type, or raise `InputError`."""
    if isinstance(value, str) and value in field.metadata["words"]:
        return value
    kind = kind_of(field)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind is bool:
        fits = isinstance(value, bool)
    elif kind is str:
        fits = isinstance(value, str)
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


def needs(field) -> str:
    """Say in words what a field takes."""
    limits = field.metadata
    if limits["choices"]:
        return f"need one of {', '.join(limits['choices'])}"
    if field.type is bool:
        return "need true or false"
    if field.type is str:
        return "need text"
    words = "need a number" if kind_of(field) is float else "need a whole number"
    if limits["high"] is not None:
        words += f" from {limits['low']} to {limits['high']}"
    else:
        words += f" from {limits['low']} up"
    return ", or ".join([words, *limits["words"]])


def nearest(name: str, names: list[str]) -> str:
    """Return a hint with the name nearest to `name`, or nothing."""
    close = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
