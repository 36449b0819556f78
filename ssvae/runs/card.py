"""The model card: what a run is, in words."""

# Of a model with classes, among its files.
TO_LABEL = (
    "; `to_label.csv`, where some are left, which training images would\n"
    "help most if they were labeled"
)


def model_card(config, metrics, name) -> str:
    """Return the `README.md` of a run folder.

    Args:
        config: The run's `Config`.
        metrics: What its `metrics.json` holds.
        name: Name of the run folder.
    """
    labels = f"{metrics['num_labels']:,} labeled"
    unlabeled = f"{metrics['num_unlabeled']:,} unlabeled"
    accuracy = "| test accuracy | none: this model has no classes |"
    elbo = "none: the data set has no test part"
    if metrics["test_elbo"] is not None:
        elbo = f"{metrics['test_elbo']:.1f} nats an image"
    elif config.classifier_body != "none":
        accuracy = "| test accuracy | none: the data set has no test part |"
    if metrics["test_accuracy"] is not None:
        accuracy = f"| test accuracy | {metrics['test_accuracy']:.2%} |"
    what, use, limits = _plain() if config.classifier_body == "none" else _full(config)
    to_label = "" if config.classifier_body == "none" else TO_LABEL
    return f"""# {name}

{what}, trained by
ssvae {metrics["versions"]["ssvae"]} on `{config.dataset}` with {labels} and {unlabeled}
images, recipe `{config.recipe}`, seed {config.seed}.

![Generated images](samples.png)

| measured on the test part, once, after training | |
|---|---|
{accuracy}
| test ELBO, a lower bound of log p(x) | {elbo} |
| training time | {metrics["train_seconds"]:.0f} s on {metrics["device"]}, \
{metrics["keras_backend"]} |
{_evaluation(metrics.get("evaluation", {}))}
## Use

```python
import ssvae

model = ssvae.load_model("{name}")  # the path of this folder
{use}
```

Made again by `python -m ssvae.train --config config.toml --labels-file labels.json`.

## Files

`model.keras` the model; `config.toml` every setting; `labels.json` which training
images were labeled; `history.csv` the loss terms an epoch; `metrics.json` every
figure{to_label}.

## Limits

{limits}
Its images are means of pixels, so softer than real ones.
"""


def _plain():
    """Return what a model without classes is, its use and its limits."""
    return (
        "A variational autoencoder (Kingma and Welling 2014), without classes",
        "model.log_likelihood(images)  # uint8, or floats in [0, 1]\n"
        "model.generate([0] * 10, seed=0)  # ten new images",
        "It knows images like those it was trained on; `ssvae.score` says where an\n"
        "image is too unusual.",
    )


def _full(config):
    """Return what a model with classes is, its use and its limits."""
    calibrated = (
        "Its probabilities are not calibrated."
        if config.propagation == "none"
        else "Its probabilities are calibrated, by held-out training images and the\n"
        "classes that a graph gave them."
    )
    return (
        "A semi-supervised variational autoencoder (Kingma et al. 2014, model M2)",
        "model.predict_proba(images)  # uint8, or floats in [0, 1]\n"
        "model.generate([0], seed=0)  # a new image of class 0",
        "It knows images like those it was trained on, and `predict_proba` gives one\n"
        "of its classes to anything; `ssvae.predict` says where an image is too\n"
        "unusual. "
        f"{calibrated}",
    )


# Figures of `evaluate` in the card: name, what it is, format.
EVALUATION = (
    ("calibration_error", "expected calibration error, 15 bins", "{:.2%}"),
    ("accuracy_at_coverage_99", "accuracy on the surest 99 %", "{:.2%}"),
    ("log_px", "log p(x), importance sampled", "{:.1f} nats an image"),
    ("judged_accuracy", "generated images of the class asked for", "{:.2%}"),
    ("unusual_auroc", "AUROC of the score against images of other things", "{:.4f}"),
)


def _evaluation(figures):
    """Return rows for what `evaluate` measured, and its pictures."""
    rows = [
        f"| {meaning} | {form.format(figures[name])} |\n"
        for name, meaning, form in EVALUATION
        if name in figures
    ]
    if "confusion" in figures:
        rows.append(
            "\n![Confusion matrix](confusion.png) ![Reliability](reliability.png) "
            "![Error over coverage](coverage.png)\n"
        )
    return "".join(rows)
