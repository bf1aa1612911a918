"""Posting lists: which documents hold a key, in memory for the newest, in sorted runs for all others.

A key is 32 bits of a hash. In a run the keys of one bucket stand together, sorted; `fence` uint32
(2**bits + 1,) says where each bucket begins, by the top bits of a key, of which there are 16 at least, so that the low
16 bits of a key tell the rest.
"""

import numpy as np

from dedup.kernels.compile import kernel

__all__ = [
    "agreement",
    "collect_table",
    "count_table",
    "gather_run",
    "insert",
    "keys",
    "lay_out",
    "pack_table",
    "resize",
]

SPREAD = np.uint64(0x9E3779B97F4A7C15)
LOW = np.uint64(0xFFFF)
ONE = np.uint64(1)
WORD = np.uint64(32)
CONTENT_SALT = np.uint64(0xD6E8FEB86659FD93)
BAND_SALT = np.uint64(0xA5A3564E27F8865B)
EMPTY = np.uint32(0xFFFFFFFF)


@kernel
def _short(value):
    """32 bits of a hash; minima of windows are small numbers, so the bits are spread first."""
    return np.uint32((value ^ value >> WORD) * SPREAD >> WORD)


@kernel
def _band(signature, start, n_rows):
    """A hash of `n_rows` places of a signature from `start`."""
    value = BAND_SALT ^ np.uint64(start)
    for place in range(start, start + n_rows):
        value = (value ^ np.uint64(signature[place])) * SPREAD
        value ^= value >> WORD
    return value


@kernel
def keys(contents, signatures, n_bands, n_rows, fingerprints, fingerprint_offsets, offsets, out):
    """Write the keys of texts into `out` uint32: of the content, of `n_bands` bands, of the fingerprints of each.

    `contents` uint64 (n_texts,), `n_bands` int64 (n_texts,), `offsets` int64 (n_texts + 1,) are where each begins.
    """
    for text in range(len(contents)):
        at = offsets[text]
        out[at] = _short(contents[text] ^ CONTENT_SALT)
        for band in range(n_bands[text]):
            at += 1
            out[at] = _short(_band(signatures[text], band * n_rows, n_rows))
        for i in range(fingerprint_offsets[text], fingerprint_offsets[text + 1]):
            at += 1
            out[at] = _short(fingerprints[i])


@kernel
def _slot(key, slots):
    """The place of a key in an open table, or of the free slot where it would go."""
    mask = np.uint64(len(slots) - 1)
    return np.int64((np.uint64(key) * SPREAD >> np.uint64(20)) & mask)


@kernel
def insert(keys, rows, slots, lists, entries, state):
    """Append rows to the lists of their keys, both uint32.

    `slots` uint32, a power of two, `EMPTY` where free, at least twice as many as lists; `lists` uint32 (room, 4): key,
    how many rows, first and last entry; `entries` uint32 (room, 2): row, next entry or `EMPTY`; `state` int64 (2,): how
    many lists and entries there are.
    """
    mask = len(slots) - 1
    for i in range(len(keys)):
        at = _slot(keys[i], slots)
        while slots[at] != EMPTY and lists[slots[at], 0] != keys[i]:
            at = at + 1 & mask
        entry = state[1]
        entries[entry, 0], entries[entry, 1] = rows[i], EMPTY
        state[1] += 1
        if slots[at] == EMPTY:
            which = state[0]
            slots[at] = which
            lists[which, 0], lists[which, 1], lists[which, 2], lists[which, 3] = keys[i], 1, entry, entry
            state[0] += 1
        else:
            which = slots[at]
            entries[lists[which, 3], 1] = entry
            lists[which, 1] += 1
            lists[which, 3] = entry


@kernel
def resize(slots, lists, n_lists):
    """Fill an empty table with the lists that there are."""
    mask = len(slots) - 1
    for which in range(n_lists):
        at = _slot(lists[which, 0], slots)
        while slots[at] != EMPTY:
            at = at + 1 & mask
        slots[at] = which


