"""Models that tell classes apart by features."""

import dataclasses
import json

import numpy as np
import pytest
from helpers import after_step, same

import ssvae
from ssvae.config.settings import Config
from ssvae.data import from_arrays
from ssvae.errors import Interrupted
from ssvae.features.extractor import extract
from ssvae.model import SSVAE
from ssvae.predict import predict
from ssvae.runs import checkpoints
from ssvae.runs.expected import expected, expected_of
from ssvae.training import feature_learning, record
from ssvae.training.feature_learning import learn_classifier
from ssvae.training.learn import Learned
from ssvae.training.run import train
from ssvae.training.stopwatch import Stopwatch
from ssvae.vae import answers
from ssvae.vae.feature_classifier import EXTRACTOR

SMALL = Config(
    features="gradients",
    augment="none",
    top_classes=1,
    generated_size=7,
    latent_dim=2,
    hidden_units=8,
    labels=20,
    epochs=1,
)


@pytest.fixture(scope="module")
def digits():
    """800 digits of scikit-learn's, 20 of them labeled, and the classes of all."""
    from sklearn.datasets import load_digits

    found = load_digits()
    images = np.uint8(found.images[:800] * (255 / 16)).repeat(2, 1).repeat(2, 2)
    labels = np.full(800, -1)
    for index in range(10):
        rows = np.flatnonzero(found.target[:800] == index)[:2]
        labels[rows] = index
    return from_arrays(images, labels), found.target[:800]


@pytest.fixture(scope="module")
def learned(digits, tmp_path_factory):
    """A model with a classifier of gradients, and what it says of each digit."""
    dataset, _ = digits
    model = SSVAE(dataset.image_shape, dataset.class_names, SMALL)
    path = tmp_path_factory.mktemp("run") / "classified.npz"
    said = []
    shares = np.full(10, 0.1)
    classified = learn_classifier(model, dataset, shares, path, said.append)
    return model, classified, said


def test_two_labels_per_class_tell_digits_apart(learned, digits):
    model, classified, said = learned
    dataset, classes = digits
    right = np.mean(classified.logits.argmax(axis=1) == classes)
    assert right > 0.85
    assert said[-2].startswith("Believed: ")
    assert 0.5 < classified.left_out_accuracy <= 1
    # The model's layers say what was computed from the kept features.
    logits = model.logits(dataset.images[:50])
    assert logits == pytest.approx(classified.logits[:50], abs=0.5)
    assert np.mean(logits.argmax(1) == classified.logits[:50].argmax(1)) > 0.97


def test_labels_that_are_not_given_are_not_read(digits, learned, tmp_path):
    """The same labels in a data set of other images' labels give the same logits."""
    dataset, _ = digits
    again = SSVAE(dataset.image_shape, dataset.class_names, SMALL)
    path = tmp_path / "classified.npz"
    result = learn_classifier(again, dataset, np.full(10, 0.1), path, lambda _: None)
    assert np.array_equal(result.logits, learned[1].logits)
    # What was kept is not made again.
    kept = learn_classifier(again, dataset, np.full(10, 0.1), path, lambda _: None)
    assert np.array_equal(kept.logits, result.logits)
    assert kept.believed == result.believed
    assert kept.estimate == result.estimate and kept.estimate.num_labels == 20


def test_labels_are_checked_without_images_of_no_class(digits, tmp_path, monkeypatch):
    class ToldError(Exception):
        pass

    def recorded(vectors, labels, shares, seed, outside=()):
        raise ToldError(np.array(outside).tolist())

    monkeypatch.setattr(feature_learning, "by_vectors", recorded)
    dataset = dataclasses.replace(digits[0], outside=np.array([700, 710]))
    model = SSVAE(dataset.image_shape, dataset.class_names, SMALL)
    told = dataset, np.full(10, 0.1), tmp_path / "classified.npz", print
    with pytest.raises(ToldError, match=r"\[700, 710\]"):
        learn_classifier(model, *told)


def test_images_of_any_size_are_classified(learned, digits):
    model, _, _ = learned
    images = digits[0].images[:20]
    larger = images.repeat(3, 1).repeat(3, 2)
    same = model.predict_proba(images).argmax(1) == model.predict_proba(larger).argmax(
        1
    )
    assert same.mean() > 0.85
    with pytest.raises(ValueError, match=r"images have shape \(20, 16, 16, 3\)"):
        model.predict_proba(images.repeat(3, 3))


