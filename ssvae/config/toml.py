"""Settings read from TOML files."""

import tomllib
from pathlib import Path
from typing import Any

from ssvae.config.settings import FORMAT, Config, upgraded
from ssvae.errors import InputError
from ssvae.types import PathLike


def read_toml(path: PathLike) -> dict[str, Any]:
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


def load_config(path: PathLike) -> Config:
    """Return the defaults, changed by what the TOML file at `path` states.

    Raises:
        InputError: If the file cannot be read, was written by a later format, or
            states a setting that does not exist or a value that does not fit.
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
