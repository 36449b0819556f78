"""The `README.md` of a run without labels: what was found, and what to do next."""

from shlex import quote
from typing import Any

from ssvae.config.settings import Config

# Images to label that a picture shows and that are worth the first labels.
FIRST = 20


def next_step(config: Config, metrics: dict[str, Any], name: str) -> list[str]:
    """Return what a person does next, one line each.

    Args:
        config: The run's `Config`.
        metrics: Content of its `metrics.json`.
        name: Path of the run folder.
    """
    count = min(FIRST, metrics["num_to_label"])
    lines = [
        f"Next: label the {count} images of {name}/to_label.png, and more where they "
        "show a class only once. The app does it by clicks: ssvae app"
    ]
    if metrics["has_files"]:
        lines.append(
            f"Or write their classes into the column class of {name}/to_label.csv, "
            f"and train: python -m ssvae.train --dataset {quote(config.dataset)} "
            f"--labels-csv {quote(f'{name}/to_label.csv')}"
        )
    return lines


def exploration_card(config: Config, metrics: dict[str, Any], name: str) -> str:
    """Return the `README.md` of a run without labels.

    Args:
        config: The run's `Config`.
        metrics: Content of its `metrics.json`.
        name: Path of the run folder.
    """
    steps = "\n\n".join(next_step(config, metrics, name))
    return f"""# {name}: images without labels

ssvae {metrics["versions"]["ssvae"]} compared the {metrics["num_images"]:,} images of
`{config.dataset}` by {metrics["features"]}, and found {metrics["num_clusters"]}
clusters of similar images. No label was read, so nothing is known of classes: a cluster
may hold several, and a class may lie in several clusters.

![Images to label first](to_label.png)

{steps}

![Map of the images](map.png)

Images that look alike lie together. Numbers are those of the clusters; circles are the
images to label first.

![Some images of each cluster](clusters.png)

## Files

- `to_label.csv`: the images to label, those that tell most first
- `to_label.png`: the first {FIRST} of them, in their order
- `clusters.csv`: the cluster of every image, and its place on the map
- `clusters.png`: some images of each cluster, with its number and size
- `map.png`: the map
- `features.npy`: the features of every image, float16
- `config.toml`: every setting
- `labels.json`: no label yet
- `metrics.json`: the figures
"""
