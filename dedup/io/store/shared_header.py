"""The header of an index on a server: that it is there, what it says, and what a state is, the first made with it."""

import json
import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple

from dedup.errors import StoreError
from dedup.io.store.server import Server

__all__ = ["MADE", "State", "has_header", "put_first_state", "read_header", "write_header"]

MADE = "made"


class State(NamedTuple):
    """What is so after a step, and written with it: documents known; numbers given, steps and removals, which grow."""

    documents: int = 0
    numbers: int = 0
    blocks: int = 0
    removals: int = 0

    def is_behind(self, other: "State") -> bool:
        """Whether something is missing that `other` has."""
        return any(own < its for own, its in zip(self[1:], other[1:], strict=True))


def has_header(url: str) -> bool:
    """Whether an index is there."""
    return _header(url)[0] is not None


def read_header(url: str) -> dict[str, object]:
    """What the header of an index says; StoreError when there is none."""
    found, place = _header(url)
    if found is None:
        raise StoreError(f"there is no index at {place}; `dedup index create` makes one")
    try:
        return dict(json.loads(found))
    except (ValueError, TypeError):
        raise StoreError(f"the header of the index at {place} is damaged") from None


def _header(url: str) -> tuple[bytes | None, str]:
    server = Server(url)
    try:
        with server.named("read"):
            found: Any = server.client.get(server.key("header"))
    finally:
        server.close()
    return found, server.place


def write_header(url: str, header: Mapping[str, object]) -> None:
    """Make an index on a server, where there is none of that name."""
    server = Server(url)
    try:
        with server.named("write"), server.client.pipeline() as pipeline:
            step: Any = pipeline
            # What has a state and no header was an index, and must not be taken for a new one.
            names = server.key("header"), server.key("state")
            step.watch(*names)
            if step.exists(*names):
                raise StoreError(f"there is an index at {server.place} already")
            step.multi()
            step.set(names[0], json.dumps(header, sort_keys=True))
            put_first_state(step, names[1])
            step.execute()
    finally:
        server.close()


def put_first_state(step: Any, name: bytes) -> None:
    """Put into a transaction the first state, with a word by which an index is told from one that is made after it."""
    step.hsetnx(name, "documents", 0)
    step.hsetnx(name, MADE, secrets.token_hex(8))
