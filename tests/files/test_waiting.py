"""One thread or process at a time holds a lock that is waited for."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ssvae.files.waiting import waited_for

HOLDS = """
import sys, time
from pathlib import Path
from ssvae.files.waiting import waited_for
with waited_for(Path(sys.argv[1])):
    print("holds", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def holder(path, seconds):
    """Return a process that holds the lock already."""
    command = [sys.executable, "-c", HOLDS, str(path), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "holds\n"
    return process


def test_threads_hold_a_lock_one_after_another(tmp_path):
    held = []

    def count(_):
        with waited_for(tmp_path / "lock"):
            before = len(held)
            time.sleep(0.002)
            held.append(before)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(20)))
    assert held == list(range(20))


def test_another_process_is_waited_for(tmp_path):
    with holder(tmp_path / "lock", 0.3) as process, waited_for(tmp_path / "lock"):
        # It lets the lock go just before it ends.
        assert process.wait(10) == 0


def test_a_killed_process_holds_nothing(tmp_path):
    with holder(tmp_path / "lock", 60) as process:
        process.kill()
    with waited_for(tmp_path / "lock"):
        pass


def test_a_missing_folder_is_not_made(tmp_path):
    with pytest.raises(OSError), waited_for(tmp_path / "gone" / "lock"):
        pass
    assert not (tmp_path / "gone").exists()
