"""Work shared out among programs, and joined again, is the work of one."""

import json

import numpy as np
import pytest

from ssvae import merge, predict, score
from ssvae.data.reading.brought import Brought
from ssvae.data.reading.files import ImageFiles, shard_rows
from ssvae.embed import main
from ssvae.errors import InputError
from ssvae.files.tables import Table

COMMANDS = {"embed": main, "predict": predict.main, "score": score.main}

TINY = Brought((4, 3, 1))


@pytest.mark.parametrize(
    ("use", "kind"),
    [
        ("embed", "csv"),
        ("embed", "parquet"),
        ("embed", "npz"),
        ("predict", "csv"),
        ("predict", "parquet"),
        ("score", "npz"),
    ],
)
def test_shards_joined_are_the_table_of_all(
    use, kind, small_run, mnist, tmp_path, call
):
    images = tmp_path / "images.npy"
    np.save(images, mnist.images[:17])
    whole = tmp_path / f"whole.{kind}"
    call(COMMANDS[use], small_run, images, "--out", whole)
    parts = [tmp_path / f"part-{number}.{kind}" for number in (1, 2, 3)]
    for number, part in enumerate(parts, start=1):
        call(COMMANDS[use], small_run, images, "--shard", f"{number}/3", "--out", part)
    joined = tmp_path / f"joined.{kind}"
    text = call(merge.main, *parts, "--out", joined, "--json")
    assert json.loads(text) == {"rows": 17, "out": str(joined)}
    first, second = read(whole), read(joined)
    assert first.keys() == second.keys()
    for name, values in first.items():
        if values.dtype.kind == "f":
            # A batch of another size may round another way.
            assert second[name] == pytest.approx(values, rel=1e-3, abs=1e-3)
        else:
            assert second[name].tolist() == values.tolist()


def read(path):
    """Return the columns of a table as arrays."""
    columns = next(merge._npz(path) if path.suffix == ".npz" else merge._arrow(path))
    return {name: np.array(values) for name, values in columns.items()}


def test_a_shard_may_be_of_a_data_set(small_run, digits, tmp_path, call):
    out = tmp_path / "codes.npz"
    call(main, small_run, "--shard", "8/100", "--out", out)
    assert read(out)["image"].tolist() == [
        f"{digits}/test[{row}]" for row in range(70, 80)
    ]


@pytest.mark.parametrize(("count", "num_shards"), [(10, 3), (2, 5), (0, 2), (7, 1)])
def test_shards_are_all_rows_once(count, num_shards):
    parts = [shard_rows(count, 1 + number, num_shards) for number in range(num_shards)]
    assert [row for part in parts for row in part] == list(range(count))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_shards_of_many_files_are_all_images_once(tmp_path, rng):
    for name, count in (("a", 5), ("b", 1), ("c", 9)):
        images = rng.integers(0, 256, (count, 4, 3), dtype=np.uint8)
        np.save(tmp_path / f"{name}.npy", images)
    whole = [name for _, names in ImageFiles([tmp_path], TINY) for name in names]
    shards = [
        ImageFiles([tmp_path], TINY, shard=(number, 4)) for number in (1, 2, 3, 4)
    ]
    parts = [[name for _, names in shard for name in names] for shard in shards]
    assert [name for part in parts for name in part] == whole
    assert [shard.count() for shard in shards] == [len(part) for part in parts]


def test_a_broken_file_is_reported_by_one_shard(tmp_path, rng):
    np.save(tmp_path / "a.npy", rng.integers(0, 256, (4, 4, 3), dtype=np.uint8))
    (tmp_path / "b.npy").write_text("none")
    skipped = []
    for number in (1, 2):
        files = ImageFiles([tmp_path], TINY, True, shard=(number, 2))
        assert sum(len(names) for _, names in files) == 2
        skipped += files.skipped
    assert skipped == [str(tmp_path / "b.npy")]


@pytest.mark.parametrize("shard", ["0/2", "3/2", "2", "a/b", "1/0"])
def test_a_malformed_shard_is_refused(shard, small_run, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["score", str(small_run), "--shard", shard])
    with pytest.raises(SystemExit) as stop:
        score.main()
    assert stop.value.code == 2
    assert f"got {shard!r}, need I/N" in capsys.readouterr().err


def test_a_part_without_images_is_refused(small_run, mnist, tmp_path, call):
    np.save(tmp_path / "images.npy", mnist.images[:2])
    with pytest.raises(InputError, match="--shard 1/3: no image is left"):
        call(score.main, small_run, tmp_path / "images.npy", "--shard", "1/3")


def table(path, **columns):
    with Table(path) as rows:
        rows.write(columns)
    return path


def test_tables_with_other_columns_are_refused(tmp_path):
    first = table(tmp_path / "a.csv", image=["x"], score=np.ones(1))
    other = table(tmp_path / "b.csv", image=["y"], probability=np.ones(1))
    with pytest.raises(InputError, match="has the columns image, probability"):
        merge.merge([first, other], tmp_path / "out.csv")
    with pytest.raises(InputError, match=r"is no \.npz file"):
        merge.merge([first], tmp_path / "out.npz")


@pytest.mark.parametrize("kind", ["csv", "parquet", "npz"])
def test_files_that_are_no_tables_are_refused(kind, tmp_path):
    part = tmp_path / f"a.{kind}"
    for content in (b"", b"\x00\xff none"):
        part.write_bytes(content)
        with pytest.raises(InputError, match="is no readable table"):
            merge.merge([part], tmp_path / f"out.{kind}")
    with pytest.raises(InputError, match="is no readable table"):
        merge.merge([tmp_path / f"absent.{kind}"], tmp_path / f"out.{kind}")
