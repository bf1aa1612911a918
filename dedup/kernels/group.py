"""Equal keys brought together: partitioned by their top bits, so that each part is grouped within the cache."""

import numpy as np

from dedup.kernels.compile import allocating, kernel

__all__ = ["group", "group_within", "join", "part_bits", "roots"]

PART_KEYS = 8192
"""Keys in a part, about: its table and its keys stay in the second-level cache."""
SPREAD = np.uint64(0x9E3779B97F4A7C15)
MIX = np.uint64(0xC2B2AE3D27D4EB4F)
ONE = np.uint64(1)


@kernel
def part_bits(n_keys):
    """How many top bits to partition `n_keys` keys by."""
    bits = 0
    while bits < 14 and n_keys >> bits > PART_KEYS:
        bits += 1
    return bits


@allocating
def _partition(keys, items, bits, part_starts, part_keys, part_items):
    """Lay keys and items in parts by the top bits of the spread key, in their order within a part."""
    # In two shifts, since a shift by all 64 bits is undefined.
    shift = np.uint64(63 - bits)
    for key in keys:
        part_starts[(key * SPREAD >> shift >> ONE) + ONE] += 1
    for part in range(1, len(part_starts)):
        part_starts[part] += part_starts[part - 1]
    at = part_starts[:-1].copy()
    for i in range(len(keys)):
        part = keys[i] * SPREAD >> shift >> ONE
        part_keys[at[part]] = keys[i]
        part_items[at[part]] = items[i]
        at[part] += 1


@kernel
def _several(keys, items, marks):
    """Bring those to the front that may share their key with another; return how many.

    `marks` uint8 is a power of two of at least four times the keys. A key whose mark no other has stands alone, as most
    do; the rest are few enough for a table that finds out exactly. Neither loop has a branch to guess.
    """
    mask = np.uint64(len(marks) - 1)
    marks[:] = 0
    for key in keys:
        slot = key * MIX >> np.uint64(40) & mask
        marks[slot] += marks[slot] < 2
    n = 0
    for i in range(len(keys)):
        key = keys[i]
        keys[n], items[n] = key, items[i]
        n += marks[key * MIX >> np.uint64(40) & mask] > 1
    return n


@kernel
def _group_part(keys, items, shift, table, groups, sizes, out):
    """Write the items of keys that occur twice or more into `out`, `sizes` of each group; return how many groups.

    `table` is a power of two of at least twice the keys, entered by the bits of the spread key from `shift`, those
    below the bits that all keys of a part have in common; `groups` and `sizes` have room for one entry a key.
    """
    mask = np.uint64(len(table) - 1)
    table[:] = -1
    n_keys = 0
    for i in range(len(keys)):
        slot = keys[i] * SPREAD >> shift & mask
        while table[slot] >= 0 and keys[table[slot]] != keys[i]:
            slot = slot + ONE & mask
        if table[slot] < 0:
            table[slot] = i
            groups[i] = n_keys
            sizes[n_keys] = 0
            n_keys += 1
        else:
            groups[i] = groups[table[slot]]
        sizes[groups[i]] += 1
    # From here `table` holds where the next item of each group goes; groups of one go nowhere.
    n_groups = 0
    at = 0
    for key in range(n_keys):
        table[key] = at if sizes[key] > 1 else -1
        if sizes[key] > 1:
            at += sizes[key]
            sizes[n_groups] = sizes[key]
            n_groups += 1
    for i in range(len(keys)):
        place = table[groups[i]]
        if place >= 0:
            out[place] = items[i]
            table[groups[i]] += 1
    return n_groups


@allocating
def group(keys, items, out, out_starts):
    """Bring the items of equal keys together, leaving out keys that occur once; return the number of groups.

    `keys` uint64 (n,), `items` uint32 (n,); `out` uint32 (n,) gets the items, in their order within a group;
    group `g` is `out[out_starts[g]:out_starts[g + 1]]`, `out_starts` int64 of room for n // 2 + 1.
    """
    return group_within(keys, items, np.empty(len(keys), np.uint64), np.empty(len(keys), np.uint32), out, out_starts)


@allocating
def group_within(keys, items, part_keys, part_items, out, out_starts):
    """`group` with room to work in, uint64 and uint32 of as many as there are keys."""
    bits = part_bits(len(keys))
    part_starts = np.zeros((1 << bits) + 1, np.int64)
    _partition(keys, items, bits, part_starts, part_keys, part_items)
    most = 0
    for part in range(1 << bits):
        most = max(most, part_starts[part + 1] - part_starts[part])
    n_slots = 4
    while n_slots < 2 * most:
        n_slots *= 2
    table, marks = np.empty(n_slots, np.int32), np.empty(4 * n_slots, np.uint8)
    groups = np.empty(most, np.int32)
    sizes = np.empty(most, np.int32)
    n_groups = 0
    at = 0
    out_starts[0] = 0
    for i in range(1 << bits):
        start, end = part_starts[i], part_starts[i + 1]
        slots = 4
        while slots < 4 * (end - start):
            slots *= 2
        end = start + _several(part_keys[start:end], part_items[start:end], marks[:slots])
        slots, shift = 4, 62 - bits
        while slots < 2 * (end - start):
            slots *= 2
            shift -= 1
        part = part_keys[start:end], part_items[start:end]
        n = _group_part(*part, np.uint64(shift), table[:slots], groups, sizes, out[at:])
        for g in range(n):
            at += sizes[g]
            n_groups += 1
            out_starts[n_groups] = at
    return n_groups


@kernel
def roots(parents):
    """Point every row of a union-find forest, int64 (n_rows,), at its root."""
    for row in range(len(parents)):
        root = row
        while parents[root] != root:
            root = parents[root]
        while parents[row] != root:
            parents[row], row = root, parents[row]


@kernel
def join(left, right, parents):
    """Unite the trees of each pair of rows; the least row becomes the root, whatever the order of the pairs."""
    for i in range(len(left)):
        a, b = left[i], right[i]
        while parents[a] != a:
            parents[a] = parents[parents[a]]
            a = parents[a]
        while parents[b] != b:
            parents[b] = parents[parents[b]]
            b = parents[b]
        if a < b:
            parents[b] = a
        elif b < a:
            parents[a] = b
