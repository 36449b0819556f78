"""The classifier of a model that tells classes apart by features."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from scipy.special import logsumexp, softmax

from ssvae.data import Dataset
from ssvae.features.cache import KEPT_DTYPE, KeptFeatures
from ssvae.features.extractor import extract
from ssvae.features.principal import principal_directions
from ssvae.files.atomic import replaced
from ssvae.model import SSVAE
from ssvae.runs.shares import AUTO, Shares, sentence
from ssvae.saving.find import MODEL_FILE
from ssvae.saving.keras_file import save_model
from ssvae.training.deep_learner import learn_deep
from ssvae.training.estimate import Estimate, estimate_accuracy
from ssvae.training.fine_tuning import TUNED, fine_tune
from ssvae.training.learners import DEEP
from ssvae.training.putting_aside import (
    FIND,
    believe_inside,
    outside_of_vectors,
    without_outside,
)
from ssvae.training.shares import shares_of_vectors
from ssvae.training.stopwatch import FEATURES, MIXTURE
from ssvae.training.suggesting import SPARE, by_features
from ssvae.training.trusting import by_vectors, trusted
from ssvae.training.tuned_features import Told
from ssvae.types import PathLike, Say
from ssvae.vae.feature_classifier import (
    EXTRACTOR,
    PROJECTED,
    set_linear,
)
from ssvae.vae.feature_density import FeatureDensity
from ssvae.vae.mixture import fit_em


@dataclass(frozen=True)
class Classified:
    """What a classifier of features says of every image of a data set.

    Attributes:
        logits: float32 array `(n, num_classes)` of q(y|x).
        temperature: Divisor of the logits that calibrates the probabilities.
        believed: Name of the learner, see `learners.TITLES`.
        left_out_accuracy: Fraction of the labels that were predicted right while they
            were left out; NaN if none could be.
        estimate: The accuracy to expect; None if no label could be left out.
        surprise: float64 array `(n,)`, -log p(f), nats.
        density: `FeatureDensity`, p(f).
        shares: `Shares` of the classes; None in a file of an older version.
        to_label: int array `(k,)`, images to label next, copies among them; None in a
            file of an older version.
    """

    logits: np.ndarray
    temperature: float
    believed: str
    left_out_accuracy: float
    estimate: Estimate | None
    surprise: np.ndarray
    density: FeatureDensity
    shares: Shares | None = None
    to_label: np.ndarray | None = None

    def save(self, path: PathLike) -> None:
        """Save it as an `.npz` file."""
        with replaced(path) as partial:
            values = dataclasses.asdict(self)
            arrays = values.pop("density")
            del values["shares"]
            if self.to_label is None:
                del values["to_label"]
            arrays |= {} if self.shares is None else self.shares.arrays
            arrays["estimate"] = list((values.pop("estimate") or {}).values())
            np.savez(partial, **values, **arrays)

    @classmethod
    def load(cls, path: PathLike) -> Classified:
        """Load a file that `save` wrote."""
        with np.load(path) as kept:
            return cls(
                kept["logits"],
                float(kept["temperature"]),
                str(kept["believed"]),
                float(kept["left_out_accuracy"]),
                Estimate.of(kept["estimate"]) if kept["estimate"].size else None,
                kept["surprise"],
                FeatureDensity(kept["white"], kept["kernel"], kept["bias"]),
                Shares.of(kept) if "shares" in kept else None,
                kept.get("to_label"),
            )


def learn_classifier(
    model: SSVAE,
    dataset: Dataset,
    shares: np.ndarray,
    path: Path,
    say: Say,
    progress: Callable[[int, int], None] | None = None,
    begin: Callable[[str], None] = lambda stage: None,
) -> Classified:
    """Learn q(y|x) from features, give it to the model, and keep what it says.

    Args:
        model: An `SSVAE` whose config names features, with the weights of its backbone.
        dataset: `Dataset` with the labels of the budget.
        shares: Float array `(num_classes,)`; see `class_shares`.
        path: Path of the `.npz` file that keeps the result for a resumed run, whose
            model has the classifier already.
        say: Function that prints a line.
        progress: Function that is told how many images are done, and of how many.
        begin: Function that is told which stage begins, see `Stopwatch`.
    """
    if path.exists():
        return Classified.load(path)
    begin(FEATURES)
    config, extractor = model.config, model.classifier.get_layer(EXTRACTOR)
    say(f"Features: {config.features}.")
    kept = KeptFeatures(dataset.images, extractor, (KEPT_DTYPE,))
    features = kept.or_made(
        lambda: extract(extractor, dataset.images, None, progress, KEPT_DTYPE)
    )
    begin(MIXTURE)
    layer = model.classifier.get_layer(PROJECTED)
    directions = principal_directions(features, layer.units, config.seed)
    layer.set_weights([directions.kernel, directions.bias])
    vectors = directions.project(features)
    checked = dataset.labels, shares, config.seed, dataset.outside
    predict = by_vectors(vectors, *checked)
    given = dataset
    dataset = trusted(given, predict, path.parent, config, say)
    if config.put_aside == FIND:
        doubted = np.setdiff1d(given.labeled, dataset.labeled)
        outside = outside_of_vectors(vectors, dataset, config.seed, doubted)
        dataset = without_outside(outside, dataset, path.parent, say)
    found = _shares(vectors, dataset, shares, config, say)
    shares = found.values
    model.log_prior.assign(np.log(shares))
    say("Comparing what unlabeled images teach with what the labels alone do.")
    more = {}
    if config.feature_decoder == "deep":
        more[DEEP] = partial(learn_deep, seed=config.seed)
    belief = believe_inside(vectors, dataset, shares, config.seed, more)
    classes = dataset.labels[dataset.labeled]
    say(belief.sentence(classes))
    set_linear(model.classifier, belief.linear)
    right = np.nan
    if belief.left_out is not None:
        right = float(np.mean(belief.left_out.argmax(axis=1) == classes))
    surprise, density = _density(vectors, belief.linear, dataset, shares)
    logits = belief.linear(vectors)
    answers = softmax(logits / belief.temperature, axis=1)
    classified = Classified(
        logits,
        belief.temperature,
        belief.name,
        right,
        belief.estimate,
        surprise,
        density,
        found,
        by_features(vectors, dataset, SPARE * config.suggest, answers),
    )
    classified.save(path)
    _keep_usable(model, classified, path.with_name(MODEL_FILE), say)
    if config.fine_tune != "none":
        told = Told(directions, vectors, belief.linear, belief.temperature)
        classified = _tuned(model, dataset, shares, told, classified, say)
        classified.save(path)
    return classified


def _shares(vectors, dataset, given, config, say):
    """Return the `Shares` of the classes, estimated if that is the setting."""
    if config.class_prior != AUTO:
        return Shares.given(given, config.class_prior)
    inside = np.setdiff1d(np.arange(len(vectors)), dataset.outside)
    known = vectors[inside], dataset.labels[inside]
    found = shares_of_vectors(*known, given, config.seed)
    say(sentence(found.figures(dataset.class_names)))
    return found


def _tuned(model, dataset, shares, told, classified, say):
    """Return what is said after fine-tuning, and give it to the model."""
    extractor, name = model.classifier.get_layer(EXTRACTOR), classified.believed
    tuned = fine_tune(extractor, dataset, shares, told, name, model.config, say)
    if tuned is None:
        return classified
    after, check = tuned
    layer = model.classifier.get_layer(PROJECTED)
    layer.set_weights([after.directions.kernel, after.directions.bias])
    set_linear(model.classifier, after.linear)
    surprise, density = _density(after.vectors, after.linear, dataset, shares)
    return dataclasses.replace(
        classified,
        logits=after.linear(after.vectors),
        temperature=after.temperature,
        left_out_accuracy=check.accuracy(TUNED),
        # Its labels are left out once. Nothing is known of how two turns disagree.
        estimate=estimate_accuracy(
            check.logits[TUNED].argmax(axis=1) == check.classes, num_turns=2
        ),
        surprise=surprise,
        density=density,
    )


def _density(vectors, linear, dataset, shares):
    """Return -log p(f) of each vector, and p(f): Gaussians of the classes told apart.

    Held-out images are to tell which values are usual: p(f) is not fitted to them.
    """
    unseen = np.union1d(dataset.held_out, dataset.outside)
    seen = np.setdiff1d(np.arange(len(vectors)), unseen)
    start = softmax(linear(vectors[seen]), axis=1)
    mixture = fit_em(vectors[seen], dataset.labels[seen], start, shares, num_rounds=1)
    density = FeatureDensity.of(mixture)
    return density.surprise(vectors, np, logsumexp), density


def _keep_usable(model, classified, path, say):
    """Save the model as it is, so that an interrupted run leaves a classifier."""
    model.fitted = dataclasses.replace(
        model.fitted,
        temperature=classified.temperature,
        density=classified.density,
    )
    save_model(model, path)
    say("From here on Ctrl-C leaves a usable classifier.")
