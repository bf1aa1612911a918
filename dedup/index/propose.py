"""Which known documents an arriving one is worth comparing with, by the rules of `stages.candidates` and `passages`."""

from dataclasses import dataclass

import numpy as np

from dedup.arrays import Bytes, Positions, Rows, Scores
from dedup.config import Config, PassageConfig
from dedup.index.keys import Kind, Owned
from dedup.io.store.tail import Tail
from dedup.io.store.values import Hits, Keys, Postings, Store, Traits
from dedup.kernels import meetings as kernel
from dedup.kernels.postings import agreement
from dedup.stages.collection import Evidence
from dedup.stages.passages import FLOOR_TEXTS, PSEUDO_FINGERPRINTS, PSEUDO_TEXTS

__all__ = ["Proposed", "drafted", "propose"]

UNITS = 1 << 12
"""Weights of fingerprints are whole numbers of this part, so that their sums do not depend on the order of adding."""
MOST_COMPARED = 16
"""So many pairs of an arriving document are compared, those that score best by bands and as many by passages.

What will be common is rare at first, so more is proposed as documents arrive than of a whole collection: of long texts
in a language that was new to an index all 64 pairs of `n_most`, which took 40 ms a text. Of labelled copies and
rewrites as many are found as with 64, within a tenth of a point of each class (`recall` in results/index.json)."""
NUMBER_BITS = np.int64(40)
NUMBER_MASK = (np.int64(1) << NUMBER_BITS) - np.int64(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """Pairs of an arriving document's place and a known or earlier arriving document's number, each once, sorted."""

    places: Rows
    numbers: Rows


def drafted(arriving: Postings) -> Tail:
    """Documents of a step that are also proposed to those behind them."""
    draft = Tail(arriving.traits.signatures.shape[1])
    draft.append(arriving)
    return draft


def propose(
    store: Store, draft: Tail | None, arriving: Postings, owned: Owned, evidence: Evidence, config: Config
) -> Proposed:
    """Pairs worth comparing, with documents of the store and with those of the draft that come before."""
    met = _met(store, draft, arriving, owned, evidence, config)
    pairs = [np.empty((0, 2), np.int64)]
    banded, shared = met[met[:, 2] < 0], met[met[:, 2] >= 0]
    if len(banded):
        pairs.append(_banded(arriving, banded, _traits(store, draft, banded[:, 1]).signatures, config))
    if len(shared):
        pairs.append(_passages(store, draft, arriving, shared, config.passages))
    packed: Rows = np.unique(_pack(np.concatenate(pairs)))
    return Proposed(places=packed >> NUMBER_BITS, numbers=packed & NUMBER_MASK)


def _met(
    store: Store, draft: Tail | None, arriving: Postings, owned: Owned, evidence: Evidence, config: Config
) -> Rows:
    """Whom each arriving document has met, as `kernels.meetings` has it; keys are looked for in their order."""
    order = np.argsort(owned.keys)
    places = np.empty_like(order)
    places[order] = np.arange(len(order))
    is_rare = owned.kinds[order] == Kind.FINGERPRINT
    keys, owners = owned.keys[order], owned.owners[order]
    # A document that arrives is one more holder of its fingerprints, and asks for the bands of others.
    most = (config.passages.max_frequency - is_rare).astype(np.int32)
    hits = store.find(keys, most, is_rare)
    if draft is not None:
        hits = _with_draft(hits, draft, keys, most, arriving.numbers[owners])
    out = np.empty((len(hits.numbers), 3), np.int64)
    least_pages = config.evidence.furniture_pages
    bounds = np.array([config.passages.max_frequency, PSEUDO_TEXTS, UNITS, least_pages], np.float64)
    n, _ = kernel.meet(
        (arriving.numbers, arriving.traits.sites), (owned.offsets, places, is_rare),
        (hits.counts, hits.starts, hits.numbers, hits.sites), (evidence.sites, evidence.site_floors), bounds, out,
    )  # fmt: skip
    return out[:n]


def _with_draft(found: Hits, draft: Tail, keys: Keys, most: Positions, askers: Rows) -> Hits:
    """What was found, and of the draft the holders of each key that come before its asker, behind."""
    counts = np.zeros(len(most), np.int32)
    draft.count(keys, most, counts)
    wanted = np.minimum(counts, most + 1)
    starts = np.append(0, np.cumsum(wanted))
    rows, taken = np.empty(int(starts[-1]), np.int64), np.zeros(len(keys), np.int32)
    draft.collect(keys, wanted, starts, taken, rows, 0)
    numbers, places = draft.column("numbers")[rows], np.repeat(np.arange(len(keys)), wanted)
    before = numbers < askers[places]
    places, rows, n_before = places[before], rows[before], np.diff(found.starts)
    n_own = np.bincount(places, minlength=len(most))
    starts = np.append(0, np.cumsum(n_before + n_own))
    at = np.concatenate([
        np.arange(len(found.numbers)) + np.repeat(starts[:-1] - found.starts[:-1], n_before),
        np.arange(len(rows)) + np.repeat(found.starts[1:], n_own),
    ])  # fmt: skip
    hits = Hits(
        counts=found.counts + n_own.astype(np.int32), starts=starts, numbers=np.empty(len(at), np.int64),
        sites=np.empty(len(at), np.uint64),
    )  # fmt: skip
    hits.numbers[at] = np.concatenate([found.numbers, numbers[before]])
    hits.sites[at] = np.concatenate([found.sites, draft.column("sites")[rows]])
    return hits


def _pack(pairs: Rows) -> Rows:
    return pairs[:, 0] << NUMBER_BITS | pairs[:, 1]


def _banded(arriving: Postings, met: Rows, signatures: Bytes, config: Config) -> Rows:
    """Those with the same content or the same band that share enough places of their signatures."""
    own = arriving.traits.signatures
    agreeing = np.empty(len(met), np.int64)
    agreement(own, met[:, 0], signatures, agreeing)
    alike = agreeing >= np.ceil(config.candidates.min_agreement * own.shape[1])
    return _best(met[alike, :2], agreeing[alike], min(config.passages.n_most, MOST_COMPARED))


def _passages(store: Store, draft: Tail | None, arriving: Postings, shared: Rows, config: PassageConfig) -> Rows:
    """Those whose rare fingerprints weigh enough for how many both have."""
    own = arriving.traits.n_fingerprints + PSEUDO_FINGERPRINTS
    floors = _floors(arriving.numbers, config)
    # Most share a phrase by chance, and would not weigh enough however few fingerprints they had.
    least = floors * UNITS * (own * PSEUDO_FINGERPRINTS) ** 0.375 * (1 - 1e-9)
    shared = shared[shared[:, 2] >= least[shared[:, 0]]]
    if not len(shared):
        return shared[:, :2]
    places, others = shared[:, 0], _traits(store, draft, shared[:, 1]).n_fingerprints
    scores = shared[:, 2] / UNITS * (own[places] * (others + PSEUDO_FINGERPRINTS)) ** -0.375
    enough = scores >= floors[places]
    return _best(shared[enough, :2], scores[enough], min(config.n_most, MOST_COMPARED))


def _floors(n_texts: Rows, config: PassageConfig) -> Scores:
    """The least score of a pair in a collection of so many texts."""
    doublings = np.log2(np.maximum(n_texts, 1) / FLOOR_TEXTS)
    floors: Scores = np.maximum(config.least_floor, config.floor + config.floor_growth * doublings)
    return floors


def _traits(store: Store, draft: Tail | None, numbers: Rows) -> Traits:
    """Traits of the documents that were found, known ones and those of this step."""
    found = store.traits(numbers)
    if draft is not None:
        first = draft.column("numbers")[0]
        new = np.flatnonzero(numbers >= first)
        own = draft.traits(numbers[new] - first)
        found.signatures[new], found.n_fingerprints[new] = own.signatures, own.n_fingerprints
    return found


def _best(pairs: Rows, scores: "Rows | Scores", most: int) -> Rows:
    """The `most` best pairs of each place; of equal ones the older."""
    order = np.lexsort((pairs[:, 1], -scores, pairs[:, 0]))
    places = pairs[order, 0]
    best: Rows = pairs[order[np.arange(len(order)) - np.searchsorted(places, places) < most]]
    return best
