"""Our sketches to datasketch's and back: MinHash, LeanMinHash and the LSH index, for the scheme that both know."""

import hashlib
from collections.abc import Hashable, Sequence

import numpy as np
from datasketch import LeanMinHash, MinHash, MinHashLSH

from dedup.config import SketchConfig
from dedup.errors import ConfigError
from dedup.kernels.minhash import permutations
from dedup.sketched import Sketches

__all__ = ["from_datasketch", "from_lsh", "to_datasketch", "to_lean", "to_lsh"]

SCHEME = "affine32"


def to_datasketch(sketches: Sketches, config: SketchConfig) -> list[MinHash]:
    """One MinHash a text; `config` is the one that the sketches were built with."""
    _check(sketches.scheme)
    drawn = np.array([numbers[: config.n_hashes] for numbers in permutations(config.n_hashes, config.seed)])
    return [MinHash(seed=config.seed, hashvalues=row, permutations=drawn, scheme=SCHEME) for row in sketches.signatures]


def to_lean(sketches: Sketches, config: SketchConfig) -> list[LeanMinHash]:
    """One LeanMinHash a text."""
    _check(sketches.scheme)
    return [LeanMinHash(seed=config.seed, hashvalues=row, scheme=SCHEME) for row in sketches.signatures]


def from_datasketch(minhashes: Sequence[MinHash | LeanMinHash]) -> Sketches:
    """Sketches of MinHash or LeanMinHash of one seed; equal signatures count as equal tokens, fingerprints are none."""
    for minhash in minhashes:
        _check(minhash.scheme)
        if minhash.seed != minhashes[0].seed or len(minhash) != len(minhashes[0]):
            raise ConfigError("minhashes must all have one seed and one number of places")
    rows = [minhash.hashvalues for minhash in minhashes]
    return _sketches(np.array(rows, np.uint32).reshape(len(rows), len(rows[0]) if rows else 0))


def to_lsh(sketches: Sketches, config: SketchConfig, ids: Sequence[Hashable], n_bands: int, n_rows: int) -> MinHashLSH:
    """An LSH index of datasketch's in memory, the texts under `ids`."""
    if len(ids) != len(sketches.signatures):
        raise ConfigError(f"each text needs an id, got {len(ids)} ids for {len(sketches.signatures)} texts")
    index = MinHashLSH(num_perm=config.n_hashes, params=(n_bands, n_rows))
    with index.insertion_session() as session:
        for name, minhash in zip(ids, to_lean(sketches, config), strict=True):
            session.insert(name, minhash)
    return index


def from_lsh(index: MinHashLSH) -> tuple[list[Hashable], Sketches]:
    """The ids in an LSH index of datasketch's, and sketches of those places that its bands cover."""
    if index.hashfunc is not None or index.prepickle:
        raise ConfigError("an LSH index must keep its keys and bands as they are, got one that hashes or pickles them")
    _check(index._minhash_scheme or SCHEME)
    ids = list(index.keys.keys())
    bands = [b"".join(index.keys.get(name)) for name in ids]
    signatures = np.frombuffer(b"".join(bands), ">u4").astype(np.uint32)
    return ids, _sketches(signatures.reshape(len(ids), index.b * index.r))


def _check(scheme: str) -> None:
    if scheme != SCHEME:
        raise ConfigError(f"scheme must be {SCHEME}, which datasketch has too, got {scheme}")


def _sketches(signatures: "np.ndarray[tuple[int, int], np.dtype[np.uint32]]") -> Sketches:
    n_texts = len(signatures)
    digests = b"".join(hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in signatures)
    hashes = np.frombuffer(digests, np.uint64).reshape(n_texts, 2)
    return Sketches(
        scheme=SCHEME, signatures=signatures, n_tokens=(signatures != 0xFFFFFFFF).any(axis=1).astype(np.int32),
        text_hashes=hashes, token_hashes=hashes,
        fingerprints=np.empty(0, np.uint64), fingerprint_offsets=np.zeros(n_texts + 1, np.int64),
    )  # fmt: skip
