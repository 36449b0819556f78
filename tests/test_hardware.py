"""What the machine is, and what a process takes of it."""

import subprocess
import sys

import pytest

from ssvae.hardware import cores_here, machine

# Pages that the system hands out while large arrays come and go.
FAULTS = """
import resource
from ssvae.machine import keep_memory

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

if {keep}:
    keep_memory()
for _ in range(3):
    bytearray(64_000_000)
before = faults()
for _ in range(20):
    bytearray(64_000_000)
print(faults() - before)
"""


def faults(keep):
    script = FAULTS.format(keep=keep)
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True
    )
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="is about glibc")
def test_memory_that_is_kept_is_not_handed_out_again():
    assert faults(keep=False) > 100_000
    assert faults(keep=True) < 1_000


def test_machine_says_its_cores():
    assert machine().endswith(f"{len(cores_here())} cores")
