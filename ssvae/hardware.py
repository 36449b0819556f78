"""The processor, its cores, and the memory that this process takes."""

import contextlib
import os
import platform
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

try:
    import resource
except ImportError:  # Windows has no such module.
    resource = None  # type: ignore[assignment]  # it is None or the module
try:
    from threadpoolctl import threadpool_limits
except ImportError:  # scikit-learn brings it; a machine that only trains may lack it.
    threadpool_limits = contextlib.nullcontext


def machine() -> str:
    """Return the processor's name and the number of cores this process may use."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = [line.split(":")[1].strip() for line in lines if "model name" in line]
        name = names[0] if names else name
    except OSError:
        pass
    return f"{name}, {len(cores_here())} cores"


def cores_here() -> set[int]:
    """Return the cores that this process may use; all, if the system does not tell."""
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def on_all_cores(function: Callable[[Any], Any], parts: Iterable) -> list:
    """Return the results of a function for each part, computed on all cores.

    Args:
        function: Takes one part. It should compute in NumPy, which lets other threads
            run meanwhile. Matrix products in it use one core.
        parts: The parts; results come in their order.
    """
    with threadpool_limits(1), ThreadPoolExecutor(len(cores_here())) as pool:
        return list(pool.map(function, parts))


def one_thread() -> contextlib.AbstractContextManager:
    """Let NumPy, SciPy and scikit-learn use one thread within a `with` block.

    On a machine that computes something else, threads that share a small piece of work
    wait for one another, and take many times as long.
    """
    return threadpool_limits(1)


def peak_memory() -> float | None:
    """Return the most memory that this process has used so far, GiB.

    None if the system does not tell.
    """
    if resource is None:
        return None
    # Linux counts in KiB, macOS in bytes.
    unit = 2**30 if sys.platform == "darwin" else 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
