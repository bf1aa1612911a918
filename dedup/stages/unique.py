"""Between stages 2 and 3: texts of the same tokens become one node, so that a text repeated a million times costs one.

Nodes are numbered by their content hash and not by the input's order; whatever breaks a tie by node number
downstream is therefore the same for any order of the input.
"""

from collections.abc import Callable, Sequence

import numpy as np

from dedup.arrays import Rows
from dedup.kernels import group as unions
from dedup.records import Candidates, Nodes
from dedup.sketched import Signed, Sketches

__all__ = ["components", "group", "merge", "near_groups", "take"]


def group(sketches: Signed, rank: Callable[[Rows], Rows], blank: Sequence[int] = ()) -> Nodes:
    """Rows of the same tokens, or of the same characters where a text has no token ("?!" is not "!!!").

    Within a node rows stand in the order of their `rank`, best first. Rows in `blank` stay outside.
    """
    said = np.ones(len(sketches), bool)
    said[list(blank)] = False
    rows = np.flatnonzero(said)
    worded = sketches.n_tokens[rows, None] > 0
    hashes = np.where(worded, sketches.token_hashes[rows], sketches.text_hashes[rows])
    order = np.lexsort((hashes[:, 1], hashes[:, 0]))
    rows, hashes = rows[order], hashes[order]
    begins = np.ones(len(rows), bool)
    begins[1:] = (hashes[1:] != hashes[:-1]).any(axis=1)
    firsts = np.flatnonzero(begins)
    offsets = np.append(firsts, len(rows)).astype(np.int64)
    sizes = np.diff(offsets)
    several = np.repeat(sizes > 1, sizes)
    nodes = np.repeat(np.arange(len(sizes)), sizes)[several]
    repeated = rows[several]
    rows[several] = repeated[np.lexsort((rank(repeated), nodes))]
    return Nodes(rows=rows, offsets=offsets, n_tokens=sketches.n_tokens[rows[firsts]])


def take(sketches: Sketches, rows: Rows) -> Sketches:
    """The sketches of some rows, in that order."""
    counts = np.diff(sketches.fingerprint_offsets)[rows]
    begins = np.append(0, np.cumsum(counts))
    from_start = np.repeat(sketches.fingerprint_offsets[rows] - begins[:-1], counts)
    return Sketches(
        scheme=sketches.scheme,
        signatures=sketches.signatures[rows],
        n_tokens=sketches.n_tokens[rows],
        text_hashes=sketches.text_hashes[rows],
        token_hashes=sketches.token_hashes[rows],
        fingerprints=sketches.fingerprints[from_start + np.arange(begins[-1])],
        fingerprint_offsets=begins,
    )


def near_groups(near: Candidates, n_rows: int) -> Rows:
    """One of each group of near copies, the lowest, ascending, singletons among them; `near` are pairs of them."""
    return np.unique(components(near.left, near.right, n_rows))


def components(left: Rows, right: Rows, n_rows: int) -> Rows:
    """The least row of each row's connected component, by the pairs (left, right): (n_rows,)."""
    parents = np.arange(n_rows, dtype=np.int64)
    unions.join(left, right, parents)
    unions.roots(parents)
    return parents


def merge(*proposed: Candidates) -> Candidates:
    """All pairs that any of them proposes, each once, and all their cuts."""
    packed = np.unique(np.concatenate([c.left << 32 | c.right for c in proposed]))
    cuts = tuple(cut for c in proposed for cut in c.cuts)
    return Candidates(left=packed >> 32, right=packed & 0xFFFFFFFF, cuts=cuts)
