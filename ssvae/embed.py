"""Latent codes of images: `python -m ssvae.embed RUN`."""

import time

import numpy as np

from ssvae.cli import arguments, console, process, sources
from ssvae.cli.parser import Parser
from ssvae.evaluation.codes import MAP_POINTS, Codes, embed, map_codes
from ssvae.files.atomic import new_file
from ssvae.files.tables import Table


def main() -> None:
    """Read the flags, embed images, write their codes, draw the map."""
    parser = Parser(
        command="embed",
        description="Write the latent codes of images as a table, one row per image: "
        "its name, the mean and log-variance of its code z, and the probability of "
        "each class.",
    )
    arguments.add_run(parser)
    arguments.add_images(parser)
    meaning = "table to write: .parquet, .npz or .csv"
    arguments.add_output(parser, meaning, "codes.parquet")
    parser.add_argument(
        "--map",
        metavar="FILE.png",
        help="also draw a map: one point per image, similar images close together",
    )
    parser.add_argument(
        "--method",
        choices=("pca", "tsne"),
        default="tsne",
        help="how to make the map: tsne, or pca, quicker and less telling (tsne)",
    )
    arguments.add_seed(parser, "the map")
    flags = parser.parse_args()
    model = sources.open_model(flags.run)
    images = sources.open_images(flags, model)
    # The map shows every stride-th image, at most MAP_POINTS.
    stride = -(-max(1, images.count()) // MAP_POINTS)
    shown, count = [], 0
    began = time.perf_counter()
    kinds = (".parquet", ".npz", ".csv")
    with new_file(flags.out, kinds, flags.overwrite) as path, Table(path) as table:
        for rows, names in console.with_progress(images, "embedding"):
            codes = embed(model, rows)
            table.write({"image": names, **codes._asdict()})
            shown.append(Codes(*(part[-count % stride :: stride] for part in codes)))
            count += len(names)
    cost = console.cost(count, began)
    if flags.map:
        from ssvae.evaluation.plots import class_map

        codes = Codes(*map(np.concatenate, zip(*shown, strict=True)))
        points = map_codes(codes, flags.method, flags.seed)
        classes = codes.probabilities.argmax(axis=1)
        with new_file(flags.map, (".png",), flags.overwrite) as path:
            class_map(points, classes, model.class_names).savefig(path)
    console.report(
        flags,
        {
            "images": count,
            "skipped": len(images.skipped),
            **cost,
            "out": flags.out,
        },
    )


if __name__ == "__main__":
    process.run(main, "ssvae.embed")
