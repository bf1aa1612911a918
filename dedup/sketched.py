"""What is kept of texts: sketches, and fingerprints as the texts of a whole collection are compared by them."""

from dataclasses import dataclass

import numpy as np

from dedup.arrays import Hashes, Numbers, Positions, Rows, Signatures

__all__ = ["Fingerprints", "Signed", "Sketches", "mixed"]

SPREAD = np.uint32(0x9E3779B1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What is kept of each text but for its fingerprints: one row a text, n_texts rows.

    `scheme` names how `signatures` (n_texts, n_hashes) were made; sketches of two schemes never meet. A collection
    keeps 16 bits of each place, an index 8.
    `text_hashes` and `token_hashes` (n_texts, 2) are 128 bits over the characters and over the tokens.
    """

    scheme: str
    signatures: Signatures
    n_tokens: Positions
    text_hashes: Hashes
    token_hashes: Hashes

    def __len__(self) -> int:
        return len(self.n_tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketches(Signed):
    """All that is kept of each text.

    `fingerprints` are sampled shingle hashes, sorted within a text, `fingerprint_offsets` (n_texts + 1,).
    """

    fingerprints: Hashes
    fingerprint_offsets: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprints:
    """The fingerprints of many texts, by blocks of texts that follow one another.

    Those of a block stand together by their upper 13 bits, as many of each as `bins` (n_blocks, 8192) says. `values`
    (n,) are 51 bits of each fingerprint, which these do not tell, and beneath them 13 of the place in the block of the
    text that it is of. `counts` (n_texts,), how many each text has; `sizes` (n_blocks,), how many texts each block.
    """

    values: Hashes
    bins: Numbers
    counts: Positions
    sizes: Positions


def mixed(signatures: Signatures, n_bits: int) -> Numbers:
    """A hash of `n_bits` of each place: two that differ agree once in 1 << n_bits times [Li and König 2010].

    All bits of a place are mixed: those at the bottom are the same in nearly all signatures of `fss32`.
    """
    return signatures.astype(np.uint32) * SPREAD >> np.uint32(32 - n_bits)
