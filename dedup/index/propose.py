"""Which known documents an arriving one is worth comparing with, by the rules of `stages.candidates` and `passages`."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Bytes, Positions, Rows, Scores
from dedup.config import Config, PassageConfig
from dedup.index.keys import Kind, Owned
from dedup.io.store.tail import Tail
from dedup.io.store.values import Hits, Postings, Store, Traits
from dedup.kernels import postings as kernel
from dedup.stages.passages import FLOOR_TEXTS, PSEUDO_FINGERPRINTS, PSEUDO_TEXTS

__all__ = ["Proposed", "propose"]

UNITS = 1 << 12
"""Weights of fingerprints are whole numbers of this part, so that their sums do not depend on the order of adding."""
NUMBER_BITS = np.int64(40)
NUMBER_MASK = (np.int64(1) << NUMBER_BITS) - np.int64(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """Pairs of an arriving document's place and a known or earlier arriving document's number, each once, sorted."""

    places: Rows
    numbers: Rows


def propose(store: Store, arriving: Postings, owned: Owned, config: Config, *, together: bool) -> Proposed:
    """Pairs worth comparing; documents that arrive `together` are also proposed to those behind them."""
    draft = None
    if together and len(arriving.numbers) > 1:
        draft = Tail(arriving.traits.signatures.shape[1])
        draft.append(arriving)
    order = np.argsort(owned.keys, kind="stable")
    owners, kinds = owned.owners[order], owned.kinds[order]
    hits = _find(store, draft, arriving, Owned(owned.keys[order], owned.offsets, owners, kinds), config)
    askers, is_shared = owners[hits.places], kinds[hits.places] == Kind.FINGERPRINT
    met = np.unique(_pack(askers[~is_shared], hits.numbers[~is_shared]))
    shared, sums = _sums(arriving, askers, hits, is_shared & (hits.counts[hits.places] < config.passages.max_frequency))
    traits = _traits(store, draft, arriving, np.concatenate([met, shared]) & NUMBER_MASK)
    n = len(met)
    banded = _banded(arriving, met, traits.signatures[:n], config)
    rare = _passages(arriving, shared, sums, traits.n_fingerprints[n:], config.passages)
    packed = np.unique(np.concatenate([banded, rare]))
    return Proposed(places=packed >> NUMBER_BITS, numbers=packed & NUMBER_MASK)


def _find(store: Store, draft: Tail | None, arriving: Postings, owned: Owned, config: Config) -> Hits:
    """Who holds each key: known documents, and of the draft those that come before the asker."""
    is_rare = owned.kinds == Kind.FINGERPRINT
    most = np.where(is_rare, config.passages.max_frequency - 1, config.candidates.max_bucket).astype(np.int32)
    found = store.find(owned.keys, most, is_rare)
    if draft is None:
        return found
    counts = np.zeros(len(most), np.int32)
    draft.count(owned.keys, most, counts)
    wanted = np.minimum(counts, most + 1)
    out = np.empty((int(wanted.sum()), 2), np.int64)
    out = out[: draft.collect(owned.keys, wanted, np.zeros_like(wanted), out)]
    out = out[out[:, 1] < arriving.numbers[owned.owners[out[:, 0]]]]
    return Hits(
        counts=found.counts + np.bincount(out[:, 0], minlength=len(most)).astype(np.int32),
        places=np.concatenate([found.places, out[:, 0]]),
        numbers=np.concatenate([found.numbers, out[:, 1]]),
    )


def _pack(places: Rows, numbers: Rows) -> Rows:
    return places << NUMBER_BITS | numbers


def _banded(arriving: Postings, met: Rows, signatures: Bytes, config: Config) -> Rows:
    """Those of the pairs with the same content or the same band that share enough places of their signatures."""
    own = arriving.traits.signatures
    agreeing = np.empty(len(met), np.int64)
    kernel.agreement(own, met >> NUMBER_BITS, signatures, agreeing)
    alike = agreeing >= np.ceil(config.candidates.min_agreement * own.shape[1])
    return _best(met[alike], agreeing[alike], config.passages.n_most)


def _sums(arriving: Postings, askers: Rows, hits: Hits, rare: NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """Pairs that share rare fingerprints, each once, and what these weigh, in `UNITS`."""
    packed, askers, counts = _pack(askers[rare], hits.numbers[rare]), askers[rare], hits.counts[hits.places[rare]]
    weights = np.log((arriving.numbers[askers] + PSEUDO_TEXTS) / (counts + 1.0))
    order = np.argsort(packed, kind="stable")
    out, sums = np.empty(len(packed), np.int64), np.empty(len(packed), np.int64)
    n = kernel.score(packed[order], np.rint(weights[order] * UNITS).astype(np.int64), out, sums)
    return out[:n], sums[:n]


def _passages(arriving: Postings, shared: Rows, sums: Rows, n_fingerprints: Positions, config: PassageConfig) -> Rows:
    """Those of the pairs whose rare fingerprints weigh enough for how many both have."""
    places = shared >> NUMBER_BITS
    own = arriving.traits.n_fingerprints[places] + PSEUDO_FINGERPRINTS
    scores = sums / UNITS * (own * (n_fingerprints + PSEUDO_FINGERPRINTS)) ** -0.375
    enough = scores >= _floors(arriving.numbers[places], config)
    return _best(shared[enough], scores[enough], config.n_most)


def _floors(n_texts: Rows, config: PassageConfig) -> Scores:
    """The least score of a pair in a collection of so many texts."""
    doublings = np.log2(np.maximum(n_texts, 1) / FLOOR_TEXTS)
    floors: Scores = np.maximum(config.least_floor, config.floor + config.floor_growth * doublings)
    return floors


def _traits(store: Store, draft: Tail | None, arriving: Postings, numbers: Rows) -> Traits:
    """Traits of the documents that were found, known ones and those of this step."""
    found = store.traits(numbers)
    if draft is not None:
        new = np.flatnonzero(numbers >= arriving.numbers[0])
        own = draft.traits(numbers[new] - arriving.numbers[0])
        found.signatures[new], found.n_fingerprints[new] = own.signatures, own.n_fingerprints
    return found


def _best(packed: Rows, scores: "Rows | Scores", most: int) -> Rows:
    """The `most` best pairs of each place; of equal ones the older."""
    places = packed >> NUMBER_BITS
    order = np.lexsort((packed, -scores, places))
    begins = np.searchsorted(places[order], places[order])
    return packed[order[np.arange(len(order)) - begins < most]]
