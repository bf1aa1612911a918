"""Stage 1 as a loop: UTF-8 bytes to tokens with their hash, their span in characters, and flags.

Bytes are UTF-8 in which lone surrogates may stand as three bytes each; one code point is one character. Tokens and
hashes are those of `fold` and `tokens`, which know no spans. The slow twin is `tests/naive.py`.
"""

import numpy as np

from dedup.kernels.blocks import BLOCK, digits, fold_ascii, nonzero
from dedup.kernels.compile import inner, kernel
from dedup.kernels.fold import CHARACTER, IGNORED, SEPARATOR, WORD, decode
from dedup.kernels.machine import leading_zeros, load8, load16, load64, store64, trailing_zeros
from dedup.kernels.quotations import CLOSING_SINGLE, OPENING_SINGLE, PARAGRAPH, QUOTED, STATE, family_of, turn
from dedup.kernels.tokens import hash_token

__all__ = [
    "CAPITAL", "CHARACTER_TOKEN", "NUMBER", "QUOTED", "SENTENCE_START", "STATES", "scratch_bytes", "tokenize_all",
]  # fmt: skip

NUMBER, CAPITAL, CHARACTER_TOKEN, SENTENCE_START = 1, 2, 8, 16
UPPER, NUMERIC = 8, 16

