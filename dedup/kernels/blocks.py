"""Steps on a block of 64 bytes: folding, and which bytes are of a kind, as one bit a byte, lowest first.

Each is written once, over lanes: in a kernel they are LLVM vectors, without a compiler NumPy arrays.
"""

import numpy as np
from llvmlite import ir
from numba import types

from dedup.kernels.compile import instruction
from dedup.kernels.lanes import Lanes, broadcast, from_next, from_previous, interleaved, part, splat, where
from dedup.kernels.machine import I64, load, peek, store

__all__ = [
    "BLOCK", "code_points", "copy_to_escape", "digits", "fold_ascii", "fold_cyrillic", "follows", "newlines", "nonzero",
    "not_utf8", "pairs", "places", "string_stops", "wide",
]  # fmt: skip

BLOCK = 64
U64 = types.uint64
BYTES = ir.VectorType(ir.IntType(8), BLOCK)


def _pack(truth):
    return np.uint64(int.from_bytes(np.packbits(truth, bitorder="little").tobytes(), "little"))


def finding(step):
    """Make a kernel step of `step(block) -> truth`: address to bits."""

    def generate(builder, address):
        truth = step(Lanes(builder, load(builder, address, BYTES)))
        return builder.bitcast(truth.value, ir.IntType(BLOCK))

    generate.__name__ = step.__name__
    return instruction(U64(U64), lambda address: _pack(step(peek(address, BLOCK))))(generate)


def copying(step):
    """Make a kernel step of `step(block) -> (written, truth)`: addresses of source and target to bits."""

    def generate(builder, source, target):
        written, truth = step(Lanes(builder, load(builder, source, BYTES)))
        store(builder, target, written.value)
        return builder.bitcast(truth.value, ir.IntType(BLOCK))

    def twin(source, target):
        written, truth = step(peek(source, BLOCK).copy())
        peek(target, len(written))[:] = written
        return _pack(truth)

    generate.__name__ = step.__name__
    return instruction(U64(U64, U64), twin)(generate)


@finding
def nonzero(block):
    """Which bytes are not zero."""
    return block != 0


@finding
def newlines(block):
    """Which bytes are newlines."""
    return block == 0x0A


@finding
def string_stops(block):
    """Which bytes end the plain part of a JSON string: quotation marks, backslashes and control characters."""
    return (block == 0x22) | (block == 0x5C) | (block < 0x20)


@finding
def not_utf8(block):
    """Which bytes cannot follow those before them in UTF-8; the first three may be shown wrongly in mid-text."""
    one = from_previous(block)
    two = from_previous(one)
    three = from_previous(two)
    follows = (one >= 0xC0) | (two >= 0xE0) | (three >= 0xF0)
    too_low = ((one == 0xE0) & (block < 0xA0)) | ((one == 0xF0) & (block < 0x90))
    too_high = ((one == 0xED) & (block >= 0xA0)) | ((one == 0xF4) & (block >= 0x90))
    return (((block & 0xC0) == 0x80) ^ follows) | ((block & 0xFE) == 0xC0) | (block >= 0xF5) | too_low | too_high


@copying
def copy_to_escape(block):
    """The bytes as they are; which are backslashes."""
    return block, block == 0x5C


@finding
def digits(block):
    """Which bytes are ASCII digits."""
    return (block - 0x30) < 10


def _ascii(block):
    lower = block | 0x20
    return where((lower - 0x61) < 26, lower, where((block - 0x30) < 10, block, 0))


@copying
def fold_ascii(block):
    """Letters in lower case, digits as they are, all else 0; which bytes are not ASCII."""
    return _ascii(block), block >= 0x80


@finding
def wide(block):
    """Which bytes are not ASCII."""
    return block >= 0x80


@finding
def follows(block):
    """Which bytes go on with a character."""
    return (block & 0xC0) == 0x80


@finding
def pairs(block):
    """Which bytes can begin a character of two; those of Cyrillic, which has a step of its own, are left out."""
    return ((block - 0xC2) < 0x1E) & ((block & 0xFE) != 0xD0)


