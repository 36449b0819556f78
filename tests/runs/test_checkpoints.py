"""Checkpoints, and run folders that hold one."""

import numpy as np
import pytest

from ssvae.errors import InputError, Interrupted
from ssvae.runs import checkpoints
from ssvae.runs.checkpoints import Checkpoint
from ssvae.runs.folder import is_resumable, new_run, partial_folder


def save(folder):
    checkpoints.save(folder, Checkpoint(1, [np.zeros(2)], [], {}))


def test_a_damaged_checkpoint_is_skipped(tmp_path, rng):
    arrays = [rng.random((20, 20)), np.int32(3)]
    for step in (5, 9, 12):
        checkpoints.save(
            tmp_path,
            Checkpoint(step, arrays, [{"epoch": 1}], {"graph": 2.0, "pixels": 0.5}),
        )
    files = sorted(path.name for path in tmp_path.iterdir())
    # The last two are kept.
    assert files == ["checkpoint-000000009.npz", "checkpoint-000000012.npz"]
    newest = tmp_path / files[1]
    content = newest.read_bytes()
    for torn in (b"", content[:100], content[: len(content) // 2], content[:-1]):
        newest.write_bytes(torn)
        assert checkpoints.newest(tmp_path).step == 9
    # One bit wrong in the middle.
    wrong = bytearray(content)
    wrong[len(wrong) // 2] ^= 1
    newest.write_bytes(bytes(wrong))
    assert checkpoints.newest(tmp_path).step == 9
    newest.write_bytes(content)
    found = checkpoints.newest(tmp_path)
    assert found.step == 12
    assert np.array_equal(found.variables[0], arrays[0])
    assert found.history == [{"epoch": 1}]
    assert found.stages == {"graph": 2.0, "pixels": 0.5}
    assert found.seconds == 2.5


def test_an_interrupted_run_with_a_checkpoint_can_be_resumed(tmp_path):
    out = tmp_path / "run"
    with pytest.raises(Interrupted, match="--resume"), new_run(out) as folder:
        save(folder)
        raise KeyboardInterrupt
    assert not out.exists()
    with pytest.raises(InputError, match=f"--resume '{out}'"), new_run(out):
        pass
    with new_run(out, resume=True) as folder:
        assert checkpoints.newest(folder).step == 1
        (folder / "config.toml").touch()
    assert [path.name for path in out.iterdir()] == ["config.toml"]


def test_an_interrupted_replacement_can_be_resumed(tmp_path):
    out = tmp_path / "run"
    with new_run(out) as folder:
        (folder / "config.toml").write_text("old")
    with (
        pytest.raises(Interrupted, match=r"--resume .*run' --overwrite"),
        new_run(out, overwrite=True) as folder,
    ):
        save(folder)
        raise KeyboardInterrupt
    with (
        pytest.raises(InputError, match=r"exists.*--overwrite"),
        new_run(out, resume=True),
    ):
        pass
    assert (out / "config.toml").read_text() == "old"
    with new_run(out, overwrite=True, resume=True) as folder:
        assert checkpoints.newest(folder).step == 1
        (folder / "config.toml").write_text("new")
    assert (out / "config.toml").read_text() == "new"


def test_two_processes_cannot_write_the_same_run(tmp_path):
    with (
        new_run(tmp_path / "run"),
        pytest.raises(InputError, match="another process trains into"),
        new_run(tmp_path / "run"),
    ):
        pass


def test_bad_input_after_training_leaves_a_run_that_can_be_resumed(tmp_path):
    out = tmp_path / "run"
    with pytest.raises(InputError) as error, new_run(out) as folder:
        save(folder)
        raise InputError("data file t10k-images-idx3-ubyte is gone: get it again")
    assert "get it again; then " in str(error.value)
    assert f"--resume '{out}'" in str(error.value)
    assert is_resumable(partial_folder(out))
