"""How rare words and pairs of neighbors are: counting texts that hold them, and weighing the tokens of a text.

Weights are whole sixteenths of a nat, so that sums are exact and do not depend on the order of adding.
"""

from typing import NamedTuple

import numpy as np

from dedup.kernels.compile import allocating, kernel
from dedup.kernels.furniture import FURNITURE, edge_shingles, furniture_shingles, mark_edges, mark_furniture, unmark
from dedup.kernels.neighbors import FIRST, list_shingles, pair_hash, slot
from dedup.kernels.text import QUOTED

__all__ = ["N_WEIGHTS", "UNITS", "Counts", "Evidence", "Weighed", "common_weight", "count", "part", "weigh"]

UNITS = 16
"""Weight units to a nat."""
MOST_QUOTED = 0.7
"""A text of which more is quotation, as of a statement, quotes nothing."""
COMMON = 10
"""One in so many tokens of a text is a common word of its language."""
MOST_COMMON = 3 * UNITS
"""No common word weighs more, by the background if not by the collection: a text of which all words do has none."""
LEAST_SPREAD = 2 * UNITS
"""So much more one in `COMMON` tokens weighs at least. Where all words are as common, they are all that a text has."""
ENOUGH_TOKENS = 50
"""A text of fewer may lack common words by chance."""
N_WEIGHTS = 256


class Evidence(NamedTuple):
    """What a collection teaches about rarity, in tables that hashes index.

    `token_weights` and `pair_weights` uint8 (2**bits,) in `UNITS`; `shingle_counts` uint16 (2**bits,): pages of a site
    that hold a shingle; `sites` uint64 sorted and `site_floors` int32: from how many pages on a shingle is furniture.
    """

    token_weights: np.ndarray
    pair_weights: np.ndarray
    shingle_counts: np.ndarray
    sites: np.ndarray
    site_floors: np.ndarray


class Counts(NamedTuple):
    """How many texts hold a token, a pair, a shingle of a site: int32, by slot."""

    tokens: np.ndarray
    pairs: np.ndarray
    shingles: np.ndarray


class Weighed(NamedTuple):
    """Tokens of some texts with their weights, all (n_tokens,): what alignment works on.

    `digits` are those of numbers, as `Tokens` has them; `pairs` are hashes of a token with the next, 0 at the end of a
    text; `shingles` hashes of `shingle_size` tokens (fewer in a shorter text), 0 where none begins; `token_weights` and
    `pair_weights` count quoted words for less and furniture for nothing, `seeds` are the weights of pairs before that;
    `marks` are the token's flags and `FURNITURE`; `sums` int64 (n_tokens + 1,) are running totals of the token weights
    before that. All weights are counted from what the common words of the text weigh.
    """

    hashes: np.ndarray
    digits: np.ndarray
    pairs: np.ndarray
    shingles: np.ndarray
    token_weights: np.ndarray
    pair_weights: np.ndarray
    seeds: np.ndarray
    marks: np.ndarray
    sums: np.ndarray


@kernel
def _count_once(hashes, n, stamp, seen, slots, counts):
    """Count the slots of the first `n` hashes, each once.

    `seen` uint64, a power of two and larger than twice `n`, holds slots behind the `stamp` of those who put them there;
    `slots` uint32 (n + 1,) is room to work in. Both stay in cache. The counts do not: a loop that does nothing but add
    to them lets the waits overlap, while among the guesses of the other they took twice as long.
    """
    mask, n_slots = np.uint64(len(seen) - 1), 0
    for i in range(n):
        place = slot(hashes[i], len(counts))
        entry = stamp << np.uint64(32) | np.uint64(place)
        at = np.uint64(place) * FIRST >> np.uint64(32) & mask
        while seen[at] >> np.uint64(32) == stamp and seen[at] != entry:
            at = at + np.uint64(1) & mask
        slots[n_slots] = place
        n_slots += seen[at] != entry
        seen[at] = entry
    for i in range(n_slots):
        counts[slots[i]] += 1


@allocating
def count(hashes, offsets, sites, frames, is_worded, counts):
    """Add some texts to `counts`: tokens and pairs where `is_worded`, shingles of a site or frame, once a text.

    `hashes` uint64 (n_tokens,), `offsets` int64 (n_texts + 1,), `sites` and `frames` uint64 (n_texts,), 0 where not
    wanted, `is_worded` bool (n_texts,).
    """
    longest, n_slots = 1, 4
    for i in range(len(sites)):
        longest = max(longest, offsets[i + 1] - offsets[i])
    while n_slots <= 2 * longest:
        n_slots *= 2
    room, places = np.empty(longest, np.uint64), np.empty(longest, np.int64)
    seen, stamp = np.zeros(n_slots, np.uint64), np.uint64(1)
    slots = np.empty(longest + 1, np.uint32)
    for i in range(len(sites)):
        tokens = hashes[offsets[i] : offsets[i + 1]]
        if is_worded[i]:
            for at in range(len(tokens) - 1):
                room[at] = pair_hash(tokens[at], tokens[at + 1])
            _count_once(tokens, len(tokens), stamp, seen, slots, counts.tokens)
            _count_once(room, len(tokens) - 1, stamp + np.uint64(1), seen, slots, counts.pairs)
        if sites[i] != 0:
            n = furniture_shingles(tokens, sites[i], places, room)
            _count_once(room, n, stamp + np.uint64(2), seen, slots, counts.shingles)
        elif frames[i] != 0:
            n = edge_shingles(tokens, frames[i], places, room)
            _count_once(room, n, stamp + np.uint64(2), seen, slots, counts.shingles)
        stamp += np.uint64(3)


