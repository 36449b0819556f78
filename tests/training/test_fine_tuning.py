"""Backbones that go on learning: how they do, and when that is believed."""

import dataclasses

import keras
import numpy as np
import pytest
from helpers import same
from keras import layers, ops

import ssvae
from ssvae.backends.workers import Workers
from ssvae.config.settings import Config
from ssvae.data import Dataset, from_arrays
from ssvae.errors import InputError, Interrupted
from ssvae.features.backbones import build_backbone
from ssvae.features.extractor import build_extractor, extract
from ssvae.features.pooling import Pooled
from ssvae.features.principal import principal_directions
from ssvae.training import fine_tuning, tuned_features
from ssvae.training.fine_tuning import FROZEN, TUNED, fine_tune, hidden_labels
from ssvae.training.learners import BOTH
from ssvae.training.left_out import believe
from ssvae.training.run import train
from ssvae.training.tuned_features import Told, stages
from ssvae.vae.fine_tuner import SURE, FineTuner, changed, let_learn
from ssvae.vae.mixture import Linear

SHARES = np.full(10, 0.1)


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """The file of a small network with random weights, for images of 16 pixels."""
    keras.utils.set_random_seed(0)
    images = keras.Input((16, 16, 3))
    x = layers.Conv2D(8, 5, 2, "same", activation="relu", name="first")(images)
    x = layers.Conv2D(6, 3, 1, "same", activation="relu", name="second")(x)
    x = layers.Conv2D(24, 3, 2, "same", activation="relu", name="third")(x)
    x = layers.Conv2D(4, 1, name="few")(x)
    path = tmp_path_factory.mktemp("network") / "small.keras"
    keras.Model(images, x).save(path)
    return path


@pytest.fixture(scope="module")
def config(network):
    """Settings of a small model whose classifier stands on that network."""
    return Config(
        features="backbone",
        backbone=str(network),
        fine_tune="all",
        augment="none",
        top_classes=1,
        generated_size=7,
        latent_dim=2,
        hidden_units=8,
        labels="auto",
        epochs=1,
    )


@pytest.fixture(scope="module")
def digits():
    """Digits of scikit-learn's, eight per class labeled, and the classes of all."""
    from sklearn.datasets import load_digits

    found = load_digits()
    images = np.uint8(found.images * (255 / 16)).repeat(2, 1).repeat(2, 2)
    labels = np.full(len(images), -1)
    for index in range(10):
        rows = np.flatnonzero(found.target == index)[:8]
        labels[rows] = index
    return from_arrays(images, labels), found.target


@pytest.fixture
def few_steps(monkeypatch):
    """Stages of two steps."""
    monkeypatch.setattr(tuned_features, "STEPS", 2)
    monkeypatch.setattr(tuned_features, "EPOCHS", 1)


def extractor_of(config):
    return build_extractor(["backbone"], 1, build_backbone(config.backbone))


def frozen(extractor, dataset):
    """What is believed with the frozen backbone."""
    features = extract(extractor, dataset.images)
    directions = principal_directions(features, min(300, features.shape[1]), 0)
    vectors = directions.project(features)
    belief = believe(vectors, dataset.labels, SHARES, 0)
    return Told(directions, vectors, belief.linear, belief.temperature)


def kernels(extractor):
    """The kernel of each convolution, by its layer's name."""
    return {
        layer.name: np.array(ops.convert_to_numpy(layer.kernel))
        for layer in extractor._flatten_layers()
        if isinstance(layer, layers.Conv2D)
    }


def test_the_last_layers_hold_half_of_the_weights():
    backbone = build_backbone("efficientnet-lite0", 32, weights=False)
    extractor = build_extractor(["backbone", "gradients"], 3, backbone)
    let_learn(extractor, "all")
    count = extractor.count_params()
    assert len(extractor.trainable_variables) == len(extractor.weights)
    let_learn(extractor, "last")
    learning = sum(np.prod(v.shape) for v in extractor.trainable_variables)
    assert 0.5 * count <= learning < 0.6 * count
    assert backbone.model.get_layer("conv_head").trainable
    assert not backbone.model.get_layer("conv_stem").trainable
    let_learn(extractor, "none")
    assert not extractor.trainable_variables


