"""What the machine is, and what a process takes of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from ssvae.hardware import cores_here, machine

SCRIPT = Path(__file__).with_name("scripts") / "page_faults.py"


def page_faults(*words):
    command = [sys.executable, SCRIPT, *words]
    return int(subprocess.run(command, check=True, capture_output=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="is about glibc")
def test_memory_that_a_process_keeps_is_not_handed_out_again():
    assert page_faults() > 100_000
    assert page_faults("keep") < 1_000


def test_the_machine_is_named_with_its_cores():
    assert machine().endswith(f"{len(cores_here())} cores")
