"""The pairs whose judgment tells how good results are, and a fair sample of them.

Within clusters these are each dropped document with the text that is kept in its place; between clusters, or documents
outside, of all reported matches between the same two in one relation the one that covers most. So a large cluster
counts by its size and not by its square.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import chain
from math import sqrt
from typing import Generic, NamedTuple, TypeVar

from dedup.records import Cluster

__all__ = ["Apart", "Drawn", "Stratum", "draw", "together"]

LEAST_EACH = 10
"""Pairs that are drawn of every stratum, where it has as many."""

T = TypeVar("T")
Pair = tuple[str, str]
Side = str | int


class Stratum(NamedTuple):
    """Pairs of one relation that share a cluster, or of one that do not."""

    relation: str
    together: bool


class Drawn(NamedTuple):
    """A pair of the sample, the lesser id left."""

    left: str
    right: str
    stratum: Stratum


class Apart(Generic[T]):
    """Matches between clusters as they come; of those between the same two the strongest stays, and what it carries."""

    def __init__(self, cluster_of: Mapping[str, str]) -> None:
        self._cluster_of = cluster_of
        self.best: dict[tuple[str, str, str], tuple[tuple[float, float, str, str], T]] = {}

    def add(self, pair: Pair, relation: str, strength: tuple[float, float], carried: T) -> bool:
        """Take a match in; False where both sides share a cluster. `strength` are coverage and confidence."""
        left, right = (self._cluster_of.get(name) for name in pair)
        if left is not None and left == right:
            return False
        # An id may look like a cluster's, so the two kinds of side are told apart.
        sides = sorted((f"c {left}" if left else f"d {pair[0]}", f"c {right}" if right else f"d {pair[1]}"))
        key, place = (sides[0], sides[1], relation), (-strength[0], -strength[1], *pair)
        if key not in self.best or place < self.best[key][0]:
            self.best[key] = place, carried
        return True

    def pairs(self) -> dict[Stratum, list[Pair]]:
        """The strongest, by relation."""
        found: dict[Stratum, list[Pair]] = {}
        for (_, _, relation), (place, _) in self.best.items():
            found.setdefault(Stratum(relation, together=False), []).append((place[2], place[3]))
        return found


def together(clusters: Iterable[Cluster], earlier: Collection[str] = ()) -> dict[Stratum, list[Pair]]:
    """Each dropped document with the one that is kept in its place, by relation; none of `earlier` is dropped."""
    found: dict[Stratum, list[Pair]] = {}
    for cluster in clusters:
        for member in cluster.members:
            if member.id != cluster.representative and member.id not in earlier:
                a, b = sorted((member.id, cluster.representative))
                found.setdefault(Stratum(member.relation, together=True), []).append((a, b))
    return found


def draw(pairs: Mapping[Stratum, Sequence[Pair]], n_pairs: int, seed: int) -> list[Drawn]:
    """A random sample of each stratum, by the square root of its size, in an order that can be broken off anywhere.

    Which pairs are drawn depends on their ids and the seed only, so a pair stays in the sample when others come or go.
    """
    weight = sum(sqrt(len(own)) for own in pairs.values())
    drawn = list[tuple[float, Drawn]]()
    for stratum in sorted(pairs):
        own = pairs[stratum]
        n = min(len(own), max(LEAST_EACH, round(n_pairs * sqrt(len(own)) / weight)))
        chosen = sorted(own, key=lambda pair: _rank(pair, seed))[:n]
        drawn += [((k + 0.5) / n, Drawn(*pair, stratum)) for k, pair in enumerate(chosen)]
    return [pair for _, pair in sorted(drawn)]


def _rank(pair: Pair, seed: int) -> bytes:
    parts = chain([str(seed)], pair)
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).digest()
