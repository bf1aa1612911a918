"""Between stages 4 and 5: texts that hold several others in full, as a digest of the news does, and copy none of them.

A page holds its article, and much of the page may be menus and comments; so how little of the longer text a match
covers does not tell. What tells is that two texts it holds have nothing to do with one another.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Rows
from dedup.kernels.group import join, roots

__all__ = ["MOST_HELD", "parts"]

Related = Callable[[Rows, Rows], NDArray[np.bool_]]
"""Whether each pair of texts (left, right), left < right, has to do with one another, in that order."""

MOST_HELD = 2 / 3
"""A text that is held is at most such a share of the one that holds it."""
MAIN = 2
"""A text that is so many times as long as any unrelated one in the same page is what the page is about."""


def parts(
    left: Rows, right: Rows, is_held: NDArray[np.bool_], measure: Callable[[Rows], Rows], related: Related,
    is_tie: NDArray[np.bool_] | None = None,
) -> Rows:  # fmt: skip
    """Which of the pairs of texts that are one article are rather a roundup and what it holds: places, ascending.

    `is_held` (n_pairs,) says of which the shorter stands in the longer, `measure` how long texts are; pairs that
    `is_tie` (n_pairs,) names connect two texts and are no matches. Two texts have to do with one another where other
    pairs connect them, or `related` says so. What holds one text in full may hold another in other words: a shorter one
    of which it is a rewrite counts beside those that it holds. Pairs of a roundup and what other pairs connect with a
    text that it holds are told as well.
    """
    texts, both = np.unique(np.concatenate((left, right)), return_inverse=True)
    (left, right), lengths = np.split(both, 2), measure(texts)
    whole = np.where(lengths[left] >= lengths[right], left, right)
    part = np.where(whole == left, right, left)
    is_shorter = lengths[part] <= MOST_HELD * lengths[whole]
    is_shorter &= np.isin(whole, whole[is_held & is_shorter])
    held = np.flatnonzero(is_shorter if is_tie is None else is_shorter & ~is_tie)
    wholes, counts = np.unique(whole[held], return_counts=True)
    holders = wholes[counts > 1]
    if not len(holders):
        return np.empty(0, np.int64)
    held = held[np.isin(whole[held], holders)]
    apart = ~(np.isin(left, holders) | np.isin(right, holders))
    component = np.arange(len(lengths), dtype=np.int64)
    join(left[apart], right[apart], component)
    roots(component)
    # Of each holder the longest text of every component speaks for it, the longest of all first; in full before others.
    order = np.lexsort((part[held], -lengths[part[held]], ~is_held[held], whole[held]))
    held = held[order]
    keys = whole[held] << 32 | component[part[held]]
    speakers = held[np.sort(np.unique(keys, return_index=True)[1])]
    first = speakers[np.searchsorted(whole[speakers], whole[speakers])]
    others = np.flatnonzero(first != speakers)
    a, b = part[first[others]], part[speakers[others]]
    unrelated = others[~related(texts[np.minimum(a, b)], texts[np.maximum(a, b)])]
    longest = np.zeros(len(lengths), np.int64)
    np.maximum.at(longest, whole[speakers[unrelated]], lengths[part[speakers[unrelated]]])
    main = np.zeros(len(lengths), np.int64)
    main[whole[first]] = lengths[part[first]]
    # What a page is about stays with it, and only what stands beside it leaves.
    is_roundup = (longest > 0) & (main < MAIN * longest)
    left_out = whole[speakers[unrelated]] << 32 | component[part[speakers[unrelated]]]
    # What is one article with a text that leaves goes with it: it is a part no less where its words are others.
    leaving = keys[(is_roundup[whole[held]] & is_held[held]) | np.isin(keys, left_out)]
    is_part = np.isin(whole << 32 | component[part], leaving) & (lengths[part] <= MOST_HELD * lengths[whole])
    return np.flatnonzero(is_part)
