"""What a data set holds, before it is trained on: `python -m ssvae.data PATH`."""

import json

import numpy as np
from PIL import Image

from ssvae.cli import arguments, console, process
from ssvae.cli.parser import Parser
from ssvae.cli.settings import add_settings, stated_settings
from ssvae.config.settings import Config
from ssvae.config.suggest import in_words
from ssvae.data import FILE_SETTINGS, UNLABELED, Dataset, is_named, open_dataset
from ssvae.data.images import as_floats
from ssvae.data.report import check, report, warnings
from ssvae.data.report_text import as_text, wrapped
from ssvae.data.suited import suited_config
from ssvae.files.atomic import new_file
from ssvae.files.pictures import image_grid

# Contact sheet: images per row, and most rows.
COLUMNS, MAX_ROWS = 12, 50


def contact_sheet(dataset: Dataset, seed: int = 0) -> Image.Image:
    """Draw one row of images per class, and one of unlabeled images at the end.

    Args:
        dataset: `Dataset`.
        seed: Seed of the choice of images.

    Returns:
        A Pillow picture.
    """
    rng = np.random.default_rng(seed)
    classes = dict(enumerate(dataset.class_names[: MAX_ROWS - 1]))
    rows, names = [], []
    for index, name in {**classes, UNLABELED: "unlabeled"}.items():
        chosen = rng.permutation(np.flatnonzero(dataset.labels == index))[:COLUMNS]
        if len(chosen):
            row = np.ones((COLUMNS, *dataset.image_shape), np.float32)
            row[: len(chosen)] = as_floats(dataset.images[chosen])
            rows.append(row)
            names.append(name)
    zoom = max(1, 56 // dataset.image_shape[0])
    return image_grid(np.array(rows), names, zoom)


def main() -> None:
    """Read the flags, print the report, draw the contact sheet."""
    flags = _flags()
    config = Config(**stated_settings(flags))
    dataset = open_dataset(config, flags.download, console.say)
    counts = report(dataset)
    if flags.json:
        print(json.dumps({**counts, "warnings": warnings(counts)}))
    else:
        print(as_text(counts, warnings(counts)))
        if not is_named(dataset.name) and dataset.num_classes > 1:
            print("\nIf ssvae.train is told nothing but the data set:")
            print("\n".join(wrapped(_suggestion(dataset))))
    if flags.sheet:
        with new_file(flags.sheet, (".png",), flags.overwrite) as path:
            contact_sheet(dataset).save(path)
    check(counts)


def _suggestion(dataset):
    """Return what training would do with a data set, in words, one line each."""
    count, shape = len(dataset.images), dataset.image_shape
    return in_words(suited_config(dataset), shape, count)


def _flags():
    """Return the flags."""
    parser = Parser(
        command="data",
        description="Say what a data set holds, and what to look into before training.",
    )
    parser.add_argument(
        "dataset", metavar="DATASET", help="data set, as --dataset of ssvae.train"
    )
    names = "data_dir", "image_size", "test_fraction", "groups", *FILE_SETTINGS
    add_settings(parser, *names)
    arguments.add_download(parser)
    parser.add_argument(
        "--sheet",
        metavar="FILE.png",
        help="draw a picture with some images of every class",
    )
    arguments.add_overwrite(parser, "the picture if it exists")
    arguments.add_json(parser, "print the report as JSON, for programs")
    return parser.parse_args()


if __name__ == "__main__":
    process.run(main, "ssvae.data")
