"""Which images are unusual: `python -m ssvae.score RUN`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ssvae.cli import arguments, console, process, sources
from ssvae.cli.parser import Parser
from ssvae.evaluation.unusual import Usual
from ssvae.files.atomic import new_file
from ssvae.files.pictures import image_grid
from ssvae.files.tables import Table
from ssvae.types import ArrayLike

if TYPE_CHECKING:
    from ssvae.model import SSVAE

# Images per row of the picture.
SHOWN = 12


def score(model: SSVAE, images: ArrayLike) -> np.ndarray:
    """Return how unusual each image is; see `SSVAE.score`.

    Args:
        model: An `SSVAE`.
        images: `(n, h, w)` or `(n, h, w, c)`.

    Returns:
        float64 array `(n,)`, higher for more unusual images. Usual images seldom exceed
        `model.fitted.threshold(false_alarms)`.
    """
    return model.score(images)


def extremes(
    scores: np.ndarray, images: np.ndarray, count: int = SHOWN
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the images with the highest and with the lowest scores.

    Args:
        scores: Float array `(n,)`.
        images: Array `(n, ...)`.
        count: How many of each.

    Returns:
        Two pairs of scores and images: first the highest scores in falling order, then
        the lowest in rising order.
    """
    order = np.argsort(scores, kind="stable")
    return [
        (scores[part], images[part]) for part in (order[::-1][:count], order[:count])
    ]


def main() -> None:
    """Read the flags, score images, write a ranked table and a picture."""
    parser = Parser(
        command="score",
        description="Write a table that says how unusual images are, one row per "
        "image, the most unusual first. An image is called unusual if its score is "
        "higher than those of nearly all images like the model's training images, or "
        "if next to nothing is on it, or lines that none of those images has.",
    )
    arguments.add_run(parser)
    arguments.add_images(parser)
    meaning = "table to write: .csv, .parquet or .npz"
    arguments.add_output(parser, meaning, "scores.csv")
    parser.add_argument(
        "--picture",
        metavar="FILE.png",
        help="also draw the most and the least unusual images, with their "
        "reconstructions",
    )
    arguments.add_false_alarms(parser)
    flags = parser.parse_args()
    model = sources.open_model(flags.run)
    images = sources.open_images(flags, model)
    threshold = model.fitted.threshold(flags.false_alarms)
    usual = Usual.of(model, flags.run)
    chunks, names, shown = [], [], None
    odd: list[bool] = []
    for rows, places in console.with_progress(images, "scoring"):
        chunk = score(model, rows)
        chunks.append(chunk)
        lacks = [images.lacks.get(place, "") for place in places]
        odd += map(bool, usual.oddities(model, rows, lacks))
        names += places
        shown = _merge(shown, extremes(chunk, rows))
    scores = np.concatenate(chunks)
    unusual = (scores > threshold) | np.array(odd)
    order = np.argsort(-scores, kind="stable")
    kinds = (".csv", ".parquet", ".npz")
    with new_file(flags.out, kinds, flags.overwrite) as path, Table(path) as table:
        table.write(
            {
                "image": [names[row] for row in order],
                "score": scores[order],
                "unusual": unusual[order],
            }
        )
    if flags.picture:
        with new_file(flags.picture, (".png",), flags.overwrite) as path:
            _picture(model, shown).save(path)
    console.report(
        flags,
        {
            "images": len(scores),
            "unusual": int(unusual.sum()),
            "threshold": threshold,
            "skipped": len(images.skipped),
            "out": flags.out,
        },
    )


def _merge(first, second):
    """Return the extremes of two parts together; `first` may be None."""
    if first is None:
        return second
    (high, low), (more_high, more_low) = first, second
    scores, images = zip(high, more_high, strict=True)
    highest = extremes(np.concatenate(scores), np.concatenate(images))[0]
    scores, images = zip(low, more_low, strict=True)
    return highest, extremes(np.concatenate(scores), np.concatenate(images))[1]


def _picture(model, shown):
    """Draw the most and the least unusual images above their reconstructions."""
    rows = []
    for _, images in shown:
        rows += [model.as_drawn(images), model.reconstruct(images)]
    names = ("most unusual", "reconstructed", "least unusual", "reconstructed")
    return image_grid(np.stack(rows), names)


if __name__ == "__main__":
    process.run(main, "ssvae.score")
