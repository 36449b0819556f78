"""Learning, not only running: a small real set, a fixed seed, stated margins."""

import numpy as np
import pytest

from ssvae.config.settings import Config
from ssvae.config.toml import load_config
from ssvae.data import Dataset, draw_labels
from ssvae.training.learn import learn

CLASSES = 3
SMALL = {
    "hidden_units": 64,
    "latent_dim": 6,
    "labeled_batch_size": 15,
    "unlabeled_batch_size": 50,
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


def train(dataset, config, folder):
    draw = draw_labels(dataset.labels, config.labels, CLASSES, config.seed)
    return learn(dataset.with_labels(*draw), config, folder)


@pytest.mark.parametrize("recipe", ["default", "m2"])
def test_fifteen_labels_make_a_classifier_and_a_generator(threes, recipe, tmp_path):
    config = Config() if recipe == "default" else load_config("configs/m2.toml")
    config = config.replace(labels=15, epochs=8, **SMALL)
    learned = train(threes, config, tmp_path)
    first, last = learned.history[0], learned.history[-1]
    assert last["loss"] < first["loss"]
    # The bound gains at least 15 nats an image on the first epoch's mean.
    assert last["unlabeled_elbo"] > first["unlabeled_elbo"] + 15
    model = learned.model
    images, labels = threes.read_test()
    accuracy = np.mean(model.predict_proba(images).argmax(axis=1) == labels)
    # Chance is one third.
    assert accuracy > {"default": 0.95, "m2": 0.85}[recipe]
    # Its own classifier, which never saw them, recognises what it generates.
    classes = np.repeat(np.arange(CLASSES), 100)
    samples = model.generate(classes, seed=1)
    assert np.mean(model.predict_proba(samples).argmax(axis=1) == classes) > 0.85


def test_unlabeled_images_help(threes, tmp_path):
    config = Config(labels=6, epochs=6, **SMALL)
    images, labels = threes.read_test()
    few = draw_labels(threes.labels, 6, CLASSES, 0)
    alone = Dataset(
        "alone", threes.images[few[0]], few[1], threes.class_names, threes.read_test
    )
    errors = []
    for dataset, epochs in ((threes, 6), (alone, 180)):
        config = config.replace(epochs=epochs)
        folder = tmp_path / dataset.name
        folder.mkdir()
        model = train(dataset, config, folder).model
        predicted = model.predict_proba(images).argmax(axis=1)
        errors.append(np.mean(predicted != labels))
    assert errors[0] < errors[1] / 2


def test_a_wrong_class_costs_the_generator(threes, tmp_path):
    """Healthy M2: images are explained better under their own class than another."""
    config = Config(labels="all", epochs=8, **SMALL)
    model = train(threes, config, tmp_path).model
    images, labels = threes.read_test()
    errors = []
    for shift in range(CLASSES):
        pictures = model.reconstruct(images, (labels + shift) % CLASSES)
        errors.append(np.square(pictures - images / 255).mean())
    assert errors[0] < 0.9 * min(errors[1:])
