"""Pairs of rows that share rare fingerprints, a row at a time over the posting lists of its fingerprints."""

import numpy as np

from dedup.kernels.compile import allocating, kernel
from dedup.kernels.fingerprints import BIN_BITS
from dedup.kernels.machine import trailing_zeros
from dedup.kernels.sort import sort

FEW = 32
"""Members of a list that are sorted by insertion."""
WORD, WORDS_A_MEMBER = 64, 32
"""Longer lists are sorted by marks, a bit a place, unless that means to go through more words than so many a member."""
ONE = np.uint64(1)
LABEL, PAGE, SITE, FLOOR = range(4)
"""Columns of what `thin` knows of a row."""
LEAST_PAGES = 3
MOST_TOTAL = (1 << 32) - 1
SITE_SHARE = 0.8
"""Of the rows of a list, as many at least are pages of a site when the list is the site's own."""

__all__ = [
    "best_pairs", "count_ranges", "gather", "list_ranges", "list_rows", "longest", "shared_pairs", "sort_lists",
    "take_range", "thin",
]  # fmt: skip


@kernel
def gather(values, bins, firsts, places, slice_of, least, cursors, moved, blocks, begins, counts, keys, rows):
    """Write the fingerprints of blocks of texts from `cursors` on into `keys`, by slice, their texts' places to `rows`.

    `values` and `bins` are those of `Fingerprints`, `firsts` int64 (n_blocks,) the first text of each block; left out
    are those of texts of which `places` int32 is negative. `slice_of` (1 << BIN_BITS,), ascending, says to which slice
    a bin belongs; gathered are those from slice `least` on. Gone through are the blocks from `blocks[0]` to before
    `blocks[1]`, each from its bin and place in `values` on that `cursors` int64 (n_blocks, 2) say; the next ones go to
    `moved`. `counts` int64 (n_slices,) grow by how many there are in each slice, of which no more are written than
    there is room for, from `begins` int64 (n_slices + 1,) up to where the next begins.
    """
    spare, text_bits = np.uint64(BIN_BITS), np.uint64((1 << BIN_BITS) - 1)
    for block in range(*blocks):
        bin_, at = cursors[block]
        while bin_ < len(slice_of) and np.int64(slice_of[bin_]) - least < len(counts):
            part, upper = np.int64(slice_of[bin_]) - least, np.uint64(bin_) << np.uint64(64 - BIN_BITS)
            n, end = begins[part] + counts[part], at + np.int64(bins[block, bin_])
            while at < end:
                place = places[firsts[block] + np.int64(values[at] & text_bits)]
                if place >= 0:
                    if n < begins[part + 1]:
                        keys[n], rows[n] = upper | values[at] >> spare, place
                    n += 1
                at += 1
            counts[part] = n - begins[part]
            bin_ += 1
        moved[block, 0], moved[block, 1] = bin_, at


@kernel
def _is_furniture(members, groups, posting, sites, seen):
    """Whether a list, of `sites`, is of one for the most part, and of so many of its pages that it is its own."""
    chosen, lead = 0, 0
    for i in range(len(members)):
        if lead == 0:
            chosen = i
        lead += 1 if sites[i] == sites[chosen] else -1
    site, floor, n_rows = sites[chosen], groups[np.int64(members[chosen]), FLOOR], 0
    for i in range(len(members)):
        n_rows += sites[i] == site
    # Most lists are of rows from everywhere, and end here.
    if floor == 0 or n_rows < floor:
        return False
    n_site, n_all = 0, 0
    for i in range(len(members)):
        page = groups[np.int64(members[i]), PAGE]
        if seen[page] != posting:
            seen[page] = posting
            n_all += 1
            n_site += sites[i] == site
    return n_site >= floor and n_site >= SITE_SHARE * n_all


@kernel
def _sort_by_marks(values, seen):
    """Sort different values in place; `seen` uint64, zero, has a bit for each that there may be, and is left so."""
    first, last = len(seen), 0
    for value in values:
        word = np.int64(value) // WORD
        seen[word] |= ONE << np.uint64(np.int64(value) % WORD)
        first, last = min(first, word), max(last, word)
    n = 0
    for word in range(first, last + 1):
        marks, seen[word] = seen[word], np.uint64(0)
        while marks != 0:
            values[n] = WORD * word + np.int64(trailing_zeros(marks))
            marks &= marks - ONE
            n += 1


