"""Recipes compared: each recipe, label count and seed that is not measured yet.

Each finished run is written into a JSON file at once. A run in that file is not
repeated.
"""

import multiprocessing
import queue
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from ssvae.benchmark.jobs import measure, name_of, shares_of_cores
from ssvae.config.settings import Config, upgraded
from ssvae.errors import InputError, Interrupted
from ssvae.evaluation.results import Result, add_result, read_results
from ssvae.types import PathLike, Say


def benchmark(
    configs: Sequence[Config],
    out: PathLike,
    folder: PathLike,
    jobs: int = 1,
    say: Say = print,
) -> list[Result]:
    """Train every config that has no result yet, each in a process of its own.

    Args:
        configs: List of `Config`.
        out: Path of the JSON file of results; results that it holds are kept.
        folder: Path of the folder that gets the run folders.
        jobs: Number of runs at the same time, each on cores of its own. With more than
            one, the messages of each run go to a `.log` file next to its folder.
        say: Function that prints a line.

    Returns:
        All results of the file, one dict per run; see `jobs.measure`.

    Raises:
        InputError: If a run ends without a result; finished ones are kept.
    """
    out, folder = Path(out), Path(folder)
    results = read_results(out)
    missing = [config for config in configs if not _find(results, config)]
    say(f"{len(configs)} runs, {len(configs) - len(missing)} of them measured already.")
    began = time.perf_counter()
    shares: queue.SimpleQueue[set[int]] = queue.SimpleQueue()
    for cores in shares_of_cores(jobs):
        shares.put(cores)

    def measured(config):
        cores = shares.get()
        say(f"{name_of(config)}: started")
        try:
            return measure(config, folder, cores, logged=jobs > 1)
        finally:
            shares.put(cores)

    pool = ThreadPoolExecutor(jobs)
    try:
        futures = [pool.submit(measured, config) for config in missing]
        for done, future in enumerate(as_completed(futures), start=1):
            result = future.result()
            results = add_result(out, result)
            left = (len(missing) - done) * (time.perf_counter() - began) / done
            say(
                f"{_summary(result)}; {done} of {len(missing)} done, "
                f"{_duration(left)} left"
            )
    except BaseException as error:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.terminate()
        if isinstance(error, KeyboardInterrupt):
            raise Interrupted(
                "interrupted; the same command continues after the finished runs"
            ) from None
        raise
    return results


def _summary(result):
    """Return the run, its test error and its seconds in words."""
    name, seconds = name_of(Config(**result["settings"])), result["train_seconds"]
    # Models without classes have no error.
    error = result["test_error"]
    errors = "" if error is None else f"test error {100 * error:.2f} %, "
    return f"{name}: {errors}{seconds:.0f} s"


def _find(results, config):
    """Return whether a config has been measured; a changed recipe has not.

    A setting that a result lacks was added later, and counts as its default.
    """
    for result in results:
        if "settings" not in result:
            continue
        try:
            if Config().replace(**upgraded(result["settings"])) == config:
                return True
        # An older version had other settings.
        except InputError:
            continue
    return False


def _duration(seconds):
    """Return a duration in hours and minutes."""
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes > 59 else f"{minutes} min"
