import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from helpers import run_python
from scipy.special import logsumexp, softmax
from scipy.stats import multivariate_normal
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import LabelSpreading, SelfTrainingClassifier
from sklearn.utils.estimator_checks import check_estimator

from ssvae import Config, SSVAEClassifier
from ssvae.errors import InputError
from ssvae.training.left_out import believe

EXPECTED_FAILURES = {
    "check_classifiers_classes": "it names two classes -1 and 1, and -1 is unlabeled; "
    "the check itself excuses scikit-learn's semi-supervised estimators by their names",
}


def blobs(rng, count=240, size=6, num_classes=3, spread=2.2):
    """Return vectors of overlapping Gaussians of one covariance, and their classes."""
    classes = np.arange(count) % num_classes
    means = spread * np.eye(num_classes, size)
    shape = np.diag(np.linspace(0.5, 1.5, size)) + 0.2
    return means[classes] + rng.normal(size=(count, size)) @ shape, classes


@pytest.fixture(scope="module")
def vectors():
    """Return vectors, their classes, and labels: eight of each class, else -1."""
    x, classes = blobs(np.random.default_rng(0))
    return x, classes, np.where(np.arange(len(x)) < 24, classes, -1)


@pytest.fixture(scope="module")
def fitted(vectors):
    """Return an estimator that learned from the vectors; it must not be changed."""
    x, _, labels = vectors
    return SSVAEClassifier(random_state=0).fit(x, labels)


@pytest.mark.slow
def test_scikit_learn_s_checks_pass():
    results = check_estimator(
        SSVAEClassifier(),
        expected_failed_checks=EXPECTED_FAILURES,
        on_skip=None,
    )
    status = [result["status"] for result in results]
    assert status.count("xfail") == len(EXPECTED_FAILURES)
    assert status.count("passed") > 50


def test_the_classifier_is_the_mixture_that_is_believed(vectors, fitted):
    # Directions are a rotation, which changes none of what is learned.
    x, _, labels = vectors
    scaled = x - x.mean(axis=0)
    scaled = np.float32(scaled / np.sqrt(np.mean(scaled**2)))
    belief = believe(scaled, labels, np.full(3, 1 / 3), seed=0)
    logits = belief.linear(scaled) / belief.temperature
    assert fitted.believed_ == belief.name
    assert fitted.estimated_accuracy_ == pytest.approx(
        belief.estimate.accuracy, abs=0.01
    )
    np.testing.assert_allclose(
        fitted.predict_proba(x), softmax(logits, axis=1), atol=2e-3
    )


@pytest.mark.parametrize("size", [6, 400])
def test_log_density_is_that_of_gaussians_of_the_classes(rng, size):
    x = rng.normal(3, 2, (60, size))
    x[:, 0] += 10 * (np.arange(60) % 2)
    labels = np.where(np.arange(60) < 20, np.arange(60) % 2, -1)
    fitted = SSVAEClassifier(random_state=0).fit(x, labels)
    model = fitted._learned
    found, mixture = model.directions, model.mixture
    kernel = found.kernel
    np.testing.assert_allclose(kernel.T @ kernel, np.eye(kernel.shape[1]), atol=1e-9)
    covariance = kernel @ mixture.covariance @ kernel.T
    covariance += found.noise * (np.eye(size) - kernel @ kernel.T)
    covariance *= found.scale**2
    each = [
        multivariate_normal(found.center + found.scale * kernel @ mean, covariance)
        for mean in mixture.means
    ]
    joint = np.array([one.logpdf(x) for one in each]) + mixture.log_shares[:, None]
    assert kernel.shape[1] == min(size, 60)
    np.testing.assert_allclose(
        fitted.score_samples(x), logsumexp(joint, axis=0), rtol=1e-5
    )


def test_density_has_the_measure_of_the_units(vectors, fitted):
    x, _, labels = vectors
    other = SSVAEClassifier(random_state=0).fit(1000 * x, labels)
    np.testing.assert_allclose(
        other.score_samples(1000 * x),
        fitted.score_samples(x) - x.shape[1] * np.log(1000),
        rtol=1e-4,
    )
    np.testing.assert_allclose(
        other.predict_proba(1000 * x), fitted.predict_proba(x), atol=1e-4
    )


