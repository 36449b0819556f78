"""A run that was broken off ends as one that was not: bit for bit."""

import keras
import numpy as np
import pytest
from helpers import TINY

from ssvae.errors import InputError, Interrupted
from ssvae.runs import checkpoints
from ssvae.runs.checkpoints import Checkpoint
from ssvae.runs.folder import new_run
from ssvae.training import checkpointing
from ssvae.training.learn import learn

EPOCHS, STEPS = 3, 4


class Breaking(keras.callbacks.Callback):
    """Asks training to stop after a step."""

    def __init__(self, step, keeping):
        super().__init__()
        self.left, self.keeping = step, keeping

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if not self.left:
            self.keeping[-1].asked = True


@pytest.fixture
def dataset(tiny_dataset):
    return tiny_dataset.hold_out(0.2, 0)


@pytest.fixture
def config():
    return TINY.replace(epochs=EPOCHS)


@pytest.fixture
def keeping(monkeypatch):
    """The checkpoint callbacks that were made."""
    made = []
    init = checkpointing.Checkpointing.__init__

    def noted(self, *arguments):
        init(self, *arguments)
        made.append(self)

    monkeypatch.setattr(checkpointing.Checkpointing, "__init__", noted)
    return made


def weights(learned):
    return [keras.ops.convert_to_numpy(w) for w in learned.model.weights]


@pytest.mark.parametrize("step", [1, STEPS - 1, STEPS, STEPS + 1, EPOCHS * STEPS - 1])
def test_resumed_anywhere_it_ends_the_same(dataset, config, tmp_path, keeping, step):
    (tmp_path / "whole").mkdir()
    whole = learn(dataset, config, tmp_path / "whole")
    assert whole.model.step.numpy() == EPOCHS * STEPS
    (tmp_path / "broken").mkdir()
    with pytest.raises(KeyboardInterrupt):
        learn(
            dataset,
            config,
            tmp_path / "broken",
            callbacks=[Breaking(step, keeping)],
        )
    assert checkpoints.newest(tmp_path / "broken").step == step
    resumed = learn(dataset, config, tmp_path / "broken")
    for one, other in zip(weights(whole), weights(resumed), strict=True):
        assert np.array_equal(one, other)
    assert len(resumed.history) == EPOCHS
    for one, other in zip(whole.history, resumed.history, strict=True):
        terms = one.keys() - {"seconds"}
        assert {t: one[t] for t in terms} == {t: other[t] for t in terms}


def test_a_torn_checkpoint_is_passed_over(tmp_path, rng):
    arrays = [rng.random((20, 20)), np.int32(3)]
    for step in (5, 9, 12):
        checkpoints.save(tmp_path, Checkpoint(step, arrays, [{"epoch": 1}], 2.5))
    files = sorted(path.name for path in tmp_path.iterdir())
    # The last two are kept.
    assert files == ["checkpoint-000000009.npz", "checkpoint-000000012.npz"]
    newest = tmp_path / files[1]
    content = newest.read_bytes()
    for torn in (b"", content[:100], content[: len(content) // 2], content[:-1]):
        newest.write_bytes(torn)
        assert checkpoints.newest(tmp_path).step == 9
    # One bit wrong in the middle.
    wrong = bytearray(content)
    wrong[len(wrong) // 2] ^= 1
    newest.write_bytes(bytes(wrong))
    assert checkpoints.newest(tmp_path).step == 9
    newest.write_bytes(content)
    found = checkpoints.newest(tmp_path)
    assert found.step == 12
    assert np.array_equal(found.variables[0], arrays[0])
    assert found.history == [{"epoch": 1}]
    assert found.seconds == 2.5


def test_an_interrupted_run_keeps_what_can_be_resumed(tmp_path):
    out = tmp_path / "run"
    with pytest.raises(Interrupted, match="--resume"), new_run(out) as folder:
        checkpoints.save(folder, Checkpoint(1, [np.zeros(2)], [], 0.0))
        raise KeyboardInterrupt
    assert not out.exists()
    with (
        pytest.raises(InputError, match="was broken off: go on with --resume"),
        new_run(out),
    ):
        pass
    with new_run(out, resume=True) as folder:
        assert checkpoints.newest(folder).step == 1
        (folder / "config.toml").touch()
    assert [path.name for path in out.iterdir()] == ["config.toml"]


def test_an_interrupted_replacement_is_gone_on_with(tmp_path):
    out = tmp_path / "run"
    with new_run(out) as folder:
        (folder / "config.toml").write_text("old")
    with (
        pytest.raises(Interrupted, match=r"--resume .*run' --overwrite"),
        new_run(out, overwrite=True) as folder,
    ):
        checkpoints.save(folder, Checkpoint(1, [np.zeros(2)], [], 0.0))
        raise KeyboardInterrupt
    with (
        pytest.raises(InputError, match=r"exists.*--overwrite"),
        new_run(out, resume=True),
    ):
        pass
    assert (out / "config.toml").read_text() == "old"
    with new_run(out, overwrite=True, resume=True) as folder:
        assert checkpoints.newest(folder).step == 1
        (folder / "config.toml").write_text("new")
    assert (out / "config.toml").read_text() == "new"


def test_two_runs_into_one_folder_do_not_meet(tmp_path):
    with (
        new_run(tmp_path / "run"),
        pytest.raises(InputError, match="another process trains into"),
        new_run(tmp_path / "run"),
    ):
        pass
