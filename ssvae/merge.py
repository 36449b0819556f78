"""One table from those of several programs: `python -m ssvae.merge PART ...`."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ssvae.cli import arguments, console, process
from ssvae.cli.parser import Parser
from ssvae.data.damage import DAMAGE, first_line
from ssvae.errors import InputError
from ssvae.files.atomic import new_file
from ssvae.files.tables import Table
from ssvae.types import PathLike

KINDS = (".parquet", ".csv", ".npz")
# Column that only ranked tables have, see `ssvae.score`, and the column of the rank.
OF_RANKED, RANKED_BY = "unusual", "score"
# Types of the columns of a CSV file that hold no numbers.
TEXTS = "image", "class", "verdict", "reason"
TYPES = dict.fromkeys(TEXTS, "string") | {"unusual": "bool"}


def merge(parts: Sequence[PathLike], out: PathLike) -> int:
    """Join the tables that `ssvae.embed`, `score` or `predict` wrote with `--shard`.

    Rows keep the order of the parts. The rows of ranked tables are ranked again.

    Args:
        parts: Paths of tables of one kind, `.parquet`, `.csv` or `.npz`, with the same
            columns.
        out: Path to write to, with the same ending.

    Returns:
        The number of rows.

    Raises:
        InputError: If a part cannot be read, is of another kind than `out`, or has
            other columns than the first part.
    """
    out, names, count = Path(out), None, 0
    read = _npz if out.suffix.lower() == ".npz" else _arrow
    with Table(out) as table:
        ranked = []
        for part in map(Path, parts):
            if part.suffix.lower() != out.suffix.lower():
                raise InputError(
                    f"{str(part)!r} is no {out.suffix} file: need parts of the kind "
                    "that --out names"
                )
            for columns in read(part):
                names = names or list(columns)
                if list(columns) != names:
                    raise InputError(
                        f"{str(part)!r} has the columns {', '.join(columns)}, but the "
                        f"first part has {', '.join(names)}"
                    )
                count += len(columns[names[0]])
                if OF_RANKED in columns:
                    ranked.append(columns)
                else:
                    table.write(columns)
        if ranked:
            table.write(_ranked(ranked))
    return count


def main() -> None:
    """Read the flags, join the tables."""
    parser = Parser(
        command="merge",
        description="Join the tables that ssvae.embed, ssvae.score or ssvae.predict "
        "wrote with --shard into one.",
    )
    parser.add_argument("parts", nargs="+", metavar="PART", help="table of a part")
    arguments.add_out(parser, "FILE", "table to write", required=True)
    arguments.add_overwrite(parser, "a file that exists")
    arguments.add_json(parser)
    flags = parser.parse_args()
    with new_file(flags.out, KINDS, flags.overwrite) as path:
        count = merge(flags.parts, path)
    console.print_summary({"rows": count, "out": flags.out}, flags.json)


def _arrow(path):
    """Yield the columns of a Parquet or CSV file, in chunks of rows."""
    import pyarrow
    from pyarrow import csv, parquet

    try:
        if path.suffix.lower() == ".csv":
            types = {
                name: TYPES.get(name, "float64")
                for name in csv.open_csv(path).schema.names
            }
            batches = csv.open_csv(
                path, convert_options=csv.ConvertOptions(column_types=types)
            )
        else:
            batches = parquet.ParquetFile(path).iter_batches()
        for batch in batches:
            yield {
                name: _values(column)
                for name, column in zip(batch.schema.names, batch.columns, strict=True)
            }
    except (OSError, pyarrow.ArrowException) as error:
        raise _unreadable(path, error) from None


def _values(column):
    """Return an Arrow column in the form that `Table.write` takes."""
    import pyarrow

    if pyarrow.types.is_fixed_size_list(column.type):
        return column.flatten().to_numpy().reshape(len(column), -1)
    if pyarrow.types.is_string(column.type):
        return column.to_pylist()
    return column.to_numpy(zero_copy_only=False)


def _npz(path):
    """Yield the columns of an NPZ file."""
    try:
        with np.load(path) as arrays:
            columns = dict(arrays)
    except DAMAGE as error:
        raise _unreadable(path, error) from None
    yield {
        name: array.tolist() if array.dtype.kind == "U" else array
        for name, array in columns.items()
    }


def _unreadable(path, error):
    return InputError(
        f"{str(path)!r} is no readable table ({first_line(error)}): need one that "
        "--shard wrote"
    )


def _ranked(parts):
    """Return the rows of all parts, the highest score first."""
    scores = np.concatenate([part[RANKED_BY] for part in parts])
    order = np.argsort(-scores, kind="stable")
    merged = {}
    for name, first in parts[0].items():
        if isinstance(first, list):
            values = [value for part in parts for value in part[name]]
            merged[name] = [values[row] for row in order]
        else:
            merged[name] = np.concatenate([part[name] for part in parts])[order]
    return merged


if __name__ == "__main__":
    process.run(main, "ssvae.merge")
