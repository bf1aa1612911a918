"""Steps over whole arrays that the compiler would not turn into vectors by itself.

Each is a loop in LLVM IR over vectors of a fixed number of lanes; arrays have room for a whole number of them.
"""

import numpy as np
from llvmlite import ir
from numba import types

from dedup.kernels.compile import instruction
from dedup.kernels.lanes import broadcast, splat
from dedup.kernels.machine import I64, load, peek, store

__all__ = ["LANES", "WIDTH", "least_affine", "padded", "spread_shingles", "sum_lanes", "throw"]

LANES = 64
"""Places of a signature that are worked on together, and the multiple that arrays are padded to."""

U64 = types.uint64
I1, I32 = ir.IntType(1), ir.IntType(32)
WIDTH = 16
NARROW, WIDE = ir.VectorType(I32, WIDTH), ir.VectorType(I64, WIDTH)

MULTIPLIERS = np.array([[0x9E3779B97F4A7C15, 0xD1B54A32D192ED03], [0xBF58476D1CE4E5B9, 0x94D049BB133111EB]], np.uint64)
"""Of each half of a content hash: from one block to the next, and from one part of a block to the next."""


def padded(n: int) -> int:
    """`n` rounded up to whole blocks of `LANES`."""
    return -(-n // LANES) * LANES


def number(value):
    """A constant uint64."""
    return ir.Constant(I64, value)


def parts(builder, address, kind, size_bytes):
    """The vectors of one block of `LANES`, of which one takes `size_bytes`."""
    return [load(builder, builder.add(address, number(size_bytes * i)), kind) for i in range(LANES // WIDTH)]


def repeat(builder, count, initial, step):
    """Loop `count` times over `step(index, values) -> values`; the last values."""
    before = builder.block
    head, body, after = (builder.append_basic_block(name) for name in ("head", "body", "after"))
    builder.branch(head)
    builder.position_at_end(head)
    index = builder.phi(I64)
    values = [builder.phi(value.type) for value in initial]
    builder.cbranch(builder.icmp_unsigned("<", index, count), body, after)
    builder.position_at_end(body)
    stepped = step(index, values)
    following = builder.add(index, number(1))
    for phi, first, later in zip([index, *values], [number(0), *initial], [following, *stepped], strict=True):
        phi.add_incoming(first, before)
        phi.add_incoming(later, builder.block)
    builder.branch(head)
    builder.position_at_end(after)
    return values


def lanes(address, dtype, count=LANES):
    """`count` numbers at `address`, as an array that shares them."""
    return peek(address, count * np.dtype(dtype).itemsize).view(dtype)


def _least_affine(values, count, multipliers, summands, out):
    permuted = np.multiply.outer(lanes(values, np.uint32, int(count)), lanes(multipliers, np.uint32))
    permuted += lanes(summands, np.uint32)
    lanes(out, np.uint32)[:] = permuted.min(axis=0, initial=0xFFFFFFFF)
    return np.uint64(0)


@instruction(U64(U64, U64, U64, U64, U64), _least_affine)
def least_affine(builder, values, count, multipliers, summands, out):
    """Write the least of multiplier * value + summand over `count` values, for `LANES` places; all are uint32."""
    multiplier, summand = parts(builder, multipliers, NARROW, 64), parts(builder, summands, NARROW, 64)

    def step(index, least):
        value = load(builder, builder.add(values, builder.shl(index, number(2))), I32)
        value = broadcast(builder, value, NARROW)
        permuted = [builder.add(builder.mul(value, a), b) for a, b in zip(multiplier, summand, strict=True)]
        return [minimum(builder, a, b) for a, b in zip(least, permuted, strict=True)]

    least = repeat(builder, count, [splat(NARROW, 0xFFFFFFFF)] * len(summand), step)
    for i, value in enumerate(least):
        store(builder, builder.add(out, number(64 * i)), value)
    return number(0)


def minimum(builder, left, right):
    """The lesser in each place, unsigned."""
    return builder.select(builder.icmp_unsigned("<", left, right), left, right)


def _spread(values):
    values ^= values >> 16
    values *= np.uint32(0x85EBCA6B)
    values ^= values >> 13
    values *= np.uint32(0xC2B2AE35)
    values ^= values >> 16


def _shingles(hashes, count, size, out):
    n = padded(int(count))
    total = np.zeros(n, np.uint64)
    for j in range(int(size)):
        turn = np.uint64(11 * j % 64)
        part = lanes(hashes, np.uint64, n + j)[j:]
        total ^= part << turn | part >> (np.uint64(64) - turn & np.uint64(63))
    values = lanes(out, np.uint32, n)
    values[:] = total.astype(np.uint32)
    _spread(values)
    return np.uint64(0)


@instruction(U64(U64, U64, U64, U64), _shingles)
def spread_shingles(builder, hashes, count, size, out):
    """Write `count` shingle hashes (uint32) of `size` token hashes (uint64) each.

    They are the exclusive or of the hashes, each turned by 11 bits more than the one before so that their order counts;
    the low half is sent through MurmurHash3's finalizer, a bijection [Appleby].
    """

    def block(index, _):
        first = builder.add(hashes, builder.shl(index, number(9)))

        def turn(j, totals):
            bits = builder.and_(builder.mul(j, number(11)), number(63))
            amount = broadcast(builder, bits, WIDE)
            values = parts(builder, builder.add(first, builder.shl(j, number(3))), WIDE, 128)
            return [builder.xor(a, rotate(builder, b, amount)) for a, b in zip(totals, values, strict=True)]

        totals = repeat(builder, size, [splat(WIDE, 0)] * (LANES // WIDTH), turn)
        for i, total in enumerate(totals):
            at = builder.add(out, builder.add(builder.shl(index, number(8)), number(64 * i)))
            store(builder, at, finalize(builder, builder.trunc(total, NARROW)))
        return []

    repeat(builder, builder.lshr(builder.add(count, number(LANES - 1)), number(6)), [], block)
    return number(0)


def rotate(builder, value, amount):
    """Turn left."""
    right = builder.and_(builder.sub(splat(WIDE, 64), amount), splat(WIDE, 63))
    return builder.or_(builder.shl(value, amount), builder.lshr(value, right))


def finalize(builder, value):
    """MurmurHash3's finalizer."""
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        value = builder.xor(value, builder.lshr(value, splat(NARROW, shift)))
        value = builder.mul(value, splat(NARROW, factor))
    return builder.xor(value, builder.lshr(value, splat(NARROW, 16)))


def _throw(values, count, multiplier, summand, n_bins, out):
    n = -(-int(count) // WIDTH) * WIDTH
    hashes = lanes(values, np.uint32, n).astype(np.uint64) * np.uint64(multiplier) + np.uint64(summand)
    lanes(out, np.uint64, n)[:] = (hashes >> np.uint64(32)) * np.uint64(n_bins)
    return np.uint64(0)


@instruction(U64(U64, U64, U64, U64, U64, U64), _throw)
def throw(builder, values, count, multiplier, summand, n_bins, out):
    """Hash `count` values (uint32) by multiply-shift to a bin (high half of a uint64) and a rank in it (low half).

    The hash is strongly universal for random multiplier and summand [Dietzfelbinger 1996].
    """
    factor, offset = broadcast(builder, multiplier, WIDE), broadcast(builder, summand, WIDE)
    bins = broadcast(builder, n_bins, WIDE)

    def block(index, _):
        value = load(builder, builder.add(values, builder.shl(index, number(6))), NARROW)
        hashed = builder.add(builder.mul(builder.zext(value, WIDE), factor), offset)
        scaled = builder.mul(builder.lshr(hashed, splat(WIDE, 32)), bins)
        store(builder, builder.add(out, builder.shl(index, number(7))), scaled)
        return []

    repeat(builder, builder.lshr(builder.add(count, number(WIDTH - 1)), number(4)), [], block)
    return number(0)


def _sum_lanes(hashes, count, out):
    n = padded(int(count))
    blocks = np.where(np.arange(n) < int(count), lanes(hashes, np.uint64, n), 0).astype(np.uint64)
    for half, (step, join) in enumerate(MULTIPLIERS):
        total = np.zeros(LANES, np.uint64)
        for block in blocks.reshape(-1, LANES):
            total = total * step + block
        joined = np.zeros(WIDTH, np.uint64)
        for part in total.reshape(-1, WIDTH):
            joined = joined * join ^ part
        lanes(out, np.uint64, 2 * WIDTH)[half * WIDTH : (half + 1) * WIDTH] = joined
    return np.uint64(0)


@instruction(U64(U64, U64, U64), _sum_lanes)
def sum_lanes(builder, hashes, count, out):
    """Write two polynomials in `count` hashes (uint64), each as `WIDTH` parts, to `out` uint64 (2 * `WIDTH`,)."""
    n_parts = LANES // WIDTH
    places = [ir.Constant(WIDE, list(range(WIDTH * i, WIDTH * (i + 1)))) for i in range(n_parts)]

    def step(index, totals):
        left = broadcast(builder, builder.sub(count, builder.shl(index, number(6))), WIDE)
        values = parts(builder, builder.add(hashes, builder.shl(index, number(9))), WIDE, 128)
        inside = [builder.icmp_unsigned("<", place, left) for place in places]
        values = [builder.select(t, value, splat(WIDE, 0)) for t, value in zip(inside, values, strict=True)]
        factors = [splat(WIDE, int(MULTIPLIERS[half, 0])) for half in (0, 1) for _ in values]
        return [builder.add(builder.mul(t, f), v) for t, f, v in zip(totals, factors, values * 2, strict=True)]

    n_blocks = builder.lshr(builder.add(count, number(LANES - 1)), number(6))
    totals = repeat(builder, n_blocks, [splat(WIDE, 0)] * (2 * n_parts), step)
    for half in (0, 1):
        joined = splat(WIDE, 0)
        for total in totals[half * n_parts : (half + 1) * n_parts]:
            joined = builder.xor(builder.mul(joined, splat(WIDE, int(MULTIPLIERS[half, 1]))), total)
        store(builder, builder.add(out, number(128 * half)), joined)
    return number(0)
