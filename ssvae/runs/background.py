"""One training run at a time in a process of its own, which outlives who started it."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from ssvae.errors import InputError
from ssvae.files.atomic import write_json
from ssvae.runs.folder import PROGRESS_FILE, is_resumable, partial_folder
from ssvae.saving.find import MODEL_FILE

# The processes that this one started and whose end it must take note of.
_CHILDREN = {}

IDLE, RUNNING, DONE, STOPPED, FAILED = "idle", "running", "done", "stopped", "failed"


@dataclass(frozen=True)
class State:
    """How the run stands.

    Attributes:
        status: `"idle"`, none was started; `"running"`, `"done"`, `"stopped"` or
            `"failed"`.
        out: Path of its run folder, complete only when done; None when idle.
        message: Why it failed.
        progress: What its `progress.json` holds; see `ssvae.training.live`.
        samples: Path of a picture of what it generates by now, or None.
        resumable: Whether a run that is over can go on.
    """

    status: str
    out: Path | None = None
    message: str = ""
    progress: dict = field(default_factory=dict)
    samples: Path | None = None
    resumable: bool = False


class Background:
    """Starts, watches and stops a run; several of these may look at the same one.

    Args:
        folder: Path of a folder for what it keeps: the process and what it says.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self.job = self.folder / "job.json"
        self.log = self.folder / "log.txt"

    def start(self, flags, out):
        """Start `python -m ssvae.train` in a process of its own.

        Args:
            flags: List of its flags, without `--out`.
            out: Path of the run folder to be.

        Raises:
            InputError: If a run is under way, or `out` exists.
        """
        if Path(out).exists():
            raise InputError(f"{str(out)!r} exists: choose another name")
        self._launch([*flags, "--out", str(out), "--overwrite"], out)

    def resume(self):
        """Go on with the run that was stopped or broke off.

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
                # Its own session, so that Ctrl-C at the server does not reach it.
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        _CHILDREN[process.pid] = process
        # With its birth, for the number of a process that ended is given out again.
        born = psutil.Process(process.pid).create_time()
        self._keep({"pid": process.pid, "born": born, "out": str(out)})

    def state(self) -> State:
        """Return how the run stands."""
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

    def stop(self, seconds=30.0):
        """Ask the run to stop; after so many seconds it is ended by force."""
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

    def forget(self):
        """Forget a run that is over."""
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
        """Return the process of the run; None if it is over."""
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
        """Return the last line that the run said."""
        try:
            lines = self.log.read_text(encoding="utf-8").strip().splitlines()
        except OSError:
            lines = []
        return lines[-1] if lines else "it said nothing"


def _seen(folder):
    """Return the progress and the samples of a run in the making."""
    try:
        progress = json.loads((folder / PROGRESS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        progress = {}
    samples = folder / "samples.png"
    return progress, samples if samples.exists() else None
