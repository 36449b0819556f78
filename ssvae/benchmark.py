"""Recipes side by side: `python -m ssvae.benchmark` runs what is not measured yet.

Recipes, label counts and seeds are crossed. Every finished run goes into a JSON file as
it comes; a run that stands there is not repeated.
"""

import json
import multiprocessing
import queue
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from ssvae import command
from ssvae.config import Config, upgraded
from ssvae.errors import InputError, Interrupted
from ssvae.jobs import measure, name_of, shares_of_cores
from ssvae.machine import machine
from ssvae.outputs import new_file
from ssvae.results import add_result, read_results
from ssvae.tables import table, update_page
from ssvae.toml import load_config, parse


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


def main():
    """Read the flags, run what is missing, print the table."""
    parser = command.Parser(
        prog="python -m ssvae.benchmark",
        description="Train recipes for several label counts and draws, and print their "
        "table. Stopped, it goes on where it was: run the same command again.",
    )
    parser.add_argument(
        "--configs", nargs="+", default=[], metavar="FILE.toml", help="recipes"
    )
    parser.add_argument(
        "--labels", nargs="+", default=["100"], metavar="N", help="label counts (100)"
    )
    parser.add_argument(
        "--draws", type=int, default=3, metavar="K", help="seeds 0 to K - 1 (3)"
    )
    parser.add_argument("--dataset", help="data set in place of the recipes'")
    parser.add_argument(
        "--out",
        metavar="FILE.json",
        help="results (benchmarks/results.json, of --speed benchmarks/speed.json)",
    )
    parser.add_argument("--runs", default="runs/benchmark", metavar="DIR")
    parser.add_argument(
        "--table", action="store_true", help="train nothing, print the table of --out"
    )
    parser.add_argument(
        "--page", metavar="FILE.md", help="also put the table into this page"
    )
    parser.add_argument(
        "--plot", metavar="FILE.png", help="also draw test error over training time"
    )
    parser.add_argument(
        "--speed",
        action="store_true",
        help="instead measure how fast this machine trains and answers",
    )
    parser.add_argument(
        "--jobs", type=int, default=1, metavar="J", help="runs at a time (1)"
    )
    flags = parser.parse_args()
    for name in ("draws", "jobs"):
        if getattr(flags, name) < 1:
            raise InputError(
                f"--{name}: got {getattr(flags, name)}, need a whole number from 1 up"
            )
    if flags.speed:
        _speed(Path(flags.out or "benchmarks/speed.json"), flags.table, flags.page)
        return
    flags.out = flags.out or "benchmarks/results.json"
    results = read_results(flags.out)
    if not flags.table:
        results = benchmark(
            _configs(flags), flags.out, flags.runs, flags.jobs, command.say
        )
    if not results:
        raise InputError(f"{flags.out!r} holds no results yet: run without --table")
    print(table(results))
    if flags.page:
        update_page(flags.page, flags.out, table(results))
    if flags.plot:
        from ssvae.plots import error_over_time

        error_over_time(results).savefig(flags.plot)


def _speed(out, measured, page):
    """Measure speed, unless it is measured, write the figures, print their table."""
    from ssvae.speed import measure_speed, speed_table

    if not measured:
        out.parent.mkdir(parents=True, exist_ok=True)
        figures = {"machine": machine(), **measure_speed()}
        with new_file(out, (".json",), overwrite=True) as partial:
            partial.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    try:
        text = speed_table(json.loads(out.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{str(out)!r} holds no figures of speed ({error!r}): run without --table"
        ) from None
    print(text)
    if page:
        update_page(page, out, text)


def _configs(flags):
    """Return the crossed configs, draw by draw, so that every recipe has some early."""
    recipes = [load_config(path) for path in flags.configs] or [Config()]
    if flags.dataset:
        recipes = [config.replace(dataset=flags.dataset) for config in recipes]
    return [
        config.replace(labels=parse("labels", labels), seed=seed)
        for seed in range(flags.draws)
        for labels in flags.labels
        for config in recipes
    ]


if __name__ == "__main__":
    command.run(main, "ssvae.benchmark")
