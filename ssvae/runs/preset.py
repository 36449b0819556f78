"""Presets in the style of KerasHub: a folder that a model is loaded back from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ssvae.errors import InputError
from ssvae.files.atomic import new_folder
from ssvae.runs.card import model_card
from ssvae.saving.find import MODEL_FILE, find_model
from ssvae.saving.keras_file import load_model, save_model
from ssvae.types import PathLike

if TYPE_CHECKING:
    from ssvae.model import SSVAE


def save_preset(model: SSVAE, folder: PathLike) -> None:
    """Write a model into a new folder: `model.keras`, `config.toml`, `README.md`.

    These are the files of a run folder that need no run. So every command takes the
    folder, and `ssvae.train` starts from it.

    Args:
        model: The `SSVAE`.
        folder: Path of a folder that does not exist.

    Raises:
        InputError: If the folder exists or cannot be written.
    """
    if os.path.lexists(folder):
        raise InputError(f"{str(folder)!r} exists: name a folder that does not")
    card = model_card(model.config, None, Path(folder).name)
    with new_folder(folder) as partial:
        save_model(model, partial / MODEL_FILE)
        text = model.config.to_toml()
        (partial / "config.toml").write_text(text, encoding="utf-8")
        (partial / "README.md").write_text(card, encoding="utf-8")


def load_preset(preset: PathLike) -> SSVAE:
    """Return the model that a preset names; see `find_model`.

    Raises:
        InputError: If there is no model, or the file holds none of this package.
    """
    # `find_model` refuses a SavedModel, so this is an `SSVAE`.
    return cast("SSVAE", load_model(find_model(preset)))
