"""What of a run folder is published on the Hugging Face hub."""

import json
from pathlib import Path

from ssvae.config.toml import load_config
from ssvae.errors import InputError
from ssvae.runs.card import keeps_labels, model_card
from ssvae.runs.card_header import card_header
from ssvae.runs.folder import is_resumable, partial_folder
from ssvae.saving.archive import read_model
from ssvae.saving.find import MODEL_FILE, find_model
from ssvae.saving.hub import is_on_hub
from ssvae.types import PathLike

CARD, LABELS = "README.md", "labels.json"
# Files that are published as they are, if the run has them. The others hold the user's
# own images, or the names of their files: `shown.npz`, `unusual.png`, `to_label.csv`.
FILES = (
    MODEL_FILE,
    "config.toml",
    "metrics.json",
    "history.csv",
    "samples.png",
    "confusion.png",
    "coverage.png",
    "reliability.png",
)


def finished(run: PathLike) -> Path:
    """Return the folder of a run or preset that is complete.

    Args:
        run: A run folder, a folder of `save_to_preset`, or the name of a shipped model.

    Raises:
        InputError: If there is none, the run is not finished, or its model damaged.
    """
    if not is_on_hub(run):
        begun = partial_folder(run)
        if not Path(run).exists() and begun.is_dir():
            on = f"--resume {str(run)!r}" if is_resumable(begun) else "training again"
            raise InputError(
                f"the run {str(run)!r} is not finished: wait for it, or go on with {on}"
            )
        folder = find_model(run).parent
        if all((folder / name).is_file() for name in ("config.toml", CARD)):
            read_model(folder / MODEL_FILE)
            return folder
    raise InputError(
        f"{str(run)!r} is no finished run on this machine: need a run folder, a folder "
        "of save_to_preset, or the name of a shipped model"
    )


def published(
    folder: Path, address: str, license: str | None = None
) -> dict[str, Path | bytes]:
    """Return the files of a run that are published, by name: paths, and the card.

    A card that somebody wrote in is kept as it is, below the header. A header of its
    own is kept too.

    Args:
        folder: Path of the run folder.
        address: hf://USER/NAME, without a revision.
        license: See `card_header`.

    Raises:
        InputError: If a license is given, and the card has a header of its own.
    """
    config = load_config(folder / "config.toml")
    metrics = None
    if (folder / "metrics.json").exists():
        text = (folder / "metrics.json").read_text(encoding="utf-8")
        metrics = json.loads(text)
    name = address.rpartition("/")[2]
    card = (folder / CARD).read_text(encoding="utf-8")
    title = card.partition("\n")[0].removeprefix("# ")
    if card == model_card(config, metrics, title):
        card = model_card(config, metrics, name, address)
    if not card.startswith("---\n"):
        card = card_header(config, metrics, name, license) + card
    elif license:
        raise InputError(
            f"the license {license!r} has no place in {str(folder / CARD)!r}, which "
            "has a header of its own: write it there, and leave out --license"
        )
    names = (*FILES, LABELS) if keeps_labels(config) else FILES
    found = {name: folder / name for name in names if (folder / name).is_file()}
    return {**found, CARD: card.encode()}
