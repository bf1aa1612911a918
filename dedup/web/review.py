"""The pages served on this machine, with judging: every judgment is on the disk before the next pair is shown.

Only the browser that was given the token is answered, and only when it asks as this very page: any other page that is
open in it may try to talk to us.
"""

import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from dedup.errors import DedupError
from dedup.io import judgments
from dedup.io.judgments import JUDGMENTS, Judged
from dedup.io.results import dump, readable, scan_of
from dedup.web import page, payloads
from dedup.web.overview import overview
from dedup.web.results import Meeting, Question, Results

__all__ = ["Desk", "Door", "app"]

MOST_BODY_BYTES = 1 << 16
HEADERS = {
    "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}  # fmt: skip

Next = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Who is let in: `hosts` are the names by which we may be called, `secret` is what the browser must know."""

    hosts: frozenset[str]
    secret: str
    cookie: str


class Desk:
    """Results to be judged, and the judgments so far."""

    def __init__(self, results: Results, path: Path) -> None:
        self.results, self._path = results, path
        self._judged = judgments.read(path)
        self._whole = payloads.parts(results)
        self._ids = {readable(name): paper for paper, name in enumerate(results.papers.ids)}
        self._cluster_of = {paper: c for c, members in enumerate(results.members) for paper in members}
        self._asked = {(question.left, question.right): question for question in results.questions}
        self._scan = scan_of(results.summary)
        self._rows: dict[int, bytes] = {}
        self.overview = self._overview()
        """The JSON of the first view."""

    def _overview(self) -> bytes:
        n_parts = -(-len(self.results.pairs) // payloads.PAIRS_EACH)
        told = {"parts": len(self._whole), "rows": payloads.ROWS_EACH, "pairs": payloads.PAIRS_EACH}
        layout = {**told, "pairParts": n_parts, "server": True, "questions": len(self.results.questions)}
        return dump({**overview(self.results), "layout": layout})

    def piece(self, name: str) -> bytes | None:
        """The JSON of one piece; `None` where there is none of that name."""
        kind, _, number = name.rpartition("-")
        if name == "pair-rows":
            return payloads.pair_rows(self.results)
        if not number.isdecimal() or len(number) > 9:
            return None
        return self._numbered(kind, int(number))

    def _numbered(self, kind: str, k: int) -> bytes | None:
        results, each = self.results, payloads.PAIRS_EACH
        if kind == "rows":
            first, last = k * payloads.ROWS_EACH, (k + 1) * payloads.ROWS_EACH
            if k not in self._rows and first < max(len(results.clusters), 1):
                self._rows[k] = payloads.rows(results, self._whole, first, last)
            return self._rows.get(k)
        if kind == "part" and k < len(self._whole):
            return payloads.cluster_part(results, self._whole[k])
        if kind == "pairs" and k * each < len(results.pairs):
            return payloads.pair_part(results, results.pairs[k * each : (k + 1) * each])
        if kind == "question" and k < len(results.questions):
            return payloads.pair_part(results, [results.questions[k].meeting])
        return None

    def questions(self) -> bytes:
        """The judgment of each question so far, `null` where there is none, or one that counts for other results."""
        found = [self._judged.get((q.left, q.right)) for q in self.results.questions]
        return dump([item.judgment if item and item.scan == self._scan else None for item in found])

    def judge(self, left: str, right: str, judgment: str) -> bool:
        """Put a judgment on the disk; False where there are no such documents or it is none."""
        given = next((known for known in JUDGMENTS if known == judgment), None)
        papers = sorted((self._ids.get(left, -1), self._ids.get(right, -1)), key=self._id)
        if given is None or papers[0] == papers[1] or -1 in papers:
            return False
        a, b = (self._id(paper) for paper in papers)
        question, meeting = self._asked.get((a, b)), self._meeting(*papers)
        cluster = self._cluster_of.get(papers[0])
        judged = Judged(
            a=a, b=b, judgment=given, relation=_relation(question, meeting),
            together=cluster is not None and cluster == self._cluster_of.get(papers[1]), sampled=question is not None,
            resemblance=self._resemblance(meeting), scan=self._scan,
        )  # fmt: skip
        # Whoever else reviews the same results writes to the same file.
        together = judgments.read(self._path) | {(a, b): judged}
        judgments.write(self._path, together.values())
        self._judged = together
        return True

    def _id(self, paper: int) -> str:
        return self.results.papers.ids[paper] if paper >= 0 else ""

    def _meeting(self, a: int, b: int) -> Meeting | None:
        question = self._asked.get((self._id(a), self._id(b)))
        if question is not None:
            return question.meeting
        cluster = self._cluster_of.get(a)
        inside = self.results.meetings[cluster] if cluster is not None else []
        return next((m for m in (*inside, *self.results.pairs) if {m.left, m.right} == {a, b}), None)

    def _resemblance(self, meeting: Meeting | None) -> float:
        return 0.0 if meeting is None or meeting.piece < 0 else self.results.resemblance(meeting)


def _relation(question: Question | None, meeting: Meeting | None) -> str:
    if question is not None:
        return question.stratum.relation
    return meeting.relation if meeting is not None else "none"


def app(desk: Desk, door: Door) -> ASGIApp:
    """The web application."""

    def index(request: Request) -> Response:
        pieces = {"overview": page.inert(desk.overview)}
        policy = f"{page.policy(connect=True)}; frame-ancestors 'none'"
        return HTMLResponse(
            page.render(pieces, title="Review", connect=True), headers={"Content-Security-Policy": policy}
        )

    def piece(request: Request) -> Response:
        found = desk.piece(request.path_params["name"])
        return PlainTextResponse("no such piece", 404) if found is None else _json(found)

    def questions(request: Request) -> Response:
        return _json(desk.questions())

    async def judge(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return PlainTextResponse("too long", 413)
        try:
            told = json.loads(body)
            is_done = desk.judge(str(told["left"]), str(told["right"]), str(told["judgment"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            is_done = False
        except DedupError as error:
            return PlainTextResponse(str(error), 500)
        return _json(b"true") if is_done else PlainTextResponse("not a judgment", 400)

    routes = [
        Route("/", index), Route("/piece/{name}", piece), Route("/questions", questions),
        Route("/judge", judge, methods=["POST"]),
    ]  # fmt: skip
    return Starlette(routes=routes, middleware=[Middleware(BaseHTTPMiddleware, dispatch=_guard(door))])


async def _body(request: Request) -> bytes | None:
    """What was sent, None where it is too much, whatever its length is said to be."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BODY_BYTES:
            return None
    return body


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")


def _guard(door: Door) -> Callable[[Request, Next], Awaitable[Response]]:
    async def guarded(request: Request, go_on: Next) -> Response:
        refusal = _refusal(request, door)
        if refusal is not None:
            answer: Response = PlainTextResponse(refusal, 403)
        elif request.url.path == "/" and "token" in request.query_params:
            answer = RedirectResponse("/", 303)
            answer.set_cookie(door.cookie, door.secret, httponly=True, samesite="strict")
        else:
            answer = await go_on(request)
        answer.headers.update(HEADERS)
        return answer

    return guarded


def _refusal(request: Request, door: Door) -> str | None:
    """Why a request is not answered; `None` where it is."""
    host = request.headers.get("host", "")
    if host not in door.hosts:
        return "this server answers to its own name only"
    origin = request.headers.get("origin")
    if origin not in ((f"http://{host}",) if request.method == "POST" else (None, f"http://{host}")):
        return "this server answers its own pages only"
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return "this server answers its own pages only"
    given = request.cookies.get(door.cookie) or request.query_params.get("token", "")
    if not hmac.compare_digest(given.encode(), door.secret.encode()):
        return "open the address that dedup review printed: it has a token"
    return None
