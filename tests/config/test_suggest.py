"""Settings that suit a data set."""

import numpy as np
import pytest

from ssvae.config.settings import Config
from ssvae.config.suggest import as_lines, suggest
from ssvae.config.toml import load_config
from ssvae.data import from_arrays


def of_shape(count, *shape):
    images = np.broadcast_to(np.zeros(shape, np.uint8), (count, *shape))
    return from_arrays(images, np.arange(count) % 2)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((60_000, 28, 28), {}),
        ((2_000, 8, 8), {"epochs": 150, "border_steps": 20}),
        (
            (60_000, 32, 32, 3),
            {
                "likelihood": "logistic",
                "augment": "objects",
                "vae_body": "conv",
                "latent_dim": 32,
            },
        ),
        ((100_001, 28, 28), {}),
    ],
    ids=str,
)
def test_size_number_and_channels_choose(shape, expected):
    assert suggest(of_shape(*shape), Config()) == {"recipe": "suggested", **expected}


def test_what_is_chosen_can_be_saved_and_read(tmp_path):
    config = Config(**suggest(of_shape(50, 40, 40, 3), Config()))
    assert len(as_lines(config)) == 7
    path = tmp_path / "own.toml"
    path.write_text("\n".join(as_lines(config)))
    assert load_config(path) == config
