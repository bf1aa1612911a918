"""Hashes of bytes that are the same in every run."""

from itertools import pairwise

import numpy as np
from xxhash import xxh3_64_intdigest, xxh3_128_digest

from dedup.arrays import Bytes, Hashes, Rows

__all__ = ["number", "text_hashes"]

number = xxh3_64_intdigest
"""XXH3 of some bytes, 64 bits."""


def text_hashes(values: Bytes, bounds: Rows) -> Hashes:
    """XXH3 of each text's bytes, 128 bits as (high, low): (n_texts, 2); `bounds` (n_texts + 1,) are in `values`."""
    view = values.data
    digests = b"".join([xxh3_128_digest(view[first:last]) for first, last in pairwise(bounds.tolist())])
    return np.frombuffer(digests, ">u8").astype(np.uint64).reshape(-1, 2)
