"""Settings as text: TOML files in, and flags."""

import dataclasses
import tomllib
from pathlib import Path

from ssvae.config import FORMAT, Config, upgraded
from ssvae.errors import InputError
from ssvae.settings import kind_of, needs


def read_toml(path) -> dict:
    """Read the settings that a TOML file states.

    Args:
        path: Path of the file.

    Returns:
        A dict of setting names and values, for `Config.replace`.

    Raises:
        InputError: If the file is missing, unreadable or not TOML.
    """
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"cannot read config {str(path)!r}: {reason}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"config {str(path)!r} is not TOML: {error}") from None


def load_config(path) -> Config:
    """Return the defaults with what the TOML file at `path` states.

    Raises:
        InputError: If the file cannot be read, states an unknown or unfit setting, or
            is of a run folder of a later format.
    """
    try:
        stated = read_toml(path)
        number = stated.pop("format", FORMAT)
        if type(number) is not int or not 1 <= number <= FORMAT:
            raise InputError(
                f"format: got {number!r}, this ssvae knows 1 to {FORMAT}: get a newer "
                "one"
            )
        return Config().replace(**upgraded(stated, number))
    except InputError as error:
        name = repr(str(path))
        raise InputError(
            str(error) if name in str(error) else f"config {name}: {error}"
        ) from None


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
