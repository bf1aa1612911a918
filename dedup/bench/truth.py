"""Clusters against planted copies: the same scores for ourselves and for every other package."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import comb
from pathlib import Path

__all__ = ["APART", "Planted", "planted", "scores"]

APART = ("quotation", "template")
"""Kinds of which the two texts are different articles; an excerpt may be put together with its article or not."""
ALIKE = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """`right` was made from `left` in the way that `kind` says; `jaccard` of five-word shingles."""

    kind: str
    left: str
    right: str
    jaccard: float


def planted(path: Path) -> Iterator[Planted]:
    """The truth beside a generated collection."""
    with path.open("rb") as lines:
        for line in lines:
            found = json.loads(line)
            yield Planted(kind=found["kind"], left=found["left"], right=found["right"], jaccard=found["jaccard"])


def scores(cluster_of: Mapping[str, str], pairs: Iterable[Planted]) -> dict[str, float]:
    """Shares, 0 to 1; a text that `cluster_of` does not name stands alone.

    `recall` is of planted pairs with a resemblance of at least 0.8, forms aside, that are in one cluster; `together
    KIND` the same for all pairs of a kind. `precision` is the share of all pairs within clusters whose texts go back
    to one article, by any chain of planted copies but quotations and forms.
    """
    held: dict[str, list[bool]] = {}
    joined = []
    for pair in pairs:
        found = cluster_of.get(pair.left, pair.left) == cluster_of.get(pair.right, pair.right)
        held.setdefault(f"together {pair.kind}", []).append(found)
        if pair.kind in APART:
            continue
        joined.append((pair.left, pair.right))
        if pair.jaccard >= ALIKE:
            held.setdefault("recall", []).append(found)
    shares = {name: sum(values) / len(values) for name, values in sorted(held.items())}
    return {"precision": _precision(cluster_of, _components(joined)), **shares}


def _components(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """For each text of a pair, one name that all texts which pairs connect it with share."""
    parents: dict[str, str] = {}

    def root(name: str) -> str:
        parents.setdefault(name, name)
        while parents[name] != name:
            parents[name] = parents[parents[name]]
            name = parents[name]
        return name

    for left, right in pairs:
        first, second = sorted((root(left), root(right)))
        parents[second] = first
    return {name: root(name) for name in parents}


def _precision(cluster_of: Mapping[str, str], true: Mapping[str, str]) -> float:
    within = Counter(cluster_of.values())
    right = Counter((cluster, true.get(name, name)) for name, cluster in cluster_of.items())
    n_pairs = sum(comb(n, 2) for n in within.values())
    return sum(comb(n, 2) for n in right.values()) / n_pairs if n_pairs else 1.0
