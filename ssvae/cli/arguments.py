"""Flags that several commands share, each defined once."""

import argparse

from ssvae.cli.parser import number, whole_number
from ssvae.cli.settings import add_settings
from ssvae.data import FILE_SETTINGS


def add_run(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names the model."""
    parser.add_argument(
        "run",
        metavar="RUN",
        help="run folder, .keras file, name of a shipped model, or hf://USER/NAME of "
        "one on the Hugging Face hub",
    )


def add_dataset(parser: argparse.ArgumentParser) -> None:
    """Add the flags that name a data set in place of the model's own, and read it."""
    parser.add_argument(
        "--dataset", help="data set to use instead of the one that RUN was trained on"
    )
    parser.add_argument(
        "--data-dir", metavar="DIR", default="", help="folder of the data set's files"
    )
    how = "without these flags it is read as the data set that RUN was trained on"
    group = parser.add_argument_group("how the data set's files are read", how)
    add_settings(group, *FILE_SETTINGS)


def add_download(parser: argparse.ArgumentParser) -> None:
    """Add the flag that allows a download."""
    parser.add_argument(
        "--download",
        action="store_true",
        help="download the data set if it is not on this machine",
    )


def add_images(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name images."""
    parser.add_argument(
        "images",
        nargs="*",
        metavar="IMAGES",
        help="image files, .npy or .npz files, folders or archives of these, or tables "
        "that name image files; - to read their names from standard input, one per "
        "line; without any, the images of the data set",
    )
    add_dataset(parser)
    parser.add_argument(
        "--part",
        choices=("test", "train"),
        default="test",
        help="part of the data set (test)",
    )
    parser.add_argument(
        "--shard",
        type=_shard,
        default=(1, 1),
        metavar="I/N",
        help="use only part I of N of the images, to share the work among N programs; "
        "python -m ssvae.merge joins the tables that they write",
    )


def _shard(text):
    """Return the number of the part and the number of parts in `I/N`."""
    number, _, count = text.partition("/")
    if not (
        number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)
    ):
        raise argparse.ArgumentTypeError(
            f"got {text!r}, need I/N, like 1/4 for the first of four parts"
        )
    return int(number), int(count)


def add_out(
    parser: argparse.ArgumentParser,
    metavar: str,
    meaning: str,
    default: str | None = None,
    required: bool = False,
) -> None:
    """Add the flag that says where results go.

    Args:
        parser: Parser of the command.
        metavar: `"FILE"`, `"DIR"` or the like.
        meaning: Help text.
        default: Path where results go without the flag; it is added to the help text.
        required: Whether the flag must be given.
    """
    meaning = f"{meaning} ({default})" if default else meaning
    parser.add_argument(
        "--out", metavar=metavar, default=default, required=required, help=meaning
    )


def add_overwrite(
    parser: argparse.ArgumentParser, what: str = "files that exist"
) -> None:
    """Add the flag that allows to replace `what`."""
    parser.add_argument("--overwrite", action="store_true", help=f"replace {what}")


def add_json(
    parser: argparse.ArgumentParser,
    meaning: str = "print the summary as JSON, for programs",
) -> None:
    """Add the flag that asks for JSON on standard output; `meaning` is its help."""
    parser.add_argument("--json", action="store_true", help=meaning)


def add_output(
    parser: argparse.ArgumentParser, meaning: str, default: str | None = None
) -> None:
    """Add the flags of a command that writes files and prints a summary.

    Args:
        parser: Parser of the command.
        meaning: What `--out` names, such as the kinds of files.
        default: Path where results go without `--out`.
    """
    add_out(parser, "FILE", meaning, default)
    add_overwrite(parser)
    add_json(parser)


def add_seed(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the flag that seeds `what`."""
    parser.add_argument(
        "--seed",
        type=whole_number(0),
        default=0,
        metavar="N",
        help=f"seed of {what}: the same seed gives the same result (0)",
    )


def add_false_alarms(parser: argparse.ArgumentParser) -> None:
    """Add the flag that sets the score above which an image is called unusual."""
    parser.add_argument(
        "--false-alarms",
        type=number(0, 1),
        default=0.01,
        metavar="F",
        help="fraction of usual images that may be called unusual (0.01)",
    )
