import time

import pytest

from ssvae.errors import InputError
from ssvae.runs.background import DONE, FAILED, IDLE, RUNNING, STOPPED, Background
from ssvae.runs.checkpoints import newest
from ssvae.runs.folder import partial_folder
from ssvae.saving.keras_file import load_model

QUICK = (
    "--classifier-body mlp --hidden-units 8 --propagation none "
    "--unlabeled-batch-size 2000 --epochs 1"
).split()
LONG = [*QUICK[:-1], "500"]


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


def test_a_run_is_seen_on_its_way_stopped_and_goes_on(background, tmp_path):
    assert background.state().status == IDLE
    background.start(LONG, tmp_path / "run")
    with pytest.raises(InputError, match="a run is under way, run"):
        background.start(QUICK, tmp_path / "other")
    state = wait(background, lambda s: s.progress.get("step") and s.samples)
    assert state.status == RUNNING
    assert state.progress["epochs"] == 500
    assert 0 < state.progress["step"] <= state.progress["steps"]
    assert state.progress["seconds_left"] > 0
    assert state.progress["terms"]["loss"] > 0
    # Who looks from elsewhere sees the same.
    assert Background(background.folder).state().status == RUNNING
    background.stop()
    state = background.state()
    assert (state.status, state.resumable) == (STOPPED, True)
    step = newest(partial_folder(state.out)).step
    background.resume()
    state = wait(background, lambda s: s.progress.get("step", 0) > step)
    assert state.status == RUNNING
    background.stop()
    # What was stopped does not keep the place.
    background.start(QUICK, tmp_path / "run")
    state = wait(background, lambda s: s.status != RUNNING)
    assert state.status == DONE, state.message
    assert sorted(p.name for p in tmp_path.iterdir()) == ["background", "run"]


def test_a_run_that_ends_well_is_done_and_forgotten(background, tmp_path):
    background.start(QUICK, tmp_path / "run")
    state = wait(background, lambda s: s.status != RUNNING)
    assert state.status == DONE, state.message
    load_model(state.out)
    assert not (state.out / "progress.json").exists()
    with pytest.raises(InputError, match="exists"):
        background.start(QUICK, tmp_path / "run")
    background.forget()
    assert background.state().status == IDLE


def test_a_run_that_fails_says_why(background, tmp_path):
    background.start(["--labels", "3"], tmp_path / "run")
    state = wait(background, lambda s: s.status != RUNNING)
    assert state.status == FAILED
    assert "need at least one per class" in state.message


def test_another_process_of_the_same_number_is_not_the_run(background, tmp_path):
    background.start(["--labels", "3"], tmp_path / "run")
    wait(background, lambda s: s.status != RUNNING)
    import os

    background._keep({**background._job(), "pid": os.getpid()})
    assert background.state().status == FAILED
