"""Learning, not only running: a small real set, a fixed seed, stated margins."""

import numpy as np
import pytest

from ssvae.config.settings import Config
from ssvae.config.toml import load_config
from ssvae.data import Dataset, draw_labels
from ssvae.training.learn import learn

CLASSES, LABELS = 3, 6
SMALL = {
    "labels": LABELS,
    "hidden_units": 64,
    "latent_dim": 6,
    "labeled_batch_size": 15,
    "unlabeled_batch_size": 50,
    "epochs": 6,
}


@pytest.fixture(scope="module")
def threes(mnist):
    """Zeros, ones and twos of MNIST at half size: 1,500 to train, 300 to test."""
    chosen = np.flatnonzero(mnist.labels < CLASSES)[:1800]
    images = mnist.images[chosen, ::2, ::2]
    labels = mnist.labels[chosen]
    test = images[1500:], labels[1500:]
    return Dataset(
        "threes", images[:1500], labels[:1500], ("0", "1", "2"), lambda: test
    )


@pytest.fixture(scope="module")
def budget(threes):
    """The same with two labels per class."""
    return threes.with_labels(*draw_labels(threes.labels, LABELS, CLASSES, 0))


@pytest.fixture(scope="module")
def default(budget, tmp_path_factory):
    """What the default recipe learns from six labels."""
    return learn(budget, Config(**SMALL), tmp_path_factory.mktemp("default"))


def error(model, dataset):
    images, labels = dataset.read_test()
    return np.mean(model.predict_proba(images).argmax(axis=1) != labels)


def check(learned, threes, highest_error):
    """Assert that the bound gained, and that classifier and generator learned."""
    first, last = learned.history[0], learned.history[-1]
    assert last["loss"] < first["loss"]
    # The bound gains at least 15 nats per image on the first epoch's mean.
    assert last["unlabeled_elbo"] > first["unlabeled_elbo"] + 15
    # Chance is an error of two thirds.
    assert error(learned.model, threes) < highest_error
    # Its own classifier, which never saw them, recognizes what it generates.
    classes = np.repeat(np.arange(CLASSES), 100)
    samples = learned.model.generate(classes, seed=1)
    predicted = learned.model.predict_proba(samples).argmax(axis=1)
    assert np.mean(predicted == classes) > 0.85


@pytest.mark.each_backend
def test_the_default_recipe_learns_a_classifier_and_a_generator(default, threes):
    check(default, threes, highest_error=0.05)


def test_the_papers_recipe_learns_a_classifier_and_a_generator(threes, tmp_path):
    config = load_config("configs/m2.toml").replace(**SMALL, seed=0)
    config = config.replace(labels=15, epochs=8)
    labels = draw_labels(threes.labels, 15, CLASSES, 0)
    check(learn(threes.with_labels(*labels), config, tmp_path), threes, 0.15)


def test_unlabeled_images_at_least_halve_the_error(default, budget, threes, tmp_path):
    few = budget.labeled
    alone = Dataset(
        "alone",
        budget.images[few],
        budget.labels[few],
        budget.class_names,
        budget.read_test,
    )
    # As many steps as the run with unlabeled images has.
    learned = learn(alone, Config(**SMALL).replace(epochs=180), tmp_path)
    assert error(default.model, threes) < error(learned.model, threes) / 2


def test_images_are_explained_best_under_their_own_class(default, threes):
    images, labels = threes.read_test()
    errors = []
    for shift in range(CLASSES):
        pictures = default.model.reconstruct(images, (labels + shift) % CLASSES)
        errors.append(np.square(pictures - images / 255).mean())
    assert errors[0] < 0.9 * min(errors[1:])


def test_m1_is_trained_before_its_latents_are_classified(threes, tmp_path):
    config = load_config("configs/m1.toml").replace(
        labels="all", hidden_units=64, m1_latent_dim=6, m1_epochs=25, epochs=6
    )
    config = config.replace(labeled_batch_size=50, learning_rate=0.005)
    model = learn(threes, config, tmp_path).model
    assert error(model, threes) < 0.1
    # Where M1 was not trained, the bound is -60 nats or less.
    assert model.elbo(threes.images[:300]).mean() > -50