@allocating
def sort_lists(members, starts, n_rows):
    """Bring the rows of each posting list, which are all different and below `n_rows`, in their order."""
    seen = np.zeros(n_rows // WORD + 1, np.uint64)
    for posting in range(len(starts) - 1):
        start, end = starts[posting], starts[posting + 1]
        if end - start > FEW:
            if WORDS_A_MEMBER * (end - start) >= len(seen):
                _sort_by_marks(members[start:end], seen)
            else:
                sort(members[start:end], end - start)
            continue
        for i in range(start, end):
            row, at = members[i], i
            while at > start and members[at - 1] > row:
                members[at] = members[at - 1]
                at -= 1
            members[at] = row


@kernel
def longest(starts):
    """The length of the longest list."""
    most = 0
    for posting in range(len(starts) - 1):
        most = max(most, starts[posting + 1] - starts[posting])
    return most


@allocating
def thin(members, starts, groups, most, out_starts, lists_cut):
    """Cut posting lists of more than `most` rows to one row a label, in place; drop those that are still too long.

    Lists are dropped too that belong to a site: those of which most rows are pages of one site, as many as its floor
    and more, rows of one label of pages counting once. `members` and `starts` are as `group` leaves them, ascending;
    `groups` int32 (n_rows, 4) has for each row, in one line of memory, its label and that of its page, both in
    0..n_rows, a number for its site and the site's floor, 0 where the site is not known; `out_starts` int64 of the room
    of `starts`; `lists_cut` int64 (4,) gets the lists too long, the pairs that they held, and the same of the sites'
    lists. Returns how many lists are left.
    """
    seen, seen_on_site = np.full(len(groups), -1, np.int32), np.full(len(groups), -1, np.int32)
    # They lie far apart in memory, and a loop that does nothing but load waits for many at once.
    sites = np.empty(starts[-1], np.int32)
    for i in range(starts[0], starts[-1]):
        sites[i] = groups[np.int64(members[i]), SITE]
    n, at = 0, 0
    for posting in range(len(starts) - 1):
        start, end = starts[posting], starts[posting + 1]
        begin = at
        own = members[start:end], groups, posting, sites[start:end], seen_on_site
        if end - start >= LEAST_PAGES and _is_furniture(*own):
            lists_cut[2] += 1
            lists_cut[3] += (end - start) * (end - start - 1) // 2
        elif end - start <= most:
            for i in range(start, end):
                members[at] = members[i]
                at += 1
        else:
            for i in range(start, end):
                label = groups[np.int64(members[i]), LABEL]
                if seen[label] != posting and at - begin <= most:
                    seen[label] = posting
                    members[at] = members[i]
                    at += 1
            if at - begin > most:
                lists_cut[0] += 1
                lists_cut[1] += (end - start) * (end - start - 1) // 2
                at = begin
        if at - begin > 1:
            n += 1
            out_starts[n] = at
        else:
            at = begin
    return n


@kernel
def _within(members, first, last):
    """Which members of a list, ascending, are rows from `first` on and before `last` that have one before them."""
    begin = 1
    while begin < len(members) and members[begin] < first:
        begin += 1
    end = begin
    while end < len(members) and members[end] < last:
        end += 1
    return begin, end


@kernel
def _range_of(row, bounds):
    """The range that a row is in: the last of `bounds` that it is not before."""
    low, high = 0, len(bounds) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if row >= bounds[middle]:
            low = middle
        else:
            high = middle
    return low


@kernel
def count_ranges(members, starts, bounds, counts):
    """What `take_range` will write of each range: how many lists, members of these, and postings.

    Range k has the rows from `bounds[k]` on and before `bounds[k + 1]`; added to are `counts` int64 (n_ranges, 3).
    """
    for posting in range(len(starts) - 1):
        at, end = starts[posting] + 1, starts[posting + 1]
        while at < end:
            own, begin = _range_of(members[at], bounds), at
            while at < end and members[at] < bounds[own + 1]:
                at += 1
            counts[own, 0] += 1
            counts[own, 1] += at - starts[posting]
            counts[own, 2] += at - begin


@kernel
def list_ranges(members, starts, first, bounds, cursors, out):
    """Write the numbers of the lists that each range takes, counted from `first`, into `out` uint32.

    Those of range k go to `cursors[k]` and behind; `cursors` int64 (n_ranges,) move on.
    """
    for posting in range(len(starts) - 1):
        at, end = starts[posting] + 1, starts[posting + 1]
        while at < end:
            own = _range_of(members[at], bounds)
            while at < end and members[at] < bounds[own + 1]:
                at += 1
            out[cursors[own]] = first + posting
            cursors[own] += 1


@kernel
def take_range(members, starts, chosen, weights, first, last, n_lists, out):
    """Take what the rows from `first` on and before `last` share with those before them from the `chosen` lists.

    `weights` uint32 are by the length of a list. `out` are, with room for what `count_ranges` counts: members uint32,
    up to the last in the range; `starts` int64 (n_lists + 1,), the first 0, and weights uint32 (n_lists,) of the lists,
    written behind `n_lists`; and as `list_rows` fills them `row_starts` int64 (last - first + 1,), here counts behind
    a zero, and postings int32. Returns how many lists there are now.
    """
    own_members, own_starts, own_weights, row_starts, _ = out
    n_members = own_starts[n_lists]
    for k in range(len(chosen)):
        posting = np.int64(chosen[k])
        start = starts[posting]
        begin, end = _within(members[start : starts[posting + 1]], first, last)
        for i in range(end):
            own_members[n_members + i] = members[start + i]
        for i in range(begin, end):
            row_starts[np.int64(members[start + i]) - first + 1] += 1
        own_weights[n_lists] = weights[starts[posting + 1] - start]
        n_lists += 1
        n_members += end
        own_starts[n_lists] = n_members
    return n_lists


@allocating
def list_rows(first, last, n_lists, out):
    """List for every row in the range the lists that `take_range` took in which others stand before it."""
    own_members, own_starts, _, row_starts, postings = out
    for row in range(last - first):
        row_starts[row + 1] += row_starts[row]
    at = row_starts[:-1].copy()
    for posting in range(n_lists):
        begin, end = _within(own_members[own_starts[posting] : own_starts[posting + 1]], first, last)
        for i in range(own_starts[posting] + begin, own_starts[posting] + end):
            row = np.int64(own_members[i]) - first
            postings[at[row]] = posting
            at[row] += 1


@allocating
def shared_pairs(lists, norms, floor, first, until, state, totals, out, scores):
    """Write the pairs of rows whose shared posting lists weigh enough into `out`, their scores into `scores`.

    `lists` are what `take_range` takes of the rows from `first` on and before `until`. A score is the sum of the
    weights of the shared lists times the `norms` (float32, one a row) of both rows; sums of whole numbers do not depend
    on the order of the lists. Pairs from `floor` on are kept. `state` int64 (1,) is the row to go on at; `totals`
    uint32 (n_rows,) zeros, and left so; `out` uint32 (room, 2) and `scores` float32 (room,), of room for n_rows at
    least. Returns how many are written.
    """
    members, starts, weights, row_starts, postings = lists
    touched = np.empty(until, np.uint32)
    most = 0
    for row in range(until - first):
        most = max(most, row_starts[row + 1] - row_starts[row])
    begins, heads, heavy = np.empty(most, np.int64), np.empty(most, np.uint32), np.empty(most, np.uint32)
    n = 0
    row = state[0]
    while row < until and n + row <= len(out):
        own = postings[row_starts[row - first] : row_starts[row - first + 1]]
        # Lists lie far apart in memory. Loops that do nothing but load let the waits for them overlap: half the time.
        for i in range(len(own)):
            begins[i] = starts[own[i]]
            heavy[i] = weights[own[i]]
        for i in range(len(own)):
            heads[i] = members[begins[i]]
        n_touched = 0
        for i in range(len(own)):
            at, other = begins[i], heads[i]
            while other < row:
                if totals[other] == 0:
                    touched[n_touched] = other
                    n_touched += 1
                totals[other] = min(np.int64(totals[other]) + np.int64(heavy[i]), MOST_TOTAL)
                at += 1
                other = members[at]
        for i in range(n_touched):
            other = touched[i]
            score = np.float32(totals[other]) * (norms[other] * norms[row])
            totals[other] = 0
            if score >= floor:
                out[n, 0], out[n, 1], scores[n] = other, row, score
                n += 1
        row += 1
    state[0] = row
    return n


@allocating
def best_pairs(pairs, scores, n_rows, n_most, keep):
    """Say in `keep` (bool, one a pair) which pairs are among the best `n_most` of either of their rows.

    Equal scores rank alike, so that a tie is never broken by the order of the pairs.
    """
    starts = np.zeros(n_rows + 1, np.int64)
    for i in range(len(pairs)):
        starts[np.int64(pairs[i, 0]) + 1] += 1
        starts[np.int64(pairs[i, 1]) + 1] += 1
    for row in range(n_rows):
        starts[row + 1] += starts[row]
    ranked = np.empty(starts[-1], np.float32)
    at = starts[:-1].copy()
    for i in range(len(pairs)):
        for side in range(2):
            row = np.int64(pairs[i, side])
            ranked[at[row]] = scores[i]
            at[row] += 1
    least = np.zeros(n_rows, np.float32)
    for row in range(n_rows):
        if starts[row + 1] - starts[row] > n_most:
            own = ranked[starts[row] : starts[row + 1]]
            sort(own, len(own))
            least[row] = own[len(own) - n_most]
    for i in range(len(pairs)):
        keep[i] = scores[i] >= min(least[np.int64(pairs[i, 0])], least[np.int64(pairs[i, 1])])
