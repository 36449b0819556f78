"""Recipes side by side: every recipe, label count and seed that is not measured yet.

Every finished run goes into a JSON file as it comes; a run that stands there is not
repeated.
"""

import multiprocessing
import queue
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from ssvae.benchmark.jobs import measure, name_of, shares_of_cores
from ssvae.config.settings import Config, upgraded
from ssvae.errors import InputError, Interrupted
from ssvae.evaluation.results import add_result, read_results


def benchmark(configs, out, folder, jobs=1, say=print) -> list[dict]:
    """Train every config that has no result yet, each in a process of its own.

    Args:
        configs: List of `Config`.
        out: Path of the JSON file of results; those it holds are kept.
        folder: Path where the run folders go.
        jobs: Runs at a time, each on cores of its own; what they say of themselves then
            goes to a `.log` file beside their folders.
        say: Function that prints a line.

    Returns:
        The results, a dict a run: its `metrics.json`, the `settings` it was run with,
        the `machine`, and the `curve` of test accuracy over training seconds.

    Raises:
        InputError: If a run ends without a result; finished ones are kept.
    """
    out, folder = Path(out), Path(folder)
    results = read_results(out)
    missing = [config for config in configs if not _find(results, config)]
    say(f"{len(configs)} runs, {len(configs) - len(missing)} of them measured already.")
    began = time.perf_counter()
    shares = queue.SimpleQueue()
    for cores in shares_of_cores(jobs):
        shares.put(cores)

    def measured(config):
        cores = shares.get()
        say(f"{name_of(config)}: begun")
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
                f"{name_of(Config(**result['settings']))}: "
                f"{_error(result)}{result['train_seconds']:.0f} s; "
                f"{done} of {len(missing)} done, {_duration(left)} left"
            )
    except BaseException as error:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.terminate()
        if isinstance(error, KeyboardInterrupt):
            raise Interrupted(
                "interrupted; the same command goes on after the runs that are done"
            ) from None
        raise
    return results


def _error(result):
    """Say a run's test error, which models without classes have not."""
    error = result["test_error"]
    return "" if error is None else f"test error {100 * error:.2f} %, "


def _find(results, config):
    """Return whether a config has been measured: a changed recipe is measured anew.

    A setting that a result does not state is younger, and was at its default.
    """
    for result in results:
        if "settings" not in result:
            continue
        try:
            if Config().replace(**upgraded(result["settings"])) == config:
                return True
        # An older ssvae knew other settings.
        except InputError:
            continue
    return False


def _duration(seconds):
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes > 59 else f"{minutes} min"
