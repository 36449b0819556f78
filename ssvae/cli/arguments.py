"""Arguments that several commands share."""

import argparse

from ssvae.cli.parser import number


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
        type=number(0, 1),
        default=0.01,
        metavar="F",
        help="fraction of usual images that may be called unusual (0.01)",
    )
