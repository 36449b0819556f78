"""Formats that other programs open: a function a format, and what travels along."""

import json
import tempfile

from ssvae.cli import process
from ssvae.errors import InputError
from ssvae.export.endpoints import endpoints
from ssvae.saving.keras_file import save_model

# Shares of usual images above the thresholds that travel with an export.
FALSE_ALARMS = (0.001, 0.01, 0.05)


def about(model) -> dict:
    """Return what a program must know that calls the endpoints, for JSON.

    Returns:
        A dict: `class_names`; `image_shape`; `endpoints` with the shapes and types they
        take and give; `noise_sizes`, columns of the noise a function takes; and
        `score_thresholds`, the scores that a fraction of usual images exceeds.
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
    """Write a SavedModel with an endpoint a function and the class names."""
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
    """Write an ONNX file a function."""
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
    """Write one LiteRT file with a signature a function."""
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


WRITERS = {
    "savedmodel": _write_savedmodel,
    "onnx": _write_onnx,
    "litert": _write_litert,
    "keras": _write_keras,
}


def _tensorflow(kind):
    """Return TensorFlow, if it is the backend: its graphs are what is written."""
    import keras

    if keras.backend.backend() != "tensorflow":
        raise InputError(
            f"format {kind} is written by TensorFlow, but Keras runs on "
            f"{keras.backend.backend()}: run the same command with "
            "KERAS_BACKEND=tensorflow, which loads models of every backend"
        )
    import tensorflow

    return tensorflow


def _extra(name):
    """Import a package of the extra `export`."""
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise InputError(
            f"{name} is not installed ({error}): pip install 'ssvae[export]'"
        ) from None
