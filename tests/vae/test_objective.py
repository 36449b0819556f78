import dataclasses

import keras
import numpy as np
import pytest
from helpers import PLAIN, TINY, arrays, remove_noise, same

from ssvae.data import Batches
from ssvae.data.coarse import Coarse
from ssvae.vae import bounds
from ssvae.vae.objective import loss_terms, pixels, total_loss

ops = keras.ops
# Two epochs of a classifier without convolutions.
SHORT = PLAIN.replace(classifier_body="mlp")


@pytest.fixture
def batch(tiny_batches):
    return {name: ops.convert_to_tensor(a) for name, a in tiny_batches.batch(0).items()}


def weights(network):
    return arrays(network.trainable_variables)


def test_every_term_has_one_value_per_image(make_model, batch):
    model = make_model()
    model.prepare_training(4)
    terms = arrays(loss_terms(model, batch, training=True))
    sizes = {name: term.shape for name, term in terms.items()}
    assert sizes == {
        "unlabeled_elbo": (8,),
        "pseudo_cross_entropy": (8,),
        "labeled_elbo": (6,),
        "cross_entropy": (6,),
        "accuracy": (6,),
    }
    assert set(np.unique(terms["accuracy"])) <= {0, 1}


def test_binary_pixels_are_white_with_the_chance_that_grey_states(make_model):
    model = make_model(PLAIN, pixels="binary")
    grey = np.tile(np.arange(0, 256, 15, dtype=np.uint8)[None, :, None], (4000, 1, 1))
    drawn = ops.convert_to_numpy(pixels(model, grey, training=True))
    assert set(np.unique(drawn)) == {0.0, 1.0}
    assert drawn.mean(axis=0) == pytest.approx(grey[0] / 255, abs=0.04)
    kept = ops.convert_to_numpy(pixels(model, grey, training=False))
    assert kept == pytest.approx(grey / 255)


@pytest.mark.parametrize("kind", ["labeled", "unlabeled"])
def test_a_batch_of_one_kind_has_only_the_terms_of_that_kind(make_model, batch, kind):
    other = {
        "labeled": ["unlabeled", "pseudo_labels"],
        "unlabeled": ["labeled", "labels"],
    }[kind]
    batch = {name: value for name, value in batch.items() if name not in other}
    terms = loss_terms(make_model(PLAIN), batch, training=True)
    assert f"{kind}_elbo" in terms
    assert ("cross_entropy" in terms) == (kind == "labeled")


def test_evaluation_terms_are_the_bounds_of_the_model(make_model, tiny_dataset):
    """Without noise, U(x) of the step is U(x) of `SSVAE.elbo`."""
    model = make_model()
    remove_noise(model)
    images = tiny_dataset.images[:8]
    terms = arrays(loss_terms(model, {"unlabeled": images}, training=False))
    assert terms["unlabeled_elbo"] == pytest.approx(
        model.elbo(tiny_dataset.images[:8]), rel=1e-4
    )


def test_total_loss_by_hand():
    config = TINY.replace(
        elbo_weight=2.0, classifier_weight=10.0, pseudo_label_weight=100.0
    )
    terms = {
        "unlabeled_elbo": ops.convert_to_tensor([-90.0, -110.0, -100.0]),
        "labeled_elbo": ops.convert_to_tensor([-60.0]),
        "cross_entropy": ops.convert_to_tensor([0.5]),
        "pseudo_cross_entropy": ops.convert_to_tensor([0.1, 0.2, 0.3]),
        "accuracy": ops.convert_to_tensor([1.0]),
    }
    # 2 * (90 + 110 + 100 + 60) / 4 + 10 * 0.5 + 100 * 0.2
    assert float(total_loss(config, terms)) == pytest.approx(205)