def test_density_is_higher_for_samples_like_those_seen(vectors, fitted):
    x, _, _ = vectors
    assert fitted.score_samples(x).min() > fitted.score_samples(x + 20).max()


def test_samples_have_the_mean_and_covariance_of_their_class(vectors, fitted):
    x, classes, _ = vectors
    drawn, names = fitted.sample(4000, y=1, random_state=0)
    assert (names == 1).all()
    of_class = x[classes == 1]
    np.testing.assert_allclose(drawn.mean(axis=0), of_class.mean(axis=0), atol=0.5)
    ratio = drawn.std(axis=0) / of_class.std(axis=0)
    assert ((ratio > 0.8) & (ratio < 1.4)).all()
    assert np.mean(fitted.predict(drawn) == 1) > 0.7
    again, _ = fitted.sample(4000, y=1, random_state=0)
    np.testing.assert_array_equal(drawn, again)
    _, mixed = fitted.sample(300, random_state=0)
    assert set(mixed) == {0, 1, 2}


def test_samples_in_more_dimensions_than_vectors_are_as_long_as_vectors(rng):
    x = rng.normal(0, 3, (50, 400))
    labels = np.where(np.arange(50) < 20, np.arange(50) % 2, -1)
    fitted = SSVAEClassifier(random_state=0).fit(x, labels)
    drawn, _ = fitted.sample(50, random_state=0)
    lengths = np.linalg.norm(drawn, axis=1).mean() / np.linalg.norm(x, axis=1).mean()
    assert 0.8 < lengths < 1.6


def test_codes_have_unit_covariance_in_each_class(fitted):
    drawn, _ = fitted.sample(5000, y=0, random_state=0)
    spread = np.cov(fitted.transform(drawn).T)
    np.testing.assert_allclose(spread, np.eye(6), atol=0.1)
    assert list(fitted.get_feature_names_out()[:1]) == ["ssvaeclassifier0"]


def test_unlabeled_vectors_help(rng):
    classes = np.arange(600) % 3
    x = rng.normal(size=(600, 30)) + 3 * np.eye(3, 30)[classes]
    labels = np.where(np.arange(600) < 15, classes, -1)
    alone = LogisticRegression().fit(x[:15], labels[:15]).score(x, classes)
    accuracy = SSVAEClassifier(random_state=0).fit(x, labels).score(x, classes)
    assert accuracy > alone + 0.03


def test_the_class_of_an_unlabeled_vector_is_in_transduction(vectors, fitted):
    x, _, labels = vectors
    known = labels >= 0
    np.testing.assert_array_equal(fitted.transduction_[known], labels[known])
    np.testing.assert_array_equal(
        fitted.transduction_[~known], fitted.predict(x[~known])
    )


def test_labels_of_texts_and_numbers_teach_the_same(vectors, fitted):
    x, _, labels = vectors
    texts = np.array(["ape", "bee", "cow", ""], object)[labels]
    other = SSVAEClassifier(random_state=0).fit(x, texts)
    assert other.classes_.tolist() == ["ape", "bee", "cow"]
    np.testing.assert_array_equal(other.predict_proba(x), fitted.predict_proba(x))
    np.testing.assert_array_equal(other.predict(x), other.classes_[fitted.predict(x)])


def test_score_counts_samples_with_labels_alone(vectors, fitted):
    x, classes, labels = vectors
    right = fitted.predict(x[:24]) == classes[:24]
    assert fitted.score(x, labels) == right.mean()
    with pytest.raises(InputError, match="no label"):
        fitted.score(x, np.full(len(x), -1))


def test_all_labels_count_where_classes_are_uneven(rng):
    classes = (rng.random(300) < 0.1).astype(int)
    x = rng.normal(size=(300, 2)) + 3 * classes[:, None]
    fitted = SSVAEClassifier(random_state=0).fit(x, classes)
    assert fitted.class_prior_[1] == pytest.approx(classes.mean(), abs=0.01)


