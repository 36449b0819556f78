"""Measured runs in a JSON file: a list of dicts, each a run's metrics and more."""

import json
from pathlib import Path

from ssvae.errors import InputError
from ssvae.files.atomic import write_json


def read_results(path) -> list[dict]:
    """Return the results in a JSON file; none where there is no file.

    Raises:
        InputError: If the file holds something else.
    """
    path = Path(path)
    if not path.exists():
        return []
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
        [_place(result) for result in results]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{str(path)!r} holds no results of measured runs ({error!r}): name "
            "another file with --out"
        ) from None
    return results


def add_result(path, result) -> list[dict]:
    """Add a result to a JSON file, at once, in place of an older one of the same run.

    Args:
        path: Path of the file; made where there is none.
        result: Dict with `dataset`, `recipe`, `num_labels` and `seed`, by which it is
            known.

    Returns:
        All results of the file, sorted.
    """
    path = Path(path)
    others = [r for r in read_results(path) if _place(r) != _place(result)]
    results = sorted([*others, result], key=_place)
    write_json(path, results, indent=1)
    return results


def _place(result):
    """Return what a result is known by."""
    names = ("dataset", "recipe", "num_labels", "seed")
    return tuple(result[name] for name in names)
