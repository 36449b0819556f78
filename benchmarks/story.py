"""The table of `story.json`, which `python tests/browser/story.py FOLDER` writes."""

from typing import Any

# Keys of the seconds, and what is done by then.
STAGES = {
    "the folder is open": "the folder is a project",
    "labeling is over": "all decisions of labeling are made",
    "the model is trained": "a model is trained",
    "photographs are classified": "photographs that it never saw are classified",
    "another program has used it": "another program has used the exported model",
}


def table(figures: dict[str, Any]) -> str:
    """Return the figures as a Markdown table."""
    done = {
        "the folder is open": f"{figures['images']:,} images, no label",
        "labeling is over": _labeling(figures["points"][-1]),
        "the model is trained": "estimated accuracy on the page "
        f"{figures['estimate_on_the_page']:.0%}",
        "photographs are classified": f"{figures['accuracy_on_photographs']:.1%} of "
        f"{figures['photographs']} are right",
        "another program has used it": f"{figures['accuracy_of_the_export']:.0%} of "
        "ten are right",
    }
    rows = [
        f"| {words} | {figures['seconds'][stage] / 60:.1f} | {done[stage]} |"
        for stage, words in STAGES.items()
    ]
    return "\n".join(["| done | minutes | |", "|---|---:|---|", *rows])


def _labeling(point):
    return (
        f"{point['decisions']} decisions, {point['labels']:,} labels, "
        f"{point['wrong_labels']} of them wrong; {point['project_accuracy']:.1%} of "
        "the images have the right label or guess"
    )
