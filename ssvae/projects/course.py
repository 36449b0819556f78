"""How good the guesses of a project were thought to be, after so many labels."""

import time
from dataclasses import asdict
from typing import Any

from ssvae.projects.journal import Journal
from ssvae.projects.project import Project
from ssvae.training.estimate import Estimate

# File of a project's folder that keeps it: one estimate per line.
COURSE_FILE = "estimates.jsonl"


def note(project: Project, estimate: Estimate) -> None:
    """Keep an estimate.

    Args:
        project: The project.
        estimate: The accuracy to expect from its labels now.
    """
    entry = asdict(estimate) | {"time": round(time.time())}
    Journal(project.folder / COURSE_FILE).append([entry])


def course(project: Project) -> list[dict[str, Any]]:
    """Return the newest estimate for each number of labels, fewest labels first.

    Args:
        project: The project.

    Returns:
        Dicts with the fields of `Estimate` and `time`, seconds since 1970.
    """
    entries = Journal(project.folder / COURSE_FILE).read()
    newest = {entry["num_labels"]: entry for entry in entries if "num_labels" in entry}
    return [newest[number] for number in sorted(newest)]
