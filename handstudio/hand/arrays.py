"""The array library of an array, numpy or torch, found without importing either."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from array_api_compat import array_namespace

Array: TypeAlias = Any
"""A numpy array or a torch tensor; what a function is given is what it gives back."""


def namespace(*arrays: Array) -> Any:
    """The array API namespace that ``arrays`` share; Python scalars and ``None`` are ignored.

    Raises:
        TypeError: when numpy arrays and tensors are mixed.
    """
    if all(isinstance(array, np.ndarray) for array in arrays) and hasattr(np, "concat"):
        return np
    return array_namespace(*arrays)


def like(values: Any, reference: Array) -> Array:
    """``values`` as an array of the library, floating type and device of ``reference``."""
    if isinstance(reference, np.ndarray):
        return np.asarray(values, dtype=reference.dtype)
    if isinstance(values, np.ndarray) and not values.flags.writeable:
        values = values.copy()
    return array_namespace(reference).asarray(values, dtype=reference.dtype, device=reference.device)
