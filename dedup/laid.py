"""Texts into memory, from wherever they lie: what works on them again and again is not to wait for a file's pages."""

import numpy as np

from dedup.arrays import Rows, offsets
from dedup.kernels.blocks import BLOCK
from dedup.kernels.sketch import lay_texts
from dedup.kernels.snippets import count_characters
from dedup.records import Texts

__all__ = ["laid", "n_characters"]


def laid(texts: Texts, rows: Rows) -> Texts:
    """The texts of some rows end to end, with a block of room behind."""
    begins, ends = texts.offsets[rows], texts.offsets[rows + 1]
    found = offsets(ends - begins)
    if texts.read:
        return Texts(values=texts.read(rows), offsets=found)
    values = np.zeros(found[-1] + BLOCK, np.uint8)
    lay_texts(texts.values, begins, values, found)
    return Texts(values=values, offsets=found)


def n_characters(texts: Texts, rows: Rows) -> Rows:
    """How many characters the texts of some rows have."""
    used, places = np.unique(rows, return_inverse=True)
    part, counts = laid(texts, used), np.empty(len(used), np.int64)
    count_characters(part.values, part.offsets, np.arange(len(used)), counts)
    return counts[places]
