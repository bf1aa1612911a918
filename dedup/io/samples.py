"""Samples of a collection by content, laid down as JSON lines: the same texts whatever the order of the input."""

import json
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import orjson

from dedup.batches import Batch
from dedup.config import InputConfig
from dedup.io import documents

__all__ = ["LARGE", "SMALL", "Drawn", "draw"]

SMALL, LARGE = "small.jsonl", "large.jsonl"
SMALL_SHARE = 4
"""The small sample is one in so many of the large one."""
TEXT_SHARE = 2
"""Copies of one text take no more than one in so many bytes of the large sample."""
_BATCH_BYTES = 1 << 20
_KEYS = 1 << 64


class Drawn(NamedTuple):
    """How much there is, and how many documents each sample holds."""

    n_documents: int
    text_bytes: int
    n_small: int
    n_large: int


class _Kept(NamedTuple):
    key: int
    line: bytes


class _Reservoir:
    """Lines with the least keys, as many as fit into `most_bytes`.

    Where not all fit, those of one text take no more than a part of it: its copies would else leave room for no other.
    """

    def __init__(self, most_bytes: int) -> None:
        self.kept: list[_Kept] = []
        self.limit, self._n_bytes, self._most_bytes = _KEYS, 0, most_bytes
        self._of_text: Counter[int] = Counter()
        self._is_bounded = False

    def add(self, batch: Batch) -> None:
        values, offsets = batch.texts.values.tobytes(), batch.texts.offsets.tolist()
        for row in range(len(batch.ids)):
            text = values[offsets[row] : offsets[row + 1]]
            key = int.from_bytes(blake2b(text, digest_size=8).digest(), "big")
            if key < self.limit:
                self._take(_Kept(key, _line(batch, row, text)))
        if self._n_bytes > self._most_bytes and not self._is_bounded:
            self._is_bounded = True
            self._take_again()
        while self._n_bytes > self._most_bytes and len(self._of_text) > 1:
            self.limit = max(self.limit // 2, min(self._of_text) + 1)
            self._take_again()

    def _take(self, item: _Kept) -> None:
        n_bytes = self._of_text[item.key] + len(item.line)
        if self._is_bounded and item.key in self._of_text and n_bytes > self._most_bytes // TEXT_SHARE:
            return
        self._of_text[item.key] = n_bytes
        self._n_bytes += len(item.line)
        self.kept.append(item)

    def _take_again(self) -> None:
        """What has been taken, as far as it may still be."""
        kept, self.kept, self._n_bytes = self.kept, [], 0
        self._of_text.clear()
        for item in kept:
            if item.key < self.limit:
                self._take(item)


def draw(paths: Sequence[str], config: InputConfig, folder: Path, most_bytes: int) -> Drawn:
    """Write the large sample, of at most about `most_bytes`, and a small one within it to `folder`.

    A document is in a sample by the hash of its text, so that copies of one text are in it together.
    """
    reservoir, n_documents, n_bytes = _Reservoir(most_bytes), 0, 0
    for batch in documents.read_batches(paths, config, _BATCH_BYTES):
        reservoir.add(batch)
        n_documents += len(batch.ids)
        n_bytes += len(batch.texts.values)
    small = [item.line for item in reservoir.kept if item.key < reservoir.limit // SMALL_SHARE]
    large = [item.line for item in reservoir.kept]
    for name, lines in ((SMALL, small), (LARGE, large)):
        (folder / name).write_bytes(b"".join(lines))
    return Drawn(n_documents=n_documents, text_bytes=n_bytes, n_small=len(small), n_large=len(large))


def _line(batch: Batch, row: int, text: bytes) -> bytes:
    fields = {
        "id": batch.ids[row], "text": text.decode("utf-8", "surrogatepass"), "url": batch.urls[row],
        "source": batch.sources[row], "date": batch.dates[row],
    }  # fmt: skip
    try:
        return orjson.dumps(fields) + b"\n"
    except TypeError:
        # orjson refuses lone surrogates.
        return json.dumps(fields).encode() + b"\n"
