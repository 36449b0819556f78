"""New images of a trained model: `python -m ssvae.generate RUN`."""

import numpy as np

from ssvae.cli import arguments, console, process, sources
from ssvae.cli.parser import Parser, number, whole_number
from ssvae.data import open_dataset
from ssvae.data.files import ImageFiles
from ssvae.errors import InputError
from ssvae.files.atomic import new_file
from ssvae.files.pictures import image_grid


def analogies(model, images) -> np.ndarray:
    """Return each image's style as every class (Kingma et al. 2014, figure 1b).

    Args:
        model: An `SSVAE`.
        images: `(n, h, w)` or `(n, h, w, c)`.

    Returns:
        float32 array `(n, num_classes, h, w, c)` in [0, 1].
    """
    mean, _ = model.encode(images)
    z = np.repeat(mean, model.num_classes, axis=0)
    classes = np.tile(np.arange(model.num_classes), len(mean))
    shape = (len(mean), model.num_classes, *model.image_shape)
    return model.decode(z, classes).reshape(shape)


def interpolate(model, first, second, num_steps=9) -> np.ndarray:
    """Return images on the straight way between the codes of two images.

    Args:
        model: An `SSVAE`.
        first: Image `(h, w)` or `(h, w, c)` to start from.
        second: Image to end at.
        num_steps: Images on the way, both ends counted; 2 or more.

    Returns:
        float32 array `(num_steps, h, w, c)` in [0, 1]; the first and the last are
        reconstructions. Where the classes differ, the weight of one passes over to
        the other.
    """
    ends = np.stack([first, second])
    classes = model.predict_proba(ends).argmax(-1)
    mean, _ = model.encode(ends, classes)
    way = np.linspace([1, 0], [0, 1], num_steps, dtype=np.float32)
    one_hot = np.eye(model.num_classes, dtype=np.float32)[classes]
    return model.decode(way @ mean, way @ one_hot)


def traverse(model, class_index, dimensions, values) -> np.ndarray:
    """Return images of one class as single dimensions of z vary and the others are 0.

    Args:
        model: An `SSVAE`.
        class_index: The class.
        dimensions: int array `(d,)`, dimensions of z.
        values: Float array `(v,)`, in standard deviations of p(z).

    Returns:
        float32 array `(d, v, h, w, c)` in [0, 1].
    """
    z = np.zeros((len(dimensions), len(values), model.config.latent_dim), np.float32)
    z[np.arange(len(dimensions)), :, dimensions] = values
    images = model.decode(
        z.reshape(-1, z.shape[-1]), np.full(z.shape[0] * z.shape[1], class_index)
    )
    return images.reshape(*z.shape[:2], *model.image_shape)


def class_indices(model, names) -> np.ndarray:
    """Return the index of each class named; all of them where none is.

    Raises:
        InputError: If there is no such class.
    """
    known = list(model.class_names)
    for name in names:
        if name not in known:
            raise InputError(f"unknown class {name!r}: need {', '.join(known)}")
    return np.array([known.index(name) for name in names or known])


def active_dimensions(model, images, threshold=0.01) -> np.ndarray:
    """Return the dimensions of z that are used, the most active first.

    A dimension's activity is the variance of its mean over images (Burda et al. 2016,
    section 5).

    Args:
        model: An `SSVAE`.
        images: `(n, h, w)` or `(n, h, w, c)`, some hundreds or more.
        threshold: Variance from which a dimension counts as used.
    """
    activity = model.encode(images)[0].var(axis=0)
    order = np.argsort(-activity)
    return order[activity[order] > threshold]


def _samples(model, flags):
    """Return rows of new images, `(classes, count, h, w, c)`, and their names."""
    indices = class_indices(model, flags.classes)
    classes = np.repeat(indices, flags.count)
    images = model.generate(classes, flags.seed, flags.temperature, flags.prior)
    names = [model.class_names[index] for index in indices]
    return images.reshape(len(indices), flags.count, *model.image_shape), names


def _like(model, flags):
    """Return a row an image: the image, then its style as every class."""
    images = _read(model, flags.like)
    rows = analogies(model, images)[:, class_indices(model, flags.classes)]
    return np.concatenate([images[:, None], rows], axis=1), ()


def _between(model, flags):
    """Return one row: the first image, the way between the codes, the second image."""
    first, second = images = _read(model, flags.between)
    way = interpolate(model, first, second, flags.count)
    return np.concatenate([images[:1], way, images[1:]])[None], ()


def _traverse(model, flags):
    """Return a row a dimension of z, for the first class asked for."""
    index = class_indices(model, flags.classes)[0]
    dataset = open_dataset(model.config)
    dimensions = active_dimensions(model, dataset.images[:2000])
    values = flags.temperature * np.linspace(-2, 2, flags.count)
    names = [f"z{dimension}" for dimension in dimensions]
    return traverse(model, index, dimensions, values), names


def _read(model, places):
    """Return the images of files, all together."""
    files = ImageFiles(
        places, model.image_shape, None, resize=bool(model.config.image_size)
    )
    chunks = [images for images, _ in files]
    return np.concatenate(chunks)


def main():
    """Read the flags, generate, write a picture or arrays."""
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


def _flags():
    """Read the flags."""
    parser = Parser(
        prog="python -m ssvae.generate",
        description="Draw new images of a trained model's classes.",
    )
    arguments.add_run(parser)
    parser.add_argument(
        "--classes", nargs="+", default=[], metavar="NAME", help="classes (all)"
    )
    parser.add_argument(
        "--count",
        type=whole_number(1),
        default=10,
        metavar="N",
        help="images a row: samples of a class, steps of a way (10)",
    )
    arguments.add_seed(parser, "the noise")
    parser.add_argument(
        "--temperature",
        type=number(0),
        default=1.0,
        metavar="X",
        help="scale of the noise: below 1 plainer, above 1 stranger (1)",
    )
    parser.add_argument(
        "--prior",
        choices=("fitted", "normal"),
        default="fitted",
        help="p(z) to draw from: fitted to the codes of training images, or N(0, I)",
    )
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument(
        "--like",
        nargs="+",
        metavar="IMAGE",
        help="keep the style of these images and vary the class",
    )
    ways.add_argument(
        "--between",
        nargs=2,
        metavar=("A", "B"),
        help="go from one image to another",
    )
    ways.add_argument(
        "--traverse",
        action="store_true",
        help="walk along each dimension of z that is used, for the first class",
    )
    parser.add_argument(
        "--grid",
        metavar="FILE.png",
        help="picture to draw, a row a class or image (generated.png, without --out)",
    )
    arguments.add_output(parser, "arrays to write: .npz")
    flags = parser.parse_args()
    if not flags.out and not flags.grid:
        flags.grid = "generated.png"
    return flags


if __name__ == "__main__":
    process.run(main, "ssvae.generate")
