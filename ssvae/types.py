"""Types that many signatures share."""

import os
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

# A tensor of the Keras backend in use. The three backends have no common class.
Tensor: TypeAlias = Any
# Anything that NumPy turns into an array: an array, or a list or tuple of numbers.
ArrayLike: TypeAlias = np.ndarray | list | tuple
PathLike: TypeAlias = str | os.PathLike[str]
# Prints a line about work that takes long, for example `ssvae.cli.console.say`.
Say: TypeAlias = Callable[[str], None]
