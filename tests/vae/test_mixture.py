"""M2 over features with a linear decoder: EM, its classifier and its density."""

import numpy as np
import pytest
from scipy.special import log_softmax, softmax
from scipy.stats import multivariate_normal

from ssvae.vae import mixture as room
from ssvae.vae.labels_alone import fit_labels_alone
from ssvae.vae.mixture import GaussianMixture, fit_em

EVEN = np.full(3, 1 / 3)


@pytest.fixture
def three(rng):
    """Vectors of three classes, of which one label each is known, and all classes."""
    classes = np.arange(600) % 3
    # The classes lie apart along one of ten axes, and vary more along the next.
    vectors = rng.normal(size=(600, 10)) * np.r_[0.2, 1.2, np.full(8, 0.2)]
    vectors[:, 0] += 1.5 * classes
    # Labeled by chance where the second axis seems to tell the classes apart.
    vectors[:3, 1] = [2.0, -1.0, 2.5]
    labels = np.full(600, -1)
    labels[:3] = classes[:3]
    return vectors.astype("float32"), labels, classes


@pytest.fixture
def gaussians(rng):
    factor = rng.normal(size=(4, 4))
    return GaussianMixture(
        rng.normal(size=(3, 4)).astype("float32"),
        (factor @ factor.T + np.eye(4)).astype("float32"),
        np.log([0.5, 0.3, 0.2]),
    )


def log_joint(gaussians, vectors):
    """log p(y) + log p(f|y), class by class."""
    return np.stack(
        [
            share + multivariate_normal(mean, gaussians.covariance).logpdf(vectors)
            for mean, share in zip(gaussians.means, gaussians.log_shares, strict=True)
        ],
        axis=1,
    )


def test_the_classifier_is_the_posterior(gaussians, rng):
    vectors = rng.normal(size=(20, 4)).astype("float32")
    wanted = log_softmax(log_joint(gaussians, vectors), axis=1)
    result = log_softmax(gaussians.classifier()(vectors), axis=1)
    assert result == pytest.approx(wanted, abs=1e-4)


def test_the_density_sums_the_classes(gaussians, rng):
    vectors = rng.normal(size=(20, 4)).astype("float32")
    wanted = np.log(np.exp(log_joint(gaussians, vectors)).sum(axis=1))
    assert gaussians.log_density(vectors) == pytest.approx(wanted, abs=1e-4)


def test_the_density_is_the_bound_of_the_linear_model_at_its_best(gaussians, rng):
    """U(f) <= log p(f), equal for q(y|f) = p(y|f); Kingma et al. 2014, equation 7."""
    vectors = rng.normal(size=(20, 4)).astype("float32")
    joint = log_joint(gaussians, vectors)

    def bound(log_q):
        return (np.exp(log_q) * (joint - log_q)).sum(axis=1)

    density = gaussians.log_density(vectors)
    assert bound(log_softmax(joint, axis=1)) == pytest.approx(density, abs=1e-4)
    assert np.all(bound(log_softmax(0 * joint, axis=1)) < density)


def test_unlabeled_vectors_help(three):
    vectors, labels, classes = three
    known = labels >= 0
    alone = fit_labels_alone(vectors[known], labels[known], 3)
    start = softmax(alone(vectors), axis=1)
    fitted = fit_em(vectors, labels, start, EVEN).classifier()
    right = [np.mean(c(vectors).argmax(axis=1) == classes) for c in (alone, fitted)]
    assert right[0] < 0.8 and right[1] > 0.98


def test_each_round_without_constraint_raises_the_likelihood(three, monkeypatch):
    """Without ridge and constraint it is plain EM, whose likelihood never falls."""
    monkeypatch.setattr(room, "RIDGE", 0.0)
    monkeypatch.setattr(room, "FEW_RIDGE", 0.0)
    monkeypatch.setattr(room, "NUM_CORRECTIONS", 0)
    vectors, labels, classes = three
    unlabeled = np.full_like(labels, -1)
    start = 0.6 * np.random.default_rng(3).dirichlet(np.ones(3), len(vectors))
    start += 0.4 * np.eye(3)[classes]
    likelihoods = [
        fit_em(vectors, unlabeled, start, EVEN, num_rounds=n)
        .log_density(vectors)
        .mean()
        for n in range(1, 15)
    ]
    assert np.all(np.diff(likelihoods) > -1e-5)
    assert likelihoods[-1] > likelihoods[0] + 0.03


def test_few_vectors_make_no_class_certain(rng):
    """As many directions as vectors: any guess would explain the vectors."""
    classes = np.arange(90) % 3
    vectors = rng.normal(size=(90, 89)).astype("float32")
    vectors[:, 0] += 3 * classes
    labels = np.where(np.arange(90) < 15, classes, -1)
    alone = fit_labels_alone(vectors[:15], labels[:15], 3)
    start = softmax(alone(vectors), axis=1)
    # Directions that are not known change nothing.
    padded = np.pad(vectors, ((0, 0), (0, 211)))
    fitted = [fit_em(v, labels, start, EVEN).classifier() for v in (vectors, padded)]
    logits = [c(v) for c, v in zip(fitted, (vectors, padded), strict=True)]
    assert logits[1] == pytest.approx(logits[0], abs=1e-2)
    assert np.ptp(logits[0], axis=1).max() < 20
    # Many vectors need no such care.
    many = rng.normal(size=(3000, 5)).astype("float32")
    guess = np.eye(3)[rng.integers(0, 3, 3000)]
    known = np.full(3000, -1)
    care = fit_em(many, known, guess, EVEN, num_rounds=1)
    plain = np.cov(many.T, bias=True) + 0.1 * np.mean(many**2) * np.eye(5)
    assert care.covariance == pytest.approx(plain, abs=0.01)


