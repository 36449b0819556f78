"""Print how many pages the system hands out while large arrays come and go.

`python page_faults.py keep` lets the process keep the memory that it frees.
"""

import resource
import sys

from ssvae.cli import process


def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


if sys.argv[1:] == ["keep"]:
    process.prepare_process()
for _ in range(3):
    bytearray(64_000_000)
before = faults()
for _ in range(20):
    bytearray(64_000_000)
print(faults() - before)
