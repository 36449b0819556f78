"""Training runs in the background: one at a time, the others wait for their turn.

Each run is a process that goes on when its starter ends. It waits in
`ssvae.runs.turn` until no earlier one is left. So the queue needs no server: it goes on
when every page is closed.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from ssvae.errors import InputError
from ssvae.runs.folder import PROGRESS_FILE, is_resumable, partial_folder
from ssvae.runs.jobs import CHILDREN, Jobs, is_live, is_same, process_of
from ssvae.saving.find import MODEL_FILE
from ssvae.types import PathLike

IDLE, WAITING, RUNNING = "idle", "waiting", "running"
DONE, STOPPED, FAILED = "done", "stopped", "failed"


@dataclass(frozen=True)
class State:
    """The state of a run.

    Attributes:
        status: `"idle"` if none was started, else `"waiting"`, `"running"`, `"done"`,
            `"stopped"` or `"failed"`.
        out: Path of the run folder, which is there when the run is done; None if idle.
        message: Why the run failed; empty if it did not.
        progress: Content of its `progress.json`; see `ssvae.training.live`.
        samples: Path of a picture of images that the model generates by now, or None.
        resumable: Whether a run that stopped or failed can be resumed.
        ahead: Number of runs that come before it.
        age: Seconds since its progress was written.
    """

    status: str
    out: Path | None = None
    message: str = ""
    progress: dict[str, Any] = field(default_factory=dict)
    samples: Path | None = None
    resumable: bool = False
    ahead: int = 0
    age: float = 0.0

    @property
    def is_live(self) -> bool:
        """Whether it runs or waits for its turn."""
        return self.status in (WAITING, RUNNING)


class Background:
    """Starts, watches and stops runs; several objects may watch the same ones.

    Args:
        folder: Path of a folder for the numbers of processes and for their output.
    """

    def __init__(self, folder: PathLike):
        self.jobs = Jobs(folder)

    def start(self, flags: Sequence[str], out: PathLike) -> None:
        """Start `python -m ssvae.train` in a process of its own, when its turn comes.

        Args:
            flags: Its flags, without `--out`.
            out: Path where the run folder will be.

        Raises:
            InputError: If `out` exists, or a run into it is under way.
        """
        if Path(out).exists():
            raise InputError(f"{str(out)!r} exists: choose another name")
        flags = [str(flag) for flag in flags]
        self._launch([*flags, "--out", str(out), "--overwrite"], out)

    def resume(self, out: PathLike) -> None:
        """Go on with a run that was stopped or failed after its first checkpoint.

        Raises:
            InputError: If it is under way.
        """
        self._launch(["--resume", str(out)], out)

    def again(self, out: PathLike) -> None:
        """Begin a run that was stopped or failed again, with the same flags.

        Raises:
            InputError: If it is under way, or nobody knows how it was begun.
        """
        job = self.jobs.of(out)
        if job is None or "begun" not in job:
            raise InputError(f"{Path(out).name} was not begun here: start a new one")
        self._launch(job["begun"], out)

    def states(self) -> list[State]:
        """Return the states of all runs that are not forgotten, in their order."""
        live, states = 0, []
        for job in self.jobs.all():
            states.append(self._state(job, live))
            live += states[-1].is_live
        return states

    def state(self, out: PathLike | None = None) -> State:
        """Return the state of one run.

        Args:
            out: Path of its run folder; None for the run that is running, or else the
                newest one.
        """
        states = self.states()
        if out is not None:
            states = [state for state in states if is_same(state.out, out)]
        else:
            running = [state for state in states if state.status == RUNNING]
            states = running or states
        return states[-1] if states else State(IDLE)

    def stop(self, out: PathLike, seconds: float = 30.0) -> None:
        """Ask a run to stop; end it by force if it has not after some seconds."""
        job = self.jobs.of(out)
        process = job and process_of(job)
        if not job or not process:
            return
        self.jobs.keep({**job, "stopped": time.time()})
        process.terminate()
        try:
            process.wait(seconds)
        except psutil.TimeoutExpired:
            process.kill()

    def forget(self, out: PathLike) -> None:
        """Forget a run that has ended; its folder stays."""
        self.jobs.forget(out)

    def ahead(self, number: int) -> int:
        """Return how many runs come before the one of a number."""
        return sum(is_live(job) for job in self.jobs.all() if job["number"] < number)

    def command(self, number: int) -> list[str]:
        """Return the command of the run of a number."""
        flags = self.jobs.numbered(number)["flags"]
        return [sys.executable, "-m", "ssvae.train", *flags]

    def _launch(self, flags, out):
        if (state := self.state(out)).is_live:
            does = "is being trained" if state.status == RUNNING else "waits"
            raise InputError(f"{Path(out).name} {does} already: choose another name")
        old = self.jobs.of(out) or {}
        self.forget(out)
        begun = old.get("begun") if "--resume" in flags else flags
        job = {"flags": flags, "out": str(out), "begun": begun or flags}
        job = self.jobs.added(job)
        with open(self.jobs.log(job["number"]), "w", encoding="utf-8") as log:
            process = subprocess.Popen(
                [
                    sys.executable,
                    *("-m", "ssvae.runs.turn"),
                    *(str(self.jobs.folder), str(job["number"])),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # In a session of its own, Ctrl-C at the server does not reach it.
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        CHILDREN[process.pid] = process
        # With the time of its start, since the system uses numbers of processes again.
        born = psutil.Process(process.pid).create_time()
        self.jobs.keep({**job, "pid": process.pid, "born": born})

    def _state(self, job, live):
        """Return the state of a job that some live ones come before."""
        out = Path(job["out"])
        if is_live(job):
            if live:
                return State(WAITING, out, ahead=live)
            progress, samples, age = _seen(partial_folder(out))
            return State(RUNNING, out, "", progress, samples, age=age)
        if (out / MODEL_FILE).exists():
            return State(DONE, out)
        resumable = is_resumable(partial_folder(out))
        if job.get("stopped"):
            return State(STOPPED, out, resumable=resumable)
        words = self.jobs.last_words(job["number"])
        return State(FAILED, out, words, resumable=resumable)


def _seen(folder):
    """Return progress and samples of an unfinished run and its age, for `State`."""
    path, samples = folder / PROGRESS_FILE, folder / "samples.png"
    try:
        progress = json.loads(path.read_text(encoding="utf-8"))
        age = max(0.0, time.time() - path.stat().st_mtime)
    except (OSError, ValueError):
        progress, age = {}, 0.0
    return progress, samples if samples.exists() else None, age
