"""What several tests import: settings of a tiny size, and slow references."""

import csv
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from ssvae.config.settings import Config
from ssvae.data import Dataset

TINY = Config(
    hidden_units=12,
    hidden_layers=2,
    latent_dim=3,
    epochs=2,
    labeled_batch_size=6,
    unlabeled_batch_size=8,
    propagation="none",
)
# The same without anything but the bounds and the labeled cross-entropy.
PLAIN = TINY.replace(pseudo_label_weight=0.0, ema_decay=0.0, augment="none")
# A model of features of the photographs that `save_photographs` writes.
PHOTO = Config(
    image_size=24,
    features="gradients color",
    augment="none",
    top_classes=1,
    generated_size=10,
    hidden_units=16,
    latent_dim=4,
    labels=12,
    held_out=0.2,
    epochs=1,
)
# Settings of models with every kind of body and of likelihood, by name.
BODIES = {
    f"{body}-{likelihood}": {
        "vae_body": body,
        "classifier_body": body,
        "likelihood": likelihood,
    }
    for body, likelihood in (
        ("mlp", "bernoulli"),
        ("conv", "gaussian"),
        ("mlp", "logistic"),
    )
}


def tiny_dataset(rng=None):
    """Return forty images of 9 by 7 pixels in three classes, nine of them labeled."""
    rng = rng or np.random.default_rng(0)
    images = rng.integers(0, 256, (40, 9, 7, 1), dtype=np.uint8)
    labels = np.full(40, -1)
    labels[:9] = np.arange(9) % 3
    test = images[:20], np.arange(20) % 3
    return Dataset("tiny", images, labels, ("a", "b", "c"), lambda: test)


def waves(rng, count, height, width, channels):
    """Return images of random waves, in which neighbors resemble each other."""
    row, column = np.indices((height, width)) / max(height, width)
    images = np.empty((count, height, width, channels), np.float32)
    for image in images:
        for channel in range(channels):
            down, right, phase = rng.uniform(-20, 20, 3)
            wave = np.sin(down * row + right * column + phase)
            image[..., channel] = 0.5 + 0.4 * wave
    return images + rng.uniform(0, 0.1, images.shape).astype(np.float32)


def save_photographs(folder, count=90):
    """Save small photographs of three classes and some sizes, as files in folders.

    One color is stronger in each class, and all show waves.
    """
    from PIL import Image

    rng = np.random.default_rng(0)
    for index in range(count):
        name = ("red", "green", "blue")[index % 3]
        height, width = 20 + index % 4, 24 + index % 3
        image = waves(rng, 1, height, width, 3)[0] * 0.6
        image[..., index % 3] += 0.3
        (folder / name).mkdir(parents=True, exist_ok=True)
        pixels = np.uint8(255 * np.clip(image, 0, 1))
        Image.fromarray(pixels).save(folder / name / f"{index:03}.png")


class Trap:
    """An object that, pickled, creates a file when it is opened again.

    Args:
        path: Path of the file.
    """

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def rows_of(path):
    """Return the rows of a CSV file, one dict per row."""
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def arrays(tensors):
    """Return a dict or a list of tensors as NumPy arrays."""
    from keras import ops

    if isinstance(tensors, dict):
        return {name: ops.convert_to_numpy(value) for name, value in tensors.items()}
    return [ops.convert_to_numpy(value) for value in tensors]


def same(first, second):
    """Return whether each pair of arrays, or of tensors, is equal bit for bit."""
    pairs = zip(arrays(first), arrays(second), strict=True)
    return [np.array_equal(one, other) for one, other in pairs]


def gradient(function, x):
    """Return the gradient of a scalar function of a tensor at an array."""
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        x = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = function(x)
        return tape.gradient(value, x).numpy()
    if keras.backend.backend() == "jax":
        import jax

        return np.asarray(jax.grad(function)(x))
    x = keras.ops.convert_to_tensor(x).requires_grad_()
    function(x).backward()
    return x.grad.cpu().numpy()


def remove_noise(model):
    """Set the log-variances of q(z|x, y) to -60, so that z is its mean."""
    size = model.config.latent_dim
    kernel, bias = model.encoder_head.trainable_variables[-2:]
    kernel.assign(kernel.numpy() * ([1] * size + [0] * size))
    bias.assign([0.0] * size + [-60.0] * size)


def slow_unlabeled_bound(logits, bounds):
    """Return U(x), equation 7, image by image and class by class, in float64."""
    values = []
    for row, bound in zip(np.float64(logits), np.float64(bounds), strict=True):
        log_q = row - np.logaddexp.reduce(row)
        value = 0.0
        for y in range(len(row)):
            q = math.exp(log_q[y])
            value += q * (bound[y] - log_q[y])
        values.append(value)
    return np.array(values)


def after_step(step, action):
    """Return a Keras callback that calls a function of the model after a step."""
    import keras

    left = iter(range(step - 1, -1, -1))

    def count(batch, logs):
        if next(left, None) == 0:
            action(callback.model)

    callback = keras.callbacks.LambdaCallback(on_train_batch_end=count)
    return callback


def run_python(*arguments, cwd=None, **environment):
    """Run Python with some arguments; return the process, which has ended."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
    )


def checkpointings_of(monkeypatch):
    """Return a list to which each `Checkpointing` that is made is added."""
    from ssvae.training.checkpointing import Checkpointing

    made, init = [], Checkpointing.__init__

    def noted(self, *arguments):
        init(self, *arguments)
        made.append(self)

    monkeypatch.setattr(Checkpointing, "__init__", noted)
    return made
