"""All commands under one name: `ssvae train …` is `python -m ssvae.train …`."""

import argparse
import difflib
import importlib
import sys

import ssvae
from ssvae.cli import process
from ssvae.errors import InputError

# Name, module and meaning of every command, in the order in which they are needed.
COMMANDS = {
    "data": ("ssvae.data.__main__", "say what a folder, archive or table holds"),
    "train": ("ssvae.train", "train a model from a few labels"),
    "evaluate": ("ssvae.evaluate", "measure a model on its test part"),
    "predict": ("ssvae.predict", "tell the classes of images, and how sure that is"),
    "generate": ("ssvae.generate", "draw new images of each class"),
    "embed": ("ssvae.embed", "write the codes of images, draw a map"),
    "score": ("ssvae.score", "say how unusual images are"),
    "merge": ("ssvae.merge", "join what several programs wrote"),
    "export": ("ssvae.export.__main__", "write a model for other programs"),
    "push": ("ssvae.push", "publish a model on the Hugging Face hub"),
    "benchmark": ("ssvae.benchmark.__main__", "measure recipes and speed"),
    "app": ("ssvae.app", "open the app in the browser"),
}


def main() -> None:
    """Run the command that the first argument names, with the other arguments."""
    name, *flags = sys.argv[1:] or ["--help"]
    if name in ("-h", "--help", "--version"):
        _parser().parse_args([name])
    process.run(lambda: _run(name, flags), f"ssvae {name}")


def _run(name, flags):
    """Run a command as if it had been started alone.

    Raises:
        InputError: If there is no such command.
    """
    if name not in COMMANDS:
        close = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"need {', '.join(COMMANDS)}"
        raise InputError(f"there is no such command; {hint}")
    sys.argv = [f"ssvae {name}", *flags]
    importlib.import_module(COMMANDS[name][0]).main()


def _parser():
    """Return the parser of the flags; its help lists the commands."""
    names = [f"  {name:10} {meaning}" for name, (_, meaning) in COMMANDS.items()]
    parser = argparse.ArgumentParser(
        prog="ssvae",
        usage="ssvae COMMAND [...]",
        description="Learn a classifier and a generator of images from a few labels.",
        epilog="\n".join(["commands:", *names, "", "ssvae COMMAND --help says more."]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=ssvae.__version__)
    return parser


if __name__ == "__main__":
    main()
