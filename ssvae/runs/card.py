"""The model card, `README.md` of a run folder: what the model is, in words."""

from typing import Any

from ssvae.config.presets import PIXELS
from ssvae.config.settings import Config
from ssvae.runs.expected import expected
from ssvae.runs.shares import sentence, table
from ssvae.runs.unusual import sentences

# Figures of `ssvae.evaluate` in the card: name, what it means, format.
EVALUATION = (
    (
        "accuracy_at_coverage_99",
        "test accuracy without the 1% least certain predictions",
        "{:.2%}",
    ),
    (
        "calibration_error",
        "calibration error, the mean gap between probability and accuracy (15 bins)",
        "{:.2%}",
    ),
    (
        "log_px",
        "log p(x), estimated by importance sampling",
        "{:.1f} nats per image",
    ),
    (
        "judged_accuracy",
        "generated images that another classifier takes for the class asked for",
        "{:.2%}",
    ),
    (
        "unusual_auroc",
        "AUROC of the score, telling test images from those of `{unusual}`",
        "{:.4f}",
    ),
)

# Line about files of runs that found images of no class.
UNUSUAL = """\
- `unusual.csv`: images that look like each other and like none of the classes, the
  strangest first; `unusual.png` shows some of them
"""
# Line about a file that only models have whose labels were looked at.
ISSUES = """\
- `label_issues.csv`: how likely each label is wrong, and whether it was learned from
"""
# Line about a file that only models with classes have.
TO_LABEL = """\
- `to_label.csv`, if unlabeled images are left: which of them would help most if they
  were labeled
"""


def model_card(config: Config, metrics: dict[str, Any], name: str) -> str:
    """Return the `README.md` of a run folder.

    Args:
        config: The run's `Config`.
        metrics: Content of its `metrics.json`.
        name: Name of the run folder.
    """
    plain = config.classifier_body == "none"
    what, use, limits = _without_classes() if plain else _with_classes(config)
    return f"""# {name}

{what}
ssvae {metrics["versions"]["ssvae"]} trained it on `{config.dataset}` with \
{metrics["num_labels"]:,} labeled and {metrics["num_unlabeled"]:,} unlabeled
images, recipe `{config.recipe}`, seed {config.seed}.

![Images that the model generated](samples.png)

| figure | value |
|---|---|
{_figures(config, metrics)}{_about_figures(metrics)}
## Use

```python
import ssvae

model = ssvae.load_model("{name}")  # the path of this folder
{use}
```

To train the model again, run in this folder:

```sh
python -m ssvae.train --config config.toml --labels-file labels.json
```

## Files

- `model.keras`: the model
- `config.toml`: every setting
- `labels.json`: which training images were labeled, and their classes
- `history.csv`: the mean of every loss term, one row per epoch
- `metrics.json`: all figures
- `samples.png`: generated images\
{"" if plain else ", one row per class"}
{"" if plain else TO_LABEL}{UNUSUAL if sentences(metrics) else ""}\
{ISSUES if "num_labels_suspected" in metrics else ""}
## Limits

{limits}
- A generated image is the mean of what the model expects, so it is softer than real
  ones.
"""


def _without_classes():
    """Return what a model without classes is, its use and its limits."""
    return (
        "A variational autoencoder (Kingma and Welling 2014): a generator of images,\n"
        "without classes.",
        "model.log_likelihood(images)  # images: uint8, or floats in [0, 1]\n"
        "model.generate([0] * 10, seed=0)  # ten new images",
        "- The model knows images like its training images. `ssvae.score` finds\n"
        "  images that are too unusual for it.",
    )


def _with_classes(config):
    """Return what a model with classes is, its use and its limits."""
    if config.features != PIXELS:
        calibrated = (
            "- Its probabilities are calibrated on labels that were left out in turn,\n"
            "  and not calibrated if a class had a single label."
        )
    elif config.propagation == "none":
        calibrated = "- Its probabilities are not calibrated."
    else:
        calibrated = (
            "- Its probabilities are calibrated on images held out of training. The\n"
            "  classes of these images were not given but guessed, by a graph of "
            "similar\n  images."
        )
    return (
        "A semi-supervised variational autoencoder (Kingma et al. 2014, model M2): a\n"
        "classifier and a generator of images in one.",
        "model.predict_proba(images)  # images: uint8, or floats in [0, 1]\n"
        "model.generate([0], seed=0)  # a new image of class 0",
        "- The model knows images like its training images. `predict_proba` gives\n"
        "  one of its classes to any image; `ssvae.predict` marks images that are too\n"
        "  unusual.\n"
        f"{calibrated}",
    )


def _figures(config, metrics):
    """Return the rows of the table of figures."""
    accuracy, elbo = metrics["test_accuracy"], metrics["test_elbo"]
    no_test_part = "none: the data set has no test part"
    no_labels = "none: no image of the test part has a label"
    rows = {"test accuracy": no_test_part if elbo is None else no_labels}
    if config.classifier_body == "none":
        rows = {"test accuracy": "none: this model has no classes"}
    elif accuracy is not None:
        rows = {"test accuracy": f"{accuracy:.2%}"}
    if metrics.get("left_out_accuracy") is not None:
        left_out = f"{metrics['left_out_accuracy']:.2%}"
        rows["labels predicted right while they were left out"] = left_out
    binary = ", pixels made black or white" if config.pixels == "binary" else ""
    bound = f"test ELBO, a lower bound of log p(x){binary}"
    rows[bound] = no_test_part if elbo is None else f"{elbo:.1f} nats per image"
    evaluation = metrics.get("evaluation", {})
    for name, meaning, form in EVALUATION:
        if name in evaluation:
            value = form.format(evaluation[name])
            rows[meaning.format(unusual=evaluation.get("unusual"))] = value
    where = f"on {metrics['device']}, with {metrics['keras_backend']}"
    rows["training time"] = f"{metrics['train_seconds']:.0f} s {where}"
    return "".join(f"| {meaning} | {value} |\n" for meaning, value in rows.items())


def _about_labels(metrics):
    """Return how many labels may be wrong, if any."""
    suspected = metrics.get("num_labels_suspected")
    if not suspected:
        return ""
    return (
        f"\nLabels that may be wrong, by what the others say: {suspected:,}. Not "
        f"learned from: {metrics['num_labels_distrusted']:,}.\n"
    )


def _about_figures(metrics):
    """Return where the figures come from, and the pictures of `ssvae.evaluate`."""
    about = f"\n{told}\n" if (told := expected(metrics)) else ""
    about += f"\n{told}\n" if (told := sentence(metrics)) else ""
    about += _about_labels(metrics)
    if found := sentences(metrics):
        lines = "".join(f"- {line}\n" for line in found)
        about += f"\n{lines}\n![Some of them](unusual.png)\n"
    about += f"\n{rows}" if (rows := table(metrics)) else ""
    if metrics["test_elbo"] is not None:
        about += (
            "\nTest images were used only after training, to measure these figures.\n"
        )
    if "confusion" in metrics.get("evaluation", {}):
        about += (
            "\n![Confusion matrix](confusion.png) ![Reliability](reliability.png) "
            "![Error over coverage](coverage.png)\n"
        )
    return about
