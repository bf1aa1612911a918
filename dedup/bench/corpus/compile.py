"""Compiled loops of the generator, kept in a folder of its own for each version of its sources.

The compiler's own cache watches no more than the file that a function stands in.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

from dedup.kernels.cache import folder

__all__ = ["compiled"]

_SOURCES = sorted(Path(__file__).parent.glob("*.py"))
_DIGEST = hashlib.blake2b(b"".join(path.read_bytes() for path in _SOURCES), digest_size=8).hexdigest()


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile on first use; runs without the GIL."""
    kept = folder()
    config: Any = numba.config
    before = config.CACHE_DIR
    # Beside the kernels and not among them, where they would be taken for kernels that are ready.
    config.CACHE_DIR = str(kept.with_name(f"corpus-{_DIGEST}")) if kept else ""
    try:
        made: Callable[..., Any] = numba.njit(cache=kept is not None, nogil=True, error_model="numpy")(function)
    finally:
        config.CACHE_DIR = before
    return made
