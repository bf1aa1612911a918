"""A language that nobody speaks: words by rank, and phrases in which the same words always follow one another."""

import random
from dataclasses import dataclass
from functools import cache

import numpy as np

__all__ = ["N_FUNCTION", "N_NAMES", "N_PHRASES", "N_WORDS", "PHRASE_WORDS", "SLOT", "Language", "language"]

N_FUNCTION = 64
N_WORDS = 1 << 17
N_NAMES = 1 << 13
N_PHRASES = 1 << 11
PHRASE_WORDS = 4
SLOT = 16
"""Bytes set aside for a word."""

FUNCTION = (
    "the of and to a in that is was for on with as at by not it be from are have had has he she they we you this but "
    "his her their which who will would can could may one all more been were there when what out up about into than "
    "them then some no if so after over its also"
)
ONSETS = "b c d f g h j k l m n p r s t v w br cl cr dr fl gr pl pr sh st th tr"
VOWELS = "a e i o u a e i o ea ou ai ie"
CODAS = ["", "", "", "n", "r", "s", "l", "t", "m", "nd", "st", "ng", "ck"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """`letters` uint8 (n, SLOT) and `lengths` uint8 (n,) of words by rank, then of names; `phrases` int64 (n, 4)."""

    letters: np.ndarray
    lengths: np.ndarray
    phrases: np.ndarray


@cache
def language() -> Language:
    """The same in every process: frequent words are short, and no two are spelled alike."""
    draws = random.Random(1)  # noqa: S311
    known = set(function_words := FUNCTION.split())
    words = [*function_words, *(_word(draws, known, _syllables(rank, draws)) for rank in range(N_FUNCTION, N_WORDS))]
    words += [_word(draws, known, 2 + (rank % 3 == 0)) for rank in range(N_NAMES)]
    phrases = _phrases(draws)
    # For every function word that is listed too few there is one name less; kernels read past a table that is short.
    words += [_word(draws, known, 2) for _ in range(N_WORDS + N_NAMES - len(words))]
    letters = np.zeros((len(words), SLOT), np.uint8)
    for row, word in zip(letters, words, strict=True):
        row[: len(word)] = np.frombuffer(word.encode(), np.uint8)
    lengths = np.array([len(word) for word in words], np.uint8)
    return Language(letters=letters, lengths=lengths, phrases=phrases)


def _syllables(rank: int, draws: random.Random) -> int:
    return min(4, max(1, rank.bit_length() // 5 + draws.choice((-1, 0, 0))))


def _word(draws: random.Random, known: set[str], n_syllables: int) -> str:
    onsets, vowels = ONSETS.split(), VOWELS.split()
    while True:
        parts = [draws.choice(onsets) + draws.choice(vowels) for _ in range(n_syllables)]
        word = ("".join(parts) + draws.choice(CODAS))[:SLOT]
        if word not in known:
            known.add(word)
            return word
        n_syllables += draws.random() < 0.1


def _phrases(draws: random.Random) -> np.ndarray:
    rows = np.empty((N_PHRASES, PHRASE_WORDS), np.int64)
    for row in rows:
        row[:] = [draws.randrange(N_FUNCTION) if at % 2 == 0 else draws.randrange(N_FUNCTION, 2048) for at in range(4)]
    return rows