@pytest.mark.usefixtures("few_steps")
def test_first_the_last_layers_learn_and_then_all(config, digits):
    dataset, _ = digits
    extractor = extractor_of(config)
    before, told = kernels(extractor), frozen(extractor, dataset)
    moved = []
    for which in stages(extractor, dataset, SHARES, told, config, lambda _: None):
        now = kernels(extractor)
        moved.append((which, {n for n in now if not np.array_equal(now[n], before[n])}))
        before = now
        assert not extractor.trainable_variables
    last = {"third", "few"}
    assert moved == [("last", last), ("all", {"first", "second", *last})]


def test_tuning_starts_from_the_calibrated_classifier(config, digits):
    dataset, _ = digits
    extractor = extractor_of(config)
    told = frozen(extractor, dataset)
    tuner = FineTuner(extractor, told.of_features, config)
    images = np.float32(dataset.images[:20] / 255)
    log_q = ops.convert_to_numpy(ops.log_softmax(tuner(images)))
    assert log_q == pytest.approx(told.log_q[:20], abs=1e-2)


def test_what_is_not_sure_teaches_nothing(config, digits):
    dataset, _ = digits
    extractor = extractor_of(config)
    linear = Linear(
        np.zeros((extractor.output_shape[-1], 10), np.float32), np.zeros(10)
    )
    tuner = FineTuner(extractor, linear, config)
    sure = np.full(10, (1 - SURE) / 10)
    sure[3] = 1
    # The network's own opinion is none here, and takes from what is given.
    log_q = np.float32(np.log([np.full(10, 0.1), sure**4]))
    batch = {
        "labeled": dataset.images[:2],
        "labels": np.array([0, 1]),
        "unlabeled": dataset.images[2:4],
        "unlabeled_logits": log_q,
    }
    terms = {
        name: ops.convert_to_numpy(values)
        for name, values in tuner.loss_terms(batch).items()
    }
    assert terms["sure"].tolist() == [0, 1]
    assert terms["sure_cross_entropy"] == pytest.approx([0, np.log(10)], abs=1e-5)
    assert terms["cross_entropy"] == pytest.approx(np.log(10), abs=1e-5)


def test_changed_images_have_no_black_border(config):
    images = np.full((8, 40, 40, 1), 0.6, np.float32)
    settings = config.replace(augment="objects")
    seed = keras.random.SeedGenerator(0)
    result = ops.convert_to_numpy(changed(images, settings, seed))
    assert result.shape == images.shape
    # One color stays one color, and each image gets another brightness.
    assert np.ptp(result, axis=(1, 2, 3)) == pytest.approx(np.zeros(8), abs=1e-5)
    assert np.ptp(result) > 0.05


def test_roots_of_maps_are_the_same_in_training(rng):
    maps = np.maximum(rng.normal(size=(3, 4, 4, 6)), 0).astype(np.float32)
    maps[..., 0] = 0
    layer = Pooled()
    one, other = (ops.convert_to_numpy(layer(maps, training=t)) for t in (False, True))
    assert one == pytest.approx(other, abs=1e-6)


@pytest.mark.each_backend
def test_a_network_that_knew_nothing_is_believed_after_tuning(
    config, digits, monkeypatch
):
    monkeypatch.setattr(tuned_features, "STEPS", 240)
    monkeypatch.setattr(tuned_features, "LEARNING_RATE", 5e-3)
    dataset, classes = digits
    extractor, said = extractor_of(config), []
    told = frozen(extractor, dataset)
    tuned, check = fine_tune(
        extractor, dataset, SHARES, told, BOTH, config, said.append
    )
    assert check.believed == TUNED
    assert check.accuracy(TUNED) > check.accuracy(FROZEN)
    assert len(check.classes) == 40
    assert "learns from all labels now" in " ".join(said)
    right = [np.mean(each.log_q.argmax(axis=1) == classes) for each in (told, tuned)]
    assert right[1] > right[0] + 0.05
    # What is said belongs to the extractor as it is now.
    features = extract(extractor, dataset.images[:50])
    vectors = tuned.directions.project(features)
    assert vectors == pytest.approx(tuned.vectors[:50], abs=1e-3)


