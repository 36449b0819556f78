import dataclasses
import tomllib
from pathlib import Path

import pytest

from ssvae.cli.settings import parse
from ssvae.config.presets import PRESETS
from ssvae.config.settings import Config
from ssvae.config.toml import load_config
from ssvae.errors import InputError


def test_toml_round_trip_keeps_every_setting(tmp_path):
    config = Config(labels="all", epochs=3, learning_rate=1e-4, recipe='a "b"')
    path = tmp_path / "config.toml"
    path.write_text(config.to_toml())
    assert load_config(path) == config


def test_file_states_only_differences(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("epochs = 9\nlearning_rate = 1\n")
    assert load_config(path) == Config(epochs=9, learning_rate=1.0)
    assert isinstance(load_config(path).learning_rate, float)


def test_every_setting_has_a_meaning_and_survives_as_a_flag():
    for field in dataclasses.fields(Config):
        assert field.metadata["meaning"]
        default = getattr(Config(), field.name)
        assert parse(field.name, str(default)) == default


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"epochs": 0}, "epochs: got 0, need a whole number from 1 up"),
        ({"epochs": 1.5}, "epochs: got 1.5"),
        ({"epochs": True}, "epochs: got True"),
        ({"seed": -1}, "seed: got -1, need a whole number from 0 to 2147483647"),
        ({"labels": "ten"}, "labels: got 'ten', need a whole number from 0 up, or all"),
        ({"learning_rate": float("nan")}, "learning_rate: got nan"),
        ({"likelihood": "poisson"}, "need one of bernoulli, gaussian, logistic"),
        ({"recipe": 7}, "recipe: got 7, need text"),
        ({"epoch": 3}, "unknown setting 'epoch'; did you mean 'epochs'?"),
        ({"m1_epochs": 3}, "latents need mlp for both"),
    ],
    ids=str,
)
def test_bad_value_is_named_with_what_is_needed(changes, words):
    with pytest.raises(InputError) as error:
        Config().replace(**changes)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"epochs = = 3", "is not TOML"),
        (b"\xff\xfe", "is not TOML"),
        (b"epoch = 3", "did you mean 'epochs'?"),
        (None, "No such file"),
    ],
)
def test_bad_file_is_named(tmp_path, content, words):
    path = tmp_path / "config.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as error:
        load_config(path)
    assert words in str(error.value)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("path", sorted(Path("configs").iterdir()), ids=str)
def test_recipes_state_only_differences_and_their_own_name(path):
    assert load_config(path).recipe == path.stem
    with open(path, "rb") as file:
        stated = tomllib.load(file)
    defaults = dataclasses.asdict(Config())
    same = [key for key, value in stated.items() if defaults[key] == value]
    assert same == []


def test_augment_chooses_limits_and_graph_where_they_are_not_stated():
    assert Config().rotation == 0.25
    assert Config().propagation == "deskewed"
    objects = Config(augment="objects", rotation=0.3)
    assert (objects.rotation, objects.mirror, objects.propagation) == (
        0.3,
        0.5,
        "original",
    )
    assert Config().replace(augment="objects", rotation=0.3) == objects
    assert Config(shear=0.5).replace(augment="none").shear == 0
    assert Config(shear=0.5).replace(seed=1).shear == 0.5


def test_every_preset_chooses_the_same_settings():
    names = [field.name for field in dataclasses.fields(Config)]
    (first, *others) = (list(preset) for preset in PRESETS.values())
    assert set(first) <= set(names)
    assert all(other == first for other in others)


def test_settings_of_old_are_read_by_their_names_of_today(tmp_path):
    path = tmp_path / "old.toml"
    path.write_text('format = 1\naugment = "warp"\nrotation = 0.1\n')
    assert load_config(path) == Config(rotation=0.1, conv_strides="fixed")
