"""Single steps on raw memory and bits: what kernels do that Python has no word for.

Addresses are uint64. A load of a block may read past the end of a text: texts are laid with room behind them.
Every step has a twin in Python, which is used when kernels are not compiled.
"""

import ctypes

import llvmlite.binding
import numpy as np
from llvmlite import ir
from numba import types

from dedup.kernels.compile import config, instruction
from dedup.kernels.lanes import broadcast, splat

__all__ = [
    "count_ones", "has", "leading_zeros", "load8", "load16", "load32", "load32_big", "load64", "mix", "mix_part",
    "prefetch", "store8", "store32", "store64", "trailing_zeros",
]  # fmt: skip

U64 = types.uint64
I8, I16, I32, I64, I128 = (ir.IntType(n) for n in (8, 16, 32, 64, 128))


def has(feature: str) -> bool:
    """Whether code is made for machines with `feature`, named as LLVM does: this one, or what the compiler was told."""
    if config.CPU_NAME or config.CPU_FEATURES:
        return f"+{feature}" in (config.CPU_FEATURES or "").split(",")
    return bool(llvmlite.binding.get_host_cpu_features().get(feature))


def pointer(builder, address, kind):
    """`address` as a pointer to `kind`."""
    return builder.inttoptr(address, kind.as_pointer())


def load(builder, address, kind):
    """What stands at `address`, however it is aligned."""
    return builder.load(pointer(builder, address, kind), align=1)


def store(builder, address, value):
    """Write `value` to `address`, however it is aligned."""
    builder.store(value, pointer(builder, address, value.type), align=1)
    return ir.Constant(I64, 0)


def peek(address, count):
    """`count` bytes at `address`, as an array that shares them."""
    return np.ctypeslib.as_array((ctypes.c_uint8 * count).from_address(int(address)))


def _read(address, count):
    return np.uint64(int.from_bytes(peek(address, count).tobytes(), "little"))


def _write(address, value, count):
    peek(address, count)[:] = np.frombuffer(int(value).to_bytes(8, "little")[:count], np.uint8)
    return np.uint64(0)


@instruction(U64(U64), lambda address: _read(address, 1))
def load8(builder, address):
    """One byte."""
    return builder.zext(load(builder, address, I8), I64)


@instruction(U64(U64), lambda address: _read(address, 2))
def load16(builder, address):
    """Two bytes, little-endian."""
    return builder.zext(load(builder, address, I16), I64)


@instruction(U64(U64), lambda address: _read(address, 4))
def load32(builder, address):
    """Four bytes, little-endian."""
    return builder.zext(load(builder, address, I32), I64)


@instruction(U64(U64), lambda address: np.uint64(int.from_bytes(peek(address, 4).tobytes(), "big")))
def load32_big(builder, address):
    """Four bytes, big-endian."""
    return builder.zext(builder.bswap(load(builder, address, I32)), I64)


@instruction(U64(U64), lambda address: _read(address, 8))
def load64(builder, address):
    """Eight bytes, little-endian."""
    return load(builder, address, I64)


@instruction(U64(U64, U64), lambda address, value: _write(address, int(value) & 255, 1))
def store8(builder, address, value):
    """Write the low byte."""
    return store(builder, address, builder.trunc(value, I8))


@instruction(U64(U64, U64), lambda address, value: _write(address, int(value) & 0xFFFFFFFF, 4))
def store32(builder, address, value):
    """Write the low four bytes."""
    return store(builder, address, builder.trunc(value, I32))


@instruction(U64(U64, U64), lambda address, value: _write(address, value, 8))
def store64(builder, address, value):
    """Write eight bytes."""
    return store(builder, address, value)


@instruction(U64(U64), lambda value: np.uint64((int(value) & -int(value)).bit_length() - 1 if value else 64))
def trailing_zeros(builder, value):
    """How many zeros stand below the lowest one; 64 for 0."""
    return builder.cttz(value, ir.Constant(ir.IntType(1), 0))


@instruction(U64(U64), lambda _address: np.uint64(0))
def prefetch(builder, address):
    """Have memory brought near that will be asked for soon; harmless wherever the address is. Returns 0."""
    kind = ir.FunctionType(ir.VoidType(), [I8.as_pointer(), I32, I32, I32])
    named = builder.module.globals.get("llvm.prefetch") or ir.Function(builder.module, kind, "llvm.prefetch")
    reading, near, data = ir.Constant(I32, 0), ir.Constant(I32, 3), ir.Constant(I32, 1)
    builder.call(named, [pointer(builder, address, I8), reading, near, data])
    return ir.Constant(I64, 0)


@instruction(U64(U64), lambda value: np.uint64(64 - int(value).bit_length()))
def leading_zeros(builder, value):
    """How many zeros stand above the highest one; 64 for 0."""
    return builder.ctlz(value, ir.Constant(ir.IntType(1), 0))


@instruction(U64(U64), lambda value: np.uint64(int(value).bit_count()))
def count_ones(builder, value):
    """How many bits are set."""
    return builder.ctpop(value)


def _mix(left, right):
    product = int(left) * int(right)
    return np.uint64((product ^ product >> 64) & (2**64 - 1))


def multiply_fold(builder, left, right):
    """The two halves of a product of 128 bits, combined."""
    product = builder.mul(builder.zext(left, I128), builder.zext(right, I128))
    return builder.xor(builder.trunc(product, I64), upper_half(builder, product))


def upper_half(builder, product):
    """The high 64 of 128 bits."""
    return builder.trunc(builder.lshr(product, ir.Constant(I128, 64)), I64)


@instruction(U64(U64, U64), _mix)
def mix(builder, left, right):
    """Multiply to 128 bits and xor the halves."""
    return multiply_fold(builder, left, right)


def _mix_part(address, n_bytes, low_key, high_key):
    first, second = min(int(n_bytes), 8), max(int(n_bytes) - 8, 0)
    return _mix(_read(address, first) ^ low_key, _read(address + np.uint64(8), second) ^ high_key)


@instruction(U64(U64, U64, U64, U64), _mix_part)
def mix_part(builder, address, n_bytes, low_key, high_key):
    """Mix the first `n_bytes` of 16, at least one, with two keys."""
    part = ir.VectorType(I8, 16)
    halves = ir.VectorType(I64, 2)
    count = broadcast(builder, builder.trunc(n_bytes, I8), part)
    kept = builder.icmp_unsigned("<", ir.Constant(part, list(range(16))), count)
    block = builder.bitcast(builder.select(kept, load(builder, address, part), splat(part, 0)), halves)
    low = builder.extract_element(block, ir.Constant(I32, 0))
    high = builder.extract_element(block, ir.Constant(I32, 1))
    return multiply_fold(builder, builder.xor(low, low_key), builder.xor(high, high_key))
