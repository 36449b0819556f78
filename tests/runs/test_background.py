import os
import time

import pytest

from ssvae.errors import InputError
from ssvae.runs.background import DONE, FAILED, IDLE, RUNNING, STOPPED, Background
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
    background.stop()


def wait(background, condition, seconds=120):
    """Return the first state that meets a condition."""
    for _ in range(10 * seconds):
        state = background.state()
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
    with pytest.raises(InputError, match="a run is under way, run"):
        background.start(flags(1), tmp_path / "other")
    state = wait(background, lambda s: s.progress.get("step") and s.samples)
    assert state.status == RUNNING
    assert state.progress["epochs"] == 5000
    assert 0 < state.progress["step"] <= state.progress["steps"]
    assert state.progress["seconds_left"] > 0
    assert state.progress["terms"]["loss"] > 0
    # Another object for the same folder sees the same run.
    assert Background(background.folder).state().status == RUNNING
    background.stop()
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
    background.forget()
    assert background.state().status == IDLE


@pytest.mark.slow
def test_a_run_that_was_stopped_is_resumed(background, flags, tmp_path):
    background.start(flags(5000), tmp_path / "run")
    wait(background, lambda s: s.progress.get("step"))
    background.stop()
    step = newest(partial_folder(background.state().out)).step
    background.resume()
    state = wait(background, lambda s: s.progress.get("step", 0) > step)
    assert state.status == RUNNING


def test_a_run_that_fails_says_why(background, tmp_path):
    background.start(["--labels", "3"], tmp_path / "run")
    state = wait(background, lambda s: s.status != RUNNING)
    assert state.status == FAILED
    assert "need at least one per class" in state.message


def test_another_process_with_the_same_id_is_not_the_run(background, tmp_path):
    background.start(["--labels", "3"], tmp_path / "run")
    wait(background, lambda s: s.status != RUNNING)
    background._keep({**background._job(), "pid": os.getpid()})
    assert background.state().status == FAILED
