"""The header of a published model card: YAML that the Hugging Face hub reads."""

import re
from pathlib import Path
from typing import Any

from ssvae.config.presets import PIXELS
from ssvae.config.settings import Config
from ssvae.saving.hub import client

# Data sets on the hub that hold the images of a named one.
ON_HUB = {"mnist": "ylecun/mnist", "fashion-mnist": "zalando-datasets/fashion_mnist"}
# Tasks, by the hub's names.
CLASSIFIES, GENERATES = "image-classification", "unconditional-image-generation"
TAGS = ("keras", "semi-supervised-learning", "few-labels", "variational-autoencoder")


def card_header(
    config: Config,
    metrics: dict[str, Any] | None,
    name: str,
    license: str | None = None,
) -> str:
    """Return the YAML header of a card: task, library, data set, figures, license.

    Args:
        config: The run's `Config`.
        metrics: Content of its `metrics.json`; None for a model without a run.
        name: Name of the model.
        license: Name of the license by the hub's list, such as `mit`; None names none.

    Raises:
        InputError: If `huggingface_hub` is not installed.
    """
    hub = client()
    plain = config.classifier_body == "none"
    known = ON_HUB.get(config.dataset)
    results = _results(config, metrics or {}, hub.EvalResult)
    data = hub.ModelCardData(
        license=license,
        library_name="ssvae",
        pipeline_tag=GENERATES if plain else CLASSIFIES,
        tags=[*TAGS, *(() if config.features == PIXELS else ("transfer-learning",))],
        datasets=[known] if known else None,
        metrics=["accuracy"] if results else None,
        model_name=name if results else None,
        eval_results=results or None,
    )
    return f"---\n{data.to_yaml()}\n---\n\n"


def _results(config, metrics, result):
    """Return the accuracy of a run: on its test part, or else the estimated one."""
    measured, estimated = (
        metrics.get(key) for key in ("test_accuracy", "estimated_accuracy")
    )
    if measured is None and estimated is None:
        return []
    what = "accuracy, estimated from labels that were left out"
    dataset = config.dataset.removeprefix("tfds:")
    # Of a path only the end is told, for others have not the same folders.
    own = Path(dataset).name
    return [
        result(
            task_type=CLASSIFIES,
            task_name="Image classification",
            dataset_type=ON_HUB.get(dataset) or re.sub(r"[^\w.-]+", "-", own),
            dataset_name=own,
            dataset_split="train" if measured is None else "test",
            metric_type="accuracy",
            metric_name=what if measured is None else "test accuracy",
            metric_value=estimated if measured is None else measured,
        )
    ]
