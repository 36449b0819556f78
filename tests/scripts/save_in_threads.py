"""Save and load in threads while another imports TensorFlow; Keras is on JAX."""

import sys
import threading

import numpy as np

from ssvae.model import SSVAE
from ssvae.saving.keras_file import load_model, save_model

folder, images = sys.argv[1], np.zeros((2, 9, 7, 1), np.uint8)
config = {"hidden_units": 8, "latent_dim": 2}
first = SSVAE((9, 7, 1), ("a", "b"), config | {"classifier_body": "mlp"})
save_model(first, f"{folder}/first.keras")
expected = load_model(f"{folder}/first.keras").predict_proba(images)
assert "tensorflow" not in sys.modules, "saving or loading imports TensorFlow"
working, imported, failures = threading.Event(), threading.Event(), []


def guarded(work):
    try:
        work()
    except BaseException as error:
        failures.append(repr(error))


def save_and_load(number):
    path = f"{folder}/{number}.keras"
    while True:
        working.set()
        save_model(first, path)
        assert np.array_equal(load_model(path).predict_proba(images), expected)
        if imported.is_set():
            break


def import_tensorflow():
    # The import begins while the other threads save and load.
    working.wait()
    try:
        import tensorflow

        assert tensorflow.constant(1).numpy() == 1
    finally:
        imported.set()


works = [import_tensorflow, *(lambda n=n: save_and_load(n) for n in range(3))]
threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not failures, failures
