"""Opens ONNX files, one per endpoint, with onnxruntime alone."""

import sys
from pathlib import Path

sys.modules["ssvae"] = None  # type: ignore[assignment]  # forbids the import
sys.modules["tensorflow"] = None  # type: ignore[assignment]  # forbids the import

import numpy as np
import onnxruntime


def main(folder: str, place: str) -> None:
    """Run every file with its inputs."""
    inputs = np.load(f"{place}/inputs.npz")
    outputs = {}
    for path in sorted(Path(folder).glob("*.onnx")):
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
        arguments = {
            entry.name: inputs[f"{path.stem}.{entry.name}"]
            for entry in session.get_inputs()
        }
        for name, value in zip(names, session.run(names, arguments), strict=True):
            outputs[f"{path.stem}.{name}"] = value
    np.savez(f"{place}/outputs.npz", **outputs)


if __name__ == "__main__":
    main(*sys.argv[1:])
