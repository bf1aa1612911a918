"""What is kept of texts: sketches, and fingerprints as the texts of a whole collection are compared by them."""

from dataclasses import dataclass

from dedup.arrays import Hashes, Numbers, Positions, Rows, Signatures

__all__ = ["Fingerprints", "Signed", "Sketches"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What is kept of each text but for its fingerprints: one row a text, n_texts rows.

    `scheme` names how `signatures` (n_texts, n_hashes) were made; sketches of two schemes never meet.
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
