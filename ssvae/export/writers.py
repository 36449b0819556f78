"""Formats that other programs open: one function per format, and their description."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ssvae.cli import process
from ssvae.errors import InputError
from ssvae.export.endpoints import endpoints
from ssvae.saving.keras_file import save_model

# Functions import Keras, so that `--help` and bad input need none.

if TYPE_CHECKING:
    from ssvae.model import SSVAE

# Fractions of usual images that exceed the score thresholds in an export.
FALSE_ALARMS = (0.001, 0.01, 0.05)


def about(model: "SSVAE") -> dict[str, Any]:
    """Describe a model for a program that calls the endpoints.

    Returns:
        A dict for JSON: `class_names`; `image_shape`; `endpoints`, shapes and dtypes of
        their inputs, and names of their outputs; `noise_sizes`, columns of the noise by
        endpoint; and `score_thresholds`, by the fraction of usual images that exceeds
        the score.
    """
    functions = endpoints(model)
    fitted = model.fitted
    known = FALSE_ALARMS if len(fitted.usual_scores) else ()
    return {
        "class_names": list(model.class_names),
        "image_shape": list(model.image_shape),
        "endpoints": {
            name: {"inputs": endpoint.inputs, "outputs": endpoint.outputs}
            for name, endpoint in functions.items()
        },
        "noise_sizes": {
            name: endpoint.inputs["noise"][0][1]
            for name, endpoint in functions.items()
            if "noise" in endpoint.inputs
        },
        "score_thresholds": {str(f): fitted.threshold(f) for f in known},
    }


def _write_savedmodel(model, folder):
    """Write a SavedModel with one signature per endpoint and the class names."""
    tensorflow = _tensorflow("savedmodel")
    archive = _archive(model, tensorflow)
    with process.quiet_start():
        archive.write_out(str(folder), verbose=False)


def _archive(model, tensorflow):
    import keras

    functions = endpoints(model)
    archive = keras.export.ExportArchive()
    archive.track(model)
    for name, endpoint in functions.items():
        archive.add_endpoint(
            name, endpoint.function, input_signature=_signature(tensorflow, endpoint)
        )
    names = tensorflow.constant(model.class_names)
    text = tensorflow.constant(json.dumps(about(model)))
    archive.add_endpoint("about", lambda: {"about": text}, input_signature=[])

    def serving_default(images):
        probabilities = functions["classify"].function(images)["probabilities"]
        best = tensorflow.argmax(probabilities, axis=1)
        return {
            "probabilities": probabilities,
            "classes": tensorflow.gather(names, best),
        }

    signature = _signature(tensorflow, functions["classify"])
    archive.add_endpoint("serving_default", serving_default, input_signature=signature)
    return archive


def _signature(tensorflow, endpoint):
    return [
        tensorflow.TensorSpec(shape, dtype, name)
        for name, (shape, dtype) in endpoint.inputs.items()
    ]


def _write_onnx(model, folder):
    """Write one ONNX file per endpoint."""
    tensorflow = _tensorflow("onnx")
    tf2onnx = _extra("tf2onnx")
    for name, endpoint in endpoints(model).items():
        function = tensorflow.function(
            endpoint.function, input_signature=_signature(tensorflow, endpoint)
        )
        with process.quiet_start():
            graph, _ = tf2onnx.convert.from_function(
                function,
                input_signature=_signature(tensorflow, endpoint),
                opset=18,
            )
        entry = graph.metadata_props.add()
        entry.key, entry.value = "about", json.dumps(about(model))
        (folder / f"{name}.onnx").write_bytes(graph.SerializeToString())


def _write_litert(model, folder):
    """Write one LiteRT file with one signature per endpoint."""
    tensorflow = _tensorflow("litert")
    with tempfile.TemporaryDirectory() as saved, process.quiet_start():
        _archive(model, tensorflow).write_out(saved, verbose=False)
        converter = tensorflow.lite.TFLiteConverter.from_saved_model(
            saved, signature_keys=list(endpoints(model))
        )
        (folder / "model.tflite").write_bytes(converter.convert())


def _write_keras(model, folder):
    """Write the `.keras` file that `ssvae.load_model` opens."""
    save_model(model, folder / "model.keras")


WRITERS: dict[str, Callable[["SSVAE", Path], None]] = {
    "savedmodel": _write_savedmodel,
    "onnx": _write_onnx,
    "litert": _write_litert,
    "keras": _write_keras,
}


def _tensorflow(kind):
    """Return TensorFlow, if it is the backend: the format is made from its graphs."""
    import keras

    if keras.backend.backend() != "tensorflow":
        raise InputError(
            f"format {kind} is written by TensorFlow, but Keras runs on "
            f"{keras.backend.backend()}: run the same command with "
            "KERAS_BACKEND=tensorflow, which opens models of every backend"
        )
    import tensorflow

    return tensorflow


def _extra(name):
    """Return an imported package of the extra `export`."""
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise InputError(
            f"{name} is not installed ({error}): pip install 'ssvae[export]'"
        ) from None
