"""The JSON file of measured runs: a list with one dict per run.

A dict holds the run's `metrics.json` and what the measuring command adds.
"""

import json
from pathlib import Path
from typing import Any, TypeAlias

from ssvae.errors import InputError
from ssvae.files.atomic import write_json
from ssvae.types import PathLike

# One measured run.
Result: TypeAlias = dict[str, Any]


def read_results(path: PathLike) -> list[Result]:
    """Return the results in a JSON file; an empty list if there is no file.

    Raises:
        InputError: If the file holds something else.
    """
    path = Path(path)
    if not path.exists():
        return []
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
        [_run_of(result) for result in results]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{str(path)!r} holds no results of measured runs ({error!r}): name "
            "another file with --out"
        ) from None
    return results


def add_result(path: PathLike, result: Result) -> list[Result]:
    """Write a result into a JSON file; it replaces an older one of the same run.

    Args:
        path: Path of the file; it is made if there is none.
        result: Dict; `dataset`, `recipe`, `num_labels` and `seed` identify the run.

    Returns:
        All results of the file, sorted by run.
    """
    path = Path(path)
    others = [r for r in read_results(path) if _run_of(r) != _run_of(result)]
    results = sorted([*others, result], key=_run_of)
    write_json(path, results, indent=1)
    return results


def _run_of(result):
    """Return what identifies the run of a result."""
    names = ("dataset", "recipe", "num_labels", "seed")
    return tuple(result[name] for name in names)
