"""A backbone that goes on learning, and the classifier of its new features."""

from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np
from scipy.special import log_softmax

from ssvae.backends.workers import Workers
from ssvae.config.settings import Config
from ssvae.data import Batches, Dataset
from ssvae.features.extractor import extract
from ssvae.features.principal import Directions, principal_directions
from ssvae.training.epochs import run_epochs
from ssvae.training.learners import ALONE, BOTH
from ssvae.training.progress import TrainingProgress
from ssvae.training.putting_aside import believe_inside
from ssvae.types import Say
from ssvae.vae.feature_classifier import NUM_DIRECTIONS
from ssvae.vae.fine_tuner import FineTuner, let_learn
from ssvae.vae.mixture import Linear

# Layers that learn in each stage, by the setting `fine_tune`; see `let_learn`.
STAGES = {"none": (), "last": ("last",), "all": ("last", "all")}
# Training steps of a stage, and the epochs they are told in. They do not depend on the
# number of images: this many suffice for pretrained weights.
STEPS, EPOCHS = 400, 8
# Images per step, labeled and unlabeled. The maps that "all" layers keep for 64 images
# of 224 pixels take about 3 GiB.
NUM_LABELED, NUM_UNLABELED = 16, 48
# Largest step size of Adam: pretrained weights are changed with care.
LEARNING_RATE = 2e-4
# Decay per step of the weights' moving average, which is what is kept.
EMA_DECAY = 0.99


@dataclass(frozen=True)
class Told:
    """The classifier of one extractor, and what it says of all images.

    Attributes:
        directions: `Directions` of the features.
        vectors: float32 array `(n, d)`, projected features of the images.
        linear: `Linear` over them.
        temperature: Divisor of its logits that calibrates them.
    """

    directions: Directions
    vectors: np.ndarray
    linear: Linear
    temperature: float

    @property
    def log_q(self) -> np.ndarray:
        """Calibrated log q(y|x) of the images, nats, float `(n, num_classes)`."""
        return log_softmax(self.linear(self.vectors) / self.temperature, axis=1)

    @property
    def of_features(self) -> Linear:
        """The same calibrated classifier, of features that are not projected."""
        kernel = self.linear.kernel / self.temperature
        bias = self.linear.bias / self.temperature
        given = self.directions
        return Linear(given.kernel @ kernel, given.bias @ kernel + bias)


def stages(
    extractor: keras.Model,
    dataset: Dataset,
    shares: np.ndarray,
    before: Told,
    config: Config,
    say: Say,
) -> Iterator[str]:
    """Let more and more layers of an extractor learn.

    Args:
        extractor: See `fine_tune`; it gets the new weights.
        dataset: See `fine_tune`.
        shares: See `fine_tune`.
        before: The classifier to begin with, and what it says of unlabeled images.
        config: See `fine_tune`.
        say: See `fine_tune`.

    Yields:
        Which layers have learned, when they have; see `let_learn`.
    """
    settings = config.replace(
        learning_rate=LEARNING_RATE, epochs=EPOCHS, ema_decay=EMA_DECAY
    )
    batches = Batches(
        dataset,
        NUM_LABELED,
        NUM_UNLABELED,
        config.seed,
        shares=shares,
        logits=before.log_q,
    )
    batches.steps_per_epoch = STEPS // EPOCHS
    linear = before.of_features
    for which in STAGES[config.fine_tune]:
        let_learn(extractor, which)
        tuner = FineTuner(extractor, linear, settings)
        say(f"Fine-tuning the backbone's {which} layers.")
        run_epochs(tuner, batches, [TrainingProgress()], Workers())
        tuner.keep_average()
        linear = Linear(*tuner.head.get_weights())
        let_learn(extractor, "none")
        yield which


def told_again(
    extractor: keras.Model,
    dataset: Dataset,
    shares: np.ndarray,
    name: str,
    config: Config,
    say: Say,
) -> Told:
    """Return the classifier of an extractor's present features.

    What `believe` prefers now is not asked: tuning has seen all the labels that it
    leaves out.

    Args:
        extractor: See `fine_tune`.
        dataset: See `fine_tune`.
        shares: See `fine_tune`.
        name: Name of the learner, see `learners.TITLES`; the usual one learns instead
            of one that takes long.
        config: See `fine_tune`.
        say: See `fine_tune`.
    """
    features = extract(extractor, dataset.images, say)
    size = min(NUM_DIRECTIONS, features.shape[1])
    directions = principal_directions(features, size, config.seed)
    vectors = directions.project(features)
    learned = believe_inside(vectors, dataset, shares, config.seed).learned
    linear = learned.get(name, learned.get(BOTH, learned[ALONE]))
    return Told(directions, vectors, linear, 1.0)