@pytest.mark.each_backend
def test_without_alpha_labeled_images_teach_the_classifier_nothing(
    make_model, fit, tiny_dataset
):
    labeled = tiny_dataset.with_labels(np.arange(40), np.arange(40) % 3)
    for alpha, learns in ((0.0, False), (1.0, True)):
        model = make_model(SHORT, classifier_weight=alpha)
        before = weights(model.classifier), weights(model.decoder)
        fit(model, Batches(labeled, 6, 8, 0), run_eagerly=True)
        assert all(same(before[0], weights(model.classifier))) != learns
        assert not any(same(before[1], weights(model.decoder)))


@pytest.mark.each_backend
def test_unlabeled_images_teach_the_classifier_through_the_bound(
    make_model, fit, tiny_dataset
):
    model = make_model(SHORT)
    before = weights(model.classifier)
    fit(model, Batches(tiny_dataset.with_labels([], []), 6, 8, 0), run_eagerly=True)
    assert not all(same(before, weights(model.classifier)))


@pytest.mark.each_backend
def test_labels_outside_the_budget_never_reach_the_loss(make_model, fit, tiny_dataset):
    """With other labels on the unlabeled images the weights are the same."""
    trained = []
    for secret in (0, 1):
        classes = (np.arange(40) * (1 + secret)) % 3
        full = tiny_dataset.with_labels(np.arange(40), classes)
        budget = full.with_labels(np.arange(9), np.arange(9) % 3)
        model = make_model(SHORT)
        fit(model, Batches(budget, 6, 8, 0), run_eagerly=True)
        trained.append(model.get_weights())
    assert all(same(*trained))


def test_kl_warm_up_starts_at_zero_and_ends_at_one(make_model, batch):
    model = make_model(PLAIN, kl_warmup_epochs=2.0)
    model.prepare_training(4)
    bounds = []
    for step in (0, 4, 8, 20):
        model.step.assign(step)
        model.seed_generator.state.assign([7, 0])
        bounds.append(arrays(loss_terms(model, batch, True))["labeled_elbo"])
    reduced = bounds[0] - bounds[2]
    assert np.all(reduced > 0)
    assert bounds[0] - bounds[1] == pytest.approx(reduced / 2, rel=1e-3)
    assert np.array_equal(bounds[2], bounds[3])


def test_free_bits_and_warm_up_do_not_change_the_evaluation(make_model, batch):
    values = []
    for changes in ({}, {"free_bits": 2.0, "kl_warmup_epochs": 5.0}):
        model = make_model(PLAIN, **changes)
        values.append(arrays(loss_terms(model, batch, False))["unlabeled_elbo"])
    assert np.array_equal(*values)


def test_the_pseudo_label_term_is_the_cross_entropy_of_the_guess(make_model, batch):
    # Without batch normalisation, whose statistics would be those of the batch.
    model = make_model(PLAIN, classifier_body="mlp")
    classes = ops.convert_to_numpy(batch["pseudo_labels"])
    batch["pseudo_labels"] = np.where(np.arange(8) < 2, -1, classes)
    logits = ops.convert_to_numpy(
        model.classify(ops.cast(batch["unlabeled"], "float32") / 255)
    )
    log_q = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    terms = arrays(loss_terms(model, batch, training=True))
    expected = -log_q[np.arange(8), classes]
    expected[:2] = 0
    assert terms["pseudo_cross_entropy"] == pytest.approx(expected, rel=1e-4)


def test_pixel_noise_changes_the_classifier_only_in_training(make_model, batch):
    calm = make_model(PLAIN, classifier_body="mlp")
    noisy = make_model(PLAIN, classifier_body="mlp", pixel_noise=0.5)
    values = {}
    for training in (False, True):
        for name, model in (("calm", calm), ("noisy", noisy)):
            terms = arrays(loss_terms(model, batch, training))
            values[name, training] = terms["cross_entropy"]
    assert values["noisy", False] == pytest.approx(values["calm", False], rel=1e-5)
    assert values["calm", True] == pytest.approx(values["calm", False], rel=1e-5)
    assert values["noisy", True] != pytest.approx(values["calm", True], rel=1e-2)


