"""What a collection teaches: how rare each word and pair of neighbors is, and what belongs to a site's every page.

All in tables of fixed size that are indexed by hash, so that memory is bounded whatever is read. Where the
collection is small, a background of many languages speaks for it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache, lru_cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup import background as typical
from dedup import digests
from dedup.arrays import Hashed, Hashes, Positions, Rows, Scores, offsets
from dedup.config import EvidenceConfig
from dedup.dates import UNKNOWN_DAY, day, given
from dedup.kernels import rarity as kernel
from dedup.kernels.furniture import list_frames
from dedup.kernels.rarity import UNITS, Counts, Evidence
from dedup.records import Candidates, Corpus, Keys, Nodes, Texts
from dedup.sequences import Labels
from dedup.sites import host, site

__all__ = [
    "Counts",
    "Evidence",
    "background",
    "count",
    "date_trust",
    "empty_counts",
    "floors",
    "keys",
    "learn",
    "weigh",
    "without_lists",
]

BATCH_BYTES = 1 << 20
N_PARTS = 2
"""Each has tables of its own, of 40 MB."""
RELEASE = re.compile(rb"(?<!/)/(?:v?\d+(?:\.\d+)+|v\d+|stable|latest|current|devel?|master|main|trunk)(?=/)")
"""A folder that stands for a release, as of documentation: pages that differ in it alone are versions of one."""
SMALLEST_BITS, LARGEST_BITS, TOKEN_BITS = 16, 22, 21
SAME_TIME = 2
"""Days between the dates of a text and its copies."""
TRUSTED = 20
"""So many copies more than come by chance would have to be apart for dates to say nothing."""
TYPICAL_TOKENS = 300
"""Tokens of the text for which the background says how likely it holds a word."""

Numbered = Sequence[tuple[int, Rows]]
"""Batches of rows, each with how many rows stand before it."""
Counted = tuple[Counts, Hashes]
"""Counts of some texts, and their frames."""
Spread = Callable[[Callable[[Numbered], Counted], Sequence[Numbered]], Iterable[Counted]]


def learn(
    corpus: Corpus,
    representatives: Rows,
    hashed: Callable[[Texts, Rows], Hashed],
    config: EvidenceConfig,
    spread: Spread = map,
) -> Evidence:
    """Evidence from the texts in `representatives`, one of each group of near copies, in the order of their content.

    The first are counted, as many as `config` says, so the cost is bounded and the order of the input does not matter;
    of those with one URL the first. `spread` maps a function over a few large parts of the work, in threads perhaps.
    """
    chosen = _choose(corpus, representatives, config)
    n_bytes = int((corpus.texts.offsets[chosen.rows + 1] - corpus.texts.offsets[chosen.rows]).sum())
    batches = _batches(corpus.texts, chosen.rows)
    parts = [batches[i::N_PARTS] for i in range(min(N_PARTS, len(batches)))]
    counts: Counts | None = None
    frames = list[Hashes]()
    for own_counts, own_frames in spread(partial(_count, corpus.texts, chosen, hashed, n_bytes), parts):
        for total, own in zip(counts or (), own_counts, strict=counts is not None):
            total += own
        counts = counts or own_counts
        frames.append(own_frames)
    sites = np.concatenate([chosen.sites, *frames])
    return _weigh(counts or empty_counts(0), int(np.count_nonzero(chosen.is_worded)), sites, config)


def without_lists(corpus: Corpus, lists: Hashes) -> Corpus:
    """The same, of no page where the address is one of `lists`, ascending."""
    return replace(corpus, pages=np.where(np.isin(corpus.pages, lists), 0, corpus.pages)) if len(lists) else corpus


def date_trust(corpus: Corpus, nodes: Nodes, sure: Candidates, places: Rows) -> float:
    """How much the dates of a collection say of who copied whom, in 0..1.

    Where they are days of publication, a text and its copies have nearly the same; where they are of a visit, or of a
    file, they lie as far apart as those of any two texts. Told by pairs of copies on different sites, as those of one
    may be forms: of each group of equal texts the dated ones that are first and last by `places` (n_rows,), and pairs
    of nodes that are `sure` copies. As many are apart as would be by chance, and some more, before nothing is left.
    """
    rows, days = nodes.rows, corpus.days
    known = days[rows] != UNKNOWN_DAY
    by_chance = _share_apart(days[rows][known].astype(np.int64))
    if by_chance == 0:
        return 1.0
    ranks, row_of = places[rows], np.empty(len(places), np.int64)
    row_of[places] = np.arange(len(places))
    first = np.minimum.reduceat(np.where(known, ranks, len(places)), nodes.offsets[:-1])
    last = np.maximum.reduceat(np.where(known, ranks, -1), nodes.offsets[:-1])
    several = first < last
    left = np.concatenate([row_of[first[several]], nodes.first[sure.left]])
    right = np.concatenate([row_of[last[several]], nodes.first[sure.right]])
    is_told = (days[left] != UNKNOWN_DAY) & (days[right] != UNKNOWN_DAY)
    is_told &= (corpus.sites[left] != corpus.sites[right]) | (corpus.sites[left] == 0)
    apart = np.abs(days[left][is_told].astype(np.int64) - days[right][is_told]) > SAME_TIME
    return float(max(1 - np.count_nonzero(apart) / (len(apart) * by_chance + TRUSTED), 0.0))


def _share_apart(days: Rows) -> float:
    """Of all pairs of days, the share that lies more than `SAME_TIME` apart."""
    if len(days) < 2:
        return 0.0
    values, counts = np.unique(days, return_counts=True)
    before = offsets(counts)
    first, last = np.searchsorted(values, values - SAME_TIME), np.searchsorted(values, values + SAME_TIME, "right")
    n_near = int((counts * (before[last] - before[first])).sum()) - len(days)
    return 1 - n_near / (len(days) * (len(days) - 1))


@lru_cache(maxsize=4)
def background(config: EvidenceConfig) -> Evidence:
    """Evidence for texts that come without a collection."""
    return _weigh(empty_counts(0), 0, np.empty(0, np.uint64), config)


def _one_a_page(rows: Rows, pages: Hashes) -> Rows:
    """Those of `rows` that are the first of their URL, or have none: versions of one page are not pages of its site."""
    own: Hashes = pages[rows]
    _, first = np.unique(own, return_index=True)
    is_kept = own == 0
    is_kept[first] = True
    kept: Rows = rows[is_kept]
    return kept


def keys(sources: Sequence[str], urls: Sequence[str], dates: Sequence[str]) -> Keys:
    """Numbers for the sites and pages of some documents, and their days; the same in every run."""
    listed = list(urls)
    sites = np.array([_site_key(source, host(url)) for source, url in zip(sources, listed, strict=True)], np.uint64)
    days = np.array([day(given(date, url)) for date, url in zip(dates, listed, strict=True)], np.int32)
    return Keys(sites=sites, pages=_page_keys(urls), days=days)


def _page_keys(urls: Sequence[str]) -> Hashes:
    """A number for the page of each URL, whatever its release; 0 for the empty one."""
    encoded = urls.encoded() if isinstance(urls, Labels) else [url.encode("utf-8", "surrogatepass") for url in urls]
    if RELEASE.search(b"\n".join(encoded)):
        encoded = [RELEASE.sub(b"", url) for url in encoded]
    return np.array([digests.number(url) if url else 0 for url in encoded], np.uint64)


@lru_cache(1 << 16)
def _site_key(source: str, host: str) -> int:
    name = site(source, host)
    return digests.number(name.encode("utf-8", "surrogatepass")) if name else 0


class _Chosen(NamedTuple):
    """Texts to be counted: rows, whether for their words and their frames, the sites for whose furniture or 0."""

    rows: Rows
    is_worded: NDArray[np.bool_]
    is_framed: NDArray[np.bool_]
    sites: Hashes


def _choose(corpus: Corpus, representatives: Rows, config: EvidenceConfig) -> _Chosen:
    """The first texts for their words, the first pages of every site for its furniture."""
    rows = _one_a_page(representatives, corpus.pages)
    sites = corpus.sites[rows]
    by_site = np.argsort(sites, kind="stable")
    _, begins, n_pages = np.unique(sites[by_site], return_index=True, return_counts=True)
    numbers = np.empty(len(rows), np.int64)
    numbers[by_site] = np.arange(len(rows)) - np.repeat(begins, n_pages)
    # The first page of every site before the second of any.
    pages = np.flatnonzero((sites != 0) & (numbers < config.site_pages))
    pages = pages[np.argsort(numbers[pages], kind="stable")][: config.max_pages]
    is_page = np.zeros(len(rows), bool)
    is_page[pages] = True
    is_worded = np.arange(len(rows)) < config.max_texts
    chosen = np.flatnonzero(is_page | is_worded)
    # Sums do not depend on the order, and texts that lie in a file are read fastest in theirs.
    chosen = chosen[np.argsort(rows[chosen])]
    is_framed = is_worded & (sites == 0)
    shown = np.where(is_page, sites, np.uint64(0))
    return _Chosen(rows[chosen], is_worded[chosen], is_framed[chosen], shown[chosen])


def _count(
    texts: Texts, chosen: _Chosen, hashed: Callable[[Texts, Rows], Hashed], n_bytes: int, batches: Numbered
) -> Counted:
    """Of some batches, the counts and the frames of their texts."""
    counts, frames = empty_counts(n_bytes), [np.empty(0, np.uint64)]
    for first, rows in batches:
        part = slice(first, first + len(rows))
        marks = chosen.sites[part], chosen.is_worded[part], chosen.is_framed[part]
        frames.append(count(hashed(texts, rows), *marks, counts))
    return counts, np.concatenate(frames)


def _batches(texts: Texts, rows: Rows) -> list[tuple[int, Rows]]:
    """Runs of `rows` of about `BATCH_BYTES`, each with how many rows stand before it."""
    size = np.cumsum(texts.offsets[rows + 1] - texts.offsets[rows])
    cuts = np.flatnonzero(np.diff(size // BATCH_BYTES)) + 1
    starts = [0, *cuts.tolist()]
    return [(start, part) for start, part in zip(starts, np.split(rows, cuts), strict=True) if len(part)]


def count(
    tokens: Hashed, sites: Hashes, is_worded: NDArray[np.bool_], is_framed: NDArray[np.bool_], counts: Counts
) -> Hashes:
    """Add some texts to `counts`, their words where `is_worded`, their site's furniture where `sites` is not 0.

    Where `is_framed`, as no site is known, what stands at both ends of a text is counted for those that begin and end
    alike. Returns the frames (n_texts,), by which these know one another, 0 for none.
    """
    frames = np.empty(len(sites), np.uint64)
    list_frames(tokens.hashes, tokens.offsets, frames)
    frames[~is_framed] = 0
    kernel.count(tokens.hashes, tokens.offsets, sites, frames, is_worded, counts)
    return frames


def empty_counts(n_bytes: int) -> Counts:
    """Tables of zeros for a collection of about `n_bytes` of text."""
    bits = min(max(n_bytes.bit_length(), SMALLEST_BITS), LARGEST_BITS)

    def table(bits: int) -> NDArray[np.int32]:
        return np.zeros(1 << bits, np.int32)

    return Counts(*(table(b) for b in (TOKEN_BITS, bits, bits)))


def _weigh(counts: Counts, n_texts: int, sites: Hashes, config: EvidenceConfig) -> Evidence:
    known, n_pages = np.unique(sites[sites != 0], return_counts=True)
    return weigh(counts, n_texts, known, n_pages, config)


def weigh(counts: Counts, n_texts: int, known: Hashes, n_pages: Rows, config: EvidenceConfig) -> Evidence:
    """Counts to weights: minus the logarithm of the share of texts, the background counting as some texts more.

    A word that many texts of a small collection hold is what these are about, and common in no larger one.

    `known` sites and frames, ascending, have `n_pages` each.
    """
    has_furniture = n_pages >= config.furniture_pages
    n_background = max(config.background_texts, config.least_texts - n_texts)
    n_all = n_texts + n_background
    # Few counts differ, and to most slots the background has nothing to add: logarithms of all took a quarter second.
    most = max(int(counts.tokens.max()), int(counts.pairs.max()))
    weights = _units((np.arange(most + 1) + 0.5) / n_all)
    token_weights, (slots, shares) = weights[counts.tokens], _background()
    token_weights[slots] = _units((counts.tokens[slots] + n_background * shares + 0.5) / n_all)
    return Evidence(
        token_weights=token_weights,
        pair_weights=weights[counts.pairs],
        shingle_counts=np.minimum(counts.shingles, 65535).astype(np.uint16),
        sites=known[has_furniture],
        site_floors=_floors(n_pages[has_furniture], config),
    )


def floors(sites: Hashes, config: EvidenceConfig) -> Positions:
    """For each text, from how many pages of its site on something is furniture; 0 where `sites` (n_texts,) has none.

    Of a large site as many as of one of `config.site_pages`: what so many unrelated pages share says nothing of them.
    """
    _, places, n_pages = np.unique(sites, return_inverse=True, return_counts=True)
    found = _floors(np.minimum(n_pages, config.site_pages), config)[places]
    found[sites == 0] = 0
    return found


def _floors(n_pages: Rows, config: EvidenceConfig) -> Positions:
    least: Positions = np.ceil(config.furniture_share * n_pages).astype(np.int32)
    return np.maximum(config.furniture_pages, least)


def _units(shares: Scores) -> NDArray[np.uint8]:
    weights: NDArray[np.uint8] = np.rint(np.clip(-np.log(shares) * UNITS, 0, 255)).astype(np.uint8)
    return weights


@cache
def _background() -> tuple[Rows, NDArray[np.float32]]:
    """Slots and the share of typical texts that hold a word there; the more common of two words that share a slot."""
    known = typical.background()
    slots = known.tokens.astype(np.int64) & ((1 << TOKEN_BITS) - 1)
    frequency = np.exp(-known.rarity.astype(np.float32) / UNITS)
    shares = np.zeros(1 << TOKEN_BITS, np.float32)
    np.maximum.at(shares, slots, -np.expm1(-TYPICAL_TOKENS * frequency))
    taken = np.flatnonzero(shares)
    return taken, shares[taken]
