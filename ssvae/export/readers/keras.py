"""Opens a `.keras` file with `ssvae`."""

import os
import sys
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
from keras import ops

from ssvae import load_model
from ssvae.export.endpoints import endpoints


def main(folder: str, place: str) -> None:
    """Call every endpoint with its inputs."""
    model: Any = load_model(f"{folder}/model.keras")
    inputs = np.load(f"{place}/inputs.npz")
    outputs = {}
    for name, endpoint in endpoints(model).items():
        arguments = [
            ops.convert_to_tensor(inputs[f"{name}.{key}"]) for key in endpoint.inputs
        ]
        for key, value in endpoint.function(*arguments).items():
            outputs[f"{name}.{key}"] = ops.convert_to_numpy(value)
    np.savez(f"{place}/outputs.npz", **outputs)


if __name__ == "__main__":
    main(*sys.argv[1:])
