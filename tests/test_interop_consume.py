"""The consumer loop against the cluster that librdkafka brings to test with."""

import json

import pytest

from dedup.errors import InputError
from dedup.index import Index
from dedup.interop import consume as loop
from dedup.interop.consume import consume
from tests.index_contract import with_copies

kafka = pytest.importorskip("confluent_kafka")
DOCUMENTS = with_copies(20)
SESSION_MS = 6000
"""The test cluster does not hear of a consumer that leaves, and gives its part to the next one when that is over."""


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch):
    monkeypatch.setattr(loop, "BATCH", 8)


@pytest.fixture
def producer():
    return kafka.Producer({"bootstrap.servers": "mock", "test.mock.num.brokers": 1})


@pytest.fixture
def address(producer):
    """Where the cluster is, with all documents in a topic, and a line that is none."""
    for document in DOCUMENTS:
        producer.produce("pages", json.dumps({"id": document.id, "text": document.text}).encode(), partition=0)
    producer.produce("pages", b"{", partition=0)
    assert producer.flush(20) == 0
    (broker,) = producer.list_topics(timeout=10).brokers.values()
    return f"{broker.host}:{broker.port}"


def consumer(address):
    made = kafka.Consumer({
        "bootstrap.servers": address, "group.id": "dedup", "auto.offset.reset": "earliest", "enable.auto.commit": False,
        "session.timeout.ms": SESSION_MS,
    })  # fmt: skip
    made.subscribe(["pages"])
    return made


def run(consumer, index, forward, n_wanted):
    n_forwarded = 0
    for n, _ in zip(consume(consumer, index, forward), range(200), strict=False):
        n_forwarded += n
        if n_forwarded >= n_wanted and n == 0:
            return


def ids(messages):
    return [json.loads(message.value())["id"] for message in messages]


def test_consume__hands_on_what_is_new(address, tmp_path):
    with Index.create(tmp_path / "index") as index, Index.create(tmp_path / "other") as other:
        expected = [d.id for d, answer in zip(DOCUMENTS, other.filter(DOCUMENTS), strict=True) if answer.keep]
        forwarded, source = list[str](), consumer(address)
        run(source, index, lambda messages: forwarded.extend(ids(messages)), 20)
        source.close()
        assert forwarded == expected


def test_consume__hands_on_again_what_may_have_been_lost(address, tmp_path):
    """The first time what is handed on fails; the batch was not acknowledged, and comes again whole."""
    forwarded, n_calls = list[str](), 0

    def forward(messages):
        nonlocal n_calls
        n_calls += 1
        if n_calls == 2:
            raise ConnectionError
        forwarded.extend(ids(messages))

    with Index.create(tmp_path / "index") as index:
        source = consumer(address)
        with pytest.raises(ConnectionError):
            run(source, index, forward, 20)
        source.close()
        source = consumer(address)
        run(source, index, forward, 20 - len(forwarded))
        source.close()
    assert len(forwarded) == len(set(forwarded)) == 20


class Scripted:
    """A consumer that gives some batches, each a list of messages or errors, and then nothing."""

    def __init__(self, *batches):
        self.batches, self.n_committed = list(batches), 0

    def consume(self, _number=1, _timeout=-1):
        return self.batches.pop(0) if self.batches else []

    def commit(self, *, asynchronous):
        assert not asynchronous
        self.n_committed += 1


class Scrap:
    """A message, or an error in the place of one."""

    def __init__(self, content=b"", fault=None):
        self.content, self.fault = content, fault

    def error(self):
        return self.fault and kafka.KafkaError(self.fault)

    def value(self):
        return self.content


def test_consume__says_that_a_message_was_made_into_something_else(tmp_path):
    source, forwarded = Scripted([Scrap({"id": "a", "text": "one text"})]), []
    with Index.create(tmp_path / "index") as index:
        with pytest.raises(InputError, match=r"the value of a message must be bytes, got \{'id'"):
            next(consume(source, index, forwarded.extend))
        assert index.n_documents == source.n_committed == 0


def test_consume__goes_on_where_an_error_passes_and_ends_where_it_does_not(tmp_path):
    page = Scrap(json.dumps({"id": "a", "text": DOCUMENTS[0].text}).encode())
    passing = Scrap(fault=kafka.KafkaError._PARTITION_EOF)
    lasting = Scrap(fault=kafka.KafkaError.TOPIC_AUTHORIZATION_FAILED)
    source, forwarded = Scripted([page, passing], [page, lasting]), []
    with Index.create(tmp_path / "index") as index:
        consuming = consume(source, index, forwarded.extend)
        assert next(consuming) == 1
        with pytest.raises(InputError, match=r"cannot consume: .*Topic authorization failed"):
            next(consuming)
    assert (len(forwarded), source.n_committed) == (1, 1)
