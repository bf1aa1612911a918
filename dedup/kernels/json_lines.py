"""JSON lines to the wanted fields of each line, without an object a line.

Every line is checked in full. One that holds anything unusual, or wrong, is left to a strict parser: a key with an
escape, a lone surrogate, a number of many digits or with an exponent, nesting of over `MAX_DEPTH`, no object at all.
Data are bytes of whole lines with a newline and a block of room behind. A later field of one name takes the place of
an earlier one. How a caller goes about it: `count_lines`, `find_fields`, then the strict parser for `STRICT` lines,
and `lay` for the text field of all.
"""

import numpy as np

from dedup.kernels.blocks import BLOCK, copy_to_escape, newlines, not_utf8, string_stops, wide
from dedup.kernels.compile import inner, kernel
from dedup.kernels.machine import count_ones, load8, load32, store8, store64, trailing_zeros

__all__ = [
    "EMPTY", "ESCAPED", "MISSING", "OTHER", "PLAIN", "STRICT", "TAKEN", "count_lines", "find_fields", "lay",
]  # fmt: skip

EMPTY, TAKEN, STRICT = 0, 1, 2
"""States of a line: white space only; every wanted field found; for the strict parser."""
MISSING, PLAIN, ESCAPED, OTHER = 0, 1, 2, 3
"""Kinds of a field: not there; a string without escapes; one with; any other value, as it is written."""
MAX_DEPTH = 60

ZERO, ONE, FOUR, EIGHT, SIX = np.uint64(0), np.uint64(1), np.uint64(4), np.uint64(8), np.uint64(6)
QUOTE, BACKSLASH, COMMA, COLON = np.uint64(0x22), np.uint64(0x5C), np.uint64(0x2C), np.uint64(0x3A)
OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY = np.uint64(0x7B), np.uint64(0x7D), np.uint64(0x5B), np.uint64(0x5D)
NO_HEX = np.uint64(0x10000)
WIDTH = np.uint64(BLOCK)
ESCAPES = np.zeros(256, np.uint8)
"""What a backslash and a letter stand for, 0 for nothing or for more than one character."""
ESCAPES[list(b'"\\/bfnrt')] = list(b'"\\/\b\f\n\r\t')


@kernel
def count_lines(data, n_bytes):
    """How many newlines there are among the first `n_bytes` of `data` uint8."""
    at, n = np.uint64(data.ctypes.data), ZERO
    end = at + np.uint64(n_bytes)
    while at < end:
        found = newlines(at)
        if end - at < WIDTH:
            found &= (ONE << (end - at)) - ONE
        n += count_ones(found)
        at += WIDTH
    return np.int64(n)


@inner
def _skip_space(at):
    """The first address from `at` on that holds no blank, tab or carriage return."""
    while True:
        byte = load8(at)
        if byte != np.uint64(0x20) and byte != np.uint64(0x09) and byte != np.uint64(0x0D):
            return at
        at += ONE


@inner
def _is_digit(byte):
    return byte - np.uint64(0x30) < np.uint64(10)


@inner
def _hex_digit(byte):
    if _is_digit(byte):
        return byte - np.uint64(0x30)
    letter = (byte | np.uint64(0x20)) - np.uint64(0x61)
    return letter + np.uint64(10) if letter < SIX else NO_HEX


@kernel
def _hex(at):
    """The number that four hexadecimal digits write, or `NO_HEX` or more."""
    value = ZERO
    for i in range(4):
        digit = _hex_digit(load8(at + np.uint64(i)))
        if digit == NO_HEX:
            return NO_HEX
        value = value << FOUR | digit
    return value


@kernel
def _escape_end(at):
    """Address behind the escape whose backslash is at `at`, a pair of surrogates as one; 0 for anything unusual."""
    letter = load8(at + ONE)
    if letter == np.uint64(0x75):
        code = _hex(at + np.uint64(2))
        if code & np.uint64(0xF800) != np.uint64(0xD800):
            return at + SIX if code < NO_HEX else ZERO
        low = _hex(at + EIGHT)
        paired = load8(at + SIX) == BACKSLASH and load8(at + np.uint64(7)) == np.uint64(0x75)
        is_pair = paired and code < np.uint64(0xDC00) and low & np.uint64(0x1FC00) == np.uint64(0xDC00)
        return at + np.uint64(12) if is_pair else ZERO
    return at + np.uint64(2) if ESCAPES[letter] else ZERO


@kernel
def _string_end(at):
    """Address of the mark that closes a string begun at `at`, 0 when none does, and whether it has escapes (0 or 1)."""
    escaped = ZERO
    stops = string_stops(at)
    while True:
        while stops == ZERO:
            at += WIDTH
            stops = string_stops(at)
        stop = at + trailing_zeros(stops)
        byte = load8(stop)
        if byte == QUOTE:
            return stop, escaped
        if byte != BACKSLASH:
            return ZERO, escaped
        behind = stop + np.uint64(2) if ESCAPES[load8(stop + ONE)] else _escape_end(stop)
        if behind == ZERO:
            return ZERO, escaped
        escaped = ONE
        if behind - at < WIDTH:
            stops &= ~ZERO << (behind - at)
        else:
            at = behind
            stops = string_stops(at)


