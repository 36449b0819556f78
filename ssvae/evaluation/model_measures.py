"""Measures of a model on images that it was not trained on, for each of its uses.

`measures` holds those of predictions alone.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ssvae.evaluation import measures
from ssvae.evaluation.codes import embed

if TYPE_CHECKING:
    from ssvae.model import SSVAE


def classification(
    model: "SSVAE", images: np.ndarray, labels: np.ndarray, logits: np.ndarray
) -> dict[str, Any]:
    """Measure the classifier.

    Args:
        model: An `SSVAE`.
        images: `(n, h, w)` or `(n, h, w, c)`.
        labels: int array `(n,)`, true classes.
        logits: What `model.logits` returned for the images.

    Returns:
        A dict of figures for JSON: fractions, and nats per image.
    """
    probabilities = model.predict_proba(images, logits=logits)
    uncalibrated = model.predict_proba(images, temperature=1.0, logits=logits)
    counts = measures.confusion(probabilities.argmax(axis=1), labels, model.num_classes)
    precision, recall = measures.precision_and_recall(counts)
    before = measures.calibration(uncalibrated, labels)
    after = measures.calibration(probabilities, labels)
    coverage, accuracy = measures.accuracy_by_coverage(probabilities, labels)
    shares = np.linspace(0.5, 1, 51)
    places = np.searchsorted(coverage, shares - 1e-9)
    return {
        "accuracy": float(accuracy[-1]),
        "precision": _by_class(model, precision),
        "recall": _by_class(model, recall),
        "confusion": counts.tolist(),
        "temperature": model.fitted.temperature,
        "cross_entropy": measures.cross_entropy(probabilities, labels),
        "cross_entropy_uncalibrated": measures.cross_entropy(uncalibrated, labels),
        "calibration_error": after.error,
        "calibration_error_uncalibrated": before.error,
        "calibration_bins": _bins(after),
        "calibration_bins_uncalibrated": _bins(before),
        "coverage": _numbers(shares),
        "accuracy_at_coverage": _numbers(accuracy[places]),
        "accuracy_at_coverage_99": float(accuracy[np.searchsorted(coverage, 0.99)]),
    }


def density(
    model: "SSVAE",
    images: np.ndarray,
    classes: np.ndarray,
    num_samples: int,
    num_likelihood: int,
    seed: int,
    logits: np.ndarray | None = None,
) -> dict[str, Any]:
    """Measure the log-likelihood of the images and the parts of its lower bound.

    Args:
        model: An `SSVAE`.
        images: `(n, h, w)` or `(n, h, w, c)`.
        classes: int array `(n,)`, true classes.
        num_samples: Importance samples per class and image.
        num_likelihood: Number of images, the first, whose log-likelihood is estimated.
        seed: Seed of the noise.
        logits: What `model.logits` returned, if the images are what the decoder draws,
            made smaller; None to ask the model.

    Returns:
        A dict of figures for JSON: nats per image, and counts.
    """
    parts = model.elbo_parts(images, seed, logits)
    some, classes = images[:num_likelihood], classes[:num_likelihood]
    likelihoods = {
        "log_px": model.log_likelihood(some, num_samples, seed),
        "log_px_normal_prior": model.log_likelihood(
            some, num_samples, seed, prior="normal"
        ),
    }
    if model.num_classes > 1:
        likelihoods["log_pxy"] = model.log_likelihood(some, num_samples, seed, classes)
    likeliest = None if logits is None else logits.argmax(axis=1)
    activity = model.encode(images, likeliest)[0].var(axis=0)
    return {
        "elbo": float((parts["reconstruction"] - parts["kl_z"] - parts["kl_y"]).mean()),
        **{name: float(values.mean()) for name, values in parts.items()},
        **{name: float(values.mean()) for name, values in likelihoods.items()},
        "num_importance_samples": num_samples,
        "num_likelihood_images": len(some),
        "active_units": int((activity > 0.01).sum()),
    }


def anomaly_auroc(model: "SSVAE", usual: np.ndarray, unusual: np.ndarray) -> float:
    """Return the chance that an unusual image has a higher score than a usual one.

    Args:
        model: An `SSVAE`.
        usual: Images of the kind that the model was trained on, `(n, h, w, c)`.
        unusual: Images of another kind, `(m, h, w, c)`.
    """
    from sklearn.metrics import roc_auc_score

    scores = np.concatenate([model.score(usual), model.score(unusual)])
    return float(roc_auc_score(np.arange(len(scores)) >= len(usual), scores))


def neighbor_accuracy(
    model: "SSVAE",
    images: np.ndarray,
    labels: np.ndarray,
    test_images: np.ndarray,
    test_labels: np.ndarray,
) -> dict[str, float]:
    """Return how often the nearest training image has the class of a test image.

    It is searched in the space of the latent means and, to compare, in the space of as
    many principal components of the pixels.

    Args:
        model: An `SSVAE`.
        images: Training images, `(n, h, w, c)`.
        labels: int array `(n,)`, the classes of all training images.
        test_images: `(m, h, w, c)`.
        test_labels: int array `(m,)`.

    Returns:
        Dict of fractions: `neighbor_accuracy` by z and y, `neighbor_accuracy_z` by z
        alone, and one ending in `_pca` for each, by principal components.
    """
    from sklearn.decomposition import PCA
    from sklearn.neighbors import KNeighborsClassifier

    pixels, test_pixels = (
        model.as_drawn(part).reshape(len(part), -1) for part in (images, test_images)
    )
    codes, test_codes = embed(model, images), embed(model, test_images)
    figures = {}
    for name, known, asked in (
        ("", codes.joint, test_codes.joint),
        ("_z", codes.mean, test_codes.mean),
    ):
        pca = PCA(known.shape[1], random_state=0).fit(pixels)
        spaces = {
            name: (known, asked),
            f"{name}_pca": (pca.transform(pixels), pca.transform(test_pixels)),
        }
        for key, (here, there) in spaces.items():
            nearest = KNeighborsClassifier(1).fit(here, labels)
            share = nearest.score(there, test_labels)
            figures[f"neighbor_accuracy{key}"] = float(share)
    return figures


def _bins(calibration):
    """Return the bins of a calibration, for JSON."""
    return {
        "confidence": _numbers(calibration.confidence),
        "accuracy": _numbers(calibration.accuracy),
        "count": calibration.count.tolist(),
    }


def _by_class(model, values):
    """Return a dict with one number per class name."""
    return dict(zip(model.class_names, _numbers(values), strict=True))


def _numbers(values):
    """Return floats for JSON, which has None in place of NaN."""
    return [None if np.isnan(value) else float(value) for value in values]