def test_importance_samples_tighten_the_bound(make_model, batch):
    """One sample's log weight averages to L(x, y); of many the log mean is above it."""
    values = {}
    for count in (1, 50):
        model = make_model(PLAIN, importance_samples=count)
        terms = [arrays(loss_terms(model, batch, True)) for _ in range(10)]
        values[count] = {
            name: np.mean([term[name] for term in terms], axis=0)
            for name in ("labeled_elbo", "unlabeled_elbo")
        }
    for name in values[1]:
        assert values[50][name].mean() > values[1][name].mean() + 0.1


def test_importance_bound_by_a_loop(make_model, batch):
    """log mean_k w_k of every image, its weights taken one by one."""
    model = make_model(PLAIN, importance_samples=3)
    images = ops.cast(batch["labeled"], "float32") / 255.0
    one_hot = ops.one_hot(batch["labels"], 3)
    noise = np.random.default_rng(0).standard_normal((6, 9)).astype(np.float32)
    features = model.encoder_body(images)
    fast = bounds.importance_bound(model, one_hot, images, features, noise)
    weights = [
        ops.convert_to_numpy(bounds.log_weight(model, one_hot, images, features, part))
        for part in ops.split(ops.array(noise), 3, axis=1)
    ]
    slow = np.log(np.mean(np.exp(np.float64(weights) + 50), axis=0)) - 50
    assert ops.convert_to_numpy(fast) == pytest.approx(slow, rel=1e-5)


def test_a_label_of_a_group_cuts_the_bound_and_adds_its_cross_entropy(
    make_model, batch
):
    # Without batch normalisation, whose statistics would be those of the batch.
    model = make_model(PLAIN, classifier_body="mlp", top_classes=3)
    remove_noise(model)
    allowed = np.ones((8, 3), bool)
    allowed[:3] = [[True, True, False], [False, True, True], [False, True, False]]
    plain = arrays(loss_terms(model, batch, training=True))
    told = {**batch, "unlabeled_allowed": ops.convert_to_tensor(allowed)}
    terms = arrays(loss_terms(model, told, training=True))
    images = ops.cast(batch["unlabeled"], "float32") / 255
    logits = np.float64(ops.convert_to_numpy(model.classify(images)))
    log_q = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    within = np.logaddexp.reduce(np.where(allowed, log_q, -np.inf), axis=1)
    assert terms["group_cross_entropy"] == pytest.approx(-within, abs=1e-5)
    assert terms["unlabeled_elbo"][3:] == pytest.approx(plain["unlabeled_elbo"][3:])
    # Of one class alone it is that of a labeled image.
    as_label = {"labeled": batch["unlabeled"][2:3], "labels": np.array([1])}
    single = arrays(loss_terms(model, as_label, training=True))["labeled_elbo"]
    assert terms["unlabeled_elbo"][2] == pytest.approx(single[0], rel=1e-4)
    loss = total_loss(model.config, {n: ops.array(t) for n, t in terms.items()})
    terms["group_cross_entropy"] = 0 * terms["group_cross_entropy"]
    less = total_loss(model.config, {n: ops.array(t) for n, t in terms.items()})
    added = model.config.classifier_weight * -within.mean()
    assert float(loss) - float(less) == pytest.approx(added, rel=1e-2)


@pytest.mark.each_backend
@pytest.mark.parametrize("summed", [{}, {"top_classes": 1, "sampled_classes": 1}])
def test_training_with_labels_of_groups_learns_them(
    make_model, fit, tiny_dataset, summed
):
    coarse = Coarse(np.arange(9, 40), np.ones((31, 3), bool))
    coarse.allowed[:, 2] = False
    told = dataclasses.replace(tiny_dataset, coarse=coarse)
    chance = []
    for dataset in (tiny_dataset, told):
        model = make_model(SHORT, classifier_weight=50.0, epochs=4, **summed)
        fit(model, Batches(dataset, 6, 8, 0), run_eagerly=True)
        images = tiny_dataset.images[9:]
        chance.append(model.predict_proba(images)[:, 2].mean())
    assert chance[1] < chance[0] / 1.5