@kernel
def _number_end(at):
    """Address behind the number at `at`, 0 when it is none or an unusual one."""
    first = at
    if load8(at) == np.uint64(0x2D):
        at += ONE
    digits = at
    while _is_digit(load8(at)):
        at += ONE
    if at == digits or (load8(digits) == np.uint64(0x30) and at > digits + ONE):
        return ZERO
    if load8(at) == np.uint64(0x2E):
        at += ONE
        digits = at
        while _is_digit(load8(at)):
            at += ONE
        if at == digits:
            return ZERO
    if load8(at) | np.uint64(0x20) == np.uint64(0x65) or at - first > np.uint64(18):
        return ZERO
    return at


@kernel
def _scalar_end(at):
    """Address behind the string, number or word at `at`, 0 when there is none or an unusual one."""
    byte = load8(at)
    if byte == QUOTE:
        end, _ = _string_end(at + ONE)
        return end + ONE if end != ZERO else ZERO
    word = load32(at)
    if word == np.uint64(0x65757274) or word == np.uint64(0x6C6C756E):
        return at + FOUR
    if word == np.uint64(0x736C6166):
        return at + np.uint64(5) if load8(at + FOUR) == np.uint64(0x65) else ZERO
    return _number_end(at)


@kernel
def _key_end(at):
    """Address of the value whose key begins at or after `at`, 0 when there is no key and colon."""
    at = _skip_space(at)
    if load8(at) != QUOTE:
        return ZERO
    end, _ = _string_end(at + ONE)
    if end == ZERO:
        return ZERO
    at = _skip_space(end + ONE)
    return _skip_space(at + ONE) if load8(at) == COLON else ZERO


@kernel
def _value_end(at):
    """Address behind the value at `at`, checked in full; 0 when it is wrong or unusual.

    What is open stands as one bit a level in `objects`, lowest the innermost, 1 for an object.
    """
    objects, depth = ZERO, 0
    while True:
        byte = load8(at)
        if byte | np.uint64(0x20) == OPEN_OBJECT:  # or OPEN_ARRAY, one bit off
            objects = objects << ONE | ONE if byte == OPEN_OBJECT else objects << ONE
            depth += 1
            at = _skip_space(at + ONE)
            if depth > MAX_DEPTH:
                return ZERO
            closing = CLOSE_OBJECT if byte == OPEN_OBJECT else CLOSE_ARRAY
            if load8(at) != closing:
                at = _key_end(at) if byte == OPEN_OBJECT else at
                if at == ZERO:
                    return ZERO
                continue
        else:
            at = _scalar_end(at)
            if at == ZERO or depth == 0:
                return at
            at = _skip_space(at)
        while depth > 0 and load8(at) == (CLOSE_OBJECT if objects & ONE else CLOSE_ARRAY):
            objects >>= ONE
            depth -= 1
            at = at + ONE if depth == 0 else _skip_space(at + ONE)
        if depth == 0:
            return at
        if load8(at) != COMMA:
            return ZERO
        at = _key_end(at + ONE) if objects & ONE else _skip_space(at + ONE)
        if at == ZERO:
            return ZERO


@kernel
def _is_utf8(at, end):
    """Whether the bytes from `at` to `end`, where a newline stands, are UTF-8."""
    wrong = not_utf8(at)
    while end - at >= WIDTH:
        if wrong != ZERO:
            return False
        at += np.uint64(BLOCK - 3)
        wrong = not_utf8(at) & ~np.uint64(7) if wide(at) != ZERO else ZERO
    return wrong & (ONE << (end - at) << ONE) - ONE == ZERO


@kernel
def _field(start, end, names, name_offsets):
    """Which wanted name the key from `start` to `end` is, -1 for none."""
    for f in range(len(name_offsets) - 1):
        n = name_offsets[f + 1] - name_offsets[f]
        if np.uint64(n) == end - start:
            k = 0
            while k < n and load8(start + np.uint64(k)) == np.uint64(names[name_offsets[f] + k]):
                k += 1
            if k == n:
                return f
    return -1


@kernel
def _find_in_line(at, end, origin, names, name_offsets, kinds, spans):
    """Write `kinds` and `spans` of the wanted fields of one line; its state."""
    if load32(at) & np.uint64(0xFFFFFF) == np.uint64(0xBFBBEF):
        at += np.uint64(3)
    at = _skip_space(at)
    if at == end:
        return EMPTY
    if load8(at) != OPEN_OBJECT or not _is_utf8(at, end):
        return STRICT
    at = _skip_space(at + ONE)
    if load8(at) == CLOSE_OBJECT:
        return TAKEN if _skip_space(at + ONE) == end else STRICT
    while True:
        key = _skip_space(at) + ONE
        if load8(key - ONE) != QUOTE:
            return STRICT
        key_end, escaped = _string_end(key)
        if key_end == ZERO or escaped:
            return STRICT
        colon = _skip_space(key_end + ONE)
        value = _skip_space(colon + ONE)
        if load8(colon) != COLON:
            return STRICT
        is_string = load8(value) == QUOTE
        if is_string:
            value += ONE
            value_end, escaped = _string_end(value)
            kind = ESCAPED if escaped else PLAIN
        else:
            value_end, kind = _value_end(value), OTHER
        if value_end == ZERO:
            return STRICT
        f = _field(key, key_end, names, name_offsets)
        if f >= 0:
            kinds[f] = kind
            spans[f, 0], spans[f, 1] = np.int64(value - origin), np.int64(value_end - origin)
        at = _skip_space(value_end + ONE if is_string else value_end)
        if load8(at) == CLOSE_OBJECT:
            return TAKEN if _skip_space(at + ONE) == end else STRICT
        if load8(at) != COMMA:
            return STRICT
        at += ONE


