"""Callbacks of the user, and those that are known by name."""

import importlib.util
import sys

import keras
import pytest
from helpers import TINY, after_step, checkpointings_of, rows_of, same

from ssvae.errors import InputError
from ssvae.runs import checkpoints
from ssvae.training.learn import learn
from ssvae.training.named_callbacks import NEEDED, check_callbacks, made_callbacks
from ssvae.training.run import train

# Without convolutions and warps the step is compiled sooner.
CONFIG = TINY.replace(
    epochs=3, vae_body="mlp", classifier_body="mlp", augment="none", hidden_layers=1
)
STEPS = 4
# A stand-in for the package of Weights & Biases: it notes what it is told.
WANDB = """
told = []
class errors:
    class Error(Exception):
        pass
class Run:
    def define_metric(self, name, step_metric):
        pass
    def log(self, values):
        told.append((values["epoch/epoch"], values))
    def finish(self, exit_code):
        told.append(("finish", exit_code))
def init(**settings):
    told.append(("init", settings))
    return Run()
"""


class Notes(keras.callbacks.Callback):
    """Notes the epochs that it is told of."""

    def __init__(self):
        super().__init__()
        self.epochs = []

    def on_epoch_end(self, epoch, logs=None):
        terms = {name: float(value) for name, value in logs.items()}
        self.epochs.append((epoch, terms))


@pytest.fixture(scope="module")
def whole(split_dataset, tmp_path_factory):
    """A training without callbacks."""
    return learn(split_dataset, CONFIG, tmp_path_factory.mktemp("whole"))


@pytest.fixture
def wandb(tmp_path, monkeypatch):
    """Install the stand-in for Weights & Biases, and return what it notes."""
    package = tmp_path / "packages" / "wandb"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(WANDB)
    monkeypatch.syspath_prepend(package.parent)
    monkeypatch.delitem(sys.modules, "wandb", raising=False)
    import wandb

    yield wandb.told
    del sys.modules["wandb"]


def stop_at(step, monkeypatch):
    """Return a callback that asks the training to stop after a step, as Ctrl-C does."""
    made = checkpointings_of(monkeypatch)
    return after_step(step, lambda model: setattr(made[-1], "asked", True))


def weights(learned):
    return [keras.ops.convert_to_numpy(weight) for weight in learned.model.weights]


def logged(folder):
    """Return the losses in the files for TensorBoard, by epoch."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    events = EventAccumulator(str(folder / "logs" / "train")).Reload()
    return {
        event.step: float(make_ndarray(event.tensor_proto))
        for event in events.Tensors("epoch_loss")
    }


@pytest.mark.each_backend
def test_a_resumed_run_with_callbacks_ends_bit_for_bit_like_one_without(
    whole, split_dataset, tmp_path, monkeypatch, wandb
):
    names = ["csv", "wandb"]
    if all(map(importlib.util.find_spec, NEEDED["tensorboard"])):
        names.append("tensorboard")
    before, after = Notes(), Notes()
    stop = stop_at(STEPS + 1, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        learn(split_dataset, CONFIG, tmp_path, callbacks=[*names, before, stop])
    assert checkpoints.newest(tmp_path).step == STEPS + 1
    resumed = learn(split_dataset, CONFIG, tmp_path, callbacks=[*names, after])
    assert all(same(weights(whole), weights(resumed)))
    losses = [row["loss"] for row in whole.history]
    # Callbacks see each epoch once, with the terms of the history.
    seen = before.epochs + after.epochs
    assert [epoch for epoch, _ in seen] == [0, 1, 2]
    for (_, logs), row in zip(seen, whole.history, strict=True):
        assert logs == {name: row[name] for name in row.keys() - {"epoch", "seconds"}}
    rows = rows_of(tmp_path / "training.csv")
    assert [row["epoch"] for row in rows] == ["0", "1", "2"]
    assert [float(row["loss"]) for row in rows] == pytest.approx(losses, rel=1e-5)
    if "tensorboard" in names:
        expected = dict(enumerate(losses))
        assert logged(tmp_path) == pytest.approx(expected, rel=1e-5)
    # Weights & Biases knows that the first part was interrupted.
    (_, settings), *_ = wandb
    assert settings["dir"] == tmp_path and settings["resume"] == "auto"
    assert settings["config"]["epochs"] == 3
    assert [said for said, _ in wandb] == ["init", 0, "finish", "init", 1, 2, "finish"]
    assert [code for said, code in wandb if said == "finish"] == [1, 0]
    told = [values["epoch/loss"] for said, values in wandb if isinstance(said, int)]
    assert told == losses


@pytest.mark.slow
@pytest.mark.each_backend
def test_a_callback_ends_training_early_and_the_model_is_kept(split_dataset, tmp_path):
    def end(model):
        model.stop_training = True

    enough = after_step(STEPS + 1, end)
    learned = learn(split_dataset, CONFIG, tmp_path, callbacks=[enough])
    assert len(learned.history) == 2
    # Six labeled and eight unlabeled images per step.
    shown = learned.images_per_second * learned.seconds
    assert shown == pytest.approx((STEPS + 1) * 14)


def test_weights_and_biases_without_a_login_is_told_in_one_line(
    tmp_path, wandb, monkeypatch
):
    import wandb as package

    def init(**settings):
        raise package.errors.Error("No API key configured.\nMore words")

    monkeypatch.setattr(package, "init", init)
    with pytest.raises(InputError, match=r"\(No API key configured\.\): run `wandb"):
        made_callbacks(["wandb"], tmp_path, CONFIG, print)


def test_an_unknown_name_is_refused_before_anything_is_written(tmp_path, digits):
    config = TINY.replace(dataset=str(digits))
    with pytest.raises(InputError, match=r"got 'tensorbord', need a Keras callback"):
        train(config, tmp_path / "run", callbacks=["tensorbord"])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("missing", ["tensorflow", "tensorboard"])
def test_a_missing_package_is_named_in_one_line(monkeypatch, missing):
    found = importlib.util.find_spec

    def find_spec(name):
        return None if name == missing else found("json")

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)
    with pytest.raises(InputError, match=f"tensorboard needs {missing}, which is not"):
        check_callbacks(["csv", "tensorboard"])


def test_a_folder_of_files_is_no_installed_package(tmp_path, monkeypatch):
    (tmp_path / "wandb").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match="wandb needs wandb, which is not installed"):
        check_callbacks(["wandb"])
