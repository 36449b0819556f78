"""M2 over features with a deeper decoder, trained by the bounds from the mixture on."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops
from scipy.special import softmax

from ssvae.backends.workers import Workers
from ssvae.config.length import REPEATED
from ssvae.config.settings import Config
from ssvae.data import UNLABELED, Batches, Dataset
from ssvae.training.epochs import run_epochs
from ssvae.vae.arrays import in_chunks
from ssvae.vae.feature_m2 import LATENT_DIM, FeatureM2
from ssvae.vae.feature_networks import HIDDEN_UNITS
from ssvae.vae.labels_alone import fit_labels_alone
from ssvae.vae.mixture import Deep, corrections, fit_em
from ssvae.vae.networks import LOGITS


def deep_config(num_values: int, seed: int) -> Config:
    """Return the settings of M2 over features.

    The bound of an unlabeled vector is a sum over its likeliest five classes, which
    weigh nearly everything.

    Args:
        num_values: Values of a feature vector.
        seed: Seed of weights, batches and noise.
    """
    return Config(
        recipe="features",
        features="pixels",
        classifier_body="mlp",
        vae_body="mlp",
        likelihood="gaussian",
        augment="none",
        propagation="none",
        hidden_units=HIDDEN_UNITS,
        hidden_layers=1,
        latent_dim=min(LATENT_DIM, num_values),
        classifier_weight=1.0,
        top_classes=5,
        spared_weight=0.0,
        epochs=10,
        learning_rate=1e-3,
        ema_decay=0.0,
        seed=seed,
    )


def learn_deep(
    vectors: np.ndarray, labels: np.ndarray, shares: np.ndarray, seed: int
) -> Deep:
    """Learn q(y|f) from labeled and unlabeled vectors; see `train_deep`.

    Args:
        vectors: float32 array `(n, d)`, features.
        labels: int array `(n,)`, classes; -1 for unlabeled.
        shares: Float array `(num_classes,)`; see `class_shares`.
        seed: Seed of weights, batches and noise.
    """
    labeled = labels != UNLABELED
    alone = fit_labels_alone(vectors[labeled], labels[labeled], len(shares))
    mixture = fit_em(vectors, labels, softmax(alone(vectors), axis=1), shares)
    model = FeatureM2(mixture, deep_config(vectors.shape[1], seed))
    train_deep(model, vectors, labels, shares)
    return model.learned()


def train_deep(
    model: FeatureM2,
    vectors: np.ndarray,
    labels: np.ndarray,
    shares: np.ndarray,
    keep_shares: bool = True,
) -> None:
    """Train M2 over features by the bounds, Kingma et al. 2014, equations 6, 7 and 9.

    Args:
        model: `FeatureM2`; its config says how.
        vectors: float32 array `(n, d)`, features.
        labels: int array `(n,)`, classes; -1 for unlabeled.
        shares: Float array `(num_classes,)`; see `class_shares`.
        keep_shares: Whether the mean of q(y|f) is kept at the shares, see `KeepShares`.
    """
    described, config = model.described(vectors), model.config
    names = tuple(map(str, range(len(shares))))
    dataset = Dataset("features", described, labels, names, read_test=None)
    sizes = config.labeled_batch_size, config.unlabeled_batch_size
    labeled = np.sum(labels != UNLABELED)
    counts = labeled, len(labels) - labeled
    shown = zip(counts, sizes, strict=True)
    once = max(math.ceil(count / size) for count, size in shown if size)
    # Rare classes are repeated until they are as frequent as the largest.
    most = math.ceil(REPEATED * once) if sizes[1] else 0
    batches = Batches(dataset, *sizes, config.seed, None, shares, epoch_steps=most)
    callbacks = [KeepShares(described, shares)] if keep_shares else []
    run_epochs(model, batches, callbacks, Workers())


class KeepShares(keras.callbacks.Callback):
    """Keeps the mean of q(y|f) at the shares of the classes, after every epoch.

    Without it one class swallows others. It is the constraint of `mixture.fit_em`: the
    same is added to log p(y) and to the logits.

    Args:
        described: float32 array `(n, 1, 1, d)`, vectors as the model takes them.
        shares: Float array `(num_classes,)`, above 0, sums to 1.
    """

    def __init__(self, described: np.ndarray, shares: np.ndarray):
        super().__init__()
        self.described, self.shares = described, shares

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Correct log p(y) and the bias of the logits."""
        model = self.model
        values = in_chunks(model.classifier, 1, self.described)
        added = corrections(values, self.shares)
        bias = model.classifier.get_layer(LOGITS).bias
        bias.assign(ops.convert_to_numpy(bias) + added)
        log_prior = ops.convert_to_numpy(model.log_prior) + added
        model.log_prior.assign(log_prior - np.logaddexp.reduce(log_prior))
