"""`dedup serve`: an index over HTTP until it is told to stop."""

import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

from dedup.cli import view
from dedup.cli.extras import needs
from dedup.errors import ConfigError, EngineError

__all__ = ["Wanted", "run"]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
OWN_NAMES = ("127.0.0.1", "localhost", "[::1]")
USUAL_PORT = 80
"""A client does not tell the port of `http://` that everybody knows."""
TOKEN = "DEDUP_TOKEN"  # noqa: S105 - the name of a variable
MOST_CONNECTIONS = 256
KEEP_ALIVE_S, STOP_S = 5, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Where to listen, who may come, and how much a request may hold."""

    host: str
    port: int
    names: Sequence[str]
    body_bytes: int


def run(index: str, wanted: Wanted, *, fast: bool) -> None:
    """Serve until SIGTERM, which is no error, or Ctrl-C; requests at hand are finished."""
    for package in ("fastapi", "uvicorn", "prometheus_client"):
        needs(package, "serve")
    import uvicorn

    from dedup.cli.connections import protocol
    from dedup.index import Index
    from dedup.io.store.places import shown
    from dedup.rehearsal import rehearse_index
    from dedup.serve.app import application

    limits = limits_of(wanted, os.environ.get(TOKEN))
    # uvicorn, when all is finished, hands the signal on to whoever took it before.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit())
    with Index.open(index, synced=not fast) as opened, ExitStack() as sockets:
        bound = [sockets.enter_context(one) for one in _bound(wanted.host, wanted.port)]
        # A request may wait for a minute, and compilers of a busy machine take longer.
        with suppress(OSError):
            rehearse_index()
        settings: Any = uvicorn.Config(
            application(lambda: opened, limits), http=protocol(), log_level="warning", server_header=False,
            limit_concurrency=MOST_CONNECTIONS, timeout_keep_alive=KEEP_ALIVE_S, timeout_graceful_shutdown=STOP_S,
            ws="none", proxy_headers=False,
        )  # fmt: skip
        view.console().print(f"serving {shown(index)} at http://{_address(wanted)}/", soft_wrap=True, markup=False)
        uvicorn.Server(settings).run(sockets=bound)


def _address(wanted: Wanted) -> str:
    host = f"[{wanted.host}]" if ":" in wanted.host else wanted.host
    return f"{host}:{wanted.port}"


def _bound(host: str, port: int) -> Iterator[socket.socket]:
    """A socket for each address of a host, at which nobody is heard yet; EngineError where there can be none."""
    try:
        for family, _, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            made = socket.socket(family)
            yield made
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            made.bind(address)
    except OSError as error:
        raise EngineError(f"cannot listen at {host}, port {port}: {error.strerror or error}") from None


def limits_of(wanted: Wanted, token: str | None) -> Any:
    """Who is let in: on this machine by its names, from elsewhere with a token."""
    from dedup.serve.guard import Limits

    # A token from a file often ends with a line, which no header can hold.
    is_local, token = wanted.host in LOOPBACK, (token or "").strip()
    if not is_local and not token:
        raise ConfigError(f"to serve other machines a token is needed: set the variable {TOKEN}")
    names = [f"{name}:{wanted.port}" for name in OWN_NAMES] if is_local else []
    if is_local and wanted.port == USUAL_PORT:
        names += OWN_NAMES
    hosts = frozenset(name.lower() for name in (*names, *wanted.names))
    return Limits(hosts=hosts, token=token or None, body_bytes=wanted.body_bytes)
