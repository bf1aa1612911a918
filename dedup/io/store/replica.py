"""What is searched of a shared store, on this machine: the steps that the server keeps, in a temporary folder."""

import shutil

from dedup.arrays import Rows
from dedup.io.store import directory
from dedup.io.store.background import Background
from dedup.io.store.parts import Parts, is_full, segment_of
from dedup.io.store.scratch import Scratch
from dedup.io.store.tail import Tail
from dedup.io.store.values import Postings

__all__ = ["Replica"]


class Replica:
    """Postings of `n_blocks` steps, of which those of `n_removals` removals are buried."""

    def __init__(self, n_hashes: int, most: int) -> None:
        self._n_hashes, self._most, self._named = n_hashes, most, 0
        self._scratch = Scratch("dedup-replica-")
        self._folder = self._scratch.path
        self._background = Background()
        self.parts = Parts([], Tail(n_hashes))
        self.n_blocks = self.n_removals = 0

    def take_in(self, postings: Postings) -> None:
        """Add what a step has written."""
        with directory.disk(self._folder):
            merged = self._background.merged(self.parts, self._folder)
            if merged is not None:
                self.parts = Parts(merged.segments, self.parts.tail)
                for name in merged.old:
                    shutil.rmtree(self._folder / name, ignore_errors=True)
            if is_full(self.parts.tail):
                self._flush()
        self._background.begin(self.parts, self._folder, self._most, self._new_name)
        self.parts.tail.append(postings)
        self.parts.renew()
        self.n_blocks += 1

    def bury(self, numbers: Rows) -> None:
        """Mark as removed what a step has removed."""
        self.parts.bury(numbers)
        self.n_removals += 1

    def _flush(self) -> None:
        new = segment_of(self._folder, self._new_name(0), self.parts.tail, self._most)
        self.parts = Parts([*self.parts.segments, new], Tail(self._n_hashes))

    def _new_name(self, level: int) -> str:
        self._named += 1
        return f"{self._named:08d}-{level}"

    def close(self) -> None:
        """Leave nothing behind."""
        self._background.stop()
        self.parts = Parts([], Tail(self._n_hashes))
        self._scratch.close()
