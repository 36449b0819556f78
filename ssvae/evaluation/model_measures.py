"""Measures of a model on images that it was not trained on, one use at a time."""

import numpy as np

from ssvae.data.images import as_floats
from ssvae.evaluation import measures
from ssvae.evaluation.codes import embed


def classification(model, images, labels) -> dict:
    """Measure what the classifier says.

    Args:
        model: An `SSVAE`.
        images: `(n, h, w)` or `(n, h, w, c)`.
        labels: int array `(n,)`, true classes.

    Returns:
        A dict of figures for JSON, fractions and nats.
    """
    probabilities = model.predict_proba(images)
    uncalibrated = model.predict_proba(images, temperature=1.0)
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


def density(model, images, classes, num_samples, num_likelihood, seed) -> dict:
    """Measure how likely the model finds the images, and what it uses to say so.

    Args:
        model: An `SSVAE`.
        images: `(n, h, w)` or `(n, h, w, c)`.
        classes: int array `(n,)`, true classes.
        num_samples: Importance samples a class.
        num_likelihood: Images that they are drawn for, the first.
        seed: Seed of the noise.

    Returns:
        A dict of figures for JSON, nats an image.
    """
    parts = model.elbo_parts(images, seed)
    some, classes = images[:num_likelihood], classes[:num_likelihood]
    likelihoods = {
        "log_px": model.log_likelihood(some, num_samples, seed),
        "log_px_normal_prior": model.log_likelihood(
            some, num_samples, seed, prior="normal"
        ),
    }
    if model.num_classes > 1:
        likelihoods["log_pxy"] = model.log_likelihood(some, num_samples, seed, classes)
    activity = model.encode(images)[0].var(axis=0)
    return {
        "elbo": float((parts["reconstruction"] - parts["kl_z"] - parts["kl_y"]).mean()),
        **{name: float(values.mean()) for name, values in parts.items()},
        **{name: float(values.mean()) for name, values in likelihoods.items()},
        "num_importance_samples": num_samples,
        "num_likelihood_images": len(some),
        "active_units": int((activity > 0.01).sum()),
    }


def anomaly_auroc(model, usual, unusual) -> float:
    """Return the chance that an unusual image has the higher score of the two.

    Args:
        model: An `SSVAE`.
        usual: Images of the kind that the model was trained on, `(n, h, w, c)`.
        unusual: Images of another kind, `(m, h, w, c)`.
    """
    from sklearn.metrics import roc_auc_score

    scores = np.concatenate([model.score(usual), model.score(unusual)])
    return float(roc_auc_score(np.arange(len(scores)) >= len(usual), scores))


def neighbor_accuracy(model, images, labels, test_images, test_labels) -> dict:
    """Return how often the nearest training image is of the right class.

    In the space of the latent means, and of as many principal components of the pixels.

    Args:
        model: An `SSVAE`.
        images: Training images, `(n, h, w, c)`.
        labels: int array `(n,)`, all their classes.
        test_images: `(m, h, w, c)`.
        test_labels: int array `(m,)`.

    Returns:
        Dict of fractions: `neighbor_accuracy` by z and y, `neighbor_accuracy_z` by z
        alone, and `_pca` of each.
    """
    from sklearn.decomposition import PCA
    from sklearn.neighbors import KNeighborsClassifier

    pixels, test_pixels = (
        as_floats(part.reshape(len(part), -1)) for part in (images, test_images)
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
    """Return the bins of a calibration for JSON."""
    return {
        "confidence": _numbers(calibration.confidence),
        "accuracy": _numbers(calibration.accuracy),
        "count": calibration.count.tolist(),
    }


def _by_class(model, values):
    """Return a dict of class name and number."""
    return dict(zip(model.class_names, _numbers(values), strict=True))


def _numbers(values):
    """Return floats for JSON, None for NaN."""
    return [None if np.isnan(value) else float(value) for value in values]
