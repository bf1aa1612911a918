"""Pairs of rows that share rare fingerprints, a row at a time over the posting lists of its fingerprints."""

import numpy as np

from dedup.kernels.compile import kernel

__all__ = ["shared_pairs", "transpose"]


@kernel
def transpose(members, starts, out_starts, out):
    """List for every row the posting lists that it stands in: from `members` and `starts` of `group`.

    `out_starts` int64 (n_rows + 1,) zeros, `out` int32 (n_members,).
    """
    for member in members[: starts[-1]]:
        out_starts[np.int64(member) + 1] += 1
    for row in range(1, len(out_starts)):
        out_starts[row] += out_starts[row - 1]
    at = out_starts[:-1].copy()
    for posting in range(len(starts) - 1):
        for i in range(starts[posting], starts[posting + 1]):
            row = np.int64(members[i])
            out[at[row]] = posting
            at[row] += 1


@kernel
def shared_pairs(members, starts, weights, row_starts, postings, least, counts, totals, state, out):
    """Write the pairs of rows that share at least `least` posting lists into `out`; return how many.

    `weights` float32, one a posting list, 0 for one that is not used; `counts` int32 and `totals` float32 (n_rows,) are
    zeros, and left so; `state` int64 (1,) is the row to go on at; `out` int64 (room, 2).
    """
    touched = np.empty(len(counts), np.int64)
    n = 0
    for row in range(state[0], len(row_starts) - 1):
        n_touched = 0
        for i in range(row_starts[row], row_starts[row + 1]):
            posting = postings[i]
            weight = weights[posting]
            if weight <= 0:
                continue
            for j in range(starts[posting], starts[posting + 1]):
                other = np.int64(members[j])
                if other >= row:
                    break
                if counts[other] == 0:
                    touched[n_touched] = other
                    n_touched += 1
                counts[other] += 1
                totals[other] += weight
        full = n + n_touched > len(out)
        for i in range(n_touched):
            other = touched[i]
            if not full and counts[other] >= least:
                out[n, 0], out[n, 1] = other, row
                n += 1
            counts[other] = 0
            totals[other] = 0
        if full:
            state[0] = row
            return n
    state[0] = len(row_starts) - 1
    return n
