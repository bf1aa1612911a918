"""Stage 1: characters to tokens that remember where they stood."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Hashed, Hashes, Rows
from dedup.kernels import text as kernel
from dedup.kernels.describe import same_bytes
from dedup.kernels.fold import room_bytes
from dedup.kernels.sketch import hash_texts
from dedup.kernels.tokens import EDGES
from dedup.kernels.unicode import tables
from dedup.kernels.vectors import LANES
from dedup.laid import laid
from dedup.records import Texts, Tokens

__all__ = ["encode", "hashed", "same", "same_words", "tokenize", "word_hashes"]


def encode(texts: Iterable[str]) -> Texts:
    """Lay texts end to end as UTF-8; lone surrogates pass, so that one code point stays one character."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(part) for part in encoded], out=offsets[1:])
    return Texts(values=np.frombuffer(b"".join(encoded), np.uint8), offsets=offsets)


def tokenize(texts: Texts, rows: Rows | None = None) -> Tokens:
    """Tokens of all texts, or of those in `rows`, in that order."""
    chosen = np.arange(len(texts), dtype=np.int64) if rows is None else rows
    room = np.zeros(len(chosen) + 1, np.int64)
    np.cumsum((texts.offsets[chosen + 1] - texts.offsets[chosen]) // 2 + 1, out=room[1:])
    n_room = int(room[-1])
    hashes, flags, digits = np.empty(n_room, np.uint64), np.empty(n_room, np.uint8), np.empty(n_room, np.uint64)
    starts, ends = np.empty(n_room, np.int32), np.empty(n_room, np.int32)
    offsets = np.zeros(len(chosen) + 1, np.int64)
    longest = int((texts.offsets[chosen + 1] - texts.offsets[chosen]).max(initial=0))
    scratch, state = np.empty(kernel.scratch_bytes(longest), np.uint8), np.empty(kernel.STATES, np.int64)
    room_and_out = scratch, state, hashes, starts, ends, flags, digits, offsets
    kernel.tokenize_all(texts.values, texts.offsets, chosen, *tables()[:3], *room_and_out)
    n_tokens = int(offsets[-1])
    return Tokens(
        hashes=hashes[:n_tokens], starts=starts[:n_tokens], ends=ends[:n_tokens], flags=flags[:n_tokens],
        digits=digits[:n_tokens], offsets=offsets,
    )  # fmt: skip


def word_hashes(words: Iterable[str]) -> Hashes:
    """The hash of each word, of which each is one token."""
    return tokenize(encode(words)).hashes


def hashed(texts: Texts, rows: Rows) -> Hashed:
    """Hashes of the tokens of the texts in `rows`, in that order: a tenth of the work of all that `tokenize` tells."""
    chosen = laid(texts, rows)
    n_bytes, longest = int(chosen.offsets[-1]), int(np.diff(chosen.offsets).max(initial=0))
    hashes, offsets = np.empty(n_bytes // 2 + len(rows) + 2 * LANES, np.uint64), np.zeros(len(rows) + 1, np.int64)
    room = np.empty(room_bytes(longest), np.uint8), np.empty(EDGES, np.uint64)
    hash_texts(chosen.values, chosen.offsets, *tables(), *room, hashes, offsets, np.empty((len(rows), 2), np.uint64))
    return Hashed(hashes=hashes[: offsets[-1]], offsets=offsets)


def same(texts: Texts, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Whether the texts of each pair of rows are equal to the character."""
    found = np.empty(len(left), np.bool_)
    same_bytes(texts.values, texts.offsets, left, right, found)
    return found


def same_words(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether each text has the words of its counterpart."""
    if left == right:
        return True
    one, other = tokenize(encode(left)), tokenize(encode(right))
    return np.array_equal(one.offsets, other.offsets) and np.array_equal(one.hashes, other.hashes)
