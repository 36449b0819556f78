"""A trained model for other programs: `python -m ssvae.export RUN --format ...`."""

from pathlib import Path

from ssvae.cli import arguments, console, process, sources
from ssvae.cli.parser import Parser
from ssvae.errors import InputError
from ssvae.export.checked import FORMATS, NUM_COMPARED, export
from ssvae.export.package import images_to_compare, package
from ssvae.saving.find import find_model


def main() -> None:
    """Read the flags, export, compare, report."""
    parser = Parser(
        command="export",
        description="Write a trained model for programs without ssvae. The export is "
        "opened again and its answers are compared with the model's.",
    )
    arguments.add_run(parser)
    parser.add_argument(
        "--format", required=True, choices=FORMATS, help="format to write"
    )
    arguments.add_out(parser, "DIR", "folder to write (exported/NAME-FORMAT)")
    parser.add_argument(
        "--zip",
        metavar="FILE.zip",
        help="write one zip file instead of a folder, with a program that uses the "
        "model, and its card",
    )
    arguments.add_json(parser)
    flags = parser.parse_args()
    if flags.zip and flags.out:
        raise InputError("--zip and --out exclude each other: give one")
    model = sources.open_model(flags.run)
    run, name = find_model(flags.run).parent, f"{Path(flags.run).stem}-{flags.format}"
    out = flags.zip or flags.out or f"exported/{name}"
    if flags.zip:
        differences = package(model, run, Path(out).stem, out, flags.format)
    else:
        images = _images(model, flags.run, run)
        differences = export(model, out, flags.format, images)
    summary = {f"difference_{name}": value for name, value in differences.items()}
    console.report(flags, {"out": str(out), "format": flags.format, **summary})


def _images(model, named, run):
    """Return images to compare on: of the training, or those that the run keeps."""
    try:
        return sources.open_own_dataset(model, named).images[:NUM_COMPARED]
    except InputError:
        return images_to_compare(model, run)


if __name__ == "__main__":
    process.run(main, "ssvae.export")
