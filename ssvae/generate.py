"""New images of a trained model: `python -m ssvae.generate RUN`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ssvae.cli import arguments, console, process, sources
from ssvae.cli.parser import Parser, number, whole_number
from ssvae.data.reading.files import ImageFiles
from ssvae.errors import InputError
from ssvae.evaluation.codes import in_use
from ssvae.files.atomic import new_file
from ssvae.files.pictures import image_grid
from ssvae.types import ArrayLike

if TYPE_CHECKING:
    from ssvae.model import SSVAE

# Images that tell which latent variables are in use; with a backbone each takes longer.
MANY_IMAGES, FEW_IMAGES = 2_000, 500


def analogies(model: SSVAE, images: ArrayLike) -> np.ndarray:
    """Return every class in the style of each image (Kingma et al. 2014, figure 1b).

    Args:
        model: An `SSVAE`.
        images: `(n, h, w)` or `(n, h, w, c)`.

    Returns:
        float32 array `(n, num_classes, h, w, c)` in [0, 1].
    """
    mean, _ = model.encode(images)
    z = np.repeat(mean, model.num_classes, axis=0)
    classes = np.tile(np.arange(model.num_classes), len(mean))
    shape = (len(mean), model.num_classes, *model.pixel_shape)
    return model.decode(z, classes).reshape(shape)


def interpolate(
    model: SSVAE, first: np.ndarray, second: np.ndarray, num_steps: int = 9
) -> np.ndarray:
    """Return images on the straight line between the latent codes of two images.

    Args:
        model: An `SSVAE`.
        first: Image `(h, w)` or `(h, w, c)` to start from.
        second: Image to end at.
        num_steps: Number of images, including both ends; 2 or more.

    Returns:
        float32 array `(num_steps, h, w, c)` in [0, 1]; the first and the last are
        reconstructions. If the classes differ, the weight of the first class falls from
        1 to 0 and that of the second rises from 0 to 1.
    """
    ends = np.stack([first, second])
    classes = model.predict_proba(ends).argmax(-1)
    mean, _ = model.encode(ends, classes)
    way = np.linspace([1, 0], [0, 1], num_steps, dtype=np.float32)
    one_hot = np.eye(model.num_classes, dtype=np.float32)[classes]
    return model.decode(way @ mean, way @ one_hot)


def traverse(
    model: SSVAE, class_index: int | str, dimensions: ArrayLike, values: ArrayLike
) -> np.ndarray:
    """Return images of one class while one dimension of z varies and the rest are 0.

    Args:
        model: An `SSVAE`.
        class_index: Number or name of the class.
        dimensions: int array `(d,)`, the dimensions of z to vary, one per row.
        values: Float array `(v,)`, values of that dimension, in standard deviations of
            p(z).

    Returns:
        float32 array `(d, v, h, w, c)` in [0, 1].
    """
    z = np.zeros((len(dimensions), len(values), model.config.latent_dim), np.float32)
    z[np.arange(len(dimensions)), :, dimensions] = values
    images = model.decode(
        z.reshape(-1, z.shape[-1]), np.full(z.shape[0] * z.shape[1], class_index)
    )
    return images.reshape(*z.shape[:2], *model.pixel_shape)


def class_indices(model: SSVAE, names: Sequence[str]) -> np.ndarray:
    """Return the index of each named class; of every class if `names` is empty.

    Raises:
        InputError: If the model has no class of a name.
    """
    known = list(model.class_names)
    for name in names:
        if name not in known:
            raise InputError(f"unknown class {name!r}: need {', '.join(known)}")
    return np.array([known.index(name) for name in names or known])


def active_dimensions(
    model: SSVAE, images: ArrayLike, threshold: float = 0.01
) -> np.ndarray:
    """Return the dimensions of z that the model uses, the most active first.

    The activity of a dimension is the variance over images of its mean under q(z|x,y)
    (Burda et al. 2016, section 5).

    Args:
        model: An `SSVAE`.
        images: `(n, h, w)` or `(n, h, w, c)`, some hundreds or more.
        threshold: Activity above which a dimension counts as used.

    Returns:
        int array `(d,)`.
    """
    return in_use(model.encode(images)[0], threshold)


def _samples(model, flags):
    """Return rows of new images, `(classes, count, h, w, c)`, and their names."""
    indices = class_indices(model, flags.classes)
    classes = np.repeat(indices, flags.count)
    images = model.generate(
        classes, flags.seed, flags.temperature, flags.prior, flags.texture
    )
    names = [model.class_names[index] for index in indices]
    return images.reshape(len(indices), flags.count, *model.pixel_shape), names


def _like(model, flags):
    """Return one row per image: the image, then every class in its style."""
    images = _read(model, flags.like)
    rows = analogies(model, images)[:, class_indices(model, flags.classes)]
    return np.concatenate([model.as_drawn(images)[:, None], rows], axis=1), ()


def _between(model, flags):
    """Return one row: the first image, the images between, the second image."""
    first, second = images = _read(model, flags.between)
    way = interpolate(model, first, second, flags.count)
    images = model.as_drawn(images)
    return np.concatenate([images[:1], way, images[1:]])[None], ()


def _traverse(model, flags):
    """Return one row per active dimension of z, for the first class asked for."""
    index = class_indices(model, flags.classes)[0]
    dataset = sources.open_own_dataset(model, flags.run)
    count = FEW_IMAGES if model.has_features else MANY_IMAGES
    dimensions = active_dimensions(model, dataset.images[:count])
    if not len(dimensions):
        raise InputError(
            "the model uses none of its latent variables, so there is nothing to vary: "
            "train it for more epochs"
        )
    values = flags.temperature * np.linspace(-2, 2, flags.count)
    names = [f"z{dimension}" for dimension in dimensions]
    return traverse(model, index, dimensions, values), names


def _read(model, places):
    """Return the images of all files in one array."""
    files = ImageFiles(places, sources.brought(model), None)
    chunks = [images for images, _ in files]
    return np.concatenate(chunks)


def main() -> None:
    """Read the flags, generate images, write a picture or arrays."""
    flags = _flags()
    model = sources.open_model(flags.run)
    if flags.like:
        rows, names = _like(model, flags)
    elif flags.between:
        rows, names = _between(model, flags)
    elif flags.traverse:
        rows, names = _traverse(model, flags)
    else:
        rows, names = _samples(model, flags)
    summary = {"images": rows.shape[0] * rows.shape[1]}
    if flags.grid:
        with new_file(flags.grid, (".png",), flags.overwrite) as path:
            image_grid(rows, names).save(path)
        summary["grid"] = flags.grid
    if flags.out:
        with new_file(flags.out, (".npz",), flags.overwrite) as path:
            np.savez_compressed(path, images=np.round(255 * rows).astype(np.uint8))
        summary["out"] = flags.out
    console.report(flags, summary)


def _flags() -> argparse.Namespace:
    """Read the flags."""
    parser = Parser(
        command="generate",
        description="Draw new images of a trained model's classes.",
    )
    arguments.add_run(parser)
    parser.add_argument(
        "--classes",
        nargs="+",
        default=[],
        metavar="NAME",
        help="classes to draw (all)",
    )
    parser.add_argument(
        "--count",
        type=whole_number(1),
        default=10,
        metavar="N",
        help="images per row: samples of a class, or steps of --between and "
        "--traverse (10)",
    )
    arguments.add_seed(parser, "the noise")
    parser.add_argument(
        "--temperature",
        type=number(0),
        default=1.0,
        metavar="X",
        help="scale of the noise: below 1 images are plainer, above 1 stranger (1)",
    )
    parser.add_argument(
        "--prior",
        choices=("fitted", "normal"),
        default="fitted",
        help="distribution of the latent codes to draw from: fitted to those of "
        "training images, or normal, N(0, I) (fitted)",
    )
    parser.add_argument(
        "--texture",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="add the texture of the class, noise like what the decoder leaves of "
        "training images, if the model has one (yes)",
    )
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument(
        "--like",
        nargs="+",
        metavar="IMAGE",
        help="draw every class in the style of each of these images",
    )
    ways.add_argument(
        "--between",
        nargs=2,
        metavar=("A", "B"),
        help="draw the images between two images",
    )
    ways.add_argument(
        "--traverse",
        action="store_true",
        help="vary each dimension of the latent code that the model uses, for the "
        "first class",
    )
    parser.add_argument(
        "--grid",
        metavar="FILE.png",
        help="picture to draw, one row per class, image or dimension (generated.png "
        "without --out)",
    )
    arguments.add_output(parser, "arrays to write: .npz")
    flags = parser.parse_args()
    if not flags.out and not flags.grid:
        flags.grid = "generated.png"
    return flags


if __name__ == "__main__":
    process.run(main, "ssvae.generate")
