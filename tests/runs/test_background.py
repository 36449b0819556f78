import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from ssvae.errors import InputError
from ssvae.runs.background import (
    DONE,
    FAILED,
    IDLE,
    RUNNING,
    STOPPED,
    WAITING,
    Background,
)
from ssvae.runs.checkpoints import newest
from ssvae.runs.folder import partial_folder
from ssvae.saving.keras_file import load_model

QUICK = (
    "--classifier-body mlp --hidden-units 8 --propagation none "
    "--unlabeled-batch-size 600 --epochs"
).split()


@pytest.fixture
def flags(digits):
    """Return a function that gives the flags of a run of so many epochs."""
    return lambda epochs: ["--dataset", str(digits), *QUICK, str(epochs)]


@pytest.fixture
def background(tmp_path):
    background = Background(tmp_path / "background")
    yield background
    for state in reversed(background.states()):
        background.stop(state.out)


def wait(background, condition, seconds=120, out=None):
    """Return the first state that meets a condition."""
    for _ in range(10 * seconds):
        state = background.state(out)
        if condition(state):
            return state
        time.sleep(0.1)
    raise AssertionError(f"after {seconds} s the run is {state}")


def test_a_run_is_seen_while_it_trains_and_after_it_was_stopped(
    background, flags, tmp_path
):
    out = tmp_path / "run"
    assert background.state().status == IDLE
    background.start(flags(5000), out)
    with pytest.raises(InputError, match="run is being trained already"):
        background.start(flags(1), out)
    state = wait(background, lambda s: s.progress.get("step") and s.samples)
    assert state.status == RUNNING
    assert state.progress["epochs"] == 5000
    assert 0 < state.progress["step"] <= state.progress["steps"]
    assert state.progress["seconds_left"] > 0
    assert state.progress["terms"]["loss"] > 0
    # Another object for the same folder sees the same run.
    assert Background(background.jobs.folder).state().status == RUNNING
    background.stop(out)
    state = background.state()
    assert (state.status, state.resumable) == (STOPPED, True)
    # A run that was stopped may be replaced by a new one.
    background.start(flags(1), out)
    state = wait(background, lambda s: s.status != RUNNING)
    assert state.status == DONE, state.message
    assert sorted(p.name for p in tmp_path.iterdir()) == ["background", "run"]
    load_model(state.out)
    assert not (out / "progress.json").exists()
    with pytest.raises(InputError, match="exists"):
        background.start(flags(1), out)
    background.forget(out)
    assert background.state().status == IDLE


@pytest.mark.slow
def test_a_run_that_was_stopped_is_resumed(background, flags, tmp_path):
    background.start(flags(5000), tmp_path / "run")
    wait(background, lambda s: s.progress.get("step"))
    background.stop(tmp_path / "run")
    step = newest(partial_folder(tmp_path / "run")).step
    background.resume(tmp_path / "run")
    state = wait(background, lambda s: s.progress.get("step", 0) > step)
    assert state.status == RUNNING


def test_a_run_that_fails_says_why(background, tmp_path):
    background.start(["--labels", "3"], tmp_path / "run")
    state = wait(background, lambda s: s.status != RUNNING)
    assert state.status == FAILED
    assert "need at least one per class" in state.message


def test_another_process_with_the_same_id_is_not_the_run(background, tmp_path):
    born = psutil.Process().create_time()
    job = background.jobs.added({"out": str(tmp_path / "run")})
    background.jobs.keep({**job, "pid": os.getpid(), "born": born})
    assert background.state().status == RUNNING
    background.jobs.keep({**job, "pid": os.getpid(), "born": born - 10})
    assert background.state().status == FAILED


def test_a_run_waits_for_those_before_it_and_then_trains(background, tmp_path):
    """A process that sleeps stands for a run that trains for long."""
    first, second, third = (tmp_path / name for name in ("one", "two", "three"))
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(99)"])
    try:
        born = psutil.Process(sleeper.pid).create_time()
        job = background.jobs.added({"out": str(first)})
        background.jobs.keep({**job, "pid": sleeper.pid, "born": born})
        for out in (second, third):
            background.start(["--labels", "3"], out)
        states = background.states()
        assert [state.status for state in states] == [RUNNING, WAITING, WAITING]
        assert [state.ahead for state in states] == [0, 1, 2]
        with pytest.raises(InputError, match="two waits already"):
            background.start(["--labels", "3"], second)
        # One that waits can be stopped, and the one behind it moves up.
        background.stop(second)
        assert background.state(second).status == STOPPED
        assert background.state(third).ahead == 1
    finally:
        sleeper.kill()
        sleeper.wait()
    # It trained: that it was asked for too few labels is found out then.
    state = wait(background, lambda s: s.status == FAILED, out=third)
    assert "need at least one per class" in state.message


def test_runs_that_are_asked_for_at_once_get_numbers_of_their_own(background):
    with ThreadPoolExecutor(8) as pool:
        jobs = list(pool.map(lambda n: background.jobs.added({"out": n}), "abcdefgh"))
    assert sorted(job["number"] for job in jobs) == list(range(1, 9))
    assert {job["out"] for job in background.jobs.all()} == set("abcdefgh")