def test_shares_are_kept_or_estimated(three, rng):
    vectors, labels, classes = three
    # The third class becomes rare.
    labels[:60] = classes[:60]
    kept = np.flatnonzero((classes < 2) | (rng.random(600) < 0.2) | (labels >= 0))
    vectors, labels, classes = vectors[kept], labels[kept], classes[kept]
    start = np.eye(3)[classes] * 0.9 + 0.1 / 3
    true = np.bincount(classes) / len(classes)
    free = fit_em(vectors, labels, start, EVEN, True, num_rounds=200)
    assert np.exp(free.log_shares) == pytest.approx(true, abs=0.05)
    held = fit_em(vectors, labels, start, EVEN).classifier()
    means = softmax(held(vectors), axis=1).mean(axis=0)
    assert means == pytest.approx(EVEN, abs=0.05)


def test_of_many_vectors_the_labeled_and_some_others_are_learned_from(
    three, monkeypatch
):
    vectors, labels, classes = three
    start = np.eye(3)[classes] * 0.9 + 0.1 / 3
    whole = fit_em(vectors, labels, start, EVEN)
    monkeypatch.setattr(room, "MAX_ROWS", 300)
    given, kept = vectors.copy(), labels.copy()
    some = fit_em(vectors, labels, start, EVEN)
    assert np.any(some.means != whole.means)
    assert some.means == pytest.approx(whole.means, abs=0.3)
    right = np.mean(some.classifier()(vectors).argmax(axis=1) == classes)
    assert right > 0.98
    assert np.array_equal(vectors, given) and np.array_equal(labels, kept)
    # A label that is moved always counts.
    moved = vectors.copy()
    moved[0] += 100
    far = fit_em(moved, labels, start, EVEN)
    assert np.abs(far.means[0] - some.means[0]).max() > 1


def test_a_class_without_labels_is_never_guessed(three):
    vectors, labels, _ = three
    labels[labels == 2] = -1
    known = labels >= 0
    alone = fit_labels_alone(vectors[known], labels[known], 3)
    shares = np.array([0.5, 0.5, 1e-9])
    start = softmax(alone(vectors), axis=1)
    for estimated in (False, True):
        fitted = fit_em(vectors, labels, start, shares, estimated).classifier()
        for classifier in (alone, fitted):
            assert set(classifier(vectors).argmax(axis=1)) == {0, 1}


def test_logistic_regression_of_two_classes_is_that_of_scikit_learn(rng):
    from sklearn.linear_model import LogisticRegression

    vectors = rng.normal(size=(40, 3)).astype("float32")
    labels = (vectors[:, 0] > 0).astype(int)
    scale = 10 / np.sqrt(np.mean(np.sum(vectors**2, axis=1)))
    model = LogisticRegression(tol=1e-3, max_iter=300).fit(scale * vectors, labels)
    wanted = model.predict_proba(scale * vectors)
    result = softmax(fit_labels_alone(vectors, labels, 2)(vectors), axis=1)
    assert result == pytest.approx(wanted, abs=1e-3)


def test_one_labeled_class_is_always_guessed(rng):
    vectors = rng.normal(size=(4, 3)).astype("float32")
    linear = fit_labels_alone(vectors, np.ones(4, int), 3)
    assert set(linear(vectors).argmax(axis=1)) == {1}


def test_a_group_of_all_classes_or_of_one_is_no_label_or_a_label(three):
    vectors, labels, classes = three
    labels[30:60] = classes[30:60]
    start = np.eye(3)[classes] * 0.4 + 0.2
    allowed = np.where((labels >= 0)[:, None], np.eye(3, dtype=bool)[labels], True)
    both = [fit_em(vectors, told, start, EVEN) for told in (labels, allowed)]
    assert np.array_equal(both[0].means, both[1].means)


def test_labels_of_groups_tell_which_cluster_is_which(three):
    """The start takes the first class for the second, groups say that it is not."""
    vectors, labels, classes = three
    labels[:] = -1
    start = np.eye(3)[np.array([1, 0, 2])[classes]] * 0.1 + 0.3
    allowed = np.ones((600, 3), bool)
    # Each image of some is told not to be one of the other two classes.
    some, other = np.arange(300), (classes[:300] + 1 + np.arange(300) // 3 % 2) % 3
    allowed[some, other] = False
    right = []
    for told in (labels, allowed):
        fitted = fit_em(vectors, told, start, EVEN).classifier()
        right.append(np.mean(fitted(vectors).argmax(axis=1) == classes))
    assert right[0] < 0.6 and right[1] > 0.98


def test_no_vector_is_learned_as_a_class_outside_its_group(three, monkeypatch):
    """A vector of a group lies far away: only the means of its classes move."""
    vectors, labels, classes = three
    labels[:60] = classes[:60]
    vectors[599] += 50
    allowed = np.where((labels >= 0)[:, None], np.eye(3, dtype=bool)[labels], True)
    # More rows than EM learns from: those that are told something stay.
    monkeypatch.setattr(room, "MAX_ROWS", 100)
    start = np.eye(3)[classes] * 0.4 + 0.2
    for group, others in (([0, 1], [2]), ([1, 2], [0])):
        allowed[599] = np.isin(np.arange(3), group)
        moved = np.abs(fit_em(vectors, allowed, start, EVEN).means[:, 5]) > 0.2
        assert moved[group].any() and not moved[others].any()