@kernel
def _find_list(key, slots, lists):
    mask = len(slots) - 1
    at = _slot(key, slots)
    while slots[at] != EMPTY and lists[slots[at], 0] != key:
        at = at + 1 & mask
    return slots[at]


@kernel
def count_table(keys, slots, lists, entries, alive, all_alive, most, counts):
    """Add to `counts` how many living rows hold each key; a count beyond `most` need not be exact. All (n_keys,).

    `alive` uint8 (n_rows,) is not looked at where all are.
    """
    for i in range(len(keys)):
        which = _find_list(keys[i], slots, lists)
        if which == EMPTY:
            continue
        if all_alive:
            counts[i] += lists[which, 1]
            continue
        entry = lists[which, 2]
        while entry != EMPTY and counts[i] <= most[i]:
            counts[i] += alive[entries[entry, 0]]
            entry = entries[entry, 1]


@kernel
def collect_table(keys, slots, lists, entries, alive, wanted, starts, taken, part, out):
    """Write the rows that hold each key into `out` int64, from `starts[i] + taken[i]` on: part << 32 | row.

    `taken` int32 (n_keys,) counts what is written, of which no key gets more than `wanted` int32 (n_keys,) says.
    """
    for i in range(len(keys)):
        if taken[i] >= wanted[i]:
            continue
        which = _find_list(keys[i], slots, lists)
        if which == EMPTY:
            continue
        entry = lists[which, 2]
        while entry != EMPTY and taken[i] < wanted[i]:
            if alive[entries[entry, 0]]:
                out[starts[i] + taken[i]] = np.int64(part) << 32 | np.int64(entries[entry, 0])
                taken[i] += 1
            entry = entries[entry, 1]


@kernel
def _bits(fence):
    """How many top bits of a key `fence` goes by."""
    bits = 0
    while (1 << bits) < len(fence) - 1:
        bits += 1
    return bits


@kernel
def gather_run(fence, lows, rows, first, last, renumbered, out):
    """Write the entries of keys whose top 16 bits lie in `first` to `last` into `out` uint64: key << 32 | new row.

    `renumbered` int32 (n_rows,) is -1 for rows that are left out. Returns how many are written.
    """
    extra = _bits(fence) - 16
    n = 0
    for top in range(first, last):
        for at in range(np.int64(fence[top << extra]), np.int64(fence[(top + 1) << extra])):
            row = renumbered[rows[at]]
            if row >= 0:
                key = np.uint64(top) << np.uint64(16) | np.uint64(lows[at])
                out[n] = key << WORD | np.uint64(row)
                n += 1
    return n


@kernel
def lay_out(packed, most, shift, fence, lows, rows):
    """Write sorted entries (key << 32 | row) as part of a run; return how many.

    Of a key no more than `most` entries are written, those of the least rows. `fence[bucket + 1]` grows by the entries
    of the bucket, which is the key's bits from `shift` on.
    """
    n, same, before = 0, 0, np.uint64(0)
    for i in range(len(packed)):
        key = packed[i] >> WORD
        same = same + 1 if i > 0 and key == before else 1
        before = key
        if same <= most:
            lows[n] = np.uint16(key & LOW)
            rows[n] = np.uint32(packed[i] & np.uint64(0xFFFFFFFF))
            fence[np.int64(key >> np.uint64(shift)) + 1] += 1
            n += 1
    return n


@kernel
def agreement(own, owners, others, out):
    """Write how many bytes of two signatures agree, `own[owners[i]]` and `others[i]`, all uint8 (n, n_hashes)."""
    for i in range(len(owners)):
        n = 0
        for place in range(own.shape[1]):
            n += own[owners[i], place] == others[i, place]
        out[i] = n


@kernel
def pack_table(lists, entries, out):
    """Write all entries of a table into `out` uint64 (n_entries,): key << 32 | row."""
    n = 0
    for which in range(len(lists)):
        key = np.uint64(lists[which, 0]) << WORD
        entry = lists[which, 2]
        while entry != EMPTY:
            out[n] = key | np.uint64(entries[entry, 0])
            entry = entries[entry, 1]
            n += 1
