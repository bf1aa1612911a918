"""What a server counts, for Prometheus."""

import time
from collections import Counter as Counts
from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dedup.records import Answer

__all__ = ["CONTENT_TYPE", "Measured", "Metrics"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PATHS = ("/check", "/add", "/filter", "/remove", "/health", "/ready", "/metrics", "/openapi.json")


class Metrics:
    """Counts since the start; `n_documents` and `n_waiting` say how much is known and how much waits."""

    def __init__(self, n_documents: Callable[[], int], n_waiting: Callable[[], int]) -> None:
        self._registry = CollectorRegistry()
        own = self._registry
        self._requests = Counter("dedup_requests", "Requests by path and status.", ["path", "status"], registry=own)
        self._seconds = Histogram("dedup_request_seconds", "Time to answer.", ["path"], registry=own)
        self._answers = Counter("dedup_answers", "Documents, by what they are.", ["path", "kind"], registry=own)
        Gauge("dedup_documents", "Documents known.", registry=own).set_function(n_documents)
        Gauge("dedup_waiting_documents", "Documents waiting to be written.", registry=own).set_function(n_waiting)

    def request(self, path: str, status: int, seconds: float) -> None:
        """Count a request; paths that do not exist count as one."""
        path = path if path in PATHS else "other"
        self._requests.labels(path, str(status)).inc()
        self._seconds.labels(path).observe(seconds)

    def answers(self, path: str, answers: Iterable[Answer]) -> None:
        """Count answers."""
        for kind, n in Counts(answer.kind for answer in answers).items():
            self._answers.labels(path, kind).inc(n)

    def content(self) -> bytes:
        """All of it as Prometheus reads it."""
        return generate_latest(self._registry)


class Measured:
    """Counts the requests that pass through."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, began = 500, time.perf_counter()

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, counted)
        finally:
            self._metrics.request(scope["path"], status, time.perf_counter() - began)
