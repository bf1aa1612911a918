"""Compiled loops of the generator, kept in a folder of its own for each version of its sources.

The compiler's own cache watches no more than the file that a function stands in.
"""

import hashlib
import tempfile
from pathlib import Path

import numba

__all__ = ["compiled"]

_SOURCES = sorted(Path(__file__).parent.glob("*.py"))
_DIGEST = hashlib.blake2b(b"".join(path.read_bytes() for path in _SOURCES), digest_size=8).hexdigest()
_FOLDER = Path(tempfile.gettempdir()) / f"dedup-corpus-{_DIGEST}"


def compiled(function):
    """Compile on first use; runs without the GIL."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(_FOLDER)
    try:
        return numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    finally:
        numba.config.CACHE_DIR = before
