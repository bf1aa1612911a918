"""Texts into memory, from wherever they lie: what works on them again and again is not to wait for a file's pages."""

import numpy as np

from dedup.arrays import Rows, offsets
from dedup.kernels.blocks import BLOCK
from dedup.kernels.sketch import lay_texts
from dedup.records import Texts

__all__ = ["laid"]


def laid(texts: Texts, rows: Rows) -> Texts:
    """The texts of some rows end to end, with a block of room behind."""
    begins, ends = texts.offsets[rows], texts.offsets[rows + 1]
    found = offsets(ends - begins)
    values = np.zeros(found[-1] + BLOCK, np.uint8)
    if texts.read:
        texts.read(begins, ends, values)
    else:
        lay_texts(texts.values, begins, values, found)
    return Texts(values=values, offsets=found)
