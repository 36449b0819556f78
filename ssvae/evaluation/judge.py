"""The quality of generated images, measured by an ordinary classifier, the judge.

The judge learns from every label of the training part. It is independent of the models
that it judges: they are trained without it.
"""

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import layers
from keras.initializers import GlorotUniform

from ssvae.data import as_float_images
from ssvae.types import Say

if TYPE_CHECKING:
    from ssvae.model import SSVAE

BATCH_SIZE = 128


def train_judge(
    images: np.ndarray,
    labels: np.ndarray,
    num_classes: int,
    epochs: int = 8,
    seed: int = 0,
    say: Say = lambda text: None,
) -> keras.Model:
    """Train a convolutional network with two stages and dropout.

    Args:
        images: `(n, h, w, c)`, uint8 or floats in [0, 1].
        labels: int array `(n,)`.
        num_classes: Number of classes.
        epochs: Passes over the images.
        seed: Seed of the weights, the order of the images and the dropout.
        say: Function that prints a line, called after every epoch.

    Returns:
        A Keras model that maps float images `(n, h, w, c)` to logits
        `(n, num_classes)`.
    """
    x = as_float_images(images, images.shape[1:])
    judge = keras.Sequential(
        [
            keras.Input(x.shape[1:]),
            *_stage(32, 5, seed),
            *_stage(64, 3, seed + 1),
            layers.Flatten(),
            layers.Dropout(0.4, seed=seed),
            layers.Dense(256, "relu", kernel_initializer=GlorotUniform(seed + 2)),
            layers.Dropout(0.4, seed=seed + 1),
            layers.Dense(num_classes, kernel_initializer=GlorotUniform(seed + 3)),
        ]
    )
    steps = epochs * -(-len(x) // BATCH_SIZE)
    judge.compile(
        optimizer=keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(1e-3, steps)
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    rng = np.random.default_rng(seed)
    for epoch in range(epochs):
        order = rng.permutation(len(x))
        judge.fit(
            x[order], labels[order], batch_size=BATCH_SIZE, shuffle=False, verbose=0
        )
        say(f"judge: epoch {epoch + 1}/{epochs}")
    return judge


def judged(judge: keras.Model, images: np.ndarray) -> np.ndarray:
    """Return the class that a judge gives to each image, int64 array `(n,)`."""
    images = as_float_images(images, images.shape[1:])
    return judge.predict(images, batch_size=1000, verbose=0).argmax(axis=1)


def judge_samples(
    model: "SSVAE", judge: keras.Model, num_samples: int = 10_000, seed: int = 0
) -> dict[str, float]:
    """Return the fraction of generated images whose class the judge recognizes.

    Args:
        model: An `SSVAE`.
        judge: Judge that `train_judge` trained on real images.
        num_samples: Number of generated images.
        seed: Seed of the samples.

    Returns:
        Dict of fractions: `judged_accuracy` with z drawn from the fitted prior, and
        `judged_accuracy_normal_prior` with z drawn from N(0, I).
    """
    classes = np.arange(num_samples) % model.num_classes
    figures = {}
    for name, prior in (("", "fitted"), ("_normal_prior", "normal")):
        samples = model.generate(classes, seed, prior=prior)
        share = (judged(judge, samples) == classes).mean()
        figures[f"judged_accuracy{name}"] = float(share)
    return figures


def classification_accuracy_score(
    model: "SSVAE",
    images: np.ndarray,
    labels: np.ndarray,
    num_samples: int = 60_000,
    seed: int = 0,
    **kwargs: Any,
) -> float:
    """Return the accuracy, on real images, of a judge trained on generated ones alone.

    Ravuri and Vinyals 2019, "Classification Accuracy Score for Conditional Generative
    Models" (arXiv:1905.10887).

    Args:
        model: An `SSVAE`.
        images: Real images, `(n, h, w, c)`.
        labels: int array `(n,)`, the classes of the real images.
        num_samples: Number of generated images to train on.
        seed: Seed of the samples and of the judge.
        **kwargs: For `train_judge`.
    """
    classes = np.arange(num_samples) % model.num_classes
    samples = model.generate(classes, seed)
    student = train_judge(samples, classes, model.num_classes, seed=seed, **kwargs)
    return float((judged(student, images) == labels).mean())


def _stage(filters, kernel, seed):
    """Return a convolution that keeps the sides, and a pooling that halves them."""
    start = GlorotUniform(seed)
    return (
        layers.Conv2D(
            filters, kernel, padding="same", activation="relu", kernel_initializer=start
        ),
        layers.MaxPooling2D(padding="same"),
    )
