"""Which known documents an arriving one is worth comparing with, by the rules of `stages.candidates` and `passages`."""

from dataclasses import dataclass

import numpy as np

from dedup.arrays import Rows, Scores
from dedup.config import Config, PassageConfig
from dedup.index.keys import Kind, Slices
from dedup.io.store.tail import Tail
from dedup.io.store.values import Hits, Keys, Postings, Store, Traits
from dedup.kernels import postings as kernel
from dedup.stages.passages import FLOOR_TEXTS, PSEUDO_FINGERPRINTS, PSEUDO_TEXTS

__all__ = ["Proposed", "propose"]

UNITS = 1 << 12
"""Weights of fingerprints are whole numbers of this part, so that their sums do not depend on the order of adding."""
NUMBER_BITS = np.int64(40)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """Pairs of an arriving document's place and a known or earlier arriving document's number, each once, sorted."""

    places: Rows
    numbers: Rows


def propose(store: Store, arriving: Postings, slices: Slices, config: Config, *, together: bool) -> Proposed:
    """Pairs worth comparing; documents that arrive `together` are also proposed to those behind them."""
    draft = None
    if together and len(arriving.numbers) > 1:
        draft = Tail(arriving.traits.signatures.shape[1])
        draft.append(arriving)
    banded = _banded(store, draft, arriving, slices, config)
    shared = _shared(store, draft, arriving, slices, config.passages)
    packed = np.unique(np.concatenate([banded, shared]))
    return Proposed(places=packed >> NUMBER_BITS, numbers=packed & ((1 << NUMBER_BITS) - 1))


def _find(
    store: Store, draft: Tail | None, arriving: Postings, owners: Rows, chosen: Rows, most: int, *, beyond: bool
) -> tuple[Hits, Rows]:
    """Who holds the chosen keys, of the draft only those that come before the asker; and the asker of each hit."""
    keys = arriving.keys[chosen]
    order = np.argsort(keys, kind="stable")
    found = store.find(keys[order], most, beyond=beyond)
    counts, places, numbers = found.counts, found.places, found.numbers
    askers = arriving.numbers[owners[chosen[order]]]
    if draft is not None:
        extra = _in_draft(draft, keys[order], most + 1)
        extra = extra[extra[:, 1] < askers[extra[:, 0]]]
        counts = counts + np.bincount(extra[:, 0], minlength=len(keys)).astype(np.int32)
        places, numbers = np.concatenate([places, extra[:, 0]]), np.concatenate([numbers, extra[:, 1]])
    hits = Hits(counts=counts, places=places, numbers=numbers)
    return hits, owners[chosen[order]][places]


def _in_draft(draft: Tail, keys: Keys, most: int) -> Rows:
    counts = np.zeros(len(keys), np.int32)
    draft.count(keys, most, counts)
    wanted = np.minimum(counts, most)
    out = np.empty((int(wanted.sum()), 2), np.int64)
    return out[: draft.collect(keys, wanted, np.zeros(len(keys), np.int32), out)]


def _pack(places: Rows, numbers: Rows) -> Rows:
    return places << NUMBER_BITS | numbers


def _banded(store: Store, draft: Tail | None, arriving: Postings, slices: Slices, config: Config) -> Rows:
    """Pairs of the same content, and pairs that share a band and enough places of their signatures."""
    chosen = np.flatnonzero(slices.kinds != Kind.FINGERPRINT)
    hits, owners = _find(store, draft, arriving, slices.owners, chosen, config.candidates.max_bucket, beyond=True)
    packed = np.unique(_pack(owners, hits.numbers))
    places, numbers = packed >> NUMBER_BITS, packed & ((1 << NUMBER_BITS) - 1)
    traits = _traits(store, draft, arriving, numbers)
    agreeing = np.empty(len(packed), np.int64)
    kernel.agreement(arriving.traits.signatures, places, traits.signatures, agreeing)
    alike = agreeing >= np.ceil(config.candidates.min_agreement * arriving.traits.signatures.shape[1])
    return _best(packed[alike], agreeing[alike], config.passages.n_most)


def _shared(store: Store, draft: Tail | None, arriving: Postings, slices: Slices, config: PassageConfig) -> Rows:
    """Pairs that share rare fingerprints, many enough for how many both have."""
    chosen = np.flatnonzero(slices.kinds == Kind.FINGERPRINT)
    hits, owners = _find(store, draft, arriving, slices.owners, chosen, config.max_frequency - 1, beyond=False)
    rare = hits.counts[hits.places] < config.max_frequency
    owners, numbers = owners[rare], hits.numbers[rare]
    weights = np.log((arriving.numbers[owners] + PSEUDO_TEXTS) / (hits.counts[hits.places[rare]] + 1.0))
    packed = _pack(owners, numbers)
    order = np.argsort(packed, kind="stable")
    whole = np.rint(weights[order] * UNITS).astype(np.int64)
    out, sums = np.empty(len(packed), np.uint64), np.empty(len(packed), np.int64)
    n = kernel.score(packed[order].astype(np.uint64), whole, out, sums)
    pairs = out[:n].astype(np.int64)
    places, numbers = pairs >> NUMBER_BITS, pairs & ((1 << NUMBER_BITS) - 1)
    own = arriving.traits.n_fingerprints[places] + PSEUDO_FINGERPRINTS
    other = _traits(store, draft, arriving, numbers).n_fingerprints + PSEUDO_FINGERPRINTS
    scores = sums[:n] / UNITS * (own * other) ** -0.375
    enough = scores >= _floors(arriving.numbers[places], config)
    return _best(pairs[enough], scores[enough], config.n_most)


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