ZERO, ONE, EIGHT, BYTE = np.uint64(0), np.uint64(1), np.uint64(8), np.uint64(255)
WIDE = np.uint64(0x80)
DIGIT_ZERO, TEN, ELEVEN = np.uint64(0x30), np.uint64(10), np.uint64(11)
MOST_DIGITS = 15
HALF_BLOCK = np.uint64(BLOCK // 2)
LINE_CHARACTERS = 100
"""A line of at least this many characters is a paragraph; shorter ones may be wrapped by hand."""
PLACES = 3
STATES = PLACES + STATE
LINE, BREAKS, STARTS = range(PLACES)
"""Where the line began; how many newlines since anything but white space; whether a sentence starts."""


def scratch_bytes(n_bytes: int) -> int:
    """Room that a text of `n_bytes` needs: for a copy of it, a window, and the folded bytes of one token."""
    return 4 * n_bytes + 6 * BLOCK


@inner
def _lookup(at, end, tables):
    """Code point, length in bytes and table entry of the character at `at`."""
    code, length = decode(at, end - at)
    return code, length, load16(tables[0] + (code >> EIGHT << ONE)) << EIGHT | code & BYTE


@inner
def _ends_sentence(code):
    return (
        code == 0x2E or code == 0x21 or code == 0x3F or code == 0x3A or code == 0x0A or code == 0x2026
        or code == 0x3002 or code == 0xFF01 or code == 0xFF1F or code == 0x061F or code == 0x06D4 or code == 0x0964
    )  # fmt: skip


@kernel
def _sign(code, after, end, follows_word, tables):
    """What a separator means to quotations, -1 for nothing; `after` is the address behind it."""
    family = family_of(code)
    if family == 0:
        return -1
    if family != OPENING_SINGLE:
        return family
    if code == 0x2018:
        return -1 if follows_word else OPENING_SINGLE
    if after < end:
        _, _, entry = _lookup(after, end, tables)
        if load8(tables[1] + entry) & np.uint64(7) != np.uint64(SEPARATOR):
            return -1
    return CLOSING_SINGLE


@inner
def _digits_of(folded, end):
    """The digits among folded bytes as a number of base 11 of which each counts one more, so that zeros before count.

    0 where there are none, or more than `MOST_DIGITS`.
    """
    value, n = ZERO, 0
    while folded < end:
        byte = load8(folded)
        digit = byte - DIGIT_ZERO
        if digit < TEN:
            value = value * ELEVEN + digit + ONE
            n += 1
        # Behind the first byte of a short form is a number that is no character.
        folded += ONE if byte < BYTE else np.uint64(2)
    return value if n <= MOST_DIGITS else ZERO


@kernel
def _separate(code, character, n_tokens, place, quote, flags):
    """Take a separator that is no quotation mark: sentences and paragraphs turn here."""
    if _ends_sentence(code):
        place[STARTS] = 1
    if code == 0x0A:
        place[BREAKS] += 1
        if place[BREAKS] > 1 or character - place[LINE] >= LINE_CHARACTERS:
            turn(PARAGRAPH, character, n_tokens, quote, flags)
        place[LINE] = character + 1
    elif code != 0x20 and code != 0x09 and code != 0x0D:
        place[BREAKS] = 0


@kernel
def _wide_token(at, end, character, folded, tables):
    """Read one token of any characters from `at`, its folded bytes to `folded`.

    Returns the addresses behind what was read and behind the folded bytes, the token's last character and the one
    behind what was read, and its flags.
    """
    _, kinds, folds = tables
    _, _, entry = _lookup(at, end, tables)
    first = load8(kinds + entry)
    alone = first & np.uint64(7) == np.uint64(CHARACTER)
    flags = (CAPITAL if first & np.uint64(UPPER) else 0) | (CHARACTER_TOKEN if alone else 0)
    last, begin = character, folded
    while at < end:
        _, length, entry = _lookup(at, end, tables)
        kind = load8(kinds + entry)
        base = kind & np.uint64(7)
        ends = base == np.uint64(CHARACTER) or (alone and base == np.uint64(WORD))
        if base == np.uint64(SEPARATOR) or (ends and folded > begin):
            break
        if base != np.uint64(IGNORED):
            part = load64(folds + entry * EIGHT)
            if part == ZERO:
                part = load64(at) & (ONE << length * EIGHT) - ONE
            store64(folded, part)
            folded += EIGHT - (leading_zeros(part) >> np.uint64(3))
            last = character
            flags |= NUMBER if kind & np.uint64(NUMERIC) else 0
        at += length
        character += 1
    return at, folded, last, character, flags


@kernel
def _tokenize(at, end, tables, folded, place, quote, hashes, starts, ends, flags, digits_of):
    """Write the tokens of the text at addresses `at` to `end`; return how many there are.

    ASCII words are found in a window of one block, folded behind `folded`; all else goes character by character.
    """
    place[:], quote[:] = 0, 0
    place[STARTS] = 1
    n_tokens, character = 0, 0
    follows_word = False
    window = at - np.uint64(BLOCK)
    wide = words = numbers = ZERO
    while at < end:
        if at - window >= HALF_BLOCK:
            window = at
            wide, words, numbers = fold_ascii(at, folded), nonzero(folded), digits(at)
        shift = at - window
        n = min(trailing_zeros(~(words >> shift)), end - at)
        if n > ZERO and shift + n < np.uint64(BLOCK) and (at + n == end or not wide >> (shift + n) & ONE):
            hashes[n_tokens] = hash_token(folded + shift, folded + shift + n)
            starts[n_tokens], ends[n_tokens] = character, character + np.int64(n)
            flag = NUMBER if numbers >> shift & (ONE << n) - ONE != ZERO else 0
            if flag:
                digits_of[n_tokens] = _digits_of(folded + shift, folded + shift + n)
            flag |= CAPITAL if load8(at) - np.uint64(0x41) < np.uint64(26) else 0
            flags[n_tokens] = flag | (SENTENCE_START if place[STARTS] else 0)
            n_tokens += 1
            place[STARTS] = place[BREAKS] = 0
            follows_word = True
            at += n
            character += np.int64(n)
            continue
        if load8(at) == np.uint64(0x20):
            follows_word = False
            at += ONE
            character += 1
            continue
        code, length, entry = _lookup(at, end, tables)
        base = load8(tables[1] + entry) & np.uint64(7)
        if base == np.uint64(SEPARATOR):
            _separate(code, character, n_tokens, place, quote, flags)
            sign = _sign(code, at + length, end, follows_word, tables)
            if sign >= 0:
                turn(sign, character, n_tokens, quote, flags)
            follows_word = False
        elif base != np.uint64(IGNORED):
            room = folded + np.uint64(BLOCK)
            at, behind, last, following, flag = _wide_token(at, end, character, room, tables)
            hashes[n_tokens] = hash_token(room, behind)
            if flag & NUMBER:
                digits_of[n_tokens] = _digits_of(room, behind)
            starts[n_tokens], ends[n_tokens] = character, last + 1
            flags[n_tokens] = flag | (SENTENCE_START if place[STARTS] else 0)
            n_tokens += 1
            place[STARTS] = place[BREAKS] = 0
            follows_word = True
            character = following
            continue
        at += length
        character += 1
    turn(PARAGRAPH, character, n_tokens, quote, flags)
    return n_tokens


@kernel
def tokenize_all(
    text, text_offsets, rows, block, kinds, folds, scratch, state, hashes, starts, ends, flags, digits_of, offsets
):  # fmt: skip
    """Tokenize the texts in `rows` (int64) end to end; `offsets` int64 (n_rows + 1,) gets where each begins.

    `text` uint8; `hashes` uint64, `starts` and `ends` int32 in characters of the token's own text, `flags` uint8 and
    `digits_of` uint64, set for numbers alone, as `_digits_of` has them: all of room for the most tokens there can be,
    n_bytes // 2 + 1 of each text. `scratch` uint8 of `scratch_bytes` and
    `state` int64 (STATES,) are room to work in.
    """
    tables = (np.uint64(block.ctypes.data), np.uint64(kinds.ctypes.data), np.uint64(folds.ctypes.data))
    place, quote = state[:PLACES], state[PLACES:]
    n = 0
    for i in range(len(rows)):
        begin, end = text_offsets[rows[i]], text_offsets[rows[i] + 1]
        address, folded = np.uint64(text.ctypes.data) + np.uint64(begin), np.uint64(scratch.ctypes.data)
        if end + BLOCK > len(text):
            # A block may be read past the end only where there is room.
            for k in range(end - begin):
                scratch[k] = text[begin + k]
            address, folded = folded, folded + np.uint64(end - begin + BLOCK)
        n += _tokenize(
            address, address + np.uint64(end - begin), tables, folded, place, quote,
            hashes[n:], starts[n:], ends[n:], flags[n:], digits_of[n:],
        )  # fmt: skip
        offsets[i + 1] = n
