"""Who trains one model together: several devices, several processes, or this one alone.

The engines are `tf.distribute` on TensorFlow and `keras.distribution` on JAX. All
replicas begin with the same weights; each takes its part of every batch, its own noise,
and the mean of all gradients. One process, the chief, writes.
"""

import contextlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass

from ssvae.errors import InputError, causes

WAYS = ("mirrored", "multiworker")


@dataclass(frozen=True)
class Workers:
    """The processes that train one model together, and which of them this one is.

    Attributes:
        number: Of this process, from 0, the chief: it alone writes the run folder.
        count: Processes.
        replicas: Copies of the model over all processes, one a device; each takes its
            part of every batch.
        scope: Function that returns a context manager in which to build the model and
            to train it.
        wait: Function that returns when all workers have called it.
        is_lost: Function that returns whether an error of the backend means that
            another worker was lost.
    """

    number: int = 0
    count: int = 1
    replicas: int = 1
    scope: Callable = contextlib.nullcontext
    wait: Callable = lambda: None
    is_lost: Callable[[BaseException], bool] = lambda error: False

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the run folder."""
        return self.number == 0

    def check(self, config):
        """Raise `InputError` if a config's batches cannot be shared out."""
        for name in ("labeled_batch_size", "unlabeled_batch_size"):
            size = getattr(config, name)
            if size % self.replicas:
                raise InputError(
                    f"{name}: got {size}, but {self.replicas} replicas share it: need "
                    f"a multiple of {self.replicas}"
                )

    @contextlib.contextmanager
    def together(self):
        """Raise `InputError` where another worker is lost before the block ends."""
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

    They are read from `TF_CONFIG`, where Kubeflow and Ray Train put them.

    Raises:
        InputError: If they are not there.
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
