import itertools

import numpy as np
import pytest

from ssvae.errors import InputError
from ssvae.projects.actions import (
    add_class,
    merge_classes,
    rename_class,
    set_color,
    set_key,
)
from ssvae.projects.state import COLORS, KEYS

# Streamlit's dark page, and what text and marks on it need.
LIGHT, DARK, CONTRAST = "#ffffff", "#0e1117", 3.0


def linear(color):
    """Return the linear red, green and blue of "#rrggbb"."""
    values = np.array([int(color[n : n + 2], 16) for n in (1, 3, 5)]) / 255
    return np.where(
        values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4
    )


def contrast(one, other):
    """Return the contrast of two colors as WCAG defines it."""
    high, low = sorted(
        (linear(color) @ [0.2126, 0.7152, 0.0722] for color in (one, other)),
        reverse=True,
    )
    return (high + 0.05) / (low + 0.05)


def oklab(color):
    """Return a color in Oklab, where distances are what people see."""
    to_cones = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    to_lab = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    return np.array(to_lab) @ np.cbrt(np.array(to_cones) @ linear(color))


def test_twenty_colors_are_seen_on_light_and_dark_pages_and_told_apart():
    assert len(set(COLORS)) == 20
    for color in COLORS:
        assert contrast(color, LIGHT) >= CONTRAST
        assert contrast(color, DARK) >= CONTRAST
    for one, other in itertools.combinations(COLORS, 2):
        assert np.linalg.norm(oklab(one) - oklab(other)) > 0.09


def test_new_classes_get_free_colors_and_keys(project):
    classes = [add_class(project, f"class {number}") for number in range(12)]
    assert [one.key for one in classes] == list("123456789qwe")
    assert len({one.color for one in classes}) == 12
    assert project.state().classes == classes


def test_more_classes_than_keys_and_colors_can_be_added(project):
    for number in range(40):
        last = add_class(project, f"class {number}")
    assert last.key == "" and last.color in COLORS
    keys = [one.key for one in project.state().classes if one.key]
    assert len(keys) == len(set(keys)) == len(KEYS)


def test_a_class_is_renamed_colored_and_given_a_key(project):
    one, other = add_class(project, "a"), add_class(project, "b")
    assert rename_class(project, one.id, " Stop\u00a0 sign ").name == "Stop sign"
    assert set_color(project, one.id, "#AABBCC").color == "#aabbcc"
    assert set_key(project, one.id, "X").key == "x"
    assert rename_class(project, one.id, "STOP sign").name == "STOP sign"
    assert project.state().classes[1] == other


def test_a_key_that_another_class_has_is_exchanged(project):
    _one, other = add_class(project, "a"), add_class(project, "b")
    set_key(project, other.id, "1")
    assert [one.key for one in project.state().classes] == ["2", "1"]
    add_class(project, "c", key="2")
    assert [one.key for one in project.state().classes] == ["", "1", "2"]


@pytest.mark.parametrize(
    "name", ["", "  ", "x" * 200, "a\u200bb", "unknown", "N/A", "CAT"]
)
def test_names_that_cannot_be_kept_are_refused(project, name):
    add_class(project, "cat")
    with pytest.raises(InputError):
        add_class(project, name)
    assert len(project.state().classes) == 1


def test_wrong_keys_and_colors_are_refused(project):
    one = add_class(project, "cat")
    for change, value in ((set_key, "0"), (set_key, "ab"), (set_color, "red")):
        with pytest.raises(InputError, match=value):
            change(project, one.id, value)
    assert project.state().classes == [one]


def test_a_class_that_is_gone_cannot_be_changed(project):
    one, other = add_class(project, "cat"), add_class(project, "dog")
    merge_classes(project, one.id, other.id)
    with pytest.raises(InputError, match="not there any more"):
        rename_class(project, one.id, "cow")
    with pytest.raises(InputError, match="with itself"):
        merge_classes(project, other.id, other.id)


def test_no_two_classes_ever_have_the_same_id(project):
    one, other = add_class(project, "cat"), add_class(project, "dog")
    merge_classes(project, one.id, other.id)
    assert add_class(project, "cat").id not in (one.id, other.id)
