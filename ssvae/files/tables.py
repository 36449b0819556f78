"""Tables written in chunks of rows: CSV, Parquet or NPZ."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from ssvae.types import PathLike

# Columns by name: arrays `(n,)` or `(n, k)`, or lists of n strings.
Columns: TypeAlias = dict[str, Any]


class Table:
    """Rows written as CSV, Parquet or NPZ, by the ending of the file's name.

    Use it in a `with` block and call `write` for each chunk of rows.

    Args:
        path: Path to write to, which ends in `.csv`, `.parquet` or `.npz`.
    """

    def __init__(self, path: PathLike):
        self.path = Path(path)
        self.writer: Any = None

    def __enter__(self) -> Table:
        return self

    def __exit__(self, *_: object) -> None:
        if self.writer is not None:
            self.writer.close()

    def write(self, columns: Columns) -> None:
        """Append rows.

        Args:
            columns: n rows as columns, with the same names in every call. In CSV an
                array `(n, k)` becomes k columns.
        """
        if self.writer is None:
            self.writer = _WRITERS[self.path.suffix](self.path, columns)
        self.writer.write(columns)


class _Parquet:
    """Writes Parquet; an array `(n, k)` becomes a column of lists of k numbers."""

    def __init__(self, path, columns):
        from pyarrow import parquet

        self.file = parquet.ParquetWriter(path, self.table(columns).schema)

    def write(self, columns):
        self.file.write_table(self.table(columns))

    def close(self):
        self.file.close()

    def table(self, columns):
        import pyarrow

        return pyarrow.table(
            {
                name: pyarrow.FixedSizeListArray.from_arrays(
                    pyarrow.array(values.ravel()), values.shape[1]
                )
                if np.ndim(values) == 2
                else pyarrow.array(values)
                for name, values in columns.items()
            }
        )


class _Csv(_Parquet):
    """Writes CSV; an array `(n, k)` becomes k columns `name_0`, `name_1`, ..."""

    def __init__(self, path, columns):
        from pyarrow import csv

        self.file = csv.CSVWriter(path, self.table(columns).schema)

    def table(self, columns):
        flat = {}
        for name, values in columns.items():
            if np.ndim(values) == 2:
                flat |= {f"{name}_{i}": column for i, column in enumerate(values.T)}
            else:
                flat[name] = values
        return super().table(flat)


class _Npz:
    """Writes NPZ, one array per column.

    The length of an array comes first in the file and is known last. Until then numbers
    are in temporary files, and strings in memory.
    """

    def __init__(self, path, columns):
        self.path = path
        self.parts = {}
        self.strings = {}
        for name, values in columns.items():
            if isinstance(values, list):
                self.strings[name] = []
            else:
                file = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115
                self.parts[name] = file, values.dtype, values.shape[1:]
        self.rows = 0

    def write(self, columns):
        for name, values in columns.items():
            if name in self.strings:
                self.strings[name] += values
            else:
                self.parts[name][0].write(np.ascontiguousarray(values).data)
        self.rows += len(next(iter(columns.values())))

    def close(self):
        with zipfile.ZipFile(self.path, "w") as archive:
            for name, values in self.strings.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                    np.lib.format.write_array(file, np.array(values, dtype=str))
            for name, (part, dtype, shape) in self.parts.items():
                header = {
                    "descr": np.lib.format.dtype_to_descr(dtype),
                    "fortran_order": False,
                    "shape": (self.rows, *shape),
                }
                part.seek(0)
                with part, archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                    np.lib.format.write_array_header_1_0(file, header)
                    shutil.copyfileobj(part, file)


_WRITERS = {".csv": _Csv, ".parquet": _Parquet, ".npz": _Npz}
