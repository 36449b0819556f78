"""What generated images are worth, to an ordinary classifier that judges them.

The classifier learns from every label it is given and has nothing to do with the models
it judges: no part of it is used in training them.
"""

import keras
import numpy as np
from keras import layers
from keras.initializers import GlorotUniform

from ssvae.data import as_float_images

BATCH_SIZE = 128


def train_judge(images, labels, num_classes, epochs=8, seed=0, say=lambda text: None):
    """Train a convolutional network of two stages with dropout.

    Args:
        images: `(n, h, w, c)`, uint8 or floats in [0, 1].
        labels: int array `(n,)`.
        num_classes: Number of classes.
        epochs: Passes over the images.
        seed: Seed of weights, order and dropout.
        say: Function that prints a line, called after every pass.

    Returns:
        A Keras model, float images `(n, h, w, c)` to logits `(n, num_classes)`.
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


def judged(judge, images) -> np.ndarray:
    """Return the class that a judge gives each image, int64 array `(n,)`."""
    images = as_float_images(images, images.shape[1:])
    return judge.predict(images, batch_size=1000, verbose=0).argmax(axis=1)


def judge_samples(model, judge, num_samples=10_000, seed=0) -> dict:
    """Return which fraction of generated images a judge gives the class asked for.

    Args:
        model: An `SSVAE`.
        judge: Of `train_judge`, trained on real images.
        num_samples: Generated images that are judged.
        seed: Seed of the samples.

    Returns:
        Dict of fractions: `judged_accuracy`, and the same of images whose z is drawn
        from N(0, I), as `judged_accuracy_normal_prior`.
    """
    classes = np.arange(num_samples) % model.num_classes
    figures = {}
    for name, prior in (("", "fitted"), ("_normal_prior", "normal")):
        samples = model.generate(classes, seed, prior=prior)
        share = (judged(judge, samples) == classes).mean()
        figures[f"judged_accuracy{name}"] = float(share)
    return figures


def classification_accuracy_score(
    model, images, labels, num_samples=60_000, seed=0, **kwargs
) -> float:
    """Return the accuracy on real images of a judge trained on generated ones alone.

    Ravuri and Vinyals 2019, "Classification Accuracy Score for Conditional Generative
    Models" (arXiv:1905.10887).

    Args:
        model: An `SSVAE`.
        images: Real images, `(n, h, w, c)`.
        labels: int array `(n,)`, their classes.
        num_samples: Generated images to train on.
        seed: Seed of the samples and of the judge.
        **kwargs: For `train_judge`.
    """
    classes = np.arange(num_samples) % model.num_classes
    samples = model.generate(classes, seed)
    student = train_judge(samples, classes, model.num_classes, seed=seed, **kwargs)
    return float((judged(student, images) == labels).mean())


def _stage(filters, kernel, seed):
    """Return a convolution that keeps the sides and a pooling that halves them."""
    start = GlorotUniform(seed)
    return (
        layers.Conv2D(
            filters, kernel, padding="same", activation="relu", kernel_initializer=start
        ),
        layers.MaxPooling2D(padding="same"),
    )
