"""The model card, `README.md` of a run folder: what the model is, in words."""

from pathlib import Path
from typing import Any

from ssvae.config.presets import PIXELS
from ssvae.config.settings import Config
from ssvae.data import is_named
from ssvae.runs.card_figures import about_figures, figures
from ssvae.runs.unusual import sentences

# Line about files of runs that found unusual images.
UNUSUAL = """\
- `unusual.csv`: images that look like each other and like none of the classes, and
  single images that are unlike all others, the strangest first; `unusual.png` shows
  some of them
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


def model_card(
    config: Config, metrics: dict[str, Any] | None, name: str, address: str = ""
) -> str:
    """Return the `README.md` of a run folder.

    Args:
        config: The run's `Config`.
        metrics: Content of its `metrics.json`; None for a model without a run.
        name: Name of the run folder.
        address: hf://USER/NAME, where the model is published; empty for a run folder.
            What stays at home is not named then.
    """
    plain = config.classifier_body == "none"
    what, use, limits = _without_classes() if plain else _with_classes(config)
    comment = "" if address else "  # the path of this folder"
    return f"""# {name}

{what}
{_trained(config, metrics, address)}
## Use

```python
import ssvae

model = ssvae.load_model("{address or name}"){comment}
{use}
```
{_again(config, metrics, address)}
## Files

{_files(config, metrics, address)}
## Limits

{limits}
- A generated image is the mean of what the model expects, so it is softer than real
  ones.
"""


def keeps_labels(config: Config) -> bool:
    """Return whether the labels of a run are published: not those of own images."""
    return is_named(config.dataset)


def _trained(config, metrics, address):
    """Return what a model was trained on, and how good it is."""
    # Of a path only the end is told, for others have not the same folders.
    dataset = Path(config.dataset).name if address else config.dataset
    if metrics is None:
        return (
            f"It was trained on `{dataset}`, recipe `{config.recipe}`, seed "
            f"{config.seed}.\n"
        )
    return f"""\
ssvae {metrics["versions"]["ssvae"]} trained it on `{dataset}` with \
{metrics["num_labels"]:,} labeled and {metrics["num_unlabeled"]:,} unlabeled
images, recipe `{config.recipe}`, seed {config.seed}.

![Images that the model generated](samples.png)

| figure | value |
|---|---|
{figures(config, metrics)}{about_figures(metrics, published=bool(address))}"""


def _again(config, metrics, address):
    """Return how the model is trained again, if all that is needed is there."""
    if metrics is None or (address and not keeps_labels(config)):
        return ""
    return """
To train the model again, run in this folder:

```sh
python -m ssvae.train --config config.toml --labels-file labels.json
```
"""


def _files(config, metrics, address):
    """Return a line for each file beside the card."""
    with_backbone = address and "backbone" in config.features.split()
    within = f"; in it the weights of `{config.backbone}`" if with_backbone else ""
    within += ", which have a license of their own" if with_backbone else ""
    lines = f"- `model.keras`: the model{within}\n- `config.toml`: every setting\n"
    if metrics is None:
        return lines
    plain = config.classifier_body == "none"
    if not address or keeps_labels(config):
        lines += (
            "- `labels.json`: which training images were labeled, and their classes\n"
        )
    by_class = "" if plain else ", one row per class"
    lines += f"""\
- `history.csv`: the mean of every loss term, one row per epoch
- `metrics.json`: all figures
- `samples.png`: generated images{by_class}
"""
    if not address:
        lines += "" if plain else TO_LABEL
        lines += UNUSUAL if sentences(metrics) else ""
        lines += ISSUES if "num_labels_suspected" in metrics else ""
    return lines


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
