"""What a text is found by: 32 bits each of its words as a whole, of its bands, and of its fingerprints."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from dedup.arrays import Bytes, Rows
from dedup.config import Config
from dedup.io.store.values import Keys
from dedup.kernels import postings
from dedup.sketched import Sketches, mixed

__all__ = ["Kind", "Owned", "keys_of", "signature_bytes"]


class Kind(IntEnum):
    """Of what a key is."""

    CONTENT = 0
    BAND = 1
    FINGERPRINT = 2


class Owned(NamedTuple):
    """Keys of texts, those of text n from `offsets[n]` to `offsets[n + 1]`; `owners` and `kinds` say of each whose."""

    keys: Keys
    offsets: Rows
    owners: Rows
    kinds: Bytes


def keys_of(sketches: Sketches, config: Config) -> Owned:
    """Keys of each text: its content, its bands, its fingerprints. A text without words has its content only."""
    n_texts, n_rows = len(sketches), config.candidates.n_rows
    worded = sketches.n_tokens > 0
    n_bands = np.where(worded, min(config.candidates.n_bands, sketches.signatures.shape[1] // n_rows), 0)
    sizes = np.stack([np.ones(n_texts, np.int64), n_bands, np.diff(sketches.fingerprint_offsets)], axis=1)
    offsets = np.append(0, np.cumsum(sizes.sum(axis=1)))
    content = np.where(worded, sketches.token_hashes[:, 0], sketches.text_hashes[:, 0])
    out = np.empty(int(offsets[-1]), np.uint32)
    fingerprints = sketches.fingerprints, sketches.fingerprint_offsets
    postings.keys(content, sketches.signatures, n_bands, n_rows, *fingerprints, offsets, out)
    kinds = np.repeat(np.tile(np.array(list(Kind), np.uint8), n_texts), sizes.ravel())
    return Owned(out, offsets, np.repeat(np.arange(n_texts), np.diff(offsets)), kinds)


def signature_bytes(sketches: Sketches) -> Bytes:
    """A byte of every place of the signatures, of which two that differ agree in one place of 256."""
    return mixed(sketches.signatures, 8).astype(np.uint8)
