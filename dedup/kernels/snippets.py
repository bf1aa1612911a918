"""JSON from columns: strings quoted, passages listed, and snippets of lines laid end to end."""

from dedup.kernels.compile import kernel

__all__ = [
    "COMMA", "QUOTE", "count_characters", "join", "list_passages", "list_strings", "passages_bytes", "quote",
    "quoted_bytes", "write_number",
]  # fmt: skip

QUOTE, BACKSLASH, COMMA = 0x22, 0x5C, 0x2C
SHORT = b"btn_fr"
"""The letters of the escapes of 8 to 13; 11 has none."""
HEX = b"0123456789abcdef"
LEFT, RIGHT, N_TOKENS, QUOTED = b'{"left":[', b'],"right":[', b'],"n_tokens":', b',"quoted":true'
QUOTES = b',"quotes":['
MOST_PASSAGE = 5 * 11 + 64
"""Bytes that a passage takes at most."""


@kernel
def quoted_bytes(values, begins, ends):
    """How many bytes the strings take in quotes; -1 where one holds a lone surrogate, for which there is no JSON.

    `values` uint8, `begins` and `ends` int64 (n,).
    """
    n = 0
    for i in range(len(begins)):
        n += 2 + ends[i] - begins[i]
        for at in range(begins[i], ends[i]):
            byte = values[at]
            if byte < 0x20:
                n += 1 if 8 <= byte <= 13 and byte != 11 else 5
            elif byte in (QUOTE, BACKSLASH):
                n += 1
            elif byte == 0xED and values[at + 1] >= 0xA0:
                return -1
    return n


@kernel
def _quote(values, begin, end, out, n):
    """Write one string in quotes from `out[n]` on; return where it ends."""
    out[n] = QUOTE
    n += 1
    for at in range(begin, end):
        byte = values[at]
        if byte >= 0x20:
            if byte in (QUOTE, BACKSLASH):
                out[n] = BACKSLASH
                n += 1
            out[n] = byte
            n += 1
            continue
        out[n] = BACKSLASH
        if 8 <= byte <= 13 and byte != 11:
            out[n + 1] = SHORT[byte - 8]
            n += 2
            continue
        out[n + 1], out[n + 2], out[n + 3] = 0x75, 0x30, 0x30
        out[n + 4], out[n + 5] = HEX[byte >> 4], HEX[byte & 15]
        n += 6
    out[n] = QUOTE
    return n + 1


@kernel
def quote(values, begins, ends, out, sizes):
    """Write strings in quotes end to end into `out`, of `quoted_bytes`, and the bytes of each into `sizes` int64."""
    n = 0
    for i in range(len(begins)):
        before = n
        n = _quote(values, begins[i], ends[i], out, n)
        sizes[i] = n - before


@kernel
def list_strings(values, offsets, begins, ends, out, sizes):
    """Write lists of strings as the field of quotes, an empty list as nothing.

    List i has the strings `begins[i]` to `ends[i]` by `offsets`; `out` has room for all in quotes and 16 bytes a list.
    """
    n = 0
    for i in range(len(begins)):
        before = n
        for which in range(begins[i], ends[i]):
            n = _lay(QUOTES, out, n) if which == begins[i] else n
            n = _quote(values, offsets[which], offsets[which + 1], out, n)
            out[n] = COMMA if which + 1 < ends[i] else 0x5D
            n += 1
        sizes[i] = n - before
    return n


@kernel
def _lay(piece, out, n):
    for byte in piece:
        out[n] = byte
        n += 1
    return n


@kernel
def write_number(value, out, n):
    """Write a whole number of at least 0 in digits."""
    size, rest = 1, value // 10
    while rest > 0:
        size += 1
        rest //= 10
    for at in range(n + size - 1, n - 1, -1):
        out[at] = 0x30 + value % 10
        value //= 10
    return n + size


@kernel
def passages_bytes(n_passages, n_lists):
    """Room for so many passages in so many lists."""
    return n_passages * MOST_PASSAGE + 2 * n_lists


@kernel
def list_passages(passages, offsets, out, sizes):
    """Write lists of passages, int32 (n, 6) as `records.Passages` has them, list i from `offsets[i]` on."""
    n = 0
    for i in range(len(offsets) - 1):
        before = n
        out[n] = 0x5B
        n += 1
        for at in range(offsets[i], offsets[i + 1]):
            if at > offsets[i]:
                out[n] = COMMA
                n += 1
            n = write_number(passages[at, 0], out, _lay(LEFT, out, n))
            out[n] = COMMA
            n = write_number(passages[at, 1], out, n + 1)
            n = write_number(passages[at, 2], out, _lay(RIGHT, out, n))
            out[n] = COMMA
            n = write_number(passages[at, 3], out, n + 1)
            n = write_number(passages[at, 4], out, _lay(N_TOKENS, out, n))
            if passages[at, 5]:
                n = _lay(QUOTED, out, n)
            out[n] = 0x7D
            n += 1
        out[n] = 0x5D
        n += 1
        sizes[i] = n - before
    return n


@kernel
def join(values, offsets, numbers, out):
    """Lay snippets end to end, by their numbers int64: snippet i is `values[offsets[i]:offsets[i + 1]]`."""
    n = 0
    for number in numbers:
        for at in range(offsets[number], offsets[number + 1]):
            out[n] = values[at]
            n += 1


@kernel
def count_characters(values, offsets, rows, out):
    """Write how many characters the texts in `rows` have: bytes that do not go on with one."""
    for i in range(len(rows)):
        n = 0
        for at in range(offsets[rows[i]], offsets[rows[i] + 1]):
            n += values[at] & 0xC0 != 0x80
        out[i] = n
