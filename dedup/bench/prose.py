"""Texts to measure on: given ones by language, or made-up ones with the letters and word lengths of a language."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

# First and number of the letters, mean letters a word, words a text; the last four are near 2.3 KB of UTF-8.
LANGUAGES = {
    "en": (0x61, 26, 4.8, 380), "de": (0x61, 26, 6.0, 320), "ru": (0x430, 32, 5.9, 180), "el": (0x3B1, 25, 5.3, 190),
    "ar": (0x627, 36, 4.6, 220), "zh": (0x4E00, 3000, 14.0, 52), "ja": (0x3041, 86, 14.0, 52),
    "ko": (0xAC00, 2350, 2.9, 240),
}  # fmt: skip
FOREIGN = {"de": "äöüß", "en": "’“”é"}
"""Letters and signs that stand among ASCII, about 1 in 60 in German and 1 in 150 in English."""
N_WORDS = 30_000


def made_up(language: str, n_bytes: int, seed: int = 0) -> list[str]:
    """Texts of words drawn by Zipf's law from a made-up vocabulary; German and English hold some of `FOREIGN`."""
    first, n_letters, length, n_words = LANGUAGES[language]
    draw = np.random.default_rng(seed)
    lengths = np.maximum(1, draw.poisson(length, N_WORDS))
    words = ["".join(map(chr, first + draw.integers(0, n_letters, n))) for n in lengths]
    if language in FOREIGN:
        share = 0.1 if language == "de" else 0.04
        words = [_salted(word, FOREIGN[language], draw) if draw.random() < share else word for word in words]
    texts: list[str] = []
    while n_bytes > 0:
        chosen = np.minimum(draw.zipf(1.15, n_words), N_WORDS) - 1
        text = " ".join(words[i] + ("." if i % 17 == 0 else "") for i in chosen)
        texts.append(text[:1].upper() + text[1:])
        n_bytes -= len(texts[-1].encode())
    return texts


def given(path: Path, n_bytes: int, least: int = 1500, most: int = 3500) -> list[str]:
    """Texts of JSON lines (field `text`), those of `least` to `most` bytes, again and again until there are enough."""
    found = [text for text in texts(path) if least <= len(text.encode("utf-8", "surrogatepass")) <= most]
    taken: list[str] = []
    while n_bytes > 0 and found:
        for text in found:
            taken.append(text)
            n_bytes -= len(text.encode("utf-8", "surrogatepass"))
            if n_bytes <= 0:
                break
    return taken


def texts(path: Path) -> Iterator[str]:
    """All texts of JSON lines, packed or plain, in the field `text`."""
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
        for line in lines:
            text = json.loads(line).get("text")
            if isinstance(text, str):
                yield text


def _salted(word: str, letters: str, draw: np.random.Generator) -> str:
    at = int(draw.integers(0, len(word) + 1))
    return word[:at] + letters[int(draw.integers(0, len(letters)))] + word[at:]
