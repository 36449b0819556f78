"""A flag for each setting of `Config`."""

import argparse
import dataclasses
from typing import Any

from ssvae.config.fields import kind_of, needs
from ssvae.config.settings import Config
from ssvae.errors import InputError


def parse(name: str, text: str) -> Any:
    """Return the value that a flag's `text` states for setting `name`.

    Raises:
        InputError: If the text is no value of the setting's type.
    """
    field = next(f for f in dataclasses.fields(Config) if f.name == name)
    if field.type is str or text in field.metadata["words"]:
        return text
    if field.type is bool and text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        return kind_of(field)(text)
    except ValueError:
        raise InputError(f"{name}: got {text!r}, {needs(field)}") from None


def add_settings(parser: argparse._ActionsContainer, *names: str) -> None:
    """Add a flag for each setting in `names`, or for every setting without any.

    Args:
        parser: Parser, or argument group of one.
        names: Names of settings.
    """
    for field in dataclasses.fields(Config):
        if names and field.name not in names:
            continue
        how: dict[str, Any] = {"metavar": "X"}
        if field.type is bool:
            how = {"action": "store_const", "const": "true"}
        words = field.metadata["meaning"]
        if field.default != "" and field.type is not bool:
            words += f" ({field.default})"
        flag = f"--{field.name.replace('_', '-')}"
        parser.add_argument(flag, help=words, **how)


def stated_settings(flags: argparse.Namespace, *names: str) -> dict[str, Any]:
    """Return the settings that the flags of `add_settings` state, for `Config`.

    Args:
        flags: The parsed arguments.
        names: Names of settings; every setting without any.

    Raises:
        InputError: If a text is no value of its setting's type.
    """
    names = names or tuple(field.name for field in dataclasses.fields(Config))
    texts = {name: getattr(flags, name, None) for name in names}
    return {name: parse(name, text) for name, text in texts.items() if text is not None}