@kernel
def find_fields(data, n_bytes, names, name_offsets, lines, states, kinds, spans):
    """Find the wanted fields of every line of the first `n_bytes` of `data` uint8, which end with a newline.

    `names` uint8 end to end and `name_offsets` int64 (n_fields + 1,) say what is wanted. `lines` int64 (n_lines + 1,)
    gets where each line begins, `states` uint8 (n_lines,) what became of it, `kinds` uint8 (n_lines, n_fields) and
    `spans` int64 (n_lines, n_fields, 2) what was found and where in `data`, strings without their marks.
    """
    origin = np.uint64(data.ctypes.data)
    at, line = origin, 0
    while line < len(states):
        end = at
        found = newlines(end)
        while found == ZERO:
            end += WIDTH
            found = newlines(end)
        end += trailing_zeros(found)
        kinds[line] = MISSING
        lines[line] = np.int64(at - origin)
        states[line] = _find_in_line(at, end, origin, names, name_offsets, kinds[line], spans[line])
        at = end + ONE
        line += 1
    lines[line] = np.int64(at - origin)


@kernel
def _put(code, out):
    """Write a code point as UTF-8 to `out`, with up to eight bytes touched; the address behind it."""
    low = np.uint64(0x80) | code & np.uint64(0x3F)
    if code < np.uint64(0x80):
        store64(out, code)
        return out + ONE
    if code < np.uint64(0x800):
        store64(out, np.uint64(0xC0) | code >> SIX | low << EIGHT)
        return out + np.uint64(2)
    middle = np.uint64(0x80) | code >> SIX & np.uint64(0x3F)
    if code < np.uint64(0x10000):
        store64(out, np.uint64(0xE0) | code >> np.uint64(12) | middle << EIGHT | low << np.uint64(16))
        return out + np.uint64(3)
    upper = np.uint64(0x80) | code >> np.uint64(12) & np.uint64(0x3F)
    first = np.uint64(0xF0) | code >> np.uint64(18)
    store64(out, first | upper << EIGHT | middle << np.uint64(16) | low << np.uint64(24))
    return out + FOUR


@kernel
def _unescape(at, out):
    """Write what the escape at `at` stands for; the addresses behind both."""
    letter = load8(at + ONE)
    if letter == np.uint64(0x75):
        behind = _escape_end(at)
        code = _hex(at + np.uint64(2))
        if behind == at + np.uint64(12):
            low = _hex(at + EIGHT) & np.uint64(0x3FF)
            code = np.uint64(0x10000) + ((code & np.uint64(0x3FF)) << np.uint64(10) | low)
        return max(behind, at + SIX), _put(code, out)
    store8(out, np.uint64(ESCAPES[letter]))
    return at + np.uint64(2), out + ONE


@kernel
def _copy(at, end, out):
    """Copy the inside of a string with its escapes resolved; the address behind what was written.

    Of a string that was not checked before, or has changed since, something comes of at most its length and four.
    """
    while at < end:
        escapes = copy_to_escape(at, out)
        while escapes == ZERO and end - at >= WIDTH:
            at += WIDTH
            out += WIDTH
            escapes = copy_to_escape(at, out)
        n = min(trailing_zeros(escapes), end - at)
        at += n
        out += n
        if at < end:
            at, out = _unescape(at, out)
    return out


@kernel
def lay(data, chosen, spans, others, other_offsets, values, offsets):
    """Lay one text a row end to end in `values` uint8, with a block of room behind; `offsets` int64 (n_rows + 1,).

    `chosen` int64 (n_rows,) is a row of `spans` int64 (n, 2), the inside of a string in `data`; or, below zero,
    -1 - i for the text `others[other_offsets[i] : other_offsets[i + 1]]`, which a strict parser has given.
    """
    origin, out = np.uint64(data.ctypes.data), np.uint64(values.ctypes.data)
    first = out
    for row in range(len(chosen)):
        if chosen[row] >= 0:
            begin, end = spans[chosen[row], 0], spans[chosen[row], 1]
            out = _copy(origin + np.uint64(begin), origin + np.uint64(end), out)
        else:
            other = -1 - chosen[row]
            for k in range(other_offsets[other], other_offsets[other + 1]):
                values[np.int64(out - first)] = others[k]
                out += ONE
        offsets[row + 1] = np.int64(out - first)
