"""Tells the classes of images: python use.py photo.jpg another.png."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
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
    model = Interpreter(str(HERE / "model.tflite")).get_signature_runner("classify")
    for path in paths:
        answer: Any = model(images=read(path))["probabilities"]
        best = int(answer[0].argmax())
        print(f"{path}: {about['class_names'][best]} ({answer[0, best]:.1%})")


if __name__ == "__main__":
    main(sys.argv[1:])
