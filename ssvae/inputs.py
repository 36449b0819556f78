"""What the commands share that use a trained model: its flags, and the images."""

import argparse
import json
import sys
import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from ssvae import command
from ssvae.data import is_resized, load_dataset, open_dataset
from ssvae.data.files import CHUNK_IMAGES, ImageFiles, shard_rows
from ssvae.errors import InputError
from ssvae.machine import peak_memory
from ssvae.saving import describe, find_model, load_model


def add_run(parser):
    """Add the argument that names the model."""
    parser.add_argument(
        "run",
        metavar="RUN",
        help="run folder, .keras file, or name of a shipped model",
    )


def add_images(parser):
    """Add the arguments that name images."""
    parser.add_argument(
        "images",
        nargs="*",
        metavar="IMAGES",
        help="image files, .npy or .npz files, folders of these; - to read their names "
        "from standard input, a line each; the run's data set where none is given",
    )
    parser.add_argument("--dataset", help="data set in place of the run's")
    parser.add_argument(
        "--part",
        choices=("test", "train"),
        default="test",
        help="part of the data set (test)",
    )
    parser.add_argument(
        "--data-dir", metavar="DIR", default="", help="folder of the data set"
    )
    parser.add_argument(
        "--shard",
        type=_shard,
        default=(1, 1),
        metavar="I/N",
        help="the images of part I of N alone, for work shared out among N programs; "
        "python -m ssvae.merge joins what they write",
    )
    parser.add_argument(
        "--skip-broken",
        action="store_true",
        help="go on without the files that cannot be used, and name them",
    )


def _shard(text):
    """Return number and count of `I/N`."""
    number, _, count = text.partition("/")
    if not (
        number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)
    ):
        raise argparse.ArgumentTypeError(
            f"got {text!r}, need I/N, like 1/4 for the first of four parts"
        )
    return int(number), int(count)


def add_output(parser, default, kinds):
    """Add the arguments that say where results go."""
    parser.add_argument(
        "--out",
        default=default,
        metavar="FILE",
        help=f"{kinds} ({default})" if default else kinds,
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace files that exist"
    )
    parser.add_argument(
        "--json", action="store_true", help="print the summary as JSON, for programs"
    )


def add_false_alarms(parser):
    """Add the argument that sets the threshold of what is unusual."""
    parser.add_argument(
        "--false-alarms",
        type=command.number(0, 1),
        default=0.01,
        metavar="F",
        help="fraction of usual images that may be called unusual (0.01)",
    )


def cost(count, began) -> dict:
    """Return what the work on so many images took, for a summary.

    Args:
        count: Images.
        began: What `time.perf_counter()` was before.
    """
    seconds = time.perf_counter() - began
    figures = {"images_per_second": round(count / seconds)}
    memory = peak_memory()
    return (
        figures if memory is None else {**figures, "peak_memory_gib": round(memory, 2)}
    )


def report(flags, summary):
    """Print a command's summary, a dict of names and values, on standard output.

    What kind of model was found comes first.
    """
    summary = {"model": describe(flags.run), **summary}
    if flags.json:
        print(json.dumps(summary))
        return
    for name, value in summary.items():
        print(f"{name.replace('_', ' ')}: {value}")


def open_model(path):
    """Start Keras and load the model at `path`; see `load_model`."""
    # What is not there is said before Keras starts.
    find_model(path)
    command.start_keras()
    return load_model(path)


def open_dataset_of(flags, model):
    """Return the data set that `--dataset` names, or the one a model is of.

    Raises:
        InputError: If there is none, or its images are not of the model's shape.
    """
    if flags.dataset:
        skip_broken = getattr(flags, "skip_broken", False)
        return open_other(flags.dataset, model, flags.data_dir, skip_broken)
    config = model.config
    config = config.replace(data_dir=flags.data_dir or config.data_dir)
    return _of_its_shape(model, open_dataset(config))


def open_other(name, model, data_dir="", skip_broken=False):
    """Return another data set than the one a model is of; see `open_dataset_of`."""
    size = model.config.image_size if is_resized(name) else 0
    dataset = load_dataset(name, data_dir, image_size=size, skip_broken=skip_broken)
    return _of_its_shape(model, dataset)


def _of_its_shape(model, dataset):
    """Return a data set whose images are of a model's shape."""
    if dataset.image_shape != model.image_shape:
        theirs, ours = (
            "x".join(map(str, shape))
            for shape in (dataset.image_shape, model.image_shape)
        )
        raise InputError(
            f"{dataset.name!r} has images of {theirs}, the model is of {ours}: need "
            "the same height, width and channels"
        )
    return dataset


def open_images(flags, model):
    """Return the images that the flags of `add_images` name.

    Args:
        flags: The parsed arguments.
        model: The `SSVAE` they are for.

    Returns:
        An iterable of chunks, float32 `(n, h, w, c)` and a list of n names, with
        `count()` and `skipped`: `ImageFiles`, or the like of it for a data set.

    Raises:
        InputError: If there are no such images.
    """
    if flags.images:
        resize = bool(model.config.image_size)
        images = ImageFiles(
            list(_places(flags.images)),
            model.image_shape,
            flags.skip_broken,
            resize,
            flags.shard,
        )
    else:
        dataset = open_dataset_of(flags, model)
        images = _DatasetImages(dataset, flags.part, flags.shard)
    number, num_shards = flags.shard
    if num_shards > 1 and not images.count():
        raise InputError(
            f"--shard {number}/{num_shards}: no image is left for this part; need at "
            "most as many parts as there are images"
        )
    return images


def _places(arguments):
    """Yield the places that arguments name, `-` for those on standard input."""
    for place in arguments:
        lines = sys.stdin.read().splitlines() if place == "-" else [place]
        yield from (line for line in lines if line)


def with_progress(images, doing):
    """Yield the chunks of images while a bar on a terminal tells how far that is.

    Args:
        images: What `open_images` returned.
        doing: Word that says what is done to them.

    Raises:
        InputError: If there was none, or none that could be used.
    """
    console = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
    bar = Progress(
        TextColumn(f"{doing} {{task.completed:,.0f}} of {{task.total:,.0f}} images"),
        BarColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
        TextColumn("left"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    done = 0
    with bar:
        task = bar.add_task(doing, total=images.count())
        for rows, names in images:
            yield rows, names
            done += len(names)
            bar.update(task, completed=done)
    for path, reason in images.skipped.items():
        console.print(f"left out {path}: {reason}")
    if not done:
        raise InputError("no image is left: need at least one that can be used")


class _DatasetImages:
    """The images of one part of a data set, as `ImageFiles` gives those of files."""

    def __init__(self, dataset, part, shard):
        self.name = f"{dataset.name}/{part}"
        self.images = dataset.images if part == "train" else dataset.test_part()[0]
        self.rows = shard_rows(len(self.images), *shard)
        self.skipped = {}

    def count(self):
        return len(self.rows)

    def __iter__(self):
        for start in self.rows[::CHUNK_IMAGES]:
            rows = self.images[start : min(start + CHUNK_IMAGES, self.rows.stop)]
            yield rows, [f"{self.name}[{start + row}]" for row in range(len(rows))]
