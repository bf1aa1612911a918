"""The character tables of `dedup/data/unicode.npz`, read once."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Tables", "tables"]


class Tables(NamedTuple):
    """`block` uint16 (4352,), `kinds` uint8 (n, 256), `folds` uint64 (n, 256); see `dedup/data/make_unicode.py`."""

    block: NDArray[np.uint16]
    kinds: NDArray[np.uint8]
    folds: NDArray[np.uint64]


@cache
def tables() -> Tables:
    """The tables, read-only."""
    with files("dedup.data").joinpath("unicode.npz").open("rb") as file, np.load(file) as stored:
        return Tables(stored["block"], stored["kinds"], stored["folds"])
