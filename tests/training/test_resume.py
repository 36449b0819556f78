"""A training that is interrupted and resumed ends as one that was not: bit for bit."""

import keras
import pytest
from helpers import TINY, after_step, checkpointings_of, same

from ssvae.runs import checkpoints
from ssvae.training.learn import learn

EPOCHS, STEPS = 3, 4
CONFIG = TINY.replace(epochs=EPOCHS)


@pytest.fixture
def interrupt(monkeypatch):
    """Return a function that asks the training under way to stop, as a signal does."""
    made = checkpointings_of(monkeypatch)

    def interrupt(model):
        made[-1].asked = True

    return interrupt


@pytest.fixture(scope="module")
def whole(split_dataset, tmp_path_factory):
    """A training that was not interrupted."""
    return learn(split_dataset, CONFIG, tmp_path_factory.mktemp("whole"))


def weights(learned):
    return [keras.ops.convert_to_numpy(weight) for weight in learned.model.weights]


def interrupted(dataset, folder, interrupt, step):
    """Train until a step, and no further."""
    with pytest.raises(KeyboardInterrupt):
        learn(dataset, CONFIG, folder, callbacks=[after_step(step, interrupt)])
    assert checkpoints.newest(folder).step == step


@pytest.mark.each_backend
@pytest.mark.parametrize(
    "step",
    [
        # Within an epoch: test_named_callbacks.py, with callbacks.
        STEPS,
        *(
            pytest.param(step, marks=pytest.mark.slow)
            for step in (1, STEPS - 1, STEPS + 1, EPOCHS * STEPS - 1)
        ),
    ],
)
def test_a_resumed_training_ends_bit_for_bit_like_a_whole_one(
    whole, split_dataset, tmp_path, interrupt, step
):
    assert int(whole.model.step) == EPOCHS * STEPS
    interrupted(split_dataset, tmp_path, interrupt, step)
    resumed = learn(split_dataset, CONFIG, tmp_path)
    assert all(same(weights(whole), weights(resumed)))
    assert len(resumed.history) == EPOCHS
    for one, other in zip(whole.history, resumed.history, strict=True):
        terms = one.keys() - {"seconds"}
        assert {t: one[t] for t in terms} == {t: other[t] for t in terms}


def test_a_resumed_training_may_have_another_learning_rate(
    split_dataset, tmp_path, interrupt
):
    interrupted(split_dataset, tmp_path, interrupt, STEPS)
    still = CONFIG.replace(learning_rate=1e-8)
    seen = []
    looks = [
        after_step(step, lambda model: seen.append(model.decoder.get_weights()))
        for step in (1, 2 * STEPS)
    ]
    learn(split_dataset, still, tmp_path, callbacks=looks)
    for one, other in zip(*seen, strict=True):
        assert other == pytest.approx(one, abs=1e-6)
