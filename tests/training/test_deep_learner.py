"""M2 over features is trained by the bounds, and unlabeled vectors teach it."""

import numpy as np
import pytest
from helpers import PHOTO
from scipy.special import softmax

from ssvae.data import load_dataset
from ssvae.model import SSVAE
from ssvae.saving.keras_file import load_model
from ssvae.training import deep_learner
from ssvae.training.deep_learner import deep_config, learn_deep, train_deep
from ssvae.training.feature_learning import learn_classifier
from ssvae.training.learners import DEEP
from ssvae.vae import mixture
from ssvae.vae.arrays import in_chunks
from ssvae.vae.feature_m2 import FeatureM2
from ssvae.vae.mixture import Deep, Linear, fit_em

EVEN = np.full(3, 1 / 3)


@pytest.fixture
def three(rng):
    """Vectors of three classes, few of which are labeled, and all classes."""
    classes = np.arange(900) % 3
    # The classes lie apart along one of five axes, and vary more along the next.
    vectors = rng.normal(size=(900, 5)) * np.r_[0.2, 1.2, np.full(3, 0.2)]
    vectors[:, 0] += 1.5 * classes
    labels = np.full(900, -1)
    labels[:6] = classes[:6]
    # Labeled by chance where the second axis seems to tell the classes apart.
    vectors[:6, 1] = [2.0, -1.0, 2.5, 1.5, -1.5, 2.0]
    return vectors.astype("float32"), labels, classes


@pytest.fixture
def two(rng):
    """Vectors of two classes, one label each that misleads, and all classes."""
    classes = np.arange(300) % 2
    vectors = rng.normal(size=(300, 3)) * [0.5, 1.0, 0.3]
    vectors[:, 0] += 3 * classes - 1.5
    labels = np.full(300, -1)
    labels[:2] = classes[:2]
    vectors[:2] = [[-0.9, 1.2, 0], [0.9, -1.2, 0]]
    return vectors.astype("float32"), labels, classes


def from_labels(vectors, labels, **changes):
    """Return M2 that starts from a mixture fitted to labeled vectors alone."""
    known = labels >= 0
    count = labels.max() + 1
    given, shares = np.eye(count)[labels[known]], np.full(count, 1 / count)
    start = fit_em(vectors[known], labels[known], given, shares)
    changes = {"hidden_units": 10, "latent_dim": 2, **changes}
    config = deep_config(vectors.shape[1], seed=0).replace(**changes)
    return FeatureM2(start, config)


def accuracy(model, vectors, classes):
    return np.mean(model.learned()(vectors).argmax(axis=1) == classes)


def test_the_bound_of_unlabeled_vectors_is_what_helps(two, monkeypatch):
    vectors, labels, classes = two
    # Two labels mislead most where nothing is added for want of others.
    monkeypatch.setattr(mixture, "FEW_RIDGE", 0.0)
    right = {}
    for size, epochs in ((200, 60), (0, 20)):
        changes = {"unlabeled_batch_size": size, "epochs": epochs}
        model = from_labels(vectors, labels, learning_rate=0.02, **changes)
        before = accuracy(model, vectors, classes)
        train_deep(model, vectors, labels, np.full(2, 0.5), keep_shares=False)
        right[size] = accuracy(model, vectors, classes)
    assert before < 0.9 and right[0] < 0.9
    assert right[200] > 0.97


def test_shares_are_kept(three):
    vectors, labels, _ = three
    shares = np.array([0.6, 0.3, 0.1])
    model = from_labels(vectors, labels, epochs=8)
    train_deep(model, vectors, labels, shares)
    logits = in_chunks(model.classifier, 1, model.described(vectors))
    assert softmax(logits, axis=1).mean(axis=0) == pytest.approx(shares, abs=0.01)
    assert np.logaddexp.reduce(model.log_prior.numpy()) == pytest.approx(0, abs=1e-5)


def test_it_starts_where_em_ends(three, monkeypatch):
    vectors, labels, classes = three
    monkeypatch.setattr(deep_learner, "train_deep", lambda *arguments: None)
    deep = learn_deep(vectors, labels, EVEN, seed=0)
    assert np.mean(deep(vectors).argmax(axis=1) == classes) > 0.95


def test_a_model_keeps_what_was_learned(photographs, tmp_path, monkeypatch, rng):
    """Hidden units are part of the classifier, in the file too."""

    def learned(vectors, labels, shares, seed):
        size = vectors.shape[1]
        hidden = Linear(rng.normal(size=(size, 100)).astype("f4"), np.zeros(100, "f4"))
        kernel = rng.normal(size=(size + 100, 3)).astype("float32")
        return Deep(kernel, np.zeros(3, "float32"), hidden)

    monkeypatch.setattr("ssvae.training.feature_learning.learn_deep", learned)
    monkeypatch.setattr("ssvae.training.left_out.best", lambda *_: (DEEP, 1.0))
    dataset = load_dataset(str(photographs), image_size=24)
    dataset = dataset.with_labels(range(12), dataset.labels[:12])
    config = PHOTO.replace(feature_decoder="deep")
    model = SSVAE(dataset.image_shape, dataset.class_names, config)
    path = tmp_path / "classified.npz"
    kept = learn_classifier(model, dataset, EVEN, path, lambda line: None)
    assert kept.believed == DEEP
    loaded = load_model(tmp_path / "model.keras")
    logits = loaded.logits(dataset.images)
    scale = np.abs(kept.logits).max()
    assert logits / scale == pytest.approx(kept.logits / scale, abs=0.02)
