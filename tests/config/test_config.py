import dataclasses
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssvae.cli.settings import parse
from ssvae.config.fields import kind_of
from ssvae.config.presets import PRESETS
from ssvae.config.settings import Config, upgraded
from ssvae.config.toml import load_config
from ssvae.errors import InputError

OF_WARPS = "rotation", "shift", "scale", "shear", "elastic"
OF_DIGITS = 0.25, 0.09, 0.15, 0.25, 0.02


def values_of(field):
    """Return a strategy that draws values of a setting."""
    limits = field.metadata
    low, high = limits["low"], limits["high"]
    if limits["choices"]:
        return st.sampled_from(limits["choices"])
    if kind_of(field) is bool:
        return st.booleans()
    if kind_of(field) is str:
        return st.text()
    if kind_of(field) is int:
        numbers = st.integers(low, 2**62 if high is None else high)
    else:
        numbers = st.floats(low, high, allow_nan=False, allow_infinity=False)
    words = limits["words"]
    return numbers | st.sampled_from(words) if words else numbers


VALUES = {field.name: values_of(field) for field in dataclasses.fields(Config)}
VALUES["features"] = st.sampled_from(["pixels", "texture", "backbone gradients color"])
# Only models with a backbone have layers to tune.
VALUES["fine_tune"] = st.just("none")
TEXTS = {f.name for f in dataclasses.fields(Config) if f.default == ""} | {"recipe"}


@settings(derandomize=True, deadline=None)
@given(
    texts=st.fixed_dictionaries({name: VALUES[name] for name in TEXTS}),
    # One at a time: some values clash with values of another setting.
    one=st.sampled_from(sorted(VALUES)).flatmap(
        lambda name: st.fixed_dictionaries({name: VALUES[name]})
    ),
)
def test_toml_round_trip_keeps_every_setting(texts, one, tmp_path_factory):
    config = Config(classifier_body="mlp").replace(**texts | one)
    path = tmp_path_factory.getbasetemp() / "round-trip.toml"
    path.write_text(config.to_toml(), encoding="utf-8")
    assert load_config(path) == config


def test_toml_keeps_a_path_outside_the_basic_multilingual_plane(tmp_path):
    config = Config(dataset="/home/\N{PEACOCK}/images", recipe='a "b"\n')
    path = tmp_path / "config.toml"
    path.write_text(config.to_toml(), encoding="utf-8")
    assert load_config(path) == config


def test_toml_has_the_format_first_and_a_line_per_setting_with_its_meaning():
    first, *lines = Config().to_toml().splitlines()
    assert first.startswith("format = 6  # ")
    for field, line in zip(dataclasses.fields(Config), lines, strict=True):
        assert line.startswith(f"{field.name} = ")
        assert line.endswith(f"  # {field.metadata['meaning']}")


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
        (
            {"recipe": "\udc80"},
            "got '\\udc80', need text that UTF-8 can encode",
        ),
        ({"augment": ["none"]}, "augment: got ['none'], need one of digits"),
        ({"m1_epochs": 3}, "latent codes need mlp for both"),
        (
            {"augment": "none", "rotation": 0.5},
            "rotation: got 0.5, but augment is none",
        ),
        ({"augment": "none", "mirror": 0.5}, "mirror: got 0.5, but augment is none"),
        ({"free_bits": 1, "spared_weight": 0.1}, "spared_weight: got 0.1, but with"),
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
        (b"a = " + 100_000 * b"[", "is not TOML"),
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


def test_what_nobody_stated_is_chosen_again_when_what_it_depends_on_changes():
    assert Config(augment="none").rotation == 0
    assert Config().replace(augment="none") == Config(augment="none")
    assert Config(augment="none").replace(augment="digits") == Config()
    assert Config().spared_weight == 2e-5
    assert Config(free_bits=1).spared_weight == 0
    assert Config().replace(free_bits=1.0) == Config(free_bits=1)
    assert Config(free_bits=1).replace(free_bits=0) == Config()
    assert Config(spared_weight=0.1).replace(seed=1).spared_weight == 0.1


def test_a_stated_value_that_clashes_with_a_change_is_refused():
    with pytest.raises(InputError, match=r"spared_weight: got 0\.1, but"):
        Config(spared_weight=0.1).replace(free_bits=1)
    with pytest.raises(InputError, match=r"shear: got 0\.5, but augment is none"):
        Config(augment="none").replace(shear=0.5)


def test_a_run_folder_holds_no_auto(small_run):
    with open(small_run / "config.toml", "rb") as file:
        values = tomllib.load(file)
    # Of files only the reader knows; of shares, of labels to trust, of images to put
    # aside and of border steps training, by labels left out.
    words = [name for name, value in values.items() if value == "auto"]
    assert words == [
        "label_from",
        "value_range",
        "class_prior",
        "trust_labels",
        "put_aside",
        "border_steps",
    ]
    assert values["top_classes"] == 2


def test_every_preset_chooses_the_same_settings():
    names = [field.name for field in dataclasses.fields(Config)]
    (first, *others) = (list(preset) for preset in PRESETS.values())
    assert set(first) <= set(names)
    assert all(other == first for other in others)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"augment": "warp", "shear": 0.1}, Config(shear=0.1)),
        ({"top_classes": "auto"}, Config(top_classes=2)),
        # What format 1 wrote into every run folder.
        (
            {"augment": "none", **dict(zip(OF_WARPS, OF_DIGITS, strict=True))},
            Config(augment="none", split_copies="exact"),
        ),
    ],
    ids=str,
)
def test_settings_of_earlier_versions_keep_their_meaning(stated, expected):
    assert Config().replace(**upgraded(stated)) == expected


def test_files_of_earlier_formats_are_read_with_the_names_of_today(tmp_path):
    path = tmp_path / "old.toml"
    path.write_text('format = 1\naugment = "warp"\nrotation = 0.1\n')
    assert load_config(path) == Config(rotation=0.1, conv_strides="fixed")


def test_limits_of_warps_that_an_old_run_did_not_make_are_ignored(tmp_path):
    path = tmp_path / "old.toml"
    limits = "".join(
        f"{name} = 0.5\n" for name in ("rotation", "shift", "scale", "shear", "elastic")
    )
    path.write_text(f'format = 1\naugment = "none"\n{limits}')
    older = {"conv_strides": "fixed", "split_copies": "exact"}
    assert load_config(path) == Config(augment="none", **older)