@pytest.mark.usefixtures("few_steps")
def test_a_backbone_that_is_not_better_stays_as_it_was(config, digits, monkeypatch):
    def ruined(extractor, *_):
        extractor.set_weights([0 * each + 1 for each in extractor.get_weights()])
        yield "all"

    monkeypatch.setattr(fine_tuning, "stages", ruined)
    dataset, _ = digits
    extractor, said = extractor_of(config), []
    before, told = extractor.get_weights(), frozen(extractor, dataset)
    result = fine_tune(extractor, dataset, SHARES, told, BOTH, config, said.append)
    assert result is None
    assert all(same(extractor.get_weights(), before))
    assert "stays as it was" in said[-1]


@pytest.mark.usefixtures("few_steps")
def test_hidden_labels_are_not_read(config, digits):
    """Other hidden labels change what is measured, and nothing that is learned."""
    dataset, _ = digits
    hidden = hidden_labels(dataset.labels, 0)
    assert hidden.sum() == 40
    wrong = np.where(hidden, (dataset.labels + 1) % 10, dataset.labels)
    logits = []
    for labels in (dataset.labels, wrong):
        extractor = extractor_of(config)
        data = dataclasses.replace(dataset, labels=labels)
        told = frozen(extractor, dataset)
        check = fine_tuning.checked(
            extractor, data, SHARES, told, hidden, config, lambda _: None
        )
        assert check.classes.tolist() == labels[hidden].tolist()
        logits.append(check.logits)
    for name in (FROZEN, TUNED):
        assert logits[0][name] == pytest.approx(logits[1][name], abs=1e-3)


def test_one_label_per_class_is_too_few_to_tune(config, digits):
    dataset, classes = digits
    rows = [np.flatnonzero(classes == index)[0] for index in range(10)]
    single = dataset.with_labels(rows, range(10))
    assert not hidden_labels(single.labels, 0).any()
    said = []
    told = Told(None, None, None, 1.0)
    result = fine_tune(None, single, SHARES, told, BOTH, config, said.append)
    assert result is None and "single label" in said[0]


def test_features_without_a_backbone_cannot_be_tuned():
    with pytest.raises(InputError, match="which have no backbone"):
        Config(features="gradients", fine_tune="last")


def test_several_devices_cannot_tune(config):
    with pytest.raises(InputError, match="tuned on one device"):
        Workers(replicas=2).check(config)


@pytest.mark.slow
@pytest.mark.usefixtures("few_steps")
def test_a_tuned_backbone_is_saved_with_the_model(
    config, digits, tmp_path, monkeypatch
):
    monkeypatch.setattr(fine_tuning, "best", lambda *_: (TUNED, 2.0))
    dataset, _ = digits
    run = train(config, tmp_path / "run", dataset=dataset)
    model = ssvae.load_model(run)
    extractor = model.classifier.get_layer("extractor")
    now, before = kernels(extractor), kernels(extractor_of(config))
    assert all(not np.array_equal(now[name], before[name]) for name in before)
    assert not model.classifier.trainable_variables
    assert model.fitted.temperature == 2
    assert 'fine_tune = "all"' in (run / "config.toml").read_text()


def test_a_run_interrupted_while_it_tunes_leaves_a_classifier(
    config, digits, tmp_path, monkeypatch
):
    def stopped(*_):
        raise KeyboardInterrupt

    dataset: Dataset = digits[0]
    with monkeypatch.context() as patch:
        patch.setattr(tuned_features, "run_epochs", stopped)
        with pytest.raises(Interrupted, match="its classifier can be used already"):
            train(config, tmp_path / "run", dataset=dataset)
    model = ssvae.load_model(tmp_path / ".run.partial" / "model.keras")
    assert model.predict_proba(dataset.images[:10]).shape == (10, 10)
