"""Recipes side by side: `python -m ssvae.benchmark` runs what is not measured yet.

Recipes, label counts and seeds are crossed. Every finished run goes into a JSON file as
it comes; a run that stands there is not repeated.
"""

import json
import multiprocessing
import os
import platform
import sys
import time
from dataclasses import asdict
from pathlib import Path

from ssvae import command
from ssvae.config import Config, load_config, parse
from ssvae.errors import InputError
from ssvae.tables import table, update_page
from ssvae.train import train


def benchmark(configs, out, folder, say=print) -> list[dict]:
    """Train every config that has no result yet, each in a process of its own.

    Args:
        configs: List of `Config`.
        out: Path of the JSON file of results; those it holds are kept.
        folder: Path where the run folders go.
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
    for number, config in enumerate(missing):
        name = f"{config.recipe}, {config.labels} labels, seed {config.seed}"
        say(f"run {number + 1} of {len(missing)}: {name}")
        result = _in_a_process(config, folder)
        results = [r for r in results if _place(r) != _place(result)] + [result]
        results.sort(key=_place)
        _write(out, results)
        left = (len(missing) - number - 1) * (time.perf_counter() - began)
        say(
            f"  test error {100 * result['test_error']:.2f} %, "
            f"{result['train_seconds']:.0f} s; {_duration(left / (number + 1))} left"
        )
    return results


def read_results(path) -> list[dict]:
    """Return the results in a JSON file; none where there is no file.

    Raises:
        InputError: If the file holds something else.
    """
    path = Path(path)
    if not path.exists():
        return []
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
        [(_place(result), dict(result["settings"])) for result in results]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{str(path)!r} holds no results of this benchmark ({error!r}): name "
            "another file with --out"
        ) from None
    return results


def _place(result):
    """Return what a result is known by."""
    names = ("dataset", "recipe", "num_labels", "seed")
    return tuple(result[name] for name in names)


def _find(results, config):
    """Return whether a config has been measured: a changed recipe is measured anew.

    A setting that a result does not state is younger, and was at its default.
    """
    stated, younger = asdict(config), asdict(Config())
    return any({**younger, **result["settings"]} == stated for result in results)


def _in_a_process(config, folder):
    """Train in a fresh process, so that no run leaves anything to the next."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(config, folder, sender))
    process.start()
    sender.close()
    try:
        return receiver.recv()
    except EOFError:
        raise InputError("the run failed, as said above; nothing of it was kept") from (
            None
        )
    except BaseException:
        process.terminate()
        raise
    finally:
        process.join()


def _measure(config, folder, sender):
    """Train one config and send its result."""

    def main():
        with command.interrupts_held_back(), command.quiet_start():
            from ssvae.snapshots import Snapshots
        snapshots = Snapshots()
        name = f"{config.dataset}-{config.recipe}-{config.labels}-{config.seed}"
        out = Path(folder) / name.replace(":", "-").replace("/", "-")
        train(config, out, overwrite=True, callbacks=[snapshots])
        metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
        curve = snapshots.curve(out, config, metrics["train_seconds"])
        extra = {"settings": asdict(config), "machine": _machine(), "curve": curve}
        sender.send(metrics | extra)

    command.run(main, "ssvae.benchmark")


def _machine():
    """Return the processor and the number of its cores that this process may use."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = [line.split(":")[1].strip() for line in lines if "model name" in line]
        name = names[0] if names else name
    except OSError:
        pass
    return f"{name}, {len(os.sched_getaffinity(0))} cores"


def _write(path, results):
    """Replace the file of results at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    partial.replace(path)


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
    parser.add_argument("--out", default="benchmarks/results.json", metavar="FILE.json")
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
    flags = parser.parse_args()
    if flags.draws < 1:
        raise InputError(f"--draws: got {flags.draws}, need a whole number from 1 up")
    results = read_results(flags.out)
    if not flags.table:
        results = benchmark(_configs(flags), flags.out, flags.runs, _say)
    if not results:
        raise InputError(f"{flags.out!r} holds no results yet: run without --table")
    print(table(results))
    if flags.page:
        update_page(flags.page, flags.out, table(results))
    if flags.plot:
        from ssvae.plots import error_over_time

        error_over_time(results).savefig(flags.plot)


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


def _say(text):
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    command.run(main, "ssvae.benchmark")
