"""The server: what it answers, whom it refuses, and that nothing sent to it does harm."""

import asyncio
import json
import socket
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

pytest.importorskip("fastapi")
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from dedup.cli.serve import Wanted, limits_of
from dedup.errors import ConfigError, StoreError
from dedup.index import Index
from dedup.rehearsal import rehearse_index
from dedup.serve.app import application
from dedup.serve.guard import Guard, Limits
from dedup.serve.writer import BusyError, Writer
from tests import commands
from tests.index_contract import SEEDS, articles, with_copies


def sent(documents):
    return {"documents": [{"id": d.id, "text": d.text} for d in documents]}


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    """An application that is not started by `dedup serve` has nobody to compile for it before requests come."""
    rehearse_index()


@pytest.fixture
def index(tmp_path):
    return Index.create(tmp_path / "index")


@pytest.fixture
def client(index):
    with TestClient(application(lambda: index, Limits(body_bytes=100_000))) as client:
        yield client


def test_filter__answers_as_the_index_does(client, tmp_path):
    documents = with_copies(20)
    found = client.post("/filter", json=sent(documents)).json()["answers"]
    with Index.create(tmp_path / "other") as other:
        expected = other.filter(documents)
    told = [(a["id"], a["kind"], a["keep"], a["representative"], a["relation"]) for a in found]
    assert told == [(a.id, a.kind, a.keep, a.representative, a.relation) for a in expected]


def test_filter__tells_the_passages_of_a_rewrite(client):
    client.post("/add", json=sent(SEEDS[:1]))
    (answer,) = client.post("/filter", json=sent(SEEDS[1:2])).json()["answers"]
    assert (answer["kind"], answer["relation"], answer["representative"]) == ("copy", "rewrite", "000")
    assert len(answer["matches"][0]["passages"]) > 10


def test_check__remembers_nothing_and_remove_forgets(client):
    documents = articles(3)
    assert {a["kind"] for a in client.post("/check", json=sent(documents)).json()["answers"]} == {"new"}
    client.post("/add", json=sent(documents))
    assert {a["kind"] for a in client.post("/check", json=sent(documents)).json()["answers"]} == {"known"}
    assert client.post("/remove", json={"ids": [documents[0].id, "other"]}).json() == {"removed": 1}
    kinds = [a["kind"] for a in client.post("/check", json=sent(documents)).json()["answers"]]
    assert kinds == ["new", "known", "known"]


def test_ready__until_it_ends(index):
    with TestClient(application(lambda: index, Limits())) as client:
        assert client.get("/ready").json() == {"status": "ready"}
        assert client.get("/health").status_code == 200
        assert [client.head(path).status_code for path in ("/ready", "/health")] == [200, 200]


def test_filter__that_is_begun_is_answered_however_long_it_takes(index, monkeypatch):
    take = index.filter
    monkeypatch.setattr(index, "filter", lambda documents: (time.sleep(0.5), take(documents))[1])
    with TestClient(application(lambda: index, Limits(wait_s=0.1))) as client:
        (answer,) = client.post("/filter", json=sent(articles(1))).json()["answers"]
        assert answer["kind"] == "new"


