"""Names that each stand for one document: whichever bears one that was given out gets a number behind it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Hashes
from dedup.kernels import names as kernel
from dedup.sequences import labels

__all__ = ["Names"]

Numbers = NDArray[np.uint32]

LEAST_SLOTS = 1 << 12
MOST_FULL, GROWTH = 0.8, 1.25
"""A table of 15 to 19 bytes a name, and for as long as it moves to a larger one of as much more."""


class Names:
    """All names that were given out, as their hashes; what they are is kept of those only that several asked for."""

    def __init__(self) -> None:
        self._highs, self._lows = np.zeros(LEAST_SLOTS, np.uint64), np.zeros(LEAST_SLOTS, np.uint32)
        self._n = 0
        self._bearers: dict[str, int] = {}

    @property
    def n_bytes(self) -> int:
        """What the table takes."""
        return self._highs.nbytes + self._lows.nbytes

    def own(self, called: Sequence[str]) -> Sequence[str]:
        """The same names if none was given out before; else a list in which those have a number of their own."""
        high, low = _hashed(called)
        self._make_room(len(called))
        self._n += len(called)
        at = kernel.enter(high, low, 0, self._highs, self._lows)
        if at == len(called):
            return called
        own = list(called)
        while at < len(own):
            own[at] = self._numbered(own[at])
            at = kernel.enter(high, low, at + 1, self._highs, self._lows)
        return own

    def _numbered(self, name: str) -> str:
        """The name with the first free number behind it."""
        n_bearers = self._bearers.get(name, 1) + 1
        while not self._enter(own := f"{name}#{n_bearers}"):
            n_bearers += 1
        self._bearers[name] = n_bearers
        return own

    def _enter(self, name: str) -> bool:
        return bool(kernel.enter(*_hashed([name]), 0, self._highs, self._lows))

    def _make_room(self, n: int) -> None:
        n_slots = len(self._highs)
        while MOST_FULL * n_slots < self._n + n:
            n_slots = int(GROWTH * n_slots)
        if n_slots > len(self._highs):
            highs, lows = np.zeros(n_slots, np.uint64), np.zeros(n_slots, np.uint32)
            kernel.move(self._highs, self._lows, highs, lows)
            self._highs, self._lows = highs, lows


def _hashed(called: Sequence[str]) -> tuple[Hashes, Numbers]:
    packed = labels(called)
    values = packed.values.view()
    values.flags.writeable = False  # or the kernel would be compiled for either kind
    high, low = np.empty(len(called), np.uint64), np.empty(len(called), np.uint32)
    kernel.hash_names(values, packed.offsets, high, low)
    return high, low
