"""The queue of runs on disk: one file per run, numbered in their order."""

import contextlib
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil

from ssvae.files.atomic import write_json
from ssvae.types import PathLike

# Processes that this one started, by number; `poll` must be called when they end.
CHILDREN: dict[int, subprocess.Popen] = {}
# Seconds that a process takes to be started, at most: so long its number is missing.
STARTING = 60.0

# A run that was asked for: `number` in the queue; `flags` of its command, and those
# that it was `begun` with; `out`, its run folder; `pid` and `born`, the number and the
# time of birth of its process; `stopped`, when somebody stopped it; `made`, when its
# file was written last.
Job = dict[str, Any]


class Jobs:
    """Files of the runs that were asked for and not forgotten.

    Args:
        folder: Path of the folder of the files.
    """

    def __init__(self, folder: PathLike):
        self.folder = Path(folder)

    def all(self) -> list[Job]:
        """Return all jobs in their order."""
        found = []
        for path in sorted(self.folder.glob("*.json")):
            if not path.stem.isdigit():
                continue
            try:
                text = path.read_text(encoding="utf-8")
                made = path.stat().st_mtime
                # A file that was just made is empty.
                job = json.loads(text) if text else {}
            except (OSError, ValueError):
                continue
            known = {"number": int(path.stem), "made": made}
            found.append({"out": "", "flags": [], **job, **known})
        return found

    def of(self, out: PathLike) -> Job | None:
        """Return the newest job of a run folder; None if there is none."""
        found = [job for job in self.all() if is_same(job["out"], out)]
        return found[-1] if found else None

    def numbered(self, number: int) -> Job:
        """Return the job of a number, which must be there."""
        return json.loads(self.file(number).read_text(encoding="utf-8"))

    def added(self, job: Job) -> Job:
        """Return a job with the next free number, in a file that nobody else has."""
        self.folder.mkdir(parents=True, exist_ok=True)
        number = max((other["number"] for other in self.all()), default=0)
        while True:
            number += 1
            with contextlib.suppress(FileExistsError):
                self.file(number).touch(exist_ok=False)
                job = {**job, "number": number}
                self.keep(job)
                return job

    def keep(self, job: Job) -> None:
        """Write what is known of a job."""
        write_json(self.file(job["number"]), job)

    def forget(self, out: PathLike) -> None:
        """Remove the jobs of a run folder that are over."""
        for job in self.all():
            if is_same(job["out"], out) and not is_live(job):
                self.file(job["number"]).unlink(missing_ok=True)
                self.log(job["number"]).unlink(missing_ok=True)

    def file(self, number: int) -> Path:
        """Return the path of what is known of the job of a number."""
        return self.folder / f"{number:06d}.json"

    def log(self, number: int) -> Path:
        """Return the path of what the job of a number printed."""
        return self.folder / f"{number:06d}.txt"

    def last_words(self, number: int) -> str:
        """Return the last line of a log, without what a command puts first."""
        try:
            lines = self.log(number).read_text(encoding="utf-8").strip().splitlines()
        except OSError:
            lines = []
        last = lines[-1] if lines else "it printed nothing"
        return last.removeprefix("ssvae.train: ").removeprefix("error: ")


def is_same(one: PathLike | None, other: PathLike) -> bool:
    """Return whether two paths are the same, seen from here."""
    return bool(one) and os.path.abspath(str(one)) == os.path.abspath(other)


def is_live(job: Job) -> bool:
    """Return whether the process of a job runs, waits, or is just being started."""
    if "pid" not in job:
        return time.time() - job["made"] < STARTING
    return process_of(job) is not None


def process_of(job: Job) -> psutil.Process | None:
    """Return the process of a job; None if it has ended."""
    if "pid" not in job:
        return None
    child = CHILDREN.get(job["pid"])
    if child is not None and child.poll() is not None:
        CHILDREN.pop(job["pid"], None)
    try:
        process = psutil.Process(job["pid"])
        same = abs(process.create_time() - job["born"]) < 1
        over = process.status() == psutil.STATUS_ZOMBIE
        return process if same and not over else None
    except psutil.NoSuchProcess:
        return None
