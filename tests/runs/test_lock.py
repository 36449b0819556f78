"""A folder is written to by one process, and its lock leaves nothing."""

import errno

import pytest

from ssvae.errors import InputError
from ssvae.runs.lock import FILE, locked


def test_a_lock_leaves_no_file_and_can_be_taken_again(tmp_path):
    for _ in range(2):
        with locked(tmp_path, "run"):
            assert (tmp_path / FILE).exists()
        assert list(tmp_path.iterdir()) == []


def test_a_held_lock_is_refused_at_once_and_stays_held(tmp_path):
    with locked(tmp_path, "run"):
        for _ in range(2):
            with (
                pytest.raises(InputError, match="another process trains into 'run'"),
                locked(tmp_path, "run"),
            ):
                pass
        assert (tmp_path / FILE).exists()


def test_a_lock_that_cannot_be_made_is_an_error_of_its_own(tmp_path):
    (tmp_path / FILE).mkdir()
    with pytest.raises(InputError, match="cannot write 'run'"), locked(tmp_path, "run"):
        pass


def test_a_folder_that_was_moved_is_let_go(tmp_path):
    with locked(tmp_path, "run"):
        (tmp_path / FILE).rename(tmp_path / "moved")
    with locked(tmp_path, "run"):
        pass


# filelock says so, once.
@pytest.mark.filterwarnings("ignore:flock not supported")
def test_a_disk_that_knows_no_locks_is_locked_too(tmp_path, monkeypatch):
    fcntl = pytest.importorskip("fcntl")

    def refused(*_):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", refused)
    for _ in range(2):
        with (
            locked(tmp_path, "run"),
            pytest.raises(InputError, match="another process trains into 'run'"),
            locked(tmp_path, "run"),
        ):
            pass
