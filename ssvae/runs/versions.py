"""Versions of what figures were made with."""

import importlib.metadata
import platform

from ssvae import __version__


def versions(*packages: str) -> dict[str, str]:
    """Return the versions of Python, this package and others, by name.

    The version of this package is read from itself, since it is installed as `ssvae` or
    as `ssvae-core`.

    Args:
        packages: Names of installed distributions, such as `keras`.
    """
    others = {name: importlib.metadata.version(name) for name in packages}
    return {"python": platform.python_version(), "ssvae": __version__, **others}