def test_metrics__count_requests_and_answers(client):
    client.post("/filter", json=sent(with_copies(10)))
    client.get("/nothing")
    told = client.get("/metrics").text
    assert 'dedup_requests_total{path="/filter",status="200"} 1.0' in told
    assert 'dedup_requests_total{path="other",status="404"} 1.0' in told
    assert 'dedup_answers_total{kind="new",path="/filter"} 10.0' in told
    assert "dedup_documents 15.0" in told


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b'{"documents": [', 400),
        (b"[]", 422),
        (b"[" * 100_001, 413),
        (b"[" * 90_000, 400),
        (b'{"documents": []}', 422),
        (b'{"documents": [{"id": "", "text": "x"}]}', 422),
        (b'{"documents": [{"id": 1, "text": "x"}]}', 422),
        (b'{"documents": [{"id": "a", "text": null}]}', 422),
        (b'{"documents": [{"id": "a", "text": "x", "url": null, "source": null, "date": null}]}', 200),
        (b'{"documents": [{"id": "a", "text": "x", "date": 5}]}', 422),
        (b'{"documents": [{"id": "\\ud800", "text": "x"}]}', 422),
        (b'{"documents": [{"id": "a", "text": "\\ud800 x", "url": "\\udfff"}]}', 200),
        (b'{"documents": [{"id": "a", "text": "\xff"}]}', 400),
        (b'{"documents": [{"id": "a", "text": NaN, "\\ud800": 1}]}', 422),
        (b'{"documents": ' + b"9" * 5_000 + b"}", 400),
        (b'{"documents": [{"id": "a", "text": "\\u0000 x"}]}', 200),
        (json.dumps({"documents": [{"id": "a", "text": "x"}] * 1_001}).encode(), 422),
    ],
)
def test_filter__says_what_is_wrong_with_a_body(client, body, status):
    answer = client.post("/filter", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert client.post("/filter", json=sent(articles(1))).status_code == 200


def test_path__with_a_slash_behind_it_is_another_one(client):
    """And no redirection, on which many clients send no body again, or no token."""
    answer = client.post("/filter/", json=sent(articles(1)), follow_redirects=False)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


def test_body__that_is_too_large_is_refused_by_what_it_says_and_by_what_it_has(client):
    assert client.post("/filter", content=b" " * 100_001).status_code == 413
    assert client.post("/filter", content=iter([b" " * 60_000] * 2)).status_code == 413
    assert client.post("/filter", content=b"x", headers={"content-length": "9" * 5_000}).status_code == 413


def test_body__that_does_not_arrive_in_time_is_refused():
    told = list[dict[str, object]]()

    async def send(message):
        told.append(message)

    async def never():
        await asyncio.sleep(60)

    scope = {"type": "http", "path": "/filter", "headers": []}
    asyncio.run(Guard(None, Limits(body_s=0.05))(scope, never, send))
    assert told[0]["status"] == 408


def with_limits(index, **limits):
    return TestClient(application(lambda: index, Limits(**limits)))


def test_token__is_wanted_but_for_health(index):
    with with_limits(index, token="seven") as client:  # noqa: S106
        assert client.get("/health").status_code == client.get("/ready").status_code == 200
        for path in ("/metrics", "/openapi.json", "/nothing"):
            assert client.get(path).status_code == 401
        for given in ("Bearer six", "seven", "Basic seven", "Bearer ", "bearer sevenn"):
            assert client.post("/check", json=sent(articles(1)), headers={"authorization": given}).status_code == 401
        right = {"authorization": "Bearer seven"}
        assert client.post("/check", json=sent(articles(1)), headers=right).status_code == 200


@pytest.mark.parametrize("token", ["sieben-fünf", "voilà"])
def test_token__may_have_any_letters(index, token):
    with with_limits(index, token=token) as client:
        given = {"authorization": b"Bearer " + token.encode()}
        assert client.get("/metrics", headers=given).status_code == 200


def test_guard__answers_to_its_own_name_and_no_pages_of_others(index):
    with with_limits(index, hosts=frozenset({"testserver"})) as client:
        assert client.get("/ready").status_code == 200
        assert client.get("/ready", headers={"host": "evil.example"}).status_code == 403
        assert client.get("/ready", headers={"origin": "http://evil.example"}).status_code == 403
        assert client.get("/ready", headers={"origin": "null"}).status_code == 403
        assert client.get("/ready", headers={"origin": "http://[::1"}).status_code == 403
        assert client.get("/ready", headers={"origin": "http://testserver"}).status_code == 200
        assert client.get("/ready", headers={"host": "TestServer", "origin": "http://TESTserver"}).status_code == 200


def test_limits__want_a_token_where_other_machines_can_come():
    wanted = Wanted(host="0.0.0.0", port=1, names=[], body_bytes=1)  # noqa: S104
    with pytest.raises(ConfigError, match="DEDUP_TOKEN"):
        limits_of(wanted, None)
    with pytest.raises(ConfigError, match="DEDUP_TOKEN"):
        limits_of(wanted, " \n")
    assert limits_of(wanted, "x\n").token == "x"  # noqa: S105
    local = limits_of(Wanted(host="127.0.0.1", port=7, names=["a:1"], body_bytes=1), None)
    assert local.hosts == {"127.0.0.1:7", "localhost:7", "[::1]:7", "a:1"}
    usual = limits_of(Wanted(host="localhost", port=80, names=["A.example"], body_bytes=1), None)
    assert usual.hosts > {"127.0.0.1", "localhost", "[::1]", "localhost:80", "a.example"}


def test_error_of_the_store__is_an_answer_and_the_next_request_works(index, monkeypatch):
    with with_limits(index) as client:
        with monkeypatch.context() as patch:
            patch.setattr(index._store, "commit", lambda _: (_ for _ in ()).throw(StoreError("disk full")))
            answer = client.post("/filter", json=sent(articles(1)))
            assert (answer.status_code, answer.json()) == (503, {"detail": "disk full"})
        assert client.post("/filter", json=sent(articles(1))).json()["answers"][0]["kind"] == "new"


def test_writer__does_the_requests_that_wait_together_in_order(index):
    """The answers of many clients at once are those of the order in which they came."""
    documents = with_copies(60)
    parts = [documents[begin : begin + 7] for begin in range(0, 90, 7)]
    writer = Writer(index, 1_000)
    with index._store.writing():
        waiting = [writer.take("filter", part) for part in parts]
    answers = [answer for one in waiting for answer in one.result()]
    assert [answer.id for answer in answers] == [document.id for document in documents]
    assert sum(answer.kind == "copy" for answer in answers) == 30
    writer.close()
    index.close()


def test_writer__refuses_when_too_much_waits_and_when_it_is_closed(index):
    writer = Writer(index, 10)
    with index._store.writing():
        first = writer.take("filter", articles(1))
        while writer.n_waiting:
            time.sleep(0.01)
        second = writer.take("filter", articles(9))
        with pytest.raises(BusyError, match="9 documents wait"):
            writer.take("add", articles(2))
        given_up = writer.remove(["1-0000"])
        assert given_up.cancel()
    assert len(first.result()) == 1
    assert len(second.result()) == 9
    writer.close()
    with pytest.raises(BusyError, match="stopped"):
        writer.remove(["a"])
    assert index.n_documents == 9
    index.close()


def test_slow_request__is_given_up(index):
    with served(index, "--max-body", "100000") as (port, _), socket.create_connection(("127.0.0.1", port)) as dribble:
        dribble.sendall(b"POST /filter HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 10\r\n\r\n{" % port)
        assert httpx.get(f"http://127.0.0.1:{port}/ready").status_code == 200


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--index", "INDEX", "--port", "8321"), "is being written by another process; open it read-only, or wait"),
        (("--index", "OTHER", "--port", "PORT"), "cannot listen at 127.0.0.1, port PORT: Address already in use"),
        (("--index", "OTHER", "--host", "nosuch.invalid"), "cannot listen at nosuch.invalid, port 8321: "),
    ],
)
def test_serve__says_in_a_line_why_it_cannot_begin(index, tmp_path, options, said):
    Index.create(tmp_path / "other").close()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        filled = {"INDEX": str(tmp_path / "index"), "OTHER": str(tmp_path / "other"), "PORT": port}
        done = commands.run("serve", *(filled.get(option, option) for option in options), DEDUP_TOKEN="x")  # noqa: S106
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("dedup: ")
    assert said.replace("PORT", port) in line
    index.close()


