"""Which documents an asker has met by its keys, and whether the rare ones among these weigh enough."""

import numpy as np

from dedup.kernels.compile import allocating, kernel
from dedup.kernels.passages import LEAST_PAGES, SITE_SHARE

__all__ = ["meet"]

SPREAD = np.uint64(0x9E3779B97F4A7C15)


@kernel
def _is_furniture(members, own, sites, floors, least):
    """Whether most of the documents in a list, and the asker, are pages of one site, and as many as are its own.

    `members` uint64 are their sites and `own` the asker's; `floors` int32 of `sites` uint64, ascending, say how
    many, and `least` of sites that are not among them.
    """
    site, lead = own, 1
    for member in members:
        if lead == 0:
            site = member
        lead += 1 if member == site else -1
    if site == 0:
        return False
    at = np.searchsorted(sites, site)
    floor = floors[at] if at < len(sites) and sites[at] == site else least
    n_site = 1 if own == site else 0
    for member in members:
        n_site += member == site
    return n_site >= floor and n_site >= SITE_SHARE * (len(members) + 1)


@kernel
def _slot(number, slots, base, met):
    """Where a number stands in a table, or would: an entry below `base` is of an asker before, and free."""
    mask = len(slots) - 1
    at = np.int64((np.uint64(number) * SPREAD >> np.uint64(20)) & np.uint64(mask))
    while slots[at] >= base and met[slots[at] - base] != number:
        at = at + 1 & mask
    return at


@kernel
def _most(offsets, places, starts):
    """As many hits as one asker has at most."""
    most = 1
    for asker in range(len(offsets) - 1):
        n = 0
        for key in range(offsets[asker], offsets[asker + 1]):
            n += starts[places[key] + 1] - starts[places[key]]
        most = max(most, n)
    return most


@allocating
def meet(askers, owned, hits, furniture, bounds, out):
    """Write whom each asker has met into `out` int64 (n_hits, 3): asker, number, score in units.

    `askers`: numbers int64, sites uint64. `owned`: offsets int64 (n_askers + 1,) of the askers' keys, the place int64
    of each key in the question, whether the key there is rare (bool). `hits`: counts int32 and starts int64 of the
    places, numbers int64 and sites uint64 of the hits. `furniture`: sites uint64, ascending, and of how many pages
    int32 a list is theirs. `bounds` float64: the frequency from which on a key is not rare, the documents added to
    those there are, the units, and the pages that make a list a site's where that is not known better. A score is the
    sum of log(n / frequency) over rare keys, in whole units so that it does not depend on their order; one that was met
    by its content or a band stands behind, with -1. Returns how many are written, and how many lists were a site's.
    """
    numbers, own_sites = askers
    offsets, places, is_rare = owned
    counts, starts, others, sites = hits
    most = _most(offsets, places, starts)
    room = 2
    while room < 2 * most:
        room *= 2
    slots, base = np.full(room, -1, np.int64), 0
    met, sums, is_banded = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.uint8)
    n, n_lists = 0, 0
    for asker in range(len(numbers)):
        n_met, n_all = 0, numbers[asker] + bounds[1]
        for key in range(offsets[asker], offsets[asker + 1]):
            place = places[key]
            begin, end, weight = starts[place], starts[place + 1], 0
            if begin == end:
                continue
            if is_rare[place]:
                if counts[place] >= bounds[0]:
                    continue
                if end - begin + 1 >= LEAST_PAGES and _is_furniture(
                    sites[begin:end], own_sites[asker], furniture[0], furniture[1], bounds[3]
                ):
                    n_lists += 1
                    continue
                weight = np.int64(np.rint(np.log(n_all / (counts[place] + 1.0)) * bounds[2]))
            for hit in range(begin, end):
                at = _slot(others[hit], slots, base, met)
                if slots[at] < base:
                    slots[at] = base + n_met
                    met[n_met], sums[n_met], is_banded[n_met] = others[hit], 0, 0
                    n_met += 1
                which = slots[at] - base
                sums[which] += weight
                if not is_rare[place]:
                    is_banded[which] = 1
        for which in range(n_met):
            if sums[which] > 0:
                out[n, 0], out[n, 1], out[n, 2] = asker, met[which], sums[which]
                n += 1
            if is_banded[which]:
                out[n, 0], out[n, 1], out[n, 2] = asker, met[which], -1
                n += 1
        base += n_met
    return n, n_lists
