"""Where an index can be: in a directory, or on a server by its URL."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from dedup.errors import ConfigError
from dedup.io.store import directory, header, server
from dedup.io.store.embedded import EmbeddedStore
from dedup.io.store.ledger import check_installed
from dedup.io.store.shared import SharedStore
from dedup.io.store.shared_header import has_header, read_header, write_header
from dedup.io.store.values import Merge, Note, Store, StoredDocument

__all__ = ["Place", "content_at", "exists", "is_url", "open_store", "read", "shown", "write"]

Place = str | Path


def is_url(place: Place) -> bool:
    """Whether a place is on a server; ConfigError for what is none at all."""
    if not isinstance(place, str | os.PathLike) or not isinstance(os.fspath(place), str):
        raise ConfigError(f"the place of an index must be a path or a URL, got {place!r:.80}")
    if not str(place) or "\0" in str(place):
        raise ConfigError(f"the place of an index must not be empty or hold the character 0, got {str(place)!r:.80}")
    return "://" in str(place)


def shown(place: Place) -> str:
    """A place as it may be told: without the password of a URL."""
    return server.shown(str(place)) if is_url(place) else str(place)


def exists(place: Place) -> bool:
    """Whether there is an index."""
    return has_header(str(place)) if is_url(place) else header.exists(Path(place))


def read(place: Place) -> dict[str, object]:
    """What the header of an index says."""
    return read_header(str(place)) if is_url(place) else header.read(Path(place))


def write(place: Place, content: Mapping[str, object]) -> None:
    """Make an index."""
    if is_url(place):
        write_header(str(place), content)
    else:
        # Or there would be a header of an index that cannot be opened.
        check_installed()
        header.write(Path(place), content)


def content_at(place: Place) -> Iterator[StoredDocument | Merge | Note]:
    """All documents of the store at a place, then its merges and its notes, whatever it was made with."""
    if not is_url(place):
        yield from directory.content_at(Path(place))
        return
    store = SharedStore(str(place), 0, 0, read_only=True)
    try:
        yield from store.every_document()
        yield from store.merges()
        yield from store.notes()
    finally:
        store.close()


def open_store(place: Place, n_hashes: int, list_length: int, *, read_only: bool, synced: bool) -> Store:
    """The store of an index; a server has settings of its own on what is `synced`."""
    if is_url(place):
        return SharedStore(str(place), n_hashes, list_length, read_only=read_only)
    return EmbeddedStore(Path(place), n_hashes, list_length, read_only=read_only, synced=synced)
