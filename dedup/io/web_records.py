"""Records of WARC and WET one by one; a broken one costs itself and no other."""

import re
from collections.abc import Iterator

__all__ = ["web_records"]

_START = re.compile(rb"\nWARC/[01]\.\d")
_NO_SPACE = re.compile(rb"\S")
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_MAX_HEADER_BYTES = 64 << 10
# Longer than what `_START` finds, so that none is overlooked at the seam of two chunks.
_SEAM_BYTES = 16


class _Window:
    """The bytes of a file from the present place on; damage is kept until all before it is used."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.data = bytearray()
        self.damage: OSError | None = None
        self._chunks = chunks

    def reach(self, n_bytes: int) -> bool:
        """Whether the file has so many bytes from here on, which then stand in `data`."""
        while len(self.data) < n_bytes:
            try:
                chunk = next(self._chunks, b"")
            except OSError as error:
                chunk, self.damage = b"", error
            if not chunk:
                return False
            self.data += chunk
        return True

    def skip_space(self) -> bool:
        """Whether anything but white space is left, to whose beginning this goes."""
        while self.reach(1):
            if found := _NO_SPACE.search(self.data):
                del self.data[: found.start()]
                return True
            self.data.clear()
        return False

    def skip_to_start(self) -> None:
        """Go to where the next record begins, or to the end."""
        while (found := _START.search(self.data)) is None:
            del self.data[:-_SEAM_BYTES]
            if not self.reach(len(self.data) + 1):
                self.data.clear()
                return
        del self.data[: found.start() + 1]


def web_records(chunks: Iterator[bytes], max_bytes: int) -> Iterator[bytes | str]:
    """Each record from its version line on, or what is wrong with it; at the end the error that ended it too early."""
    window = _Window(chunks)
    while window.skip_space():
        found = _record(window, max_bytes)
        if found is None:
            break
        yield found
    if window.damage:
        raise window.damage


def _record(window: _Window, max_bytes: int) -> bytes | str | None:
    """The record that begins here, or what is wrong with it; None where damage cuts it off."""
    header_bytes = _header_bytes(window)
    length = _LENGTH.search(window.data, 0, header_bytes)
    n_bytes = header_bytes + int(length[1]) if length else 0
    if not header_bytes and window.data.startswith(b"WARC/") and len(window.data) <= _MAX_HEADER_BYTES:
        fault = "the record is cut off"
    elif not length:
        fault = "not a WARC record"
    elif int(length[1]) > max_bytes:
        fault = f"record longer than {max_bytes:,} bytes"
    elif not window.reach(n_bytes):
        fault = "the record is cut off"
    elif _ends(window, n_bytes):
        record = bytes(window.data[:n_bytes])
        del window.data[:n_bytes]
        return record
    else:
        fault = "the record's length is wrong"
    if window.damage and not _START.search(window.data):
        return None
    # Other records may lie within a length that is wrong, so the search begins at its own.
    window.skip_to_start()
    return fault


def _header_bytes(window: _Window) -> int:
    """Bytes up to and with the empty line that ends the header; 0 where there is no header."""
    searched = 0
    while True:
        end = _HEADER_END.search(window.data, searched)
        if end:
            return end.end() if window.data.startswith(b"WARC/") else 0
        searched = max(0, len(window.data) - _SEAM_BYTES)
        if len(window.data) > _MAX_HEADER_BYTES or not window.reach(len(window.data) + 1):
            return 0


def _ends(window: _Window, n_bytes: int) -> bool:
    """Whether so many bytes are followed by the two line ends that part records, by a record, or by nothing."""
    window.reach(n_bytes + _SEAM_BYTES)
    following = bytes(window.data[n_bytes : n_bytes + _SEAM_BYTES])
    return not following.strip() or following.lstrip().startswith(b"WARC/") or bool(_HEADER_END.match(following))
