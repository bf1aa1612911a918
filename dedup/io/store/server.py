"""The server of a shared store, Redis or Valkey: reached by a URL, and written to in turns."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from dedup.errors import StoreError
from dedup.io.store import scripts

if TYPE_CHECKING:
    from redis import Redis

__all__ = ["Server", "Turns", "shown"]

LEASE_S = 10.0
"""A writer that has not been heard of for so long is taken for dead."""
POLL_S = 0.003
TIMEOUT_S = 60.0
SCHEMES = {"redis": "redis", "rediss": "rediss", "unix": "unix", "valkey": "redis", "valkeys": "rediss"}


class Server:
    """A connection to one index on a server, `redis://host:6379/0#name`; `prefix` begins all its names."""

    def __init__(self, url: str) -> None:
        redis = _package()
        address, name = _split(url)
        self.place = shown(url)
        self.prefix = f"dedup:{{{name}}}:".encode()
        self._errors: type[Exception] = redis.RedisError
        with self.named("open"):
            self.client: Redis = redis.Redis.from_url(address, socket_connect_timeout=5, socket_timeout=TIMEOUT_S)
            self._check_keeps_all()

    def _check_keeps_all(self) -> None:
        about: Any = self.client.info("memory")
        if about.get("maxmemory") and about.get("maxmemory_policy") != "noeviction":
            raise StoreError(
                f"the server of {self.place} drops what it has no room for; set maxmemory-policy to noeviction, "
                f"not {about['maxmemory_policy']}"
            )

    def key(self, name: str | bytes) -> bytes:
        """The server's name for something of this index."""
        return self.prefix + (name.encode("utf-8", "surrogatepass") if isinstance(name, str) else name)

    def run(self, script: str, *args: Any) -> Any:
        """Run one of `scripts`."""
        with self.named("use"):
            return self.client.eval(script, 1, self.prefix, *args)

    @contextmanager
    def named(self, doing: str) -> Iterator[None]:
        """Turn the server's errors into ours."""
        try:
            yield
        except (self._errors, ValueError, OSError) as error:
            raise StoreError(f"cannot {doing} the index at {self.place}: {error}") from None

    def close(self) -> None:
        """End the connection."""
        self.client.close()


class Turns:
    """Turns to write, in the order of asking. Within one, as a context, nobody else writes.

    A holder is heard of while it lives; should it die, or be cut off for `LEASE_S`, the turn passes on, and what it
    then still tries to write is refused.
    """

    def __init__(self, server: Server) -> None:
        self._server, self._lock, self._depth = server, threading.RLock(), 0
        self._over = threading.Event()
        self.ticket = 0

    def __enter__(self) -> "Turns":
        self._lock.acquire()
        if self._depth == 0:
            try:
                self._wait()
            except BaseException:
                self._lock.release()
                raise
            self._over = threading.Event()
            threading.Thread(target=self._renew, args=(self.ticket, self._over), daemon=True).start()
        self._depth += 1
        return self

    def _wait(self) -> None:
        lease_ms = int(1000 * LEASE_S)
        state = -1
        while state != 1:
            if state == -1:
                self.ticket = self._server.run(scripts.ENTER, lease_ms)
            state = self._server.run(scripts.WAIT, self.ticket, lease_ms)
            if state == 0:
                time.sleep(POLL_S)

    def _renew(self, ticket: int, over: threading.Event) -> None:
        key = self._server.key(f"turn:{ticket}")
        while not over.wait(LEASE_S / 3):
            try:
                # A turn that was given up is not taken up again.
                self._server.client.pexpire(key, int(1000 * LEASE_S))
            except Exception:
                # The write that follows says what is wrong.
                return

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        try:
            if self._depth == 0:
                self._over.set()
                # A turn that cannot be given back passes on by itself; what was written in it is written.
                with suppress(StoreError), self._server.named("leave"):
                    self._server.client.delete(self._server.key(f"turn:{self.ticket}"))
        finally:
            self._lock.release()


def _split(url: str) -> tuple[str, str]:
    """The address of a server and the name of the index there; StoreError where a URL is none of such."""
    address, _, name = url.partition("#")
    scheme, _, rest = address.partition("://")
    scheme, name = scheme.lower(), name or "dedup"
    known = scheme in SCHEMES and re.fullmatch(r"[\w.-]+", name)
    if not known or not (scheme == "unix" or re.fullmatch(r"[^/?]*(/\d*)?(\?.*)?", rest)):
        raise StoreError(f"an index on a server is at redis://HOST:PORT/DATABASE#NAME, got {shown(url)}")
    return f"{SCHEMES[scheme]}://{rest}", name


def shown(url: str) -> str:
    """A URL without its password, which may stand in its query too."""
    return re.sub(r"\?[^#]*", "", re.sub(r"//.*@", "//", url))


def _package() -> Any:
    try:
        import redis
    except ImportError:
        raise StoreError("an index on a server needs the package redis: pip install 'dedup[shared]'") from None
    return redis