def test_the_seed_decides_all(vectors):
    x, _, labels = vectors
    first = SSVAEClassifier(random_state=5).fit(x, labels).predict_proba(x)
    by_config = SSVAEClassifier(config=Config(seed=5)).fit(x, labels)
    np.testing.assert_array_equal(first, by_config.predict_proba(x))


def test_copies_answer_alike(vectors, fitted):
    x, _, _ = vectors
    for other in (pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted)):
        np.testing.assert_array_equal(other.predict_proba(x), fitted.predict_proba(x))
    config = Config(put_aside="none")
    stated = SSVAEClassifier(class_prior="labels", config=config)
    assert clone(stated).get_params() == stated.get_params()


@pytest.mark.slow
def test_it_works_in_pipelines_and_searches(vectors):
    x, classes, labels = vectors
    pipeline = make_pipeline(StandardScaler(), SSVAEClassifier(random_state=0))
    assert cross_val_score(pipeline, x, labels, cv=2).min() > 0.6
    name = "ssvaeclassifier__class_prior"
    search = GridSearchCV(pipeline, {name: ["uniform", "labels"]}, cv=2)
    assert search.fit(x, classes).best_score_ > 0.7
    codes = make_pipeline(SSVAEClassifier(random_state=0), LogisticRegression())
    assert codes.fit(x, classes).score(x, classes) > 0.7


@pytest.mark.slow
def test_it_takes_the_place_of_scikit_learn_s_semi_supervised_estimators(vectors):
    x, classes, labels = vectors
    for estimator in (
        SSVAEClassifier(random_state=0),
        LabelSpreading(),
        SelfTrainingClassifier(LogisticRegression()),
        SelfTrainingClassifier(SSVAEClassifier(random_state=0), max_iter=1),
    ):
        estimator.fit(x, labels)
        assert estimator.score(x, classes) > 0.7
        assert estimator.transduction_.shape == labels.shape


def test_names_of_a_data_frame_s_columns_are_kept(vectors):
    x, _, labels = vectors
    frame = pd.DataFrame(x, columns=list("abcdef"))
    fitted = SSVAEClassifier(random_state=0).fit(frame, labels)
    assert fitted.feature_names_in_.tolist() == list("abcdef")
    codes = fitted.set_output(transform="pandas").transform(frame)
    assert codes.columns[0] == "ssvaeclassifier0"
    with pytest.raises(ValueError, match="feature names"):
        fitted.predict(frame[list("fedcba")])


def test_shares_of_the_classes_may_be_stated(vectors):
    x, _, labels = vectors
    shares = [0.6, 0.2, 0.2]
    fitted = SSVAEClassifier(class_prior=shares, random_state=0).fit(x, labels)
    np.testing.assert_allclose(fitted.class_prior_, shares)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"config": {"seed": 1}}, "config: got a dict"),
        ({"class_prior": "some"}, "class_prior: got 'some'"),
        ({"class_prior": [0.5, 0.5]}, "3 numbers"),
        ({"trust_labels": "never"}, "trust_labels"),
        ({"random_state": -1}, "seed"),
    ],
)
def test_parameters_that_are_not_valid_are_refused_by_fit(vectors, parameters, words):
    x, _, labels = vectors
    with pytest.raises(InputError, match=words):
        SSVAEClassifier(**parameters).fit(x, labels)


def test_images_are_refused_after_vectors(fitted):
    with pytest.raises(InputError, match="learned from vectors"):
        fitted.predict(np.zeros((2, 8, 8)))
    with pytest.raises(AttributeError, match="images"):
        _ = fitted.model_


@pytest.mark.slow
def test_vectors_need_no_keras():
    script = """
import sys, numpy, ssvae
x = numpy.random.default_rng(0).normal(size=(40, 3))
x[:20] += 5
y = [0] * 5 + [-1] * 15 + [1] * 5 + [-1] * 15
print(ssvae.SSVAEClassifier().fit(x, y).score(x, [0] * 20 + [1] * 20))
assert not {"keras", "tensorflow", "jax", "torch"} & set(sys.modules)
"""
    process = run_python("-c", script)
    assert process.returncode == 0, process.stderr
    assert float(process.stdout) > 0.95