def test_body__that_is_too_large_is_refused_when_it_has_been_sent(index):
    """As by most clients of Python, which would else find the connection broken, and not why."""
    with served(index, "--max-body", "2000000") as (port, _):
        for n_bytes in (2_000_001, 14_000_000):
            assert httpx.post(f"http://127.0.0.1:{port}/filter", content=bytes(n_bytes)).status_code == 413
        with socket.create_connection(("127.0.0.1", port)) as careful:
            head = b"POST /filter HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 2000001\r\n" % port
            careful.sendall(head + b"Expect: 100-continue\r\n\r\n")
            assert careful.recv(100).startswith(b"HTTP/1.1 413 ")


class served:  # noqa: N801 - used as a statement
    """A server in a process of its own; its port, and the process."""

    def __init__(self, index, *options):
        path = str(index._store._path)
        index.close()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.command = "serve", "--index", path, "--port", self.port, *options

    def __enter__(self):
        self.process = commands.start(*self.command)
        for _ in range(600):
            try:
                if httpx.get(f"http://127.0.0.1:{self.port}/ready").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.05)
        return self.port, self.process

    def __exit__(self, *_):
        self.process.terminate()
        self.process.join(30)


def test_stop__finishes_the_requests_at_hand(index, tmp_path):
    documents, statuses = articles(3_000), list[int]()
    with served(index) as (port, process), ThreadPoolExecutor(8) as clients:
        batches = [documents[begin : begin + 100] for begin in range(0, 3_000, 100)]

        def ask(batch):
            try:
                answer = httpx.post(f"http://127.0.0.1:{port}/filter", json=sent(batch), timeout=60)
            except httpx.TransportError:
                return []
            statuses.append(answer.status_code)
            return [a["id"] for a in answer.json()["answers"]]

        answered = clients.map(ask, batches)
        while not statuses:
            time.sleep(0.01)
        process.terminate()
        acknowledged = {id_ for ids in answered for id_ in ids}
        process.join(30)
    assert (set(statuses), process.exitcode) == ({200}, 0)
    with Index.open(tmp_path / "index") as index:
        assert acknowledged <= {stored.id for stored in index.documents()}
        assert index.verify() == []


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_openapi__is_kept_whatever_is_sent(index, mode):
    """Schemathesis draws requests, right or wrong, from the document, and compares every answer with it."""
    statuses = Counter[int]()

    def check(cases):
        @settings(max_examples=25, suppress_health_check=list(HealthCheck), database=None)
        @given(cases)
        def ask(case):
            answer = case.call()
            statuses[answer.status_code] += 1
            case.validate_response(answer)

        ask()

    with served(index) as (port, _):
        url = f"http://127.0.0.1:{port}"
        for found in schemathesis.openapi.from_url(f"{url}/openapi.json").get_all_operations():
            operation = found.ok()
            # What takes nothing cannot be asked wrongly.
            if operation.body or mode == GenerationMode.POSITIVE:
                check(operation.as_strategy(generation_mode=mode))
        assert httpx.get(f"{url}/ready").status_code == 200
    assert max(statuses) < 500
    assert statuses[200 if mode == GenerationMode.POSITIVE else 422] > 50
