"""What a match shows: its passages in characters, and the longest of them as bytes of the text."""

from dedup.kernels.compile import kernel
from dedup.kernels.text import QUOTED

__all__ = ["copy_spans", "find_quotes", "same_bytes", "write_passages"]


@kernel
def same_bytes(values, text_offsets, left, right, out):
    """Whether the texts of rows `left` and `right` int64 (n_pairs,) are equal byte by byte: `out` bool (n_pairs,)."""
    for k in range(len(left)):
        a, b = text_offsets[left[k]], text_offsets[right[k]]
        n = text_offsets[left[k] + 1] - a
        is_same, at = n == text_offsets[right[k] + 1] - b, 0
        while is_same and at < n:
            is_same = values[a + at] == values[b + at]
            at += 1
        out[k] = is_same


@kernel
def _n_quoted(flags, begin, end):
    n = 0
    for at in range(begin, end):
        n += flags[at] & QUOTED != 0
    return n


@kernel
def write_passages(starts, ends, flags, text_offsets, left, right, found, found_offsets, whole, offsets, out):
    """Write passages of tokens as rows of `records.Passages`: match k has the rows from `offsets[k]` on of `out`.

    `left`, `right`, `found_offsets` int64 (n,): the texts of each match, and where its passages begin in `found` int32
    (m, 4); `whole` bool (n,): both texts are one passage, which counts as not quoted. `starts`, `ends`, `flags` and
    `text_offsets` are those of the tokens.
    """
    for k in range(len(left)):
        a, b = text_offsets[left[k]], text_offsets[right[k]]
        for at in range(offsets[k], offsets[k + 1]):
            run = found_offsets[k] + at - offsets[k]
            i = a if whole[k] else a + found[run, 0]
            i_end = text_offsets[left[k] + 1] if whole[k] else a + found[run, 1]
            j = b if whole[k] else b + found[run, 2]
            j_end = text_offsets[right[k] + 1] if whole[k] else b + found[run, 3]
            n_quoted = 0 if whole[k] else max(_n_quoted(flags, i, i_end), _n_quoted(flags, j, j_end))
            out[at, 0], out[at, 1], out[at, 2], out[at, 3] = starts[i], ends[i_end - 1], starts[j], ends[j_end - 1]
            out[at, 4], out[at, 5] = i_end - i, not whole[k] and 2 * n_quoted >= i_end - i


@kernel
def _comes_before(passages, at, other):
    """Whether passage `at` is longer than `other`, or as long and earlier."""
    longer = passages[at, 4] - passages[other, 4]
    return longer > 0 or (longer == 0 and at < other)


@kernel
def _last_of_longest(passages, begin, end, most):
    """Of the `most` longest passages from `begin` to `end` the one that comes last; -1 for none."""
    last = -1
    for _ in range(min(most, end - begin)):
        following = -1
        for at in range(begin, end):
            is_left = last < 0 or _comes_before(passages, last, at)
            if is_left and (following < 0 or _comes_before(passages, at, following)):
                following = at
        last = following
    return last


@kernel
def find_quotes(values, text_offsets, rows, passages, offsets, most, spans, counts):
    """Write where the `most` longest passages of each match stand in its left text, in their order there.

    `rows` int64 (n,) are the left texts, whose passages `offsets[k]` to `offsets[k + 1]` stand in their order; `spans`
    int64 (m, 2) gets bytes of `values`, `counts` int32 (n,) how many of them belong to each match. Returns how many.
    """
    n = 0
    for k in range(len(rows)):
        at, character, first = text_offsets[rows[k]], 0, n
        last = _last_of_longest(passages, offsets[k], offsets[k + 1], most)
        for own in range(offsets[k], offsets[k + 1]):
            if last < 0 or _comes_before(passages, last, own):
                continue
            for side in range(2):
                # A character ends where the next one begins.
                while character < passages[own, side] or (at < text_offsets[rows[k] + 1] and values[at] & 0xC0 == 0x80):
                    character += values[at] & 0xC0 != 0x80
                    at += 1
                spans[n, side] = at
            n += 1
        counts[k] = n - first
    return n


@kernel
def copy_spans(values, spans, out):
    """Lay the bytes of `spans` (n, 2) of `values` end to end."""
    n = 0
    for k in range(len(spans)):
        for at in range(spans[k, 0], spans[k, 1]):
            out[n] = values[at]
            n += 1
