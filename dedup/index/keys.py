"""What a text is found by: 32 bits each of its words as a whole, of its bands, and of its fingerprints."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from dedup.arrays import Bytes, Rows
from dedup.config import Config
from dedup.io.store.values import Keys
from dedup.kernels import candidates, postings
from dedup.records import Sketches

__all__ = ["Kind", "Slices", "keys_of", "signature_bytes", "slices_of"]

CONTENT_SALT = np.uint64(0xD6E8FEB86659FD93)
BAND_SALT = np.uint64(0xA5A3564E27F8865B)


class Kind(IntEnum):
    """Of which of the three a key is."""

    CONTENT = 0
    BAND = 1
    FINGERPRINT = 2


class Slices(NamedTuple):
    """The row of each key of some texts, and its kind."""

    owners: Rows
    kinds: Bytes


def keys_of(sketches: Sketches, config: Config) -> tuple[Keys, Rows]:
    """Keys of each text, and where those of each begin (n_texts + 1,): its content, its bands, its fingerprints.

    A text without words has its content only.
    """
    n_bands, n_fingerprints = _counts(sketches, config)
    offsets = np.zeros(len(sketches) + 1, np.int64)
    np.cumsum(1 + n_bands + n_fingerprints, out=offsets[1:])
    hashes = np.empty(int(offsets[-1]), np.uint64)
    worded = sketches.n_tokens > 0
    content = np.where(worded, sketches.token_hashes[:, 0], sketches.text_hashes[:, 0])
    hashes[offsets[:-1]] = content ^ CONTENT_SALT
    rows = np.flatnonzero(worded)
    keys, size = np.empty(len(rows), np.uint64), config.candidates.n_rows
    for band in range(int(n_bands.max(initial=0))):
        candidates.band_keys(sketches.signatures, rows, band * size, size, keys)
        hashes[offsets[rows] + 1 + band] = keys ^ BAND_SALT
    # Behind its bands each text has room for its fingerprints, which lie end to end.
    at = np.repeat(offsets[:-1] + 1 + n_bands - sketches.fingerprint_offsets[:-1], n_fingerprints)
    hashes[at + np.arange(len(sketches.fingerprints))] = sketches.fingerprints
    short = np.empty(len(hashes), np.uint32)
    postings.short(hashes, short)
    return short, offsets


def _counts(sketches: Sketches, config: Config) -> tuple[Rows, Rows]:
    n_bands = min(config.candidates.n_bands, sketches.signatures.shape[1] // config.candidates.n_rows)
    return np.where(sketches.n_tokens > 0, n_bands, 0), np.diff(sketches.fingerprint_offsets)


def slices_of(sketches: Sketches, config: Config) -> Slices:
    """Whose each of the keys is, and of which kind."""
    n_bands, n_fingerprints = _counts(sketches, config)
    sizes = np.stack([np.ones(len(sketches), np.int64), n_bands, n_fingerprints], axis=1)
    kinds = np.repeat(
        np.tile(np.array([Kind.CONTENT, Kind.BAND, Kind.FINGERPRINT], np.uint8), len(sketches)), sizes.ravel()
    )
    return Slices(owners=np.repeat(np.arange(len(sketches)), sizes.sum(axis=1)), kinds=kinds)


def signature_bytes(sketches: Sketches) -> Bytes:
    """The low byte of every place of the signatures: two that differ agree in one place of 256."""
    return (sketches.signatures & np.uint32(0xFF)).astype(np.uint8)