@kernel
def _look_up(hashes, evidence, out):
    """Fill `pairs`, and `token_weights` and `seeds` with what the tables hold.

    Their slots lie far apart in memory. Loops that do nothing but load let the waits for them overlap.
    """
    n_tokens = len(hashes)
    for at in range(n_tokens):
        out.token_weights[at] = evidence.token_weights[slot(hashes[at], len(evidence.token_weights))]
    for at in range(n_tokens - 1):
        out.pairs[at] = pair_hash(hashes[at], hashes[at + 1])
        out.seeds[at] = evidence.pair_weights[slot(out.pairs[at], len(evidence.pair_weights))]
    if n_tokens > 0:
        out.pairs[n_tokens - 1], out.pair_weights[n_tokens - 1], out.seeds[n_tokens - 1] = np.uint64(0), 0, 0


@kernel
def common_weight(weights, counts):
    """What the common words of a text weigh: one in `COMMON` of its tokens weighs no more, and as many far more.

    Of a language that few texts of a collection are written in, every word is rare in the collection, and the words of
    which any two such texts are made would tie them together. Counted from the most common of them, a word is as rare
    as it is among the texts of its language. Less than nothing where all words weigh next to nothing, as those of made
    texts do: then each weighs more than in the collection, or two copies would share nothing.
    `counts` int64 (at least `N_WEIGHTS`,) is room to work in.
    """
    counts[:N_WEIGHTS] = 0
    for weight in weights:
        counts[weight] += 1
    heavy, n_more = N_WEIGHTS - 1, counts[N_WEIGHTS - 1]
    while heavy > 0 and n_more * COMMON < len(weights):
        heavy -= 1
        n_more += counts[heavy]
    n_less, weight, most = counts[0], 0, min(MOST_COMMON, heavy - LEAST_SPREAD)
    while weight < most and n_less * COMMON < len(weights):
        weight += 1
        n_less += counts[weight]
    return min(weight, most) * min(len(weights), ENOUGH_TOKENS) // ENOUGH_TOKENS


@kernel
def _weigh_text(hashes, evidence, bounds, room, sums, out):
    """Fill the weights of one text whose marks are set; `sums` is (n_tokens + 1,)."""
    heaviest, quoted_share = bounds[0], bounds[1]
    n_tokens = len(hashes)
    _look_up(hashes, evidence, out)
    common = common_weight(out.token_weights, room)
    for at in range(n_tokens):
        weight = min(max(np.int64(out.token_weights[at]) - common, 0), heaviest)
        weight = 0 if out.marks[at] & FURNITURE else weight
        sums[at + 1] = sums[at] + weight
        out.token_weights[at] = weight * quoted_share // UNITS if out.marks[at] & QUOTED else weight
    for at in range(n_tokens - 1):
        # A pair tells no more than its two words do; so a small collection, to which every pair is new, is not
        # taken in by "of the".
        weight = min(min(max(np.int64(out.seeds[at]) - max(common, 0), 0), heaviest), sums[at + 2] - sums[at])
        out.seeds[at] = weight
        is_quoted = out.marks[at] & out.marks[at + 1] & QUOTED
        out.pair_weights[at] = weight * quoted_share // UNITS if is_quoted else weight


@kernel
def part(weighed, start, end):
    """The tokens of one text."""
    return Weighed(
        weighed.hashes[start:end], weighed.digits[start:end], weighed.pairs[start:end], weighed.shingles[start:end],
        weighed.token_weights[start:end], weighed.pair_weights[start:end], weighed.seeds[start:end],
        weighed.marks[start:end], weighed.sums[start : end + 1],
    )  # fmt: skip


@kernel
def weigh(flags, offsets, floors, sites, is_framed, evidence, bounds, places, out):
    """Fill `out`, a `Weighed` whose `hashes` and `digits` are given, for some texts.

    `floors` int32 (n_texts,) is how many pages of the text's site make a shingle furniture, 0 where nothing is known
    of the site; `is_framed` bool (n_texts,) whether `sites` has its frame instead; `bounds` int64 (3,): the most that a
    token may weigh, in `UNITS`; what a quoted word counts for, in parts of `UNITS`; the tokens of a shingle; `places`
    int64, as long as the longest text and `N_WEIGHTS` at least, is room to work in.
    """
    out.sums[0] = 0
    for i in range(len(sites)):
        text = part(out, offsets[i], offsets[i + 1])
        n_tokens = len(text.hashes)
        for at in range(n_tokens):
            text.marks[at] = flags[offsets[i] + at]
        list_shingles(text.hashes, min(bounds[2], n_tokens), text.shingles)
        unmark(text.marks, QUOTED, MOST_QUOTED)
        if floors[i] > 0 and is_framed[i]:
            mark_edges(text.hashes, sites[i], floors[i], evidence.shingle_counts, places, text.marks)
        elif floors[i] > 0:
            mark_furniture(text.hashes, sites[i], floors[i], evidence.shingle_counts, places, text.marks)
        _weigh_text(text.hashes, evidence, bounds, places, text.sums, text)