def test_the_generator_draws_small_images(learned, digits):
    model, _, _ = learned
    assert model.pixel_shape == (7, 7, 1)
    assert model.generate([1, 2, 3]).shape == (3, 7, 7, 1)
    images = digits[0].images[:5]
    assert model.reconstruct(images).shape == (5, 7, 7, 1)
    for values in (model.elbo(images), model.log_likelihood(images, 10)):
        assert values.shape == (5,) and np.isfinite(values).all()


def test_features_of_test_images_are_computed_once(learned, digits, monkeypatch):
    model, classified, _ = learned
    dataset, classes = digits
    test = dataset.images[:40], classes[:40]
    dataset = dataclasses.replace(dataset, read_test=lambda: test)
    counts = []

    def counted(extractor, images):
        counts.append(len(images))
        return extract(extractor, images)

    monkeypatch.setattr(answers, "extract", counted)
    nobody = np.zeros(0, int)
    whole = Learned(model, [], 1.0, Stopwatch(), 1.0, nobody, classified)
    metrics, _ = record.measure(whole, dataset)
    assert counts == [40]
    assert metrics["test_accuracy"] > 0.7
    assert metrics["test_elbo"] == pytest.approx(model.elbo(test[0]).mean(), rel=1e-5)


def test_the_extractor_is_frozen(learned):
    model, _, _ = learned
    assert not model.classifier.trainable_variables
    assert model.classifier.get_layer(EXTRACTOR) is not None


@pytest.mark.each_backend
def test_a_run_by_features_is_trained_saved_and_loaded(digits, tmp_path):
    dataset, classes = digits
    config = SMALL.replace(labels="auto")
    run = train(config, tmp_path / "run", dataset=dataset)
    model = ssvae.load_model(run)
    probabilities = model.predict_proba(dataset.images)
    assert np.mean(probabilities.argmax(axis=1) == classes) > 0.85
    assert model.config.features == "gradients"
    metrics = json.loads((run / "metrics.json").read_text())
    card = (run / "README.md").read_text()
    assert "calibrated on labels that were left out" in card and "graph" not in card
    assert f"left out | {metrics['left_out_accuracy']:.2%} |" in card
    assert metrics["believed"] and 0 <= metrics["left_out_accuracy"] <= 1
    low, high = metrics["estimated_accuracy_interval"]
    assert low < metrics["estimated_accuracy"] < high
    assert expected(metrics) in card and expected(metrics) == expected_of(run)
    features = extract(model.classifier.get_layer(EXTRACTOR), dataset.images[:3])
    assert features.shape == (3, 972)


def interrupted_after(step):
    def stop(model):
        raise KeyboardInterrupt

    return [after_step(step, stop)]


def test_an_interrupted_run_leaves_a_usable_classifier(digits, tmp_path):
    dataset, classes = digits
    config = SMALL.replace(labels="auto")
    with pytest.raises(Interrupted, match="its classifier can be used already"):
        train(config, tmp_path / "run", dataset=dataset, callbacks=interrupted_after(1))
    model = ssvae.load_model(tmp_path / ".run.partial" / "model.keras")
    answers = predict(model, dataset.images)
    assert np.mean(answers.classes == classes) > 0.85
    assert "unusual" not in answers.verdict
    # The same command begins again.
    run = train(config, tmp_path / "run", dataset=dataset)
    assert not (tmp_path / ".run.partial").exists()
    assert (run / "samples.png").exists()


def test_a_resumed_run_ends_like_a_whole_one(digits, tmp_path):
    dataset, _ = digits
    config = SMALL.replace(labels="auto", epochs=2)
    whole = train(config, tmp_path / "whole", dataset=dataset)
    with pytest.raises(Interrupted, match="--resume"):
        train(config, tmp_path / "run", dataset=dataset, callbacks=interrupted_after(6))
    before = checkpoints.newest(tmp_path / ".run.partial").stages
    resumed = train(out=tmp_path / "run", dataset=dataset, resume=True)
    # The seconds of each stage are those of both parts.
    metrics = json.loads((resumed / "metrics.json").read_text())
    stages = metrics["stage_seconds"]
    assert before.keys() == {"start", "features", "mixture", "pixels"}
    assert stages.keys() == {*before, "fits", "measuring"}
    assert stages["features"] == before["features"] > 0
    assert stages["pixels"] > before["pixels"] > 0
    counted = sum(stages.values()) - stages["measuring"]
    assert metrics["train_seconds"] == pytest.approx(counted, abs=2)
    one, other = ssvae.load_model(whole), ssvae.load_model(resumed)
    assert all(same(one.get_weights(), other.get_weights()))
    assert one.fitted.temperature == other.fitted.temperature
