"""The evidence of a match in words that a person can check against the texts."""

import json
from functools import cache

import numpy as np

from dedup.arrays import Bytes, Positions, Rows, offsets
from dedup.kernels import phrases as kernel
from dedup.kernels.phrases import SAID
from dedup.records import EQUAL, Relation

__all__ = ["SAID", "listed", "reasons"]


def reasons(relation: Relation, measures: Positions) -> tuple[str, ...]:
    """The evidence of a pair, most telling first; `measures` in the order of `SAID`."""
    if relation in EQUAL:
        return (EQUAL[relation],)
    written, _ = listed(measures[None])
    return tuple(json.loads(written.tobytes() + b"]"))


def listed(measures: Positions) -> tuple[Bytes, Rows]:
    """The evidence of pairs that are not equal, (n, len(SAID)), as lists of JSON without their ends; sizes."""
    out, sizes = np.empty(len(measures) * kernel.most_bytes(), np.uint8), np.empty(len(measures), np.int64)
    n_bytes = kernel.write_reasons(measures, *_phrases(), out, sizes)
    return out[:n_bytes], sizes


@cache
def _phrases() -> tuple[Bytes, Rows]:
    """What may be said, end to end, and where each phrase begins and the last ends."""
    values = np.frombuffer("".join(kernel.PHRASES).encode(), np.uint8)
    return values, offsets(np.array([len(phrase) for phrase in kernel.PHRASES], np.int64))
