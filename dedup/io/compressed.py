"""Bytes of a file in chunks, unpacked when its first bytes are those of gzip, zstd or bzip2; and packed by its name."""

import bz2
import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from io import BufferedIOBase
from types import ModuleType
from typing import BinaryIO, Protocol

from dedup.errors import InputError

__all__ = ["Sink", "chunks", "is_packed", "packer"]

CHUNK_BYTES = 1 << 20
# A damaged archive costs what the last piece held, so pieces are small; 32 KB already run at full speed.
_PACKED_BYTES = 32 << 10
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
# A text may begin with "BZh": a first block, or the end of an empty archive, must follow the level.
_BZIP2 = re.compile(rb"BZh[1-9](?:\x31\x41\x59\x26\x53\x59|\x17\x72\x45\x38\x50\x90)")
_START_BYTES = 10


class _Decompressor(Protocol):
    """What igzip, zstd and bzip2 share; a call gives at most `max_length` bytes, and wants b"" until `needs_input`."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class Sink(Protocol):
    """Takes bytes."""

    def write(self, data: bytes, /) -> object:
        """All of the bytes."""


class _Zlib:
    """The standard library's gzip, behind the same face."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data


def is_packed(stream: BufferedIOBase) -> bool:
    """Whether `chunks` would unpack the stream; reads its first bytes."""
    return _unpacker(stream.read(_START_BYTES)) is not None


def chunks(stream: BufferedIOBase) -> Iterator[bytes]:
    """What the stream holds, at most about 1 MB at a time; OSError when it is damaged or ends too early.

    The first bytes decide, not the name: servers unpack on the way, and a pipe has no name.
    """
    start = stream.read(_START_BYTES)
    unpacker = _unpacker(start)
    if unpacker is not None:
        yield from _unpack(start, stream, unpacker())
        return
    # `read1` gives what a pipe has now and does not wait for the rest.
    chunk = start + stream.read1(CHUNK_BYTES)
    while chunk:
        yield chunk
        chunk = stream.read1(CHUNK_BYTES)


def _unpacker(start: bytes) -> Callable[[], Callable[[], _Decompressor]] | None:
    """What unpacks a stream of these first bytes, once it is found; None where nothing has to."""
    if start.startswith(_GZIP):
        return _gzip
    if start.startswith(_ZSTD):
        return _zstd
    return _bzip2 if _BZIP2.match(start) else None


def packer(file: BinaryIO, name: str) -> AbstractContextManager[Sink]:
    """The file, packed as the name's ending says; what is written is complete at the end of the `with`."""
    if name.endswith(".gz"):
        return _gzip_file(file)
    if name.endswith(".zst"):
        zstd: AbstractContextManager[Sink] = _zstd_module().ZstdFile(file, "w")
        return zstd
    return bz2.BZ2File(file, "w") if name.endswith(".bz2") else nullcontext(file)


def _gzip_file(file: BinaryIO) -> AbstractContextManager[Sink]:
    """Without name and time, so that the same content gives the same bytes."""
    try:
        igzip = import_module("isal.igzip")
    except ImportError:
        return gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0)
    found: AbstractContextManager[Sink] = igzip.IGzipFile(filename="", mode="wb", fileobj=file, mtime=0)
    return found


def _gzip() -> Callable[[], _Decompressor]:
    try:
        from isal import igzip_lib
    except ImportError:
        return _Zlib
    return lambda: igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)


def _bzip2() -> Callable[[], _Decompressor]:
    return bz2.BZ2Decompressor


def _zstd() -> Callable[[], _Decompressor]:
    new: Callable[[], _Decompressor] = _zstd_module().ZstdDecompressor
    return new


def _zstd_module() -> ModuleType:
    try:
        # The standard library's own, from Python 3.14 on; found by name, as older versions cannot check its types.
        return import_module("compression.zstd")
    except ImportError:
        try:
            return import_module("backports.zstd")
        except ImportError:
            raise InputError('zstd needs an extra: pip install "dedup[zstd]"') from None


_MARKS = (_GZIP, b"BZ")
"""How each archive of gzip and of bzip2 begins; behind one of zstd others may stand."""


def _unpack(start: bytes, stream: BufferedIOBase, new: Callable[[], _Decompressor]) -> Iterator[bytes]:
    """Unpack one archive after another, as `cat` or a crawler lays them."""
    packed = start + stream.read1(_PACKED_BYTES)
    mark = packed[:2] if packed[:2] in _MARKS else b""
    while packed:
        if not packed.startswith(mark[: len(packed)]):
            raise OSError("what stands behind the end of the archive is none")
        decompressor = new()
        while not decompressor.eof:
            if decompressor.needs_input and not packed:
                packed = stream.read1(_PACKED_BYTES)
                if not packed:
                    raise OSError("the archive ends too early")
            if chunk := _piece(decompressor, packed):
                yield chunk
            packed = b""
        packed = _next_archive(decompressor.unused_data, stream)


def _next_archive(packed: bytes, stream: BufferedIOBase) -> bytes:
    """Pass over the zero bytes with which blocks of a disk or a tape are filled up."""
    packed = packed.lstrip(b"\0")
    while not packed and (piece := stream.read1(_PACKED_BYTES)):
        packed = piece.lstrip(b"\0")
    return packed


def _piece(decompressor: _Decompressor, packed: bytes) -> bytes:
    try:
        return decompressor.decompress(packed, CHUNK_BYTES)
    except MemoryError:
        raise
    except Exception as error:  # zlib, isal, zstd and bz2 each have an exception of their own, with nothing in common
        raise OSError(f"the archive is damaged ({error})") from None
