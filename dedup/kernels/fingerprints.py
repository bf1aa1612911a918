"""Which shingle hashes of a text, and which rare words, are kept to find what it shares with others.

Shingles, window minima and their sorting are each a loop over the whole text: six nanoseconds a token in all, where one
loop that keeps the position of the least takes nineteen, for its branches cannot be foretold.
"""

import numpy as np

from dedup.kernels.compile import allocating, kernel
from dedup.kernels.sort import sort

__all__ = ["BIN_BITS", "COMMON_BITS", "MOST_WORDS", "deal_out", "fingerprint", "fingerprint_all"]

SPREAD = np.uint64(0x9E3779B97F4A7C15)
EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)
BIN_BITS = 13
"""Upper bits by which the fingerprints of a block of texts are dealt out."""
BUCKET_BITS = 9
MOST_BUCKETED = 1024
"""Fingerprints of one text that are sorted by buckets."""
COMMON_BITS = 22
"""Upper bits of a token's hash by which the table of common words is asked, a bit each."""
MOST_WORDS = 64
"""Rare words that are kept of a text at most."""


@kernel
def _shingles(token_hashes, shingle_size, out):
    """Write the hash of every run of `shingle_size` tokens, spread so that its order is as good as random."""
    n = len(token_hashes) - shingle_size + 1
    for i in range(n):
        out[i] = token_hashes[i]
    for j in range(1, shingle_size):
        left = np.uint64(11 * j % 64)
        right = np.uint64(64) - left & np.uint64(63)
        following = token_hashes[j:]
        for i in range(n):
            out[i] ^= following[i] << left | following[i] >> right
    for i in range(n):
        value = (out[i] ^ out[i] >> np.uint64(32)) * SPREAD
        out[i] = value ^ value >> np.uint64(29)
    return n


@kernel
def _minima(values, n, window):
    """Put the least of each `window` successive values in place of the first; return how many windows there are.

    The least of 2 w values is the lesser of two leasts of w, and windows of any size are two that overlap.
    """
    width = 1
    while width < window:
        step = min(width, window - width)
        n -= step
        for i in range(n):
            values[i] = min(values[i], values[i + step])
        width += step
    return n


@kernel
def _without_repeats(values, n):
    """Close up runs of equal values; return how many are left."""
    kept = 0
    for i in range(n - 1):
        values[kept] = values[i]
        kept += values[i] != values[i + 1]
    if n > 0:
        values[kept] = values[n - 1]
        kept += 1
    return kept


@kernel
def _sort(values, n, window, counts, room):
    """Sort least hashes of windows: dealt out to buckets over the range that most lie in, then by insertion."""
    # Of minima of w hashes all but one in fifty are under 4 / w of the range.
    shift = 64 - BUCKET_BITS + 2
    while window > 1:
        window //= 2
        shift -= 1
    bits, last = np.uint64(min(shift, 64 - BUCKET_BITS)), np.uint64(len(counts) - 1)
    counts[:] = 0
    for i in range(n):
        counts[min(values[i] >> bits, last)] += 1
    at = 0
    for bucket in range(len(counts)):
        counts[bucket], at = at, at + counts[bucket]
    for i in range(n):
        bucket = min(values[i] >> bits, last)
        room[counts[bucket]] = values[i]
        counts[bucket] += 1
    for i in range(n):
        at = i
        while at > 0 and values[at - 1] > room[i]:
            values[at] = values[at - 1]
            at -= 1
        values[at] = room[i]


@kernel
def _rare_words(token_hashes, common, n_most, out):
    """Write the fingerprints of words that are not `common`, ascending; return how many, up to `n_most`.

    Each word is thrown into one of as many bins as the largest power of 2 up to `n_most` by its lower bits, and the
    least of each is kept [Li, Owen, Zhang 2012]: of two texts that share a part of their rare words they are as large a
    part of the same ones. What few bins keep many keep as well.
    """
    n_bins = 1
    while 2 * n_bins <= n_most:
        n_bins *= 2
    mask = np.uint64(n_bins - 1)
    out[:n_bins] = EMPTY
    for i in range(len(token_hashes)):
        token = token_hashes[i]
        if token >= out[token & mask]:
            continue
        slot = token >> np.uint64(64 - COMMON_BITS)
        if not common[slot >> np.uint64(3)] >> (slot & np.uint64(7)) & np.uint64(1):
            out[token & mask] = token
    n = 0
    for k in range(n_bins):
        if out[k] == EMPTY:
            continue
        value = (out[k] ^ out[k] >> np.uint64(32)) * SPREAD
        value ^= value >> np.uint64(29)
        at = n
        while at > 0 and out[at - 1] > value:
            out[at] = out[at - 1]
            at -= 1
        out[at] = value
        n += 1
    return n


