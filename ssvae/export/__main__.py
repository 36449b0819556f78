"""A trained model for other programs: `python -m ssvae.export RUN --format ...`."""

from pathlib import Path

from ssvae.cli import arguments, console, process, sources
from ssvae.cli.parser import Parser
from ssvae.export.checked import FORMATS, NUM_COMPARED, export


def main() -> None:
    """Read the flags, export, compare, report."""
    parser = Parser(
        prog="python -m ssvae.export",
        description="Write a trained model for programs without ssvae. The export is "
        "opened again and its answers are compared with the model's.",
    )
    arguments.add_run(parser)
    parser.add_argument(
        "--format", required=True, choices=FORMATS, help="format to write"
    )
    arguments.add_out(parser, "DIR", "folder to write (exported/NAME-FORMAT)")
    arguments.add_json(parser)
    flags = parser.parse_args()
    model = sources.open_model(flags.run)
    out = flags.out or f"exported/{Path(flags.run).stem}-{flags.format}"
    images = sources.open_own_dataset(model, flags.run).images
    differences = export(model, out, flags.format, images[:NUM_COMPARED])
    summary = {f"difference_{name}": value for name, value in differences.items()}
    console.report(flags, {"out": str(out), "format": flags.format, **summary})


if __name__ == "__main__":
    process.run(main, "ssvae.export")
