"""The server: an index behind HTTP, described by its OpenAPI document."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import anyio.to_thread
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError

from dedup.errors import DedupError
from dedup.io import filtering
from dedup.records import Answer, Document
from dedup.serve.guard import Guard, Limits
from dedup.serve.metrics import CONTENT_TYPE, Measured, Metrics
from dedup.serve.models import Answers, Documents, Ids, Refusal, Removed, Status
from dedup.serve.writer import BusyError, Writer

if TYPE_CHECKING:
    from dedup.index import Index

__all__ = ["application"]

T = TypeVar("T")
N_CHECKERS = 4
REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Refusal, "description": "The body is no JSON"},
    401: {"model": Refusal, "description": "There is no token, or another one is wanted"},
    403: {"model": Refusal, "description": "The server has another name, or the page is not its own"},
    408: {"model": Refusal, "description": "The request took too long to arrive"},
    413: {"model": Refusal, "description": "The request is too large"},
    503: {"model": Refusal, "description": "Too much waits, or the index cannot be used now; try again later"},
}


@dataclass(frozen=True, slots=True)
class _Desk:
    """An index, who writes to it, and what is counted."""

    index: "Index"
    writer: Writer
    metrics: Metrics
    limits: Limits
    checkers: anyio.CapacityLimiter

    async def written(self, path: str, answers: Future[list[Answer]]) -> Response:
        """Answer a request that writes, when it is durable."""
        found = await self.waited(answers)
        return self.answered(path, found)

    async def waited(self, future: Future[T]) -> T:
        """What a writer comes to; `BusyError` when it is too long not begun, and then it will not be."""
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self.limits.wait_s)
        except TimeoutError:
            if future.cancel():
                raise BusyError("the index takes too long") from None
        # Refused now, what is being remembered would be sent again as though it were not.
        return await asyncio.wrap_future(future)

    async def checked(self, documents: Sequence[Document]) -> Response:
        """Answer without writing, beside the writer."""
        return self.answered(
            "/check", await anyio.to_thread.run_sync(self.index.check, documents, limiter=self.checkers)
        )

    def answered(self, path: str, answers: Sequence[Answer]) -> Response:
        """Answers as JSON."""
        self.metrics.answers(path, answers)
        parts = b",".join(filtering.answer_json(answer) for answer in answers)
        return _json(b'{"answers":[' + parts + b"]}")


def application(opened: Callable[[], "Index"], limits: Limits) -> FastAPI:
    """The web application; it opens the index when it starts and closes it, with all done, when it ends."""
    desks = list[_Desk]()

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        index = opened()
        writer = Writer(index, limits.waiting_documents)
        metrics = Metrics(lambda: index.n_documents, lambda: writer.n_waiting)
        desks.append(_Desk(index, writer, metrics, limits, anyio.CapacityLimiter(N_CHECKERS)))
        try:
            yield
        finally:
            desks.clear()
            await anyio.to_thread.run_sync(writer.close)
            index.close()

    app = FastAPI(
        title="dedup", summary="Says of texts what they are copies of, and remembers them.", version="1",
        docs_url=None, redoc_url=None, lifespan=life, redirect_slashes=False,
    )  # fmt: skip
    _add_writing(app, desks)
    _add_telling(app, desks)
    _add_errors(app)
    app.add_middleware(Guard, limits=limits)
    app.add_middleware(_Counted, desks=desks)
    return app


class _Counted:
    """Counts requests, with metrics that are there when the server has started."""

    def __init__(self, app: Any, desks: Sequence[_Desk]) -> None:
        self._app, self._desks = app, desks

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        app = Measured(self._app, self._desks[0].metrics) if self._desks else self._app
        await app(scope, receive, send)


def _add_writing(app: FastAPI, desks: Sequence[_Desk]) -> None:
    @app.post("/check", response_model=Answers, responses=REFUSALS)
    async def check(batch: Documents) -> Response:
        """Say what each document is to those that are known; remember nothing."""
        return await desks[0].checked(_documents(batch))

    @app.post("/filter", response_model=Answers, responses=REFUSALS)
    async def filter(batch: Documents) -> Response:
        """Say of each document what it is to those before it, these among them, and remember it."""
        desk = desks[0]
        return await desk.written("/filter", desk.writer.take("filter", _documents(batch)))

    @app.post("/add", response_model=Answers, responses=REFUSALS)
    async def add(batch: Documents) -> Response:
        """Remember documents without asking what they are copies of."""
        desk = desks[0]
        return await desk.written("/add", desk.writer.take("add", _documents(batch)))

    @app.post("/remove", responses=REFUSALS)
    async def remove(batch: Ids) -> Removed:
        """Forget documents."""
        desk = desks[0]
        return Removed(removed=await desk.waited(desk.writer.remove(batch.ids)))


def _add_telling(app: FastAPI, desks: Sequence[_Desk]) -> None:
    refusals = REFUSALS.copy()
    del refusals[400], refusals[503]

    # What watches a server often asks for the head alone.
    @app.head("/health", include_in_schema=False)
    @app.get("/health", responses=refusals)
    async def health() -> Status:
        """Whether the process answers."""
        return Status(status="ok")

    @app.head("/ready", include_in_schema=False)
    @app.get("/ready", responses={**refusals, 503: REFUSALS[503]})
    async def ready() -> Status:
        """Whether documents are taken."""
        if not desks or not desks[0].writer.is_alive:
            raise BusyError("the server is being stopped")
        return Status(status="ready")

    @app.get("/metrics", response_class=Response, responses={**refusals, 200: {"content": {"text/plain": {}}}})
    async def metrics() -> Response:
        """Counts for Prometheus."""
        return Response(desks[0].metrics.content(), media_type=CONTENT_TYPE)


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return _json(json.dumps({"detail": f"the body is no JSON: {first['ctx']['error']}"}).encode(), 400)
        # What was sent is not sent back: it may be large, and hold what no JSON can.
        found = [{name: one[name] for name in ("loc", "msg", "type")} for one in error.errors()]
        return _json(json.dumps({"detail": found}).encode(), 422)

    @app.exception_handler(DedupError)
    async def unusable(_: Request, error: DedupError) -> Response:
        return _json(json.dumps({"detail": str(error)}).encode(), 503)


def _documents(batch: Documents) -> list[Document]:
    return [one.document() for one in batch.documents]


def _json(content: bytes, status: int = 200) -> Response:
    return Response(content, status, media_type="application/json")