@copying
def code_points(block):
    """For each byte a uint16, the code point of a whole character of up to three that begins there.

    Returned is which bytes can begin one of three.
    """
    second, triple, narrow = from_next(block), block >= 0xE0, block < 0x80
    low = (where(triple, second, block) << 6) | (where(triple, from_next(second), second) & 0x3F)
    high = where(triple, (block << 4) | ((second >> 2) & 0x0F), (block >> 2) & 0x07)
    too_low = (block == 0xE0) & (second < 0xA0)
    return interleaved(where(narrow, block, low), where(narrow, 0, high)), ((block & 0xF0) == 0xE0) & ~too_low


@copying
def fold_cyrillic(block):
    """Letters of U+0400..U+045F (0xD0 or 0xD1 and a second byte) and ASCII, folded; which bytes belong to no such.

    The block begins with a whole character. Lower case has its second byte in 0xB0..0xBF after 0xD0 and in 0x80..0x9F
    after 0xD1. Upper case is all after 0xD0: letters that Russian lacks at 0x80, then those of either half.
    """
    before = from_previous(block)
    is_second = (before & 0xFE) == 0xD0
    is_lead = ((block & 0xFE) == 0xD0) & ~is_second
    row, after_first = block & 0xF0, before == 0xD0
    foreign, early, late = after_first & (row == 0x80), after_first & (row == 0x90), after_first & (row == 0xA0)
    second = where(foreign, block + 0x10, where(early, block + 0x20, where(late, block - 0x20, block)))
    in_second_half = (before == 0xD1) | foreign | late
    is_letter = ((block & 0xE0) == 0x80) | (after_first & ((block & 0xE0) == 0xA0))
    # Five rare letters with accents are left to the tables.
    is_rare = (second == 0x90) | (second == 0x93) | ((second - 0x9C) < 3)
    known = where(is_second, where(is_letter & ~(in_second_half & is_rare), 1, 0), where(block < 0x80, 1, 0))
    known = where(is_lead, from_next(known), known)
    is_io = in_second_half & (second == 0x91)
    is_accented = (in_second_half & (second == 0x97)) | (~in_second_half & (second == 0xB9))
    second = where(is_io, 0xB5, where(is_accented, second - 1, second))
    lead = from_next(where(in_second_half & ~is_io, 0xD1, 0xD0))
    return where(is_second, second, where(is_lead, lead, _ascii(block))), known == 0


def _places(bits, first, out):
    places = np.flatnonzero(np.unpackbits(np.array([bits], np.uint64).view(np.uint8), bitorder="little"))
    peek(out, 8 * len(places)).view(np.uint64)[:] = first + places.astype(np.uint64)
    return out + np.uint64(8 * len(places))


@instruction(U64(U64, U64, U64), _places)
def places(builder, bits, first, out):
    """Write `first` plus the place of each bit that is set to `out`, uint64; the address behind the last.

    There is room for a whole block: what stands behind may be written over. Only for machines that have avx512vbmi2,
    whose one instruction for it moves the chosen bytes of a block to its front.
    """
    chosen, width = ir.VectorType(ir.IntType(1), BLOCK), 8
    name = "llvm.x86.avx512.mask.compress.v64i8"
    compress = builder.module.globals.get(name)
    if compress is None:
        compress = ir.Function(builder.module, ir.FunctionType(BYTES, [BYTES, BYTES, chosen]), name)
    numbers = ir.Constant(BYTES, list(range(BLOCK)))
    packed = builder.call(compress, [numbers, splat(BYTES, 0), builder.bitcast(bits, chosen)])
    wide = ir.VectorType(I64, width)
    origin = broadcast(builder, first, wide)
    n = builder.ctpop(bits)

    def write(begin, end):
        for i in range(begin, end, width):
            value = builder.zext(part(builder, packed, i, width), wide)
            store(builder, builder.add(out, ir.Constant(I64, 8 * i)), builder.add(value, origin))

    write(0, BLOCK // 2)
    with builder.if_then(builder.icmp_unsigned(">", n, ir.Constant(I64, BLOCK // 2)), likely=False):
        write(BLOCK // 2, BLOCK)
    return builder.add(out, builder.shl(n, ir.Constant(I64, 3)))
