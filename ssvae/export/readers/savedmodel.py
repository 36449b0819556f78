"""Opens a SavedModel with TensorFlow alone."""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.modules["ssvae"] = None  # type: ignore[assignment]  # forbids the import

import numpy as np
import tensorflow as tf


def main(folder: str, place: str) -> None:
    """Call every endpoint with its inputs."""
    model = tf.saved_model.load(folder)
    inputs = np.load(f"{place}/inputs.npz")
    outputs = {}
    for name in {key.split(".")[0] for key in inputs}:
        function = model.signatures[name]
        arguments = {
            key.split(".")[1]: tf.constant(inputs[key])
            for key in inputs
            if key.startswith(f"{name}.")
        }
        for key, value in function(**arguments).items():
            outputs[f"{name}.{key}"] = value.numpy()
    served = model.signatures["serving_default"](
        images=tf.constant(inputs["classify.images"][:3])
    )
    names = json.loads(model.signatures["about"]()["about"].numpy())["class_names"]
    best = served["probabilities"].numpy().argmax(axis=1)
    if [name.decode() for name in served["classes"].numpy()] != [
        names[row] for row in best
    ]:
        raise ValueError("serving_default names other classes than classify")
    np.savez(f"{place}/outputs.npz", **outputs)


if __name__ == "__main__":
    main(*sys.argv[1:])
