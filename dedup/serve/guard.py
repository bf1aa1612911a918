"""Who is let in, with how much, and how long it may take: before anything of a request is read as what it says."""

import asyncio
import hmac
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Guard", "Limits", "refusal"]

HEARD_OUT = 8
"""A body of as many times the size that is allowed is read on, and not kept."""
OPEN = ("/health", "/ready")
"""Paths that need no token and tell nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a request must be: `hosts` are the names by which we may be called, any where there are none."""

    hosts: frozenset[str] = frozenset()
    token: str | None = None
    body_bytes: int = 1 << 24
    body_s: float = 30.0
    wait_s: float = 60.0
    waiting_documents: int = 20_000


class Guard:
    """Refuses what is not allowed, too large or too slow, and hands the rest on with its body complete."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app, self._limits = app, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = self._refused(headers, scope["path"])
        if refused is not None:
            await refusal(send, *refused)
            return
        try:
            body = await asyncio.wait_for(self._body(headers, receive), self._limits.body_s)
        except TimeoutError:
            await refusal(send, 408, "the request took too long to arrive")
            return
        if body is None:
            await refusal(send, 413, f"a request may have {self._limits.body_bytes:,} bytes")
            return
        await self._app(scope, _Again(body, receive), send)

    def _refused(self, headers: Headers, path: str) -> tuple[int, str] | None:
        limits, host = self._limits, headers.get("host", "").lower()
        if limits.hosts and host not in limits.hosts:
            return 403, "this server answers to its own name only"
        origin = headers.get("origin")
        if origin is not None and _host(origin) != host:
            return 403, "this server answers no pages of others"
        if limits.token is not None and path not in OPEN and not self._has_token(headers):
            return 401, "this server wants a token: Authorization: Bearer TOKEN"
        return None

    def _has_token(self, headers: Headers) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        wanted = (self._limits.token or "").encode("utf-8", "surrogateescape")
        return scheme.lower() == "bearer" and hmac.compare_digest(given.strip(" \t").encode("latin-1"), wanted)

    async def _body(self, headers: Headers, receive: Receive) -> bytes | None:
        """The body, or None where it is too large, by what it says or by what it has.

        One that is not much too large is read to its end: many clients hear nothing before they have sent everything.
        """
        said, most = headers.get("content-length", "0"), self._limits.body_bytes
        n_said = int(said[:20]) if said.isascii() and said.isdecimal() else 0
        if n_said > most and ("expect" in headers or n_said > HEARD_OUT * most):
            return None
        parts, n_bytes, more = list[bytes](), 0, True
        while more and n_bytes <= HEARD_OUT * most:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            body = message.get("body", b"")
            n_bytes += len(body)
            if max(n_bytes, n_said) <= most:
                parts.append(body)
            more = message.get("more_body", False)
        return b"".join(parts) if max(n_bytes, n_said) <= most else None


def _host(origin: str) -> str | None:
    """The host of a page, with its port where that is not the usual one; None where it is no address."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None


class _Again:
    """A body that was received, to be received again; then whatever comes."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._message: Message | None = {"type": "http.request", "body": body, "more_body": False}
        self._receive = receive

    async def __call__(self) -> Message:
        if self._message is None:
            return await self._receive()
        message, self._message = self._message, None
        return message


async def refusal(send: Send, code: int, reason: str) -> None:
    """Send a refusal; the connection ends with it, as the rest of the request was not read."""
    body = json.dumps({"detail": reason}).encode()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    headers.append((b"content-length", b"%d" % len(body)))
    if code == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": code, "headers": headers})
    await send({"type": "http.response.body", "body": body})
