"""What makes a kernel: compiled on first use, kept in a cache, running without the GIL.

With `NUMBA_DISABLE_JIT` set, or after `interpret`, kernels run as the plain Python that they are, and instructions as
their Python twins.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from inspect import Parameter, Signature
from typing import Any, TypeAlias

import llvmlite.binding
import numba
import numpy as np
from numba.core.compiler import CompileResult
from numba.core.runtime.nrt import rtsys
from numba.core.types import unliteral
from numba.extending import intrinsic

from dedup.kernels.cache import folder, is_cold

config: Any = numba.config

Function: TypeAlias = Callable[..., Any]

__all__ = ["SMALL_BYTES", "allocating", "inner", "instruction", "interpret", "is_cold", "kernel"]

SMALL_BYTES = 1 << 16
"""Input up to which plain Python answers sooner than a compiler that has yet to start."""


def interpret() -> None:
    """Let kernels run as plain Python; before any of them is imported."""
    config.DISABLE_JIT = True


def kernel(function: Function) -> Function:
    """Compile `function`; NumPy's division errors, no fast-math: results are the same on every machine.

    It must not make arrays or lists, as it counts no references to them. Counting them is two atomic instructions for
    each array that a function is given: to put a hash into a set took five times as long. A kernel that returns a
    part of an array may only be called by one that counts none either.
    """
    return _compiled(function, _nrt=False)


def allocating(function: Function) -> Function:
    """Compile a kernel that makes arrays or lists."""
    return _compiled(function, _nrt=True)


def inner(function: Function) -> Function:
    """A part of a kernel that is laid into its caller: for what runs once a character or token."""
    return _compiled(function, forceinline=True, _nrt=False)


def _compiled(function: Function, **options: Any) -> Function:
    """The compiler reads its setting for the folder here and only here, so that other users of it keep their own."""
    if config.DISABLE_JIT:
        # NumPy's scalars warn of the overflow that the kernels mean.
        return np.errstate(over="ignore")(function)
    options |= {"no_cfunc_wrapper": True, "no_cpython_wrapper": function.__name__.startswith("_")}
    path, before = folder(), config.CACHE_DIR
    config.CACHE_DIR = str(path or "")
    try:
        compiled: Function = numba.njit(cache=path is not None, nogil=True, error_model="numpy", **options)(function)
    finally:
        config.CACHE_DIR = before
    _without_constants(compiled)
    _unkept_if_need_be(compiled)
    return compiled


def _unkept_if_need_be(compiled: Any) -> None:
    """A kernel that cannot be kept, as on a full disk, runs all the same and is compiled again next time."""
    kept = compiled._cache
    save = kept.save_overload

    def save_or_not(*arguments: Any) -> None:
        with suppress(OSError):
            save(*arguments)

    kept.save_overload = save_or_not
    kept.load_overload = partial(_loaded, kept)
    kept._impl.rebuild = _rebuilt


def _loaded(kept: Any, signature: Any, target: Any) -> Any:
    """Compiled code, or None. What the compiler knows of Python and NumPy, 0.3 s to load, it loads when it compiles."""
    rtsys.initialize(target)
    with kept._guard_against_spurious_io_errors():
        return kept._load_overload(signature, target)
    return None


def _rebuilt(target: Any, stored: Any) -> Any:
    """A kernel from machine code; its bitcode, for a kernel that is compiled and calls it, is parsed when asked for.

    Parsing that of all kernels, and listing its symbols, took half of the time that loading them takes.
    """
    (name, kind, (machine_code, bitcode)), described, *rest = stored
    defined = target.codegen()._engine._defined_symbols
    defined |= {described.llvm_func_name, described.llvm_cpython_wrapper_name, described.llvm_cfunc_wrapper_name}
    made = CompileResult._rebuild(target, (name, kind, (machine_code, _no_bitcode())), described, *rest)
    library = made._asdict()["library"]
    library._get_module_for_linking = cache(partial(llvmlite.binding.parse_bitcode, bitcode))
    return made


@cache
def _no_bitcode() -> bytes:
    empty: bytes = llvmlite.binding.parse_assembly("").as_bitcode()
    return empty


def _without_constants(compiled: Any) -> None:
    """One version of a kernel for all numbers that callers write out; there were up to five, at 0.3 s each."""
    template = compiled.get_call_template

    def general(arguments: Any, named: Any) -> Any:
        return template([unliteral(a) for a in arguments], {name: unliteral(a) for name, a in named.items()})

    compiled.get_call_template = general


def instruction(signature: Any, twin: Function) -> Callable[[Function], Any]:
    """Make one step that a kernel can call out of a function that writes LLVM IR (builder, *arguments) for it.

    `twin` does the same in Python. The IR is of vectors of any width, which LLVM fits to the machine.
    """

    def decorate(generate: Function) -> Any:
        if config.DISABLE_JIT:
            return twin

        def define(typing_context: Any, *arguments: Any) -> Any:
            def lower(context: Any, builder: Any, called: Any, values: Any) -> Any:
                return generate(builder, *values)

            return signature, lower

        define.__name__ = generate.__name__
        # The compiler goes by the number of parameters.
        named = [Parameter(f"_{i}", Parameter.POSITIONAL_ONLY) for i in range(len(signature.args) + 1)]
        define.__signature__ = Signature(named)  # type: ignore[attr-defined]
        return intrinsic(define)

    return decorate
