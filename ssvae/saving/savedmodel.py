"""A SavedModel of `ssvae.export`, opened again: answers without the networks' code."""

import json
from pathlib import Path

import numpy as np
from keras import ops

from ssvae.data.images import checked_images
from ssvae.errors import InputError
from ssvae.saving.find import GRAPH_FILE
from ssvae.vae import inference
from ssvae.vae.arrays import class_rows, in_chunks

# Operations that TensorFlow counts as free of side effects, but that no model needs.
REFUSED = frozenset({"MatchingFiles", "PyFuncStateless", "ReadFile"})
# What a graph may do beside arithmetic: keep variables, read when it is opened.
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
    """What a SavedModel answers; the methods are those of `SSVAE` of the same names.

    Args:
        path: Path of the folder.

    Raises:
        InputError: If it is none that `ssvae.export` wrote.
    """

    def __init__(self, path):
        try:
            import tensorflow
        except ImportError as error:
            raise InputError(
                f"{str(path)!r} is a SavedModel, which TensorFlow opens, and there is "
                f"none here ({error}): open the run folder it was exported from"
            ) from None
        self._tensorflow = tensorflow
        try:
            _check_graph(Path(path) / GRAPH_FILE)
            self._model = tensorflow.saved_model.load(str(path))
            self._call = self._model.signatures
            about = json.loads(self._call["about"]()["about"].numpy())
            self.class_names = tuple(about["class_names"])
            self.image_shape = tuple(about["image_shape"])
            self._sizes = about["noise_sizes"]
        except InputError:
            raise
        # What TensorFlow raises for damaged files is not to be foreseen.
        except Exception as error:
            reason = str(error).strip().split("\n")[0] or type(error).__name__
            raise InputError(
                f"cannot load {str(path)!r}: no SavedModel of ssvae ({reason})"
            ) from None

    def predict_proba(self, images) -> np.ndarray:
        """Return the probability of every class, float32 `(n, num_classes)`."""
        return self._of_images("classify", "probabilities", images)

    def encode(self, images) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and log-variance of q(z|x,y), y the likeliest class."""
        return tuple(
            self._of_images("encode", name, images) for name in ("mean", "log_variance")
        )

    def reconstruct(self, images) -> np.ndarray:
        """Return each image as its latent mean decodes it, float32 `(n, h, w, c)`."""
        return self._of_images("reconstruct", "reconstructions", images)

    def generate(self, classes, seed=0, temperature=1.0) -> np.ndarray:
        """Return a new image of each class asked for, from the fitted prior."""
        one_hot = class_rows(np.asarray(classes), len(self.class_names))
        classes = one_hot.argmax(axis=1).astype(np.int32)
        noise = inference.draw_noise(len(classes), self._sizes["score"], seed)
        noise = noise[:, : self._sizes["generate"]]
        choice = inference.draw_choice(len(classes), seed)
        outputs = self._call["generate"](
            classes=self._tensorflow.constant(classes),
            noise=self._tensorflow.constant(np.float32(temperature) * noise),
            choice=self._tensorflow.constant(choice.astype(np.float32)),
        )
        return outputs["images"].numpy()

    def score(self, images, num_samples=10, seed=0) -> np.ndarray:
        """Return how unusual each image is, float32 `(n,)`."""
        size = self._sizes["score"]
        draws = [
            inference.draw_noise(1, size, (seed, sample))
            for sample in range(num_samples)
        ]
        noise = self._tensorflow.constant(np.concatenate(draws))
        return self._of_images("score", "scores", images, noise=noise)

    def _of_images(self, name, output, images, **others):
        """Return one output of an endpoint, some images at a time."""
        images = checked_images(images, self.image_shape)

        def answer(chunk):
            grey_levels = np.rint(255 * ops.convert_to_numpy(chunk)).astype(np.uint8)
            return self._call[name](
                images=self._tensorflow.constant(grey_levels), **others
            )[output]

        samples = len(next(iter(others.values()))) if others else 1
        rows = max(len(self.class_names), samples)
        return in_chunks(answer, rows, images)


def _check_graph(path):
    """Raise `InputError` if a graph does more than compute.

    A SavedModel is a program: an operation may write files, or run Python.
    """
    from tensorflow.core.protobuf import saved_model_pb2
    from tensorflow.python.framework import op_def_registry

    graph = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    names = set()
    for part in graph.meta_graphs:
        names |= {node.op for node in part.graph_def.node}
        for function in part.graph_def.library.function:
            names |= {node.op for node in function.node_def}
    for name in sorted(names - ALLOWED):
        known = op_def_registry.get(name)
        if known is None or known.is_stateful or name in REFUSED:
            raise InputError(
                f"cannot load {str(path.parent)!r}: its graph holds the operation "
                f"{name}, which no export of ssvae has"
            )
