"""Documents for the index to work on: a generated collection, each text cut so that the mean is what is asked for."""

from collections.abc import Iterator
from itertools import islice

import orjson

from dedup.bench.corpus.generate import chunks
from dedup.bench.corpus.mixes import MIXES
from dedup.records import Document

__all__ = ["batches"]

SAMPLE = 3_000


def batches(n: int, seed: int, size: int, mean_characters: int = 2_300) -> Iterator[list[Document]]:
    """`n` documents in batches of `size`."""
    longest = _longest(n, seed, mean_characters)
    found = _documents(n, seed, longest)
    while batch := list(islice(found, size)):
        yield batch


def _documents(n: int, seed: int, longest: int) -> Iterator[Document]:
    for chunk in chunks(n, seed, MIXES["ordinary"], 1):
        for line in bytes(chunk.lines).splitlines():
            found = orjson.loads(line)
            text = found.pop("text")[:longest]
            yield Document(text=text, **found)


def _longest(n: int, seed: int, mean_characters: int) -> int:
    """Where to cut texts, so that they have so many characters on average."""
    lengths = [len(document.text) for document in islice(_documents(n, seed, 1 << 30), SAMPLE)]
    low, high = 0, max(lengths)
    while low < high:
        middle = (low + high + 1) // 2
        if sum(min(length, middle) for length in lengths) <= mean_characters * len(lengths):
            low = middle
        else:
            high = middle - 1
    return low
