"""One run of the benchmark, in a process of its own on cores of its own."""

import json
import multiprocessing
import os
import sys
from dataclasses import asdict
from pathlib import Path

from ssvae.cli import process
from ssvae.config.settings import Config
from ssvae.errors import InputError
from ssvae.evaluation.results import Result
from ssvae.hardware import cores_here, machine
from ssvae.training.run import train


def name_of(config: Config) -> str:
    """Return a description of the run of a config, for people."""
    return f"{config.recipe}, {config.labels} labels, seed {config.seed}"


def shares_of_cores(jobs: int) -> list[set[int]]:
    """Split the cores that this process may use into one set per job.

    Raises:
        InputError: If there are more jobs than cores.
    """
    cores = sorted(cores_here())
    if jobs > len(cores):
        raise InputError(f"--jobs: got {jobs}, need at most one per core: {len(cores)}")
    return [set(cores[job::jobs]) for job in range(jobs)]


def measure(config: Config, folder: Path, cores: set[int], logged: bool) -> Result:
    """Train one config in a new process, so that no run affects the next.

    Args:
        config: `Config`.
        folder: Path of the folder that gets the run folder.
        cores: Cores to train on.
        logged: Whether the run's messages go to a file instead of standard error.

    Returns:
        A dict: the content of the run's `metrics.json`, its `settings`, the `machine`,
        and the `curve` of test accuracy over training seconds.

    Raises:
        InputError: If the run ends without a result.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    name = f"{config.dataset}-{config.recipe}-{config.labels}-{config.seed}"
    run = folder / name.replace(":", "-").replace("/", "-")
    log = run.with_name(f"{run.name}.log") if logged else None
    process = context.Process(
        target=_train_and_send, args=(config, run, cores, log, sender)
    )
    process.start()
    sender.close()
    try:
        return receiver.recv()
    except EOFError:
        where = f"in {str(log)!r}" if logged else "above"
        raise InputError(
            f"{name_of(config)} failed; the reason is {where}; nothing of it was kept"
        ) from None
    finally:
        process.join()


def _train_and_send(config, run, cores, log, sender):
    """Train one config and send its result."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)
    if log is not None:
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, "w", encoding="utf-8") as file:
            os.dup2(file.fileno(), sys.stderr.fileno())

    # Without kept graphs each run takes as long as a first one.
    os.environ["SSVAE_CACHE"] = ""

    def main():
        with process.interrupts_held_back(), process.quiet_start():
            from ssvae.benchmark.snapshots import Snapshots
        snapshots = Snapshots()
        train(config, run, overwrite=True, callbacks=[snapshots])
        metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
        curve = snapshots.curve(run, config, metrics["train_seconds"])
        extra = {"settings": asdict(config), "machine": machine(), "curve": curve}
        sender.send(metrics | extra)

    process.run(main, "ssvae.benchmark")
