"""A flag for each setting of `Config`."""

import dataclasses

from ssvae.config.fields import kind_of, needs
from ssvae.config.settings import Config
from ssvae.errors import InputError


def parse(name: str, text: str):
    """Return the value of setting `name` that a flag's `text` states."""
    field = next(f for f in dataclasses.fields(Config) if f.name == name)
    if field.type is str:
        return text
    if text in field.metadata["words"]:
        return text
    if field.type is bool and text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        return kind_of(field)(text)
    except ValueError:
        raise InputError(f"{name}: got {text!r}, {needs(field)}") from None


def add_settings(parser, *names):
    """Add a flag for each of some settings; for every one where none is named."""
    for field in dataclasses.fields(Config):
        if names and field.name not in names:
            continue
        how = {"metavar": "X"}
        if field.type is bool:
            how = {"action": "store_const", "const": "true"}
        parser.add_argument(
            f"--{field.name.replace('_', '-')}",
            help=f"{field.metadata['meaning']} ({field.default})",
            **how,
        )


def stated_settings(flags) -> dict:
    """Return the settings that the flags of `add_settings` state, for `Config`.

    Raises:
        InputError: If a value is of another kind than its setting.
    """
    texts = {f.name: getattr(flags, f.name, None) for f in dataclasses.fields(Config)}
    return {name: parse(name, text) for name, text in texts.items() if text is not None}
