"""Opens a LiteRT file, one signature per endpoint, with its interpreter alone."""

import sys

sys.modules["ssvae"] = None  # type: ignore[assignment]  # forbids the import
sys.modules["tensorflow"] = None  # type: ignore[assignment]  # forbids the import

import numpy as np
from ai_edge_litert.interpreter import Interpreter


def main(folder: str, place: str) -> None:
    """Call every signature with its inputs."""
    interpreter = Interpreter(f"{folder}/model.tflite")
    inputs = np.load(f"{place}/inputs.npz")
    outputs = {}
    for name in interpreter.get_signature_list():
        arguments = {
            key.split(".")[1]: inputs[key]
            for key in inputs
            if key.startswith(f"{name}.")
        }
        for key, value in interpreter.get_signature_runner(name)(**arguments).items():
            outputs[f"{name}.{key}"] = value
    np.savez(f"{place}/outputs.npz", **outputs)


if __name__ == "__main__":
    main(*sys.argv[1:])
