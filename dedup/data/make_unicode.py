"""Write `unicode.npz`: for each code point, its class and what it folds to.

    python -m dedup.data.make_unicode

Made from `unicodedata` of one pinned version, so that tokens do not change with the Python that runs us.
Two stages: `block[code_point >> 8]` names a row of 256 entries in `kinds` and `folds`.
A fold is up to eight bytes, little-endian in a uint64; 0 means the character folds to itself.
"""

import sys
import unicodedata
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np

UNICODE_VERSION = "14.0.0"
SEPARATOR, WORD, CHARACTER, IGNORED, MARK = range(5)
"""Low three bits of a kind: ends a token; part of a word; a token by itself; passed over; goes on with a token."""
KINDS = ("separator", "word", "character", "ignored", "mark")
UPPER, NUMERIC = 8, 16

# Written without spaces: each character is a token (Han, kana, bopomofo, Thai, Lao, Burmese, Khmer).
UNSPACED = [
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x19E0, 0x19FF), (0x3005, 0x3007), (0x3021, 0x3029),
    (0x3031, 0x312F), (0x31A0, 0x31BF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F), (0xF900, 0xFAFF), (0xFF66, 0xFF9F), (0x1B000, 0x1B16F), (0x20000, 0x3FFFF),
]  # fmt: skip
# Marks that writers add or leave out at will: Latin, Greek and Cyrillic accents, Hebrew points, Arabic vowels.
OPTIONAL_MARKS = [
    (0x0300, 0x036F), (0x0483, 0x0489), (0x0591, 0x05C7), (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670),
    (0x06D6, 0x06ED), (0x180B, 0x180F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE00, 0xFE0F),
    (0xFE20, 0xFE2F), (0xE0100, 0xE01EF),
]  # fmt: skip
# Letters of the Arabic script that are typed for one another, across its languages and within them.
SAME_LETTERS = str.maketrans("یىکہ", "ييكه")
TATWEEL, MODIFIER_APOSTROPHE = 0x0640, 0x02BC
HALF_WIDTH_VOICING = (0xFF9E, 0xFF9F)
"""Letters by category, marks by use: half-width kana must fold as full-width kana do."""


def _within(code: int, ranges: list[tuple[int, int]]) -> bool:
    return any(first <= code <= last for first, last in ranges)


def kind_of(code: int) -> int:
    """The class of a code point, with `UPPER` and `NUMERIC` where they hold."""
    category = unicodedata.category(chr(code))
    if code == TATWEEL or category == "Cf" or (category[0] == "M" and _within(code, OPTIONAL_MARKS)):
        return IGNORED
    if category[0] == "M" or code in HALF_WIDTH_VOICING:
        return MARK
    if category[0] not in "LN" or code == MODIFIER_APOSTROPHE:
        return SEPARATOR
    if category == "Nd":
        return WORD | NUMERIC
    base = CHARACTER if _within(code, UNSPACED) else WORD
    return base | (NUMERIC if category[0] == "N" else 0) | (UPPER if category in ("Lu", "Lt") else 0)


def _bare(text: str) -> str:
    return "".join(c for c in text if kind_of(ord(c)) != IGNORED)


def _folded(character: str, form: Literal["NFD", "NFKD"]) -> str:
    """Lower case without optional marks, fully decomposed, one of `SAME_LETTERS` for all.

    Marks go first: case folding makes a letter of a Greek iota subscript, which is a mark in decomposed text.
    """
    lowered = _bare(unicodedata.normalize(form, character)).casefold()
    return _bare(unicodedata.normalize(form, lowered)).translate(SAME_LETTERS)


@cache
def _short_forms() -> dict[str, int]:
    """Pieces of canonical decompositions of over eight bytes (Hangul jamo, some Indic vowel signs), numbered.

    None has the number 0, a byte that parts tokens.
    """
    long = (unicodedata.normalize("NFD", chr(c)) for c in range(0x110000) if not 0xD800 <= c < 0xE000)
    pieces = {c for text in long if len(text.encode()) > 8 and kind_of(ord(text[0])) != SEPARATOR for c in text}
    return {piece: number or len(pieces) for number, piece in enumerate(sorted(pieces))}


def _encode(text: str) -> bytes:
    """UTF-8, but two bytes (0xFF, number) for a piece that has a short form; a prefix code all the same."""
    short = _short_forms()
    return b"".join(bytes((0xFF, short[c])) if c in short else c.encode("utf-8", "surrogatepass") for c in text)


def fold_of(code: int) -> bytes:
    """What a token's character counts as: lower case, without accents, plain digits and letters, decomposed.

    Composed and decomposed text fold alike. Compatibility forms fold only where they stay of one kind.
    """
    character = chr(code)
    kind = kind_of(code) & 7
    if kind not in (WORD, CHARACTER, MARK):
        return character.encode("utf-8", "surrogatepass")
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit).encode()
    folded = _folded(character, "NFKD")
    kinds = [kind_of(ord(c)) & 7 for c in folded]
    if not kinds or kinds[0] != kind or any(k not in (kind, MARK) for k in kinds) or len(_encode(folded)) > 8:
        folded = _folded(character, "NFD")
    return _encode(folded)


def _stored(code: int) -> int:
    folded = fold_of(code)
    return 0 if folded == chr(code).encode("utf-8", "surrogatepass") else int.from_bytes(folded, "little")


def build() -> dict[str, np.ndarray]:
    """All tables: `block` uint16 (4352,), `kinds` uint8 (n, 256), `folds` uint64 (n, 256)."""
    rows: dict[bytes, int] = {}
    block = np.zeros(0x1100, np.uint16)
    kinds, folds = [], []
    for high in range(0x1100):
        codes = range(high << 8, (high + 1) << 8)
        kind = np.array([kind_of(c) for c in codes], np.uint8)
        fold = np.array([_stored(c) for c in codes], np.uint64)
        key = kind.tobytes() + fold.tobytes()
        if key not in rows:
            rows[key] = len(rows)
            kinds.append(kind)
            folds.append(fold)
        block[high] = rows[key]
    return {"block": block, "kinds": np.array(kinds), "folds": np.array(folds)}


def main() -> None:
    """Write the file beside this one."""
    if unicodedata.unidata_version != UNICODE_VERSION:
        sys.exit(f"Unicode data must be {UNICODE_VERSION}, this Python has {unicodedata.unidata_version}")
    built = build()
    path = Path(__file__).with_name("unicode.npz")
    np.savez_compressed(path, block=built["block"], kinds=built["kinds"], folds=built["folds"])


if __name__ == "__main__":
    main()
