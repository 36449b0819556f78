"""The figures in a model card: what they mean, where they come from."""

from typing import Any

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


def figures(config: Config, metrics: dict[str, Any]) -> str:
    """Return the rows of the table of figures.

    Args:
        config: The run's `Config`.
        metrics: Content of its `metrics.json`.
    """
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


def about_figures(metrics: dict[str, Any], published: bool = False) -> str:
    """Return where the figures come from, and the pictures of `ssvae.evaluate`.

    Args:
        metrics: Content of `metrics.json`.
        published: Whether pictures of the user's own images are left out.
    """
    about = f"\n{told}\n" if (told := expected(metrics)) else ""
    about += f"\n{told}\n" if (told := sentence(metrics)) else ""
    about += _about_labels(metrics)
    if found := sentences(metrics):
        lines = "".join(f"- {line}\n" for line in found)
        about += f"\n{lines}"
        about += "" if published else "\n![Some of them](unusual.png)\n"
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
