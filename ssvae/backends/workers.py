"""The workers, processes that train one model together.

TensorFlow does this by `tf.distribute`, JAX by `keras.distribution`. Each device has a
replica, a copy of the model. All replicas start with the same weights. In every step
each of them takes its part of the batch and its own noise, and all apply the mean of
their gradients. One worker, the chief, writes the run folder.
"""

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from ssvae.config.settings import Config
from ssvae.errors import InputError, causes

# Ways to train together: all devices of one machine; processes on several machines.
WAYS = ("mirrored", "multiworker")


@dataclass(frozen=True)
class Workers:
    """The workers that train one model together, and the place of this process.

    The defaults stand for a process that trains alone.

    Attributes:
        number: Number of this process, from 0; 0 is the chief.
        count: Number of processes.
        replicas: Number of copies of the model in all processes, one per device.
        scope: Function that returns a context manager; the model is built and trained
            inside it.
        wait: Function that returns when all workers have called it.
        is_lost: Function that returns whether an error of the backend means that
            another worker was lost.
    """

    number: int = 0
    count: int = 1
    replicas: int = 1
    scope: Callable[[], AbstractContextManager] = contextlib.nullcontext
    wait: Callable[[], None] = lambda: None
    is_lost: Callable[[BaseException], bool] = lambda error: False

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the run folder."""
        return self.number == 0

    def check(self, config: Config) -> None:
        """Check that the replicas can share the batches of a config.

        Raises:
            InputError: If a batch size is no multiple of the number of replicas, or a
                backbone is to be tuned by several.
        """
        if self.replicas > 1 and config.fine_tune != "none":
            raise InputError(
                f"fine_tune: got {config.fine_tune!r}, but a backbone is tuned on one "
                "device: need none, or no --distribute"
            )
        for name in ("labeled_batch_size", "unlabeled_batch_size"):
            size = getattr(config, name)
            if size % self.replicas:
                raise InputError(
                    f"{name}: got {size}, but {self.replicas} replicas share it: need "
                    f"a multiple of {self.replicas}"
                )

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Turn the error of a lost worker, raised in the block, into an `InputError`.

        Raises:
            InputError: If another worker was lost.
        """
        try:
            yield
        except InputError:
            raise
        except Exception as error:
            if any(map(self.is_lost, causes(error))):
                raise InputError(
                    "another worker was lost: see why there, and end all others"
                ) from None
            raise


def cluster() -> tuple[list[str], int]:
    """Return the addresses of all workers and the number of this one.

    They are read from the environment variable `TF_CONFIG`, which Kubeflow and Ray
    Train set.

    Raises:
        InputError: If `TF_CONFIG` is missing or wrong.
    """
    text = os.environ.get("TF_CONFIG", "")
    try:
        config = json.loads(text)
        addresses = config["cluster"]["worker"]
        number = int(config["task"]["index"])
        if config["task"]["type"] == "worker" and 0 <= number < len(addresses):
            return list(addresses), number
    except (ValueError, KeyError, TypeError):
        pass
    raise InputError(
        f"--distribute multiworker: got TF_CONFIG={text!r}; need JSON like "
        '{"cluster": {"worker": ["host1:2222", "host2:2222"]}, '
        '"task": {"type": "worker", "index": 0}}, the same addresses for every worker '
        "and an index of its own"
    )
