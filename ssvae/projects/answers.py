"""What a model says of every image of a project, computed once and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ssvae.data.damage import DAMAGE
from ssvae.files.atomic import replaced
from ssvae.projects.images import Images
from ssvae.projects.project import Project
from ssvae.projects.state import NONE, State
from ssvae.saving.find import MODEL_FILE

if TYPE_CHECKING:
    from ssvae.model import SSVAE

# Folder, in a project's cache, of the answers of each model.
ANSWERS_FOLDER = "answers"
# Images of a model of pixels that are answered at once: between two looks at the bar.
CHUNK = 1_000
# Probability below which an answer is not sure, as in `ssvae.predict`.
SURE = 0.9

# Told how many images are done, and of how many.
Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Answers:
    """A model's answers for the n images of a project.

    Attributes:
        class_names: Names of the model's classes.
        classes: int32 array `(n,)`, the likeliest class of each image.
        probability: float32 array `(n,)`, its calibrated probability.
    """

    class_names: tuple[str, ...]
    classes: np.ndarray
    probability: np.ndarray

    def names(self) -> np.ndarray:
        """Return the name of the class of each image, array of texts `(n,)`."""
        return np.array(self.class_names, object)[self.classes]


def kept_answers(project: Project, images: Images, run: Path) -> Answers | None:
    """Return answers that were kept; None if they must be computed.

    Args:
        project: The project.
        images: Its images.
        run: Run folder of the model.
    """
    path, mark = _place(project, images, run)
    try:
        with np.load(path) as kept:
            if str(kept["mark"]) == mark:
                names = tuple(kept["class_names"].tolist())
                return Answers(names, kept["classes"], kept["probability"])
    except (*DAMAGE, KeyError):
        pass
    return None


def answers_of(
    project: Project,
    images: Images,
    run: Path,
    model: SSVAE,
    progress: Tell | None = None,
) -> Answers:
    """Return what a model says of every image of a project.

    Args:
        project: The project.
        images: Its images.
        run: Run folder of the model.
        model: The `SSVAE` in it.
        progress: Function that is told how many images are done, and of how many.
    """
    found = kept_answers(project, images, run)
    if found is not None:
        return found
    tell = progress or (lambda done, total: None)
    probabilities = _probabilities(model, images.dataset.images, tell)
    found = Answers(
        tuple(model.class_names),
        probabilities.argmax(axis=1).astype(np.int32),
        probabilities.max(axis=1).astype(np.float32),
    )
    path, mark = _place(project, images, run)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as partial, partial.open("wb") as file:
        np.savez(file, mark=mark, **vars(found))
    return found


def answer_rows(
    answers: Answers, state: State, names: Sequence[str]
) -> dict[str, list[str] | np.ndarray]:
    """Return the columns of a table with a row for each image.

    Args:
        answers: What a model says.
        state: What people said.
        names: Names of the images.

    Returns:
        `file`; `class`, what the model takes it for, with its `probability` and whether
        that is `sure`; and `label`, what people said, empty if nothing.
    """
    known = {one.id: one.name for one in state.classes} | {NONE: "none of these"}
    return {
        "file": list(names),
        "class": answers.names().tolist(),
        "probability": answers.probability.round(4),
        "sure": np.where(answers.probability < SURE, "no", "yes").tolist(),
        "label": [known.get(state.labels.get(name, ""), "") for name in names],
    }


def _place(project, images, run):
    """Return the file that keeps the answers of a run, and what it must say."""
    changed = (run / MODEL_FILE).stat().st_mtime_ns
    path = project.cache / ANSWERS_FOLDER / f"{run.parent.parent.name}-{run.name}.npz"
    return path, f"{run.absolute()} {changed} {len(images)} {images.dataset.name}"


def _probabilities(model, images, tell):
    """Return the probabilities of all classes, float32 `(n, num_classes)`."""
    if model.has_features:
        return model.predict_proba(images, logits=_logits(model, images, tell))
    parts = []
    for start in range(0, len(images), CHUNK):
        parts.append(model.predict_proba(images[start : start + CHUNK]))
        tell(min(start + CHUNK, len(images)), len(images))
    return np.concatenate(parts)


def _logits(model, images, tell):
    """Return the logits of a model of features, from features that training kept."""
    # Here, because projects are opened without Keras.
    import keras

    from ssvae.features.cache import KEPT_DTYPE, KeptFeatures
    from ssvae.features.extractor import extract
    from ssvae.vae.feature_classifier import EXTRACTOR, PROJECTED

    extractor = model.classifier.get_layer(EXTRACTOR)
    kept = KeptFeatures(images, extractor, (KEPT_DTYPE,))
    features = kept.or_made(lambda: extract(extractor, images, None, tell, KEPT_DTYPE))
    middle = model.classifier.get_layer(PROJECTED).input
    rest = keras.Model(middle, model.classifier.output)
    parts = [
        keras.ops.convert_to_numpy(rest(features[start : start + CHUNK]))
        for start in range(0, len(features), CHUNK)
    ]
    return np.concatenate(parts)
