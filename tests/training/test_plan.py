"""The plan of a run: its labels and its settings, before Keras starts."""

import dataclasses

import numpy as np

from ssvae.config.settings import Config
from ssvae.data import save_labels
from ssvae.training.plan import plan


def test_labels_of_a_file_are_used_whatever_the_seed(tiny_dataset, tmp_path):
    labeled = tiny_dataset.with_labels(np.arange(40), np.arange(40) % 3)
    labeled = dataclasses.replace(labeled, read_test=None)
    first = plan(Config(labels=12, seed=0), tmp_path / "run", dataset=labeled)
    save_labels(tmp_path / "labels.json", first.dataset)
    config = Config(labels=30, seed=5)
    drawn = plan(config, tmp_path / "run", dataset=labeled)
    again = plan(
        config,
        tmp_path / "run",
        dataset=labeled,
        labels_file=tmp_path / "labels.json",
    )
    assert np.array_equal(again.dataset.labels, first.dataset.labels)
    assert not np.array_equal(drawn.dataset.labels, first.dataset.labels)
    assert again.config.labels == 12