@kernel
def _merge(values, n, others, n_others):
    """Merge sorted `others` into the first `n` of `values`, sorted, which has room for both; return how many."""
    at, i, j = n + n_others, n, n_others
    while j > 0:
        at -= 1
        if i > 0 and values[i - 1] > others[j - 1]:
            i -= 1
            values[at] = values[i]
        else:
            j -= 1
            values[at] = others[j]
    return n + n_others


@kernel
def fingerprint(token_hashes, shingle_size, window, n_least, common, n_per_word, counts, room, words, out):
    """Write the fingerprints of one text into `out`, sorted, each once; return how many there are.

    `token_hashes` uint64 (n_tokens,), `out` uint64 of room for twice as many; `counts` int32 (2 ** BUCKET_BITS,),
    `room` uint64 (MOST_BUCKETED,) and `words` uint64 (MOST_WORDS,) are scratch. The least hash of every `window`
    successive shingles is kept, so two texts that share a run of `shingle_size + window - 1` tokens share a
    fingerprint, and about 2 of `window + 1` shingles are kept [Schleimer, Wilkerson, Aiken 2003]. The window is
    narrower for a text that would keep fewer than `n_least`; a narrower window keeps all that a wider one does, so what
    is promised still holds. For every `n_per_word` of them up to one of the words is kept too, as a shingle of its own,
    none when that is 0: whoever re-tells a text keeps its names, and hardly three words of it in a row. `common` uint8
    (2 ** COMMON_BITS / 8,) has a bit set for words that are not looked at.
    """
    if len(token_hashes) < shingle_size:
        return 0
    n = _shingles(token_hashes, shingle_size, out)
    window = max(1, min(window, 2 * n // n_least - 1, n))
    n = _without_repeats(out, _minima(out, n, window))
    if n > MOST_BUCKETED:
        sort(out, n)
    else:
        _sort(out, n, window, counts, room)
    n = _without_repeats(out, n)
    if n_per_word > 0 and n >= n_per_word:
        n_words = _rare_words(token_hashes, common, min(n // n_per_word, MOST_WORDS), words)
        n = _without_repeats(out, _merge(out, n, words, n_words))
    return n


@allocating
def fingerprint_all(token_hashes, offsets, shingle_size, window, n_least, common, n_per_word, out, out_offsets):
    """Fingerprint texts that lie end to end: `offsets` and `out_offsets` int64 (n_texts + 1,)."""
    counts, room = np.empty(1 << BUCKET_BITS, np.int32), np.empty(MOST_BUCKETED, np.uint64)
    words = np.empty(MOST_WORDS, np.uint64)
    at = 0
    for i in range(len(offsets) - 1):
        tokens = token_hashes[offsets[i] : offsets[i + 1]]
        at += fingerprint(tokens, shingle_size, window, n_least, common, n_per_word, counts, room, words, out[at:])
        out_offsets[i + 1] = at


@allocating
def deal_out(fingerprints, offsets, values, bins):
    """Deal the fingerprints of a block of texts out into bins by their upper bits, those of one bin by their texts.

    `offsets` int64 (n_texts + 1,) say where each text's lie in `fingerprints`; into as many places of `values` uint64
    come all bits of each but the upper `BIN_BITS`, and beneath them the number of its text in the block, which is below
    1 << BIN_BITS. `bins` uint32 (1 << BIN_BITS,), zero before, are how many are in each.
    """
    spare, shift = np.uint64(BIN_BITS), np.uint64(64 - BIN_BITS)
    for i in range(offsets[0], offsets[-1]):
        bins[fingerprints[i] >> shift] += np.uint32(1)
    at, cursors = offsets[0], np.empty(len(bins), np.int64)
    for part in range(len(bins)):
        cursors[part] = at
        at += np.int64(bins[part])
    for text in range(len(offsets) - 1):
        for i in range(offsets[text], offsets[text + 1]):
            part = fingerprints[i] >> shift
            values[cursors[part]] = fingerprints[i] << spare | np.uint64(text)
            cursors[part] += 1
