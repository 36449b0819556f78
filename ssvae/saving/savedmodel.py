"""A SavedModel of `ssvae.export`, opened again by TensorFlow alone."""

import contextlib
import json
from pathlib import Path

import numpy as np
from keras import ops

from ssvae.data.damage import DAMAGE
from ssvae.data.images import checked_images
from ssvae.errors import InputError
from ssvae.features.extractor import CHUNK
from ssvae.saving.archive import first_line
from ssvae.saving.find import GRAPH_FILE
from ssvae.types import ArrayLike, PathLike
from ssvae.vae import inference
from ssvae.vae.arrays import class_numbers, class_rows, in_chunks

# Operations that no model needs, although TensorFlow calls them free of side effects.
REFUSED = frozenset({"MatchingFiles", "PyFuncStateless", "ReadFile"})
# Operations with side effects that a graph may have: they keep the variables, and read
# them when the model is opened.
ALLOWED = frozenset(
    {
        "AssignVariableOp",
        "DisableCopyOnRead",
        "MergeV2Checkpoints",
        "PartitionedCall",
        "Placeholder",
        "ReadVariableOp",
        "RestoreV2",
        "SaveV2",
        "ShardedFilename",
        "StatefulPartitionedCall",
        "VarHandleOp",
        "VarIsInitializedOp",
    }
)


class ExportedModel:
    """A SavedModel that answers like the `SSVAE` that it was exported from.

    Its methods are those of `SSVAE` of the same names.

    Args:
        path: Path of the folder.

    Attributes:
        class_names: One name per class.
        image_shape: Height, width and channels.
        has_features: Whether images of any size are taken; see `SSVAE`.

    Raises:
        InputError: If the folder holds no SavedModel that `ssvae.export` wrote.
    """

    def __init__(self, path: PathLike):
        try:
            import tensorflow
        except ImportError as error:
            raise InputError(
                f"{str(path)!r} is a SavedModel, which only TensorFlow opens, and "
                f"TensorFlow is not installed ({error}): open the run folder that the "
                "model was exported from"
            ) from None
        self._tensorflow = tensorflow
        with _reading(path):
            graph = _graph(Path(path) / GRAPH_FILE)
        _check_graph(graph, path)
        with _reading(path):
            self._model = tensorflow.saved_model.load(str(path))
            self._call = self._model.signatures
            about = json.loads(self._call["about"]()["about"].numpy())
            self.class_names = tuple(about["class_names"])
            self.image_shape = tuple(about["image_shape"])
            self._sizes = dict(about["noise_sizes"])
            taken, _ = about["endpoints"]["classify"]["inputs"]["images"]
            self.has_features = taken[1] is None

    def predict_proba(self, images: ArrayLike) -> np.ndarray:
        """Return the probability of every class, float32 `(n, num_classes)`."""
        return self._of_images(images, "classify", "probabilities")

    def encode(self, images: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and log-variance of q(z|x,y), y the likeliest class.

        They are float32 arrays `(n, latent_dim)`.
        """
        moments = self._of_images(images, "encode", "mean", "log_variance")
        mean, log_variance = np.split(moments, 2, axis=-1)
        return mean, log_variance

    def reconstruct(self, images: ArrayLike) -> np.ndarray:
        """Return each image decoded from its latent mean, float32 `(n, h, w, c)`."""
        return self._of_images(images, "reconstruct", "reconstructions")

    def generate(
        self, classes: ArrayLike, seed: int = 0, temperature: float = 1.0
    ) -> np.ndarray:
        """Return a new image of each class, z drawn from the fitted prior.

        The images are a float32 array `(n, h, w, c)`.
        """
        names = self.class_names
        one_hot = class_rows(class_numbers(classes, names), len(names))
        numbers = one_hot.argmax(axis=1).astype(np.int32)
        noise = inference.draw_noise(len(numbers), self._sizes["score"], seed)
        noise = noise[:, : self._sizes["generate"]]
        choice = inference.draw_choice(len(numbers), seed)
        outputs = self._call["generate"](
            classes=self._tensorflow.constant(numbers),
            noise=self._tensorflow.constant(np.float32(temperature) * noise),
            choice=self._tensorflow.constant(choice.astype(np.float32)),
        )
        return outputs["images"].numpy()

    def score(
        self, images: ArrayLike, num_samples: int = 10, seed: int = 0
    ) -> np.ndarray:
        """Return how unusual each image is, float32 `(n,)`."""
        size = self._sizes["score"]
        draws = [
            inference.draw_noise(1, size, (seed, sample))
            for sample in range(num_samples)
        ]
        noise = self._tensorflow.constant(np.concatenate(draws))
        return self._of_images(images, "score", "scores", noise=noise)

    def _of_images(self, images, name, *outputs, **others):
        """Return outputs of an endpoint side by side, some images at a time."""
        images = checked_images(images, self.image_shape, self.has_features)
        concat, constant = self._tensorflow.concat, self._tensorflow.constant

        def answer(chunk):
            grey_levels = np.rint(255 * ops.convert_to_numpy(chunk)).astype(np.uint8)
            answers = self._call[name](images=constant(grey_levels), **others)
            return concat([answers[output] for output in outputs], axis=-1)

        samples = len(next(iter(others.values()))) if others else 1
        rows = max(len(self.class_names), samples)
        # No more images at once than pass through a backbone in training.
        size = CHUNK if self.has_features else max(1, len(images))
        return np.concatenate(
            [
                in_chunks(answer, rows, images[start : start + size])
                for start in range(0, max(1, len(images)), size)
            ]
        )


@contextlib.contextmanager
def _reading(path):
    """Turn TensorFlow's error about a damaged SavedModel into an `InputError`."""
    from google.protobuf.message import DecodeError
    from tensorflow.errors import OpError

    try:
        yield
    except (*DAMAGE, DecodeError, OpError) as error:
        raise InputError(
            f"cannot load {str(path)!r}: no SavedModel of ssvae ({first_line(error)})"
        ) from None


def _graph(path):
    """Return the message of TensorFlow that a graph's file holds."""
    from tensorflow.core.protobuf import saved_model_pb2

    return saved_model_pb2.SavedModel.FromString(path.read_bytes())


def _check_graph(graph, path):
    """Raise `InputError` if a graph does more than compute.

    A SavedModel is a program: an operation may write files, or run Python.
    """
    from tensorflow.python.framework import op_def_registry

    names = set()
    for part in graph.meta_graphs:
        names |= {node.op for node in part.graph_def.node}
        for function in part.graph_def.library.function:
            names |= {node.op for node in function.node_def}
    for name in sorted(names - ALLOWED):
        known = op_def_registry.get(name)
        if known is None or known.is_stateful or name in REFUSED:
            raise InputError(
                f"cannot load {str(path)!r}: its graph holds the operation "
                f"{name}, which no export of ssvae has"
            )
