"""Texts that nobody wrote, to grow a collection: runs of real words, joined where the same word occurs elsewhere.

Words follow one another about as they do in the texts they are drawn from, and rare phrases stay about as rare.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numba import njit

from dedup.records import Texts

WORD = re.compile(r"\S+\s*")
LONGEST_WORD = 24
"""Longer ones, most in scripts without spaces, are taken by the character."""
MOST_WORDS = 800
CONTINUES = 0.7
"""How often the next word is the one that really followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Words of real texts in their order, and where each word occurs.

    `words` (n_words,) numbers into the `letters` between `bounds`; `places` lists the positions of each word from
    `firsts` on; `lengths` (n_texts,) in words.
    """

    letters: np.ndarray
    bounds: np.ndarray
    words: np.ndarray
    places: np.ndarray
    firsts: np.ndarray
    lengths: np.ndarray


def source(texts: Iterable[str]) -> Source:
    """Take texts apart."""
    numbers: dict[str, int] = {}
    words: list[np.ndarray] = []
    for content in texts:
        found = [part for word in WORD.findall(content) for part in _parts(word)]
        words.append(np.array([numbers.setdefault(word, len(numbers)) for word in found], np.int32))
    encoded = [word.encode("utf-8", "surrogatepass") for word in numbers]
    flat = np.concatenate(words)
    return Source(
        letters=np.frombuffer(b"".join(encoded), np.uint8),
        bounds=np.cumsum([0, *map(len, encoded)]),
        words=flat,
        places=np.argsort(flat, kind="stable").astype(np.int32),
        firsts=np.concatenate([[0], np.cumsum(np.bincount(flat))]),
        lengths=np.minimum([len(part) for part in words], MOST_WORDS),
    )


def make(drawn_from: Source, n_texts: int, seed: int) -> Texts:
    """Write `n_texts` texts whose lengths are drawn from the real ones."""
    draw = np.random.default_rng(seed)
    lengths = draw.choice(drawn_from.lengths, n_texts)
    begins = draw.integers(0, len(drawn_from.words), n_texts)
    positions = np.empty(int(lengths.sum()), np.int32)
    _walk(
        drawn_from.words, drawn_from.places, drawn_from.firsts, begins, lengths, draw.random(len(positions)), positions
    )
    chosen = drawn_from.words[positions]
    ends = np.cumsum(np.diff(drawn_from.bounds)[chosen])
    values = np.empty(int(ends[-1]), np.uint8)
    _spell(drawn_from.letters, drawn_from.bounds, chosen, values)
    return Texts(values=values, offsets=np.concatenate([[0], ends[np.cumsum(lengths) - 1]]))


def _parts(word: str) -> Iterable[str]:
    return (word,) if len(word) <= LONGEST_WORD else word


@njit(cache=True)
def _walk(words, places, firsts, begins, lengths, chances, out):
    """Positions of the words of each text; a chance decides both whether to leave the run and for where."""
    at = 0
    for text in range(len(begins)):
        position = begins[text]
        for _ in range(lengths[text]):
            out[at] = position
            left = (chances[at] - CONTINUES) / (1 - CONTINUES)
            if left >= 0:
                first = firsts[words[position]]
                position = places[first + np.int64(left * (firsts[words[position] + 1] - first))]
            position = (position + 1) % len(words)
            at += 1


@njit(cache=True)
def _spell(letters, bounds, words, out):
    at = 0
    for word in words:
        for letter in range(bounds[word], bounds[word + 1]):
            out[at] = letters[letter]
            at += 1
