"""Images in memory and in a file, side by side: `python benchmarks/stream.py`.

Images that do not fit into memory are read from a file during training. Here the same
images are in memory, in a file that the system caches in memory, and in a file that is
removed from the cache ten times per epoch, as if memory were full. The three take
turns, one epoch each. The median of their rates counts.
"""

import sys
import time
from pathlib import Path
from statistics import median

import keras
import numpy as np

from ssvae.cli import process
from ssvae.config.settings import Config
from ssvae.data import Batches, draw_labels, load_dataset, store
from ssvae.evaluation.tables import update_page
from ssvae.files.atomic import write_json
from ssvae.hardware import machine

OUT = Path("benchmarks/stream.json")
CONFIG = Config(propagation="none")
LABELS, TURNS = 100, 5
# MADV_PAGEOUT of madvise: write a range's changed pages and remove it from memory.
PAGE_OUT = 21
PLACES = {
    "memory": "memory",
    "file": "a file, kept in memory by the system",
    "disk": "a file, put out of memory ten times an epoch",
}


def main():
    """Measure, write the figures, print the table."""
    process.start_keras()
    dataset = load_dataset("mnist")
    draw = draw_labels(dataset.labels, LABELS, dataset.num_classes, seed=0)
    dataset = dataset.with_labels(*draw)
    trainings = {place: Training(dataset, place) for place in PLACES}
    rates = {place: [] for place in PLACES}
    for turn in range(1 + TURNS):
        for place, training in trainings.items():
            rate = training.epoch()
            # The first epoch is slower, because the step is traced and compiled.
            if turn:
                rates[place].append(rate)
            print(f"{place}: {rate:,.0f} images/s", file=sys.stderr)
    results = {
        "machine": machine(),
        "images": len(dataset.images),
        "images_per_second": {place: median(each) for place, each in rates.items()},
    }
    write_json(OUT, results, indent=1)
    update_page("benchmarks/README.md", str(OUT), table(results))
    print(table(results))


class Training:
    """Training of the default recipe, epoch by epoch.

    Args:
        dataset: `Dataset` in memory.
        place: Place of the images, a key of `PLACES`.
    """

    def __init__(self, dataset, place):
        from ssvae.model import SSVAE

        self.place = place
        if place != "memory":
            dataset = in_file(dataset)
        self.images = dataset.images
        config = CONFIG
        self.batches = Batches(
            dataset, config.labeled_batch_size, config.unlabeled_batch_size, seed=0
        )
        self.model = SSVAE(dataset.image_shape, dataset.class_names, config)
        self.model.prepare_training(self.batches.steps_per_epoch)
        self.done = 0

    def epoch(self) -> float:
        """Train one epoch and return the images per second."""
        from ssvae.backends.current import as_input

        steps = self.batches.steps_per_epoch
        callbacks = []
        if self.place == "disk":
            every = steps // 10
            callbacks = [
                keras.callbacks.LambdaCallback(
                    on_train_batch_begin=lambda step, logs: (
                        None if step % every else page_out(self.images)
                    )
                )
            ]
        began = time.perf_counter()
        self.model.fit(
            as_input(self.batches.after(self.done * steps)),
            steps_per_epoch=steps,
            shuffle=False,
            verbose=0,
            callbacks=callbacks,
        )
        self.done += 1
        return steps * self.batches.images_per_step / (time.perf_counter() - began)


def in_file(dataset):
    """Return the data set with its images in a file that is mapped into memory."""
    import dataclasses

    store.MAX_IN_MEMORY, usual = 0, store.MAX_IN_MEMORY
    images = store.take(dataset.images, np.arange(len(dataset.images)))
    store.MAX_IN_MEMORY = usual
    images.flush()
    return dataclasses.replace(dataset, images=images)


def page_out(images):
    """Remove the images of a file from memory."""
    images.base.madvise(PAGE_OUT)


def table(results) -> str:
    """Return the figures as Markdown, one row per place."""
    rates = results["images_per_second"]
    rows = ["| images in | images/s | of the rate in memory |", "|---|---:|---:|"]
    for place, words in PLACES.items():
        share = 100 * rates[place] / rates["memory"]
        rows.append(f"| {words} | {rates[place]:,.0f} | {share:.0f} % |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
