"""One way to write a step on a block of bytes: an expression that holds for NumPy arrays and for LLVM vectors alike."""

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir

__all__ = ["Lanes", "broadcast", "from_next", "from_previous", "interleaved", "part", "splat", "where"]


def _writing(name: str) -> Callable[[Any, Any], Any]:
    """An operator that writes the builder's instruction `name`."""

    def operate(left: Any, right: Any) -> Any:
        return Lanes(left.builder, getattr(left.builder, name)(left.value, _like(left, right)))

    return operate


def _comparing(sign: str) -> Callable[[Any, Any], Any]:
    def operate(left: Any, right: Any) -> Any:
        return Lanes(left.builder, left.builder.icmp_unsigned(sign, left.value, _like(left, right)))

    return operate


def _like(left: Any, right: Any) -> ir.Value:
    return right.value if isinstance(right, Lanes) else splat(left.value.type, right)


class Lanes:
    """A vector value under construction; its operators write instructions, all of them unsigned."""

    def __init__(self, builder: ir.IRBuilder, value: ir.Value) -> None:
        """`value` belongs to the function that `builder` writes."""
        self.builder = builder
        self.value = value

    __add__, __sub__ = _writing("add"), _writing("sub")
    __and__, __or__, __xor__ = _writing("and_"), _writing("or_"), _writing("xor")
    __lshift__, __rshift__ = _writing("shl"), _writing("lshr")
    __eq__, __ne__ = _comparing("=="), _comparing("!=")
    __lt__, __ge__ = _comparing("<"), _comparing(">=")
    __hash__ = None  # type: ignore[assignment]

    def __invert__(self) -> "Lanes":
        """The other truth values."""
        return Lanes(self.builder, self.builder.not_(self.value))


def splat(kind: ir.VectorType, value: int) -> ir.Constant:
    """A constant of vector type `kind` with `value` in every place."""
    return ir.Constant(kind, [value] * kind.count)


def broadcast(builder: ir.IRBuilder, value: ir.Value, kind: ir.VectorType) -> ir.Value:
    """A vector of type `kind` with the scalar `value` in every place."""
    index = ir.IntType(32)
    first = builder.insert_element(splat(kind, 0), value, ir.Constant(index, 0))
    return builder.shuffle_vector(first, first, splat(ir.VectorType(index, kind.count), 0))


def part(builder: ir.IRBuilder, value: ir.Value, first: int, count: int) -> ir.Value:
    """`count` places of the vector `value` from the `first` on."""
    order = ir.Constant(ir.VectorType(ir.IntType(32), count), list(range(first, first + count)))
    return builder.shuffle_vector(value, value, order)


def where(truth: Any, yes: Any, no: Any) -> Any:
    """Bytes: `yes` where `truth` holds, else `no`; either may be a number."""
    if not isinstance(truth, Lanes):
        return np.where(truth, yes, no).astype(np.uint8)
    kind = ir.VectorType(ir.IntType(8), truth.value.type.count)
    values = [x.value if isinstance(x, Lanes) else splat(kind, x) for x in (yes, no)]
    return Lanes(truth.builder, truth.builder.select(truth.value, *values))


def from_previous(block: Any) -> Any:
    """Each place takes the value of the place before it, the first 0."""
    if not isinstance(block, Lanes):
        return np.concatenate([np.zeros(1, block.dtype), block[:-1]])
    n = block.value.type.count
    return _shuffle(block, [n, *range(n - 1)])


def from_next(block: Any) -> Any:
    """Each place takes the value of the place after it, the last 0."""
    if not isinstance(block, Lanes):
        return np.concatenate([block[1:], np.zeros(1, block.dtype)])
    n = block.value.type.count
    return _shuffle(block, [*range(1, n), n])


def interleaved(left: Any, right: Any) -> Any:
    """The places of two blocks by turns, the first of `left` first."""
    if not isinstance(left, Lanes):
        return np.column_stack([left, right]).ravel()
    n = left.value.type.count
    order = [place for i in range(n) for place in (i, n + i)]
    mask = ir.Constant(ir.VectorType(ir.IntType(32), 2 * n), order)
    return Lanes(left.builder, left.builder.shuffle_vector(left.value, right.value, mask))


def _shuffle(block: Lanes, order: list[int]) -> Lanes:
    kind = block.value.type
    mask = ir.Constant(ir.VectorType(ir.IntType(32), kind.count), order)
    return Lanes(block.builder, block.builder.shuffle_vector(block.value, splat(kind, 0), mask))
