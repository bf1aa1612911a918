"""datasketch with our kernels: `from dedup.interop.datasketch import MinHash` and nothing else changes.

The same numbers come out. Scheme `affine32` on the processor is ours, with SHA-1 where no other hash is asked for; all
else, and every other name of datasketch, is datasketch's own.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import datasketch
import numpy as np
from datasketch import MinHash as _MinHash
from datasketch import sha1_hash32
from numpy.typing import NDArray

from dedup.kernels.minhash import affine32
from dedup.kernels.sha1 import BEHIND, ROOM_BYTES, sha1_all
from dedup.kernels.vectors import LANES, padded

__all__ = [*(name for name in datasketch.__all__ if name != "MinHash"), "MinHash"]

SETS_AT_ONCE = 256


def __getattr__(name: str) -> Any:
    """Every other name is datasketch's."""
    return getattr(datasketch, name)


# A subclass, so that the rest of datasketch takes ours for its own.
class MinHash(_MinHash):  # type: ignore[misc]
    """datasketch's MinHash, with `update_batch` and `bulk` by kernels."""

    hashvalues: NDArray[Any]

    def update_batch(self, b: Iterable[Any]) -> None:
        """Add values."""
        if not _is_ours(self):
            super().update_batch(b)
            return
        items = list(b)
        if items:
            self.hashvalues = np.minimum(self.hashvalues, _sign(self, [items])[0])

    def copy(self) -> "MinHash":
        """An equal sketch of its own."""
        return type(self)(
            seed=self.seed, hashfunc=self.hashfunc, hashvalues=self.digest(), permutations=self.permutations,
            gpu_mode=self._gpu_mode, scheme=self.scheme,
        )  # fmt: skip

    @classmethod
    def generator(cls, b: Iterable[Iterable[Any]], **minhash_kwargs: Any) -> Iterator["MinHash"]:
        """A sketch of each set of values, many sets at a time."""
        empty = cls(**minhash_kwargs)
        if not _is_ours(empty):
            yield from super().generator(b, **minhash_kwargs)
            return
        sets = iter(b)
        while some := [list(values) for values in islice(sets, SETS_AT_ONCE)]:
            for signature in _sign(empty, some):
                made = empty.copy()
                made.hashvalues = np.minimum(empty.hashvalues, signature)
                yield made


def _is_ours(sketch: MinHash) -> bool:
    return bool(sketch.scheme == "affine32" and sketch._gpu_mode == "disable")


def _sign(sketch: MinHash, sets: list[list[Any]]) -> NDArray[np.uint32]:
    """Signatures of sets of values by the sketch's hash function and permutations."""
    lengths = [len(values) for values in sets]
    offsets = np.cumsum([0, *lengths])
    hashes = np.zeros(offsets[-1] + LANES + 16, np.uint64)
    hashes[: offsets[-1]] = _hash(sketch, [value for values in sets for value in values])
    n_hashes = len(sketch)
    permutations = np.ones((2, padded(n_hashes)), np.uint32)
    permutations[:, :n_hashes] = sketch.permutations
    signatures = np.empty((len(sets), n_hashes), np.uint32)
    room = np.empty(padded(max(lengths)) + LANES, np.uint32), np.empty(padded(n_hashes), np.uint32)
    affine32(hashes, offsets, 1, permutations[0], permutations[1], *room, signatures)
    return signatures


def _hash(sketch: MinHash, values: list[Any]) -> NDArray[Any]:
    if sketch.hashfunc is not sha1_hash32 or not all(type(value) is bytes for value in values):
        found: NDArray[Any] = sketch._hash_input_array([sketch.hashfunc(value) for value in values])
        return found
    offsets = np.zeros(len(values) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, values), np.int64, len(values)), out=offsets[1:])
    data, out = np.frombuffer(b"".join(values) + BEHIND, np.uint8), np.empty(len(values), np.uint64)
    sha1_all(data, offsets, np.empty(ROOM_BYTES, np.uint8), out)
    return out
