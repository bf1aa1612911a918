"""The one decorator that makes a kernel: compiled on first use, kept in a cache, running without the GIL."""

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])

__all__ = ["kernel"]


def kernel(function: F) -> F:
    """Compile `function`; NumPy's division errors, no fast-math: results are the same on every machine."""
    compiled: F = njit(cache=True, nogil=True, error_model="numpy")(function)
    return compiled
