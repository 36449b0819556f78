"""Tells the classes of images: python use.py photo.jpg another.png."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

HERE = Path(__file__).parent
about = json.loads((HERE / "export.json").read_text(encoding="utf-8"))


def read(path: str) -> np.ndarray:
    """Return an image as the model takes it, uint8 (1, height, width, channels)."""
    height, width, channels = about["image_shape"]
    picture = ImageOps.exif_transpose(Image.open(path))
    picture = picture.convert("L" if channels == 1 else "RGB")
    pixels = np.asarray(ImageOps.fit(picture, (width, height)))
    return pixels.reshape(1, height, width, channels)


def main(paths: list[str]) -> None:
    """Print the class of each image."""
    providers = ["CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(HERE / "classify.onnx", providers=providers)
    for path in paths:
        answer: Any = session.run(None, {"images": read(path)})[0]
        best = int(answer[0].argmax())
        print(f"{path}: {about['class_names'][best]} ({answer[0, best]:.1%})")


if __name__ == "__main__":
    main(sys.argv[1:])
