"""Roundups among arriving and known documents, by the rule of `stages.roundups`.

A scan has all pairs before it; here are those of a document that arrives. What connects known ones is what was answered
when they came: that one belongs to another, and that clusters are one.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Rows
from dedup.index.comparison import Pair
from dedup.io.store.values import StoredDocument
from dedup.stages import roundups

__all__ = ["holds", "parts"]

Related = Callable[[Sequence[StoredDocument], Sequence[StoredDocument]], NDArray[np.bool_]]
"""Whether each pair of documents, the earlier one left, has to do with one another."""


def holds(whole: StoredDocument, part: StoredDocument) -> bool:
    """Whether a text is long enough for a roundup that holds another."""
    return len(part.text) <= roundups.MOST_HELD * len(whole.text)


def parts(
    pairs: Mapping[Pair, bool], documents: Mapping[int, StoredDocument], clusters: Mapping[int, str], related: Related
) -> set[Pair]:  # fmt: skip
    """Which of some pairs that are one article are rather a roundup and what it holds.

    `pairs` tell whether the shorter stands in the longer; `documents` has them all by their numbers, and `clusters`
    into which clusters they have gone.
    """
    ties = _ties(documents, clusters)
    left, right = np.array([*pairs, *ties], np.int64).T
    is_held = np.array([*pairs.values(), *(False for _ in ties)])

    def measure(numbers: Rows) -> Rows:
        return np.array([len(documents[n].text) if n in documents else 0 for n in numbers.tolist()], np.int64)

    def asked(left: Rows, right: Rows) -> NDArray[np.bool_]:
        return related(*([documents[number] for number in side.tolist()] for side in (left, right)))

    found = roundups.parts(left, right, is_held, measure, asked, np.arange(len(is_held)) >= len(pairs))
    return {(a, b) for a, b in zip(left[found].tolist(), right[found].tolist(), strict=True)}


def _ties(documents: Mapping[int, StoredDocument], clusters: Mapping[int, str]) -> list[Pair]:
    """What connects known documents: each with its representative, and that with its cluster, a number below none.

    So what belongs to a roundup is not connected by that, nor are others of its cluster.
    """
    code_of = {cluster: -1 - code for code, cluster in enumerate(sorted(set(clusters.values())))}
    own = [(stored.representative, number) for number, stored in documents.items()]
    return [pair for pair in own if pair[0] != pair[1]] + [
        (code_of[clusters[number]], stored.representative) for number, stored in documents.items()
    ]
