"""Names of types that many signatures share."""

import os
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

# A tensor of the Keras backend in use; the three backends share no class.
Tensor: TypeAlias = Any
# What NumPy makes an array of: an array, or a list of numbers.
ArrayLike: TypeAlias = np.ndarray | list | tuple
PathLike: TypeAlias = str | os.PathLike[str]
# Prints a line about work that takes long.
Say: TypeAlias = Callable[[str], None]
