"""Stage 1 as a loop: UTF-8 bytes to tokens with their hash, their span in characters, and flags.

Bytes are UTF-8 in which lone surrogates may stand as three bytes each; one code point is one character.
The tables come from `dedup/data/unicode.npz`. The slow twin is `tests/naive.py`.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from dedup.kernels.compile import kernel

__all__ = ["CAPITAL", "CHARACTER_TOKEN", "NUMBER", "QUOTED", "SENTENCE_START", "mix", "tokenize", "tokenize_all"]

NUMBER, CAPITAL, QUOTED, CHARACTER_TOKEN, SENTENCE_START = 1, 2, 4, 8, 16

SEPARATOR, WORD, CHARACTER, IGNORED, MARK = 0, 1, 2, 3, 4
UPPER, NUMERIC = 8, 16

KEY_LOW = np.uint64(0x9E3779B97F4A7C15)
KEY_HIGH = np.uint64(0xD1B54A32D192ED03)
LINE_CHARACTERS = 100
"""A line of at least this many characters is a paragraph; shorter ones may be wrapped by hand."""
SINGLE_QUOTATION_CHARACTERS = 1000


@intrinsic
def mix(typing_context, left, right):
    """Multiply two uint64 to 128 bits and xor the halves."""

    def generate(context, builder, signature, arguments):
        wide = ir.IntType(128)
        narrow = ir.IntType(64)
        product = builder.mul(builder.zext(arguments[0], wide), builder.zext(arguments[1], wide))
        high = builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), narrow)
        return builder.xor(builder.trunc(product, narrow), high)

    return types.uint64(types.uint64, types.uint64), generate


@kernel
def _decode(text, at, end):
    """Code point and length of the character at `at`; a broken sequence counts as one separator byte."""
    first = np.int64(text[at])
    if first < 0x80:
        return first, 1
    if first < 0xE0 and at + 1 < end:
        return (first & 0x1F) << 6 | np.int64(text[at + 1]) & 0x3F, 2
    if first < 0xF0 and at + 2 < end:
        return (first & 0x0F) << 12 | (np.int64(text[at + 1]) & 0x3F) << 6 | np.int64(text[at + 2]) & 0x3F, 3
    if at + 3 < end:
        code = (first & 0x07) << 18 | (np.int64(text[at + 1]) & 0x3F) << 12
        return code | (np.int64(text[at + 2]) & 0x3F) << 6 | np.int64(text[at + 3]) & 0x3F, 4
    return np.int64(0), 1


@kernel
def _quote_family(code):
    """Which quotation marks belong together: 0 none, 1 straight, 2 curly, 3 guillemets, 4 and 5 corners, 6 single."""
    if code == 0x22 or code == 0xFF02:
        return 1
    if code == 0x201C or code == 0x201D or code == 0x201E or code == 0x201F:
        return 2
    if code == 0xAB or code == 0xBB:
        return 3
    if code == 0x300C or code == 0x300D:
        return 4
    if code == 0x300E or code == 0x300F:
        return 5
    if code == 0x2018 or code == 0x2019:
        return 6
    return 0


@kernel
def _ends_sentence(code):
    return (
        code == 0x2E or code == 0x21 or code == 0x3F or code == 0x3A or code == 0x0A or code == 0x2026
        or code == 0x3002 or code == 0xFF01 or code == 0xFF1F or code == 0x061F or code == 0x06D4 or code == 0x0964
    )  # fmt: skip


@kernel
def tokenize(text, start, end, block, kinds, folds, hashes, starts, ends, flags):
    """Write the tokens of `text[start:end]`; return how many there are, at most (end - start) // 2 + 1.

    `text` uint8; `hashes` uint64, `starts` and `ends` int32 in characters from `start`, `flags` uint8, all of room
    for the most tokens there can be. A token's hash is over its folded UTF-8 bytes, 16 at a time.
    """
    n_tokens = 0
    at = start
    character = 0
    is_open = False
    open_kind = 0
    token_hash = np.uint64(0)
    low = np.uint64(0)
    high = np.uint64(0)
    filled = 0
    sentence_start = True
    quote = 0
    quote_token = 0
    quote_character = 0
    quote_leads = False
    paragraph_token = 0
    line_character = 0
    newlines = 0
    previous_word = False
    while at <= end:
        if at < end:
            code, length = _decode(text, at, end)
        else:
            code, length = np.int64(0x0A), 1
        row = np.int64(block[code >> 8]) if code < 0x110000 else np.int64(0)
        kind = kinds[row, code & 255] if code < 0x110000 else np.uint8(0)
        base = kind & 7
        if base == IGNORED:
            at += length
            character += 1
            continue
        continues = is_open and (base == MARK or (base == WORD and open_kind == WORD))
        if is_open and not continues:
            hashes[n_tokens] = mix(low ^ KEY_LOW, high ^ KEY_HIGH ^ token_hash)
            n_tokens += 1
            is_open = False
        if base != SEPARATOR:
            if not is_open:
                is_open = True
                open_kind = CHARACTER if base == CHARACTER else WORD
                token_hash, low, high, filled = np.uint64(0), np.uint64(0), np.uint64(0), 0
                starts[n_tokens] = character
                flags[n_tokens] = (
                    (CAPITAL if kind & UPPER else 0)
                    | (CHARACTER_TOKEN if base == CHARACTER else 0)
                    | (SENTENCE_START if sentence_start else 0)
                )
                sentence_start = False
            if kind & NUMERIC:
                flags[n_tokens] |= NUMBER
            ends[n_tokens] = character + 1
            folded = folds[row, code & 255]
            if folded == 0:
                folded = np.uint64(0)
                for k in range(length):
                    folded |= np.uint64(text[at + k]) << np.uint64(8 * k)
            while folded != 0:
                byte = folded & np.uint64(255)
                folded >>= np.uint64(8)
                if filled == 16:
                    token_hash = mix(low ^ KEY_LOW, high ^ KEY_HIGH ^ token_hash)
                    low, high, filled = np.uint64(0), np.uint64(0), 0
                if filled < 8:
                    low |= byte << np.uint64(8 * filled)
                else:
                    high |= byte << np.uint64(8 * (filled - 8))
                filled += 1
            newlines = 0
            previous_word = True
            at += length
            character += 1
            continue
        # A separator: sentences, paragraphs and quotations turn here.
        if _ends_sentence(code):
            sentence_start = True
        if code == 0x0A:
            newlines += 1
            long_line = character - line_character >= LINE_CHARACTERS
            if newlines > 1 or long_line or at >= end:
                if quote != 0 and quote_leads and quote != 6:
                    for token in range(quote_token, n_tokens):
                        flags[token] |= QUOTED
                quote = 0
                paragraph_token = n_tokens
            line_character = character + 1
        else:
            family = _quote_family(code)
            if family == 6:
                # A curly apostrophe inside or at the end of a word does not open a quotation.
                if quote == 0 and code == 0x2018 and not previous_word:
                    quote, quote_token, quote_character, quote_leads = 6, n_tokens, character, False
                elif quote == 6 and code == 0x2019:
                    following = np.uint8(0)
                    if at + length < end:
                        next_code, _ = _decode(text, at + length, end)
                        if next_code < 0x110000:
                            following = kinds[block[next_code >> 8], next_code & 255] & 7
                    if following == SEPARATOR:
                        if character - quote_character <= SINGLE_QUOTATION_CHARACTERS:
                            for token in range(quote_token, n_tokens):
                                flags[token] |= QUOTED
                        quote = 0
            elif family != 0:
                if quote == 0 or quote == 6:
                    quote, quote_token, quote_character = family, n_tokens, character
                    quote_leads = n_tokens == paragraph_token
                elif quote == family:
                    for token in range(quote_token, n_tokens):
                        flags[token] |= QUOTED
                    quote = 0
            if code != 0x20 and code != 0x09 and code != 0x0D:
                newlines = 0
        previous_word = False
        at += length
        character += 1
    return n_tokens


@kernel
def tokenize_all(text, text_offsets, rows, block, kinds, folds, hashes, starts, ends, flags, offsets):
    """Tokenize the texts in `rows` (int64) end to end; `offsets` int64 (n_rows + 1,) gets where each begins."""
    at = 0
    for i in range(len(rows)):
        start, end = text_offsets[rows[i]], text_offsets[rows[i] + 1]
        at += tokenize(text, start, end, block, kinds, folds, hashes[at:], starts[at:], ends[at:], flags[at:])
        offsets[i + 1] = at
