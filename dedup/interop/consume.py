"""A consumer of a stream of documents, such as Kafka's: what is new goes on, and nothing is lost by a crash.

A batch is filtered, which is durable; then handed on; then acknowledged. After a crash between two of these the batch
comes again. What it let through before is then known as the first of its cluster, and goes on once more: whoever comes
next gets every new document at least once.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from dedup.config import InputConfig, given
from dedup.errors import InputError
from dedup.io import filtering, json_lines
from dedup.records import Answer, Document

if TYPE_CHECKING:
    from dedup.index import Index

__all__ = ["Consumer", "Message", "consume", "goes_on"]

BATCH, WAIT_S = 500, 1.0
PASSING = ("_PARTITION_EOF", "_MAX_POLL_EXCEEDED", "_TRANSPORT", "_ALL_BROKERS_DOWN")
"""What passes by itself: there is nothing more for now, a batch took long and comes again, a broker is away."""


class Message(Protocol):
    """A message as `confluent_kafka` has it."""

    def error(self) -> object:
        """What went wrong, if anything."""

    def value(self) -> bytes | None:
        """A document as JSON."""


M = TypeVar("M", bound=Message)
M_co = TypeVar("M_co", bound=Message, covariant=True)


class Consumer(Protocol[M_co]):
    """What is used of a `confluent_kafka.Consumer`, which must have `enable.auto.commit` off."""

    def consume(self, num_messages: int = ..., timeout: float = ...) -> Sequence[M_co]:
        """Messages, as many as there are in so many seconds."""

    def commit(self, *, asynchronous: bool) -> object:
        """Acknowledge all that was consumed."""


def consume(
    consumer: Consumer[M], index: "Index", forward: Callable[[Sequence[M]], None], fields: InputConfig | None = None
) -> Iterator[int]:
    """Hand new messages to `forward` batch by batch, for ever; yields how many it was given, 0 when nothing came.

    `forward` returns when the messages are safe. Messages that hold no document are left out. InputError where the
    consumer says that something is wrong, such as that it may not read; what it had read then comes again.
    """
    config = given(fields, InputConfig)
    names = json_lines.wanted(config)
    while True:
        messages = _without_errors(consumer.consume(BATCH, WAIT_S))
        new = _new(messages, index, names, config.max_document_bytes) if messages else []
        if new:
            forward(new)
        if messages:
            consumer.commit(asynchronous=False)
        yield len(new)


def _without_errors(messages: Sequence[M]) -> list[M]:
    errors = [error for message in messages if (error := message.error()) is not None]
    for error in errors:
        if not any(name in str(error) for name in PASSING):
            raise InputError(f"cannot consume: {error}")
    return [message for message in messages if message.error() is None]


def _content(message: Message) -> bytes:
    content = message.value() or b""
    if not isinstance(content, bytes):
        raise InputError(f"the value of a message must be bytes, got {content!r:.80}")
    return content


def goes_on(answer: Answer) -> bool:
    """Whether a document that may come twice goes on: it is new, or was when it came first."""
    return answer.keep or (answer.kind == "known" and answer.representative == answer.id)


def _new(messages: Sequence[M], index: "Index", names: json_lines.Names, most: int) -> list[M]:
    found = [filtering.lasting(json_lines.document(_content(m), "", names, most) or "empty") for m in messages]
    answers = iter(index.filter(item for item in found if isinstance(item, Document)))
    return [
        message
        for message, item in zip(messages, found, strict=True)
        if not isinstance(item, str) and goes_on(next(answers))
    ]
