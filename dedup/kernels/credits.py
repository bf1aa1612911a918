"""Which texts may hold a credit line: a look at the bytes of both ends, so that few texts are searched with patterns.

It errs on one side only. A text that holds a character beyond Latin-1 and common punctuation is one that may: what its
letters fold to is for `str.casefold` to say. The slow twin is `stages.credit.find`.
"""

import numpy as np

from dedup.kernels.compile import inner, kernel

__all__ = ["KEY_BYTES", "SLOTS", "key_slot", "may_credit"]

KEY_BYTES = 6
"""A phrase is looked for where its first bytes stand."""
SLOTS = 1 << 14
FOREIGN = -1
KEY_BITS = np.uint64((1 << 8 * KEY_BYTES) - 1)


@inner
def key_slot(key):
    """Place in a table of `SLOTS` of the first bytes of a phrase, the first the highest."""
    return np.uint64(key) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(50)


@inner
def _is_space(values, at):
    """Whether the character at `at`, of those that `_squeeze` knows, separates words as in `str.split`."""
    byte = values[at]
    if byte < 0x80:
        return byte == 0x20 or 0x09 <= byte <= 0x0D or 0x1C <= byte <= 0x1F
    if byte == 0xC2:
        return values[at + 1] == 0x85 or values[at + 1] == 0xA0
    last = values[at + 2]
    return byte == 0xE2 and (last <= 0x8A or last == 0xA8 or last == 0xA9 or last == 0xAF)


@inner
def _size(values, at, end):
    """Bytes of the character at `at`; `FOREIGN` for one whose lower case is not known here."""
    byte = values[at]
    if byte < 0x80:
        return 1
    if at + 1 < end and (byte == 0xC2 or byte == 0xC3):
        return 2 if values[at + 1] != (0xB5 if byte == 0xC2 else 0x9F) else FOREIGN
    return 3 if byte == 0xE2 and at + 2 < end and values[at + 1] == 0x80 else FOREIGN


@inner
def _lower(values, at, k):
    """Byte `k` of the character at `at` in lower case."""
    byte = values[at + k]
    if k == 0:
        return byte + 0x20 if 0x41 <= byte <= 0x5A else byte
    return byte + 0x20 if values[at] == 0xC3 and byte < 0x9F and byte != 0x97 else byte


@kernel
def _squeeze(values, begin, end, is_spaced, out):
    """Write a part of a text in lower case with single spaces; return how many bytes, or `FOREIGN`.

    `is_spaced`: whether a space stands before it.
    """
    at, n = begin, 0
    while at < end:
        size = _size(values, at, end)
        if size == FOREIGN:
            return FOREIGN
        is_space = _is_space(values, at)
        if is_space and not is_spaced:
            out[n] = 0x20
            n += 1
        for k in range(0 if is_space else size):
            out[n] = _lower(values, at, k)
            n += 1
        is_spaced = is_space
        at += size
    return n


@kernel
def _starts_with(text, at, end, phrases, begin, stop):
    n, same = stop - begin, 0
    while same < n and at + n <= end and text[at + same] == phrases[begin + same]:
        same += 1
    return same == n


@kernel
def _goes_on(values, at, end, is_spaced, key, phrases, phrase_offsets, keys, room):
    """Whether a phrase that begins with `key` goes on at `at`."""
    n = 0
    for k in range(len(keys)):
        rest = phrase_offsets[k] + KEY_BYTES
        if keys[k] != key:
            continue
        n = n or _squeeze(values, at, min(end, at + len(room) // 3), is_spaced, room)
        if n == FOREIGN or _starts_with(room, 0, n, phrases, rest, phrase_offsets[k + 1]):
            return True
    return False


@kernel
def _is_ascii(values):
    """Whether a part has ASCII characters only, and not the one that is 0."""
    has_other = False
    for at in range(len(values)):
        has_other |= np.int8(values[at]) <= 0
    return not has_other


@kernel
def _has_any(values, begin, end, folded, phrases, phrase_offsets, keys, slots, room):
    """Whether a part of a text may hold one of the phrases."""
    key, at, is_spaced = np.uint64(0), begin, True
    while at < end:
        byte, size, n = folded[values[at]], 1, 1
        if byte == 0:
            size = _size(values, at, end)
            if size == FOREIGN:
                return True
            byte, n = (np.uint8(0x20), 1) if _is_space(values, at) else (values[at], size)
        is_space = byte == 0x20
        if is_space and is_spaced:
            at += size
            continue
        is_spaced = is_space
        for k in range(n):
            key = (key << np.uint64(8) | np.uint64(byte if k == 0 else _lower(values, at, k))) & KEY_BITS
            if slots[key_slot(key)]:
                behind = at + (k + 1 if n > 1 else size)
                if _goes_on(values, behind, end, is_space, key, phrases, phrase_offsets, keys, room):
                    return True
        at += size
    return False


@kernel
def _has_tag(values, begin, end, tags, tag_offsets):
    """Whether one of the tags follows an opening bracket or the beginning of a line, but for white space."""
    is_open = True
    for at in range(begin, end):
        byte = values[at]
        if is_open:
            for k in range(len(tag_offsets) - 1):
                if _starts_with(values, at, len(values), tags, tag_offsets[k], tag_offsets[k + 1]):
                    return True
        if byte == 0x0A or byte == 0x28 or byte == 0x5B:
            is_open = True
        elif byte < 0x80 and not _is_space(values, at):
            is_open = False
    return False


@kernel
def _step(values, at, end, n, back):
    """Where `n` characters from `at` end, at most at `end`, or begin when looking back."""
    if not back and at + n <= end and _is_ascii(values[at : at + n]):
        return at + n
    if back and at - n >= end and _is_ascii(values[at - n : at]):
        return at - n
    while n > 0 and at != end:
        at += -1 if back else 1
        while at != end and values[at] & 0xC0 == 0x80:
            at += -1 if back else 1
        n -= 1
    return at


@kernel
def may_credit(
    values, offsets, rows, edge, opening, folded, phrases, phrase_offsets, keys, slots, tags, tag_offsets, room, out
):  # fmt: skip
    """Whether the texts in `rows` int64 (n,) may hold a credit line: `out` bool (n,).

    `values` uint8 and `offsets` int64 are those of all texts; `folded` uint8 (256,) has each ASCII byte in lower case,
    white space as a space, and 0 for all other bytes. `phrases`, end to end, of which the first bytes are `keys`
    uint64, known to `slots` bool (SLOTS,), stand within `edge` characters of either end, `tags` within the first
    `opening` ones.
    `room` uint8 is of three times the bytes of a phrase.
    """
    for k in range(len(rows)):
        begin, end = offsets[rows[k]], offsets[rows[k] + 1]
        head = _step(values, begin, end, edge, False)
        tail = max(head, _step(values, end, begin, edge, True))
        if _step(values, head, end, edge, False) == end:
            # Two ends that meet are one.
            head, tail = end, end
        out[k] = (
            _has_any(values, begin, head, folded, phrases, phrase_offsets, keys, slots, room)
            or _has_any(values, tail, end, folded, phrases, phrase_offsets, keys, slots, room)
            or _has_tag(values, begin, _step(values, begin, end, opening, False), tags, tag_offsets)
        )
