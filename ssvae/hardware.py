"""The processor, its cores and the memory that this process takes."""

import contextlib
import os
import platform
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

try:
    import resource
except ImportError:  # Windows has none.
    resource = None
try:
    from threadpoolctl import threadpool_limits
except ImportError:  # What scikit-learn brings: a machine that only trains has none.
    threadpool_limits = contextlib.nullcontext


def machine() -> str:
    """Return the processor and the number of its cores that this process may use."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = [line.split(":")[1].strip() for line in lines if "model name" in line]
        name = names[0] if names else name
    except OSError:
        pass
    return f"{name}, {len(cores_here())} cores"


def cores_here() -> set[int]:
    """Return the cores that this process may use; where not told, all there are."""
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def on_all_cores(function, parts) -> list:
    """Return a function of each part, in turn; all cores work, on a part each.

    Args:
        function: Of NumPy, which lets other threads go on while it computes. Products
            in it take one core.
        parts: What it is given, one after the other.
    """
    with threadpool_limits(1), ThreadPoolExecutor(len(cores_here())) as pool:
        return list(pool.map(function, parts))


def peak_memory() -> float | None:
    """Return the most memory that this process had so far, GiB; None if not known."""
    if resource is None:
        return None
    # Linux counts in KiB, macOS in bytes.
    unit = 2**30 if sys.platform == "darwin" else 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
