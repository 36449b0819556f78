"""One training run at a time, in a process that goes on when its starter ends."""

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
from ssvae.files.atomic import write_json
from ssvae.runs.folder import PROGRESS_FILE, is_resumable, partial_folder
from ssvae.saving.find import MODEL_FILE
from ssvae.types import PathLike

# Processes that this one started, by number; `poll` must be called when they end.
_CHILDREN: dict[int, subprocess.Popen] = {}

IDLE, RUNNING, DONE, STOPPED, FAILED = "idle", "running", "done", "stopped", "failed"


@dataclass(frozen=True)
class State:
    """The state of the run.

    Attributes:
        status: `"idle"` if none was started, else `"running"`, `"done"`, `"stopped"`
            or `"failed"`.
        out: Path of the run folder, which is there when the run is done; None if idle.
        message: Why the run failed; empty if it did not.
        progress: Content of its `progress.json`; see `ssvae.training.live`.
        samples: Path of a picture of images that the model generates by now, or None.
        resumable: Whether a run that stopped or failed can be resumed.
    """

    status: str
    out: Path | None = None
    message: str = ""
    progress: dict[str, Any] = field(default_factory=dict)
    samples: Path | None = None
    resumable: bool = False


class Background:
    """Starts, watches and stops a run; several objects may watch the same one.

    Args:
        folder: Path of a folder for the number of the process and for its output.
    """

    def __init__(self, folder: PathLike):
        self.folder = Path(folder)
        self.job = self.folder / "job.json"
        self.log = self.folder / "log.txt"

    def start(self, flags: Sequence[str], out: PathLike) -> None:
        """Start `python -m ssvae.train` in a process of its own.

        Args:
            flags: Its flags, without `--out`.
            out: Path where the run folder will be.

        Raises:
            InputError: If a run is under way, or `out` exists.
        """
        if Path(out).exists():
            raise InputError(f"{str(out)!r} exists: choose another name")
        self._launch([*flags, "--out", str(out), "--overwrite"], out)

    def resume(self) -> None:
        """Resume the run that was stopped or failed.

        Raises:
            InputError: If a run is under way.
        """
        out = self.state().out
        self._launch(["--resume", str(out)], out)

    def _launch(self, flags, out):
        if self.state().status == RUNNING:
            raise InputError(
                f"a run is under way, {self.state().out.name}: wait for its end or "
                "stop it"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "ssvae.train", *flags]
        with open(self.log, "w", encoding="utf-8") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # In a session of its own, Ctrl-C at the server does not reach it.
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        _CHILDREN[process.pid] = process
        # With the time of its start, since the system uses numbers of processes again.
        born = psutil.Process(process.pid).create_time()
        self._keep({"pid": process.pid, "born": born, "out": str(out)})

    def state(self) -> State:
        """Return the state of the run."""
        job = self._job()
        if job is None:
            return State(IDLE)
        out = Path(job["out"])
        if self._process(job) is not None:
            partial = partial_folder(out)
            return State(RUNNING, out, "", *_seen(partial))
        if (out / MODEL_FILE).exists():
            return State(DONE, out)
        resumable = is_resumable(partial_folder(out))
        if job.get("stopped"):
            return State(STOPPED, out, resumable=resumable)
        return State(FAILED, out, self._last_words(), resumable=resumable)

    def stop(self, seconds: float = 30.0) -> None:
        """Ask the run to stop; end it by force if it has not after some seconds."""
        job = self._job()
        process = job and self._process(job)
        if process is None:
            return
        self._keep({**job, "stopped": time.time()})
        process.terminate()
        try:
            process.wait(seconds)
        except psutil.TimeoutExpired:
            process.kill()

    def forget(self) -> None:
        """Forget a run that has ended, so that the state is idle again."""
        if self.state().status != RUNNING:
            self.job.unlink(missing_ok=True)

    def _job(self):
        try:
            return json.loads(self.job.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def _keep(self, job):
        write_json(self.job, job)

    def _process(self, job):
        """Return the process of the run; None if it has ended."""
        child = _CHILDREN.get(job["pid"])
        if child is not None and child.poll() is not None:
            del _CHILDREN[job["pid"]]
        try:
            process = psutil.Process(job["pid"])
            same = abs(process.create_time() - job["born"]) < 1
            over = process.status() == psutil.STATUS_ZOMBIE
            return process if same and not over else None
        except psutil.NoSuchProcess:
            return None

    def _last_words(self):
        """Return the last line that the run printed."""
        try:
            lines = self.log.read_text(encoding="utf-8").strip().splitlines()
        except OSError:
            lines = []
        return lines[-1] if lines else "it printed nothing"


def _seen(folder):
    """Return progress and samples of an unfinished run, for `State`."""
    try:
        progress = json.loads((folder / PROGRESS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        progress = {}
    samples = folder / "samples.png"
    return progress, samples if samples.exists() else None
