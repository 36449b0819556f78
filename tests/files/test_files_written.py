import csv

import numpy as np
import pytest
from pyarrow import parquet

from ssvae.errors import InputError
from ssvae.files.atomic import new_file
from ssvae.files.tables import Table

KINDS = (".csv", ".parquet", ".npz")


@pytest.fixture
def columns(rng):
    return {
        "image": [f"file{row}.png" for row in range(6)],
        "mean": rng.normal(size=(6, 2)).astype(np.float32),
        "score": rng.normal(size=6),
    }


def write(path, columns):
    """Write the columns in two parts of different length."""
    with new_file(path, KINDS) as partial, Table(partial) as table:
        for rows in (slice(0, 2), slice(2, 6)):
            table.write({name: values[rows] for name, values in columns.items()})


def test_npz_holds_what_was_written(tmp_path, columns):
    write(tmp_path / "a.npz", columns)
    with np.load(tmp_path / "a.npz") as arrays:
        assert arrays["image"].tolist() == columns["image"]
        assert np.array_equal(arrays["mean"], columns["mean"])
        assert np.array_equal(arrays["score"], columns["score"])
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


def test_parquet_holds_what_was_written(tmp_path, columns):
    write(tmp_path / "a.parquet", columns)
    table = parquet.read_table(tmp_path / "a.parquet").to_pydict()
    assert table["image"] == columns["image"]
    assert np.array_equal(table["mean"], columns["mean"])
    assert np.array_equal(table["score"], columns["score"])


def test_csv_holds_what_was_written(tmp_path, columns):
    write(tmp_path / "a.csv", columns)
    with open(tmp_path / "a.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["image"] for row in rows] == columns["image"]
    assert [float(row["mean_1"]) for row in rows] == pytest.approx(
        columns["mean"][:, 1].tolist(), rel=1e-6
    )


@pytest.mark.parametrize("kind", KINDS)
def test_an_unfinished_file_leaves_nothing(tmp_path, columns, kind):
    (tmp_path / f"a{kind}").write_text("before")
    out = new_file(tmp_path / f"a{kind}", KINDS, overwrite=True)
    with pytest.raises(ZeroDivisionError), out as partial, Table(partial) as table:
        table.write(columns)
        raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == [f"a{kind}"]
    assert (tmp_path / f"a{kind}").read_text() == "before"


def test_an_existing_file_is_not_replaced_without_overwrite(tmp_path, columns):
    write(tmp_path / "a.csv", columns)
    with pytest.raises(InputError, match="--overwrite"):
        write(tmp_path / "a.csv", columns)


def test_an_unknown_ending_is_refused(tmp_path, columns):
    with pytest.raises(InputError, match=r"ends in .csv or .parquet or .npz"):
        write(tmp_path / "a.txt", columns)
