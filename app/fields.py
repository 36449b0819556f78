"""Settings as fields of a page: what they are called there, and what was typed."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from typing import Any

import streamlit as st

from ssvae.config.settings import Config
from ssvae.errors import InputError

# Settings that have a field of their own on the pages Start and Train, by name.
LABELS = {
    "dataset": "Folder or archive",
    "labels_csv": "Table of labels",
    "image_size": "Side of the images",
    "test_fraction": "Part kept for a test",
    "epochs": "Rounds",
    "seed": "Seed",
    "out": "Name",
}
# All other settings are lines of this field.
MORE = "More settings"
# Flags of commands that the pages answer in another way.
OTHERS = {
    "overwrite": "another name",
    "resume": "the button “Go on”",
    "download": "a download",
}
_NAMES = frozenset(field.name for field in dataclasses.fields(Config))


def in_page_words(message: str) -> str:
    """Return a message of a command with the names that the page's fields have.

    Args:
        message: What a command said; its flags begin with two dashes.
    """

    def field(match):
        name = match[1].replace("-", "_")
        if name in LABELS:
            return f"“{LABELS[name]}”"
        if name in OTHERS:
            return OTHERS[name]
        if name in _NAMES:
            return f"a line “{name} = …” under “{MORE}”"
        return match[0]

    text = re.sub(r"(?<![\w-])--([a-z][a-z0-9-]*)", field, message)
    # A command is no way out on a page.
    text = re.sub(r"python -m ssvae\.data says how it was read", "see below", text)
    return text[:1].upper() + text[1:].rstrip(".") + "."


def more_settings(key: str) -> dict[str, Any]:
    """Let settings be stated that have no field of their own.

    Args:
        key: Key of the field.

    Returns:
        Values by the name of the setting.

    Raises:
        InputError: If a line is no setting, or a value does not fit.
    """
    text = st.text_area(
        MORE,
        key=key,
        persist_state="session",
        placeholder="skip_broken = true",
        help="For those who know them: one line `name = value` for each setting of "
        "`python -m ssvae.train`, texts in quotation marks.",
    )
    return parsed(text)


def parsed(text: str) -> dict[str, Any]:
    """Return the settings of lines `name = value`.

    Raises:
        InputError: If a line is no setting, or a value does not fit.
    """
    try:
        stated = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            f"“{MORE}” cannot be read: {error}; need lines such as skip_broken = true, "
            'or features = "backbone"'
        ) from None
    Config().replace(**stated)
    return stated


def as_flags(settings: dict[str, Any]) -> list[str]:
    """Return settings as flags of `python -m ssvae.train`."""
    flags = []
    for name, value in settings.items():
        flag = name.replace("_", "-")
        if value is True:
            flags.append(f"--{flag}")
        elif value is not False:
            flags += [f"--{flag}", str(value)]
    return flags
