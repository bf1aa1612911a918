"""Documents as they arrive, a step at a time: sketched, and looked up by their ids."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dedup import dates
from dedup.arrays import Hashes, Rows
from dedup.batches import batches
from dedup.config import Config
from dedup.index.keys import Owned, keys_of, signature_bytes
from dedup.io.store.values import UNDATED, Name, Postings, Store, StoredDocument, Traits
from dedup.records import Corpus, Document
from dedup.sketched import Sketches
from dedup.stages import collection, gather, sketch, unique

__all__ = ["Step", "open_step", "posted", "unpacked"]

EVERYTHING = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Some documents of different ids, in the order of arrival, and what is known of their ids.

    `arriving` are the rows of those that are not known with the same text; row `arriving[k]` would be number
    `first + k`. `postings` and `owned` are of the arriving ones.
    """

    corpus: Corpus
    digests: Sequence[bytes]
    names: Sequence[Name | None]
    arriving: Rows
    first: int
    owned: Owned
    postings: Postings


def open_step(
    store: Store, documents: Sequence[Document], config: Config, now_s: float, digests: Sequence[bytes] | None = None
) -> Step:
    """Sketch documents of different ids and look their ids up; `digests` of their texts where these are not whole."""
    (batch,) = batches(documents, EVERYTHING)
    corpus = gather.corpus_of(batch, collection.keys(batch.sources, batch.urls, batch.dates))
    sketches = sketch.build(corpus.texts, config.sketch, config.passages, config.threads or None)
    digests = digests or [row.tobytes() for row in sketches.text_hashes.astype("<u8")]
    names = store.names(corpus.ids)
    is_known = [name is not None and name.digest == digest for name, digest in zip(names, digests, strict=True)]
    arriving = np.flatnonzero(~np.array(is_known, bool))
    own = sketches if len(arriving) == len(sketches) else unique.take(sketches, arriving)
    moments = [dates.seconds(corpus.dates[row]) for row in arriving.tolist()]
    first = store.n_numbers
    owned, postings = posted(own, corpus.sites[arriving], np.arange(first, first + len(arriving)), config)
    postings = replace(
        postings, seen_s=np.full(len(arriving), math.floor(now_s), np.int64),
        dates_s=np.array([UNDATED if moment is None else math.floor(moment) for moment in moments], np.int64),
    )  # fmt: skip
    return Step(
        corpus=corpus, digests=digests, names=names, arriving=arriving, first=first, owned=owned, postings=postings
    )


def posted(sketches: Sketches, sites: Hashes, numbers: Rows, config: Config) -> tuple[Owned, Postings]:
    """What texts are found by, as though they came now; without moments and dates."""
    owned = keys_of(sketches, config)
    traits = Traits(
        signatures=signature_bytes(sketches), n_fingerprints=np.diff(sketches.fingerprint_offsets).astype(np.int32),
        sites=sites,
    )  # fmt: skip
    return owned, Postings(
        numbers=numbers, seen_s=np.zeros(len(numbers), np.int64), dates_s=np.full(len(numbers), UNDATED),
        traits=traits, keys=owned.keys, offsets=owned.offsets,
    )  # fmt: skip


def unpacked(stored: StoredDocument) -> Document:
    """A stored document as it came, but for a text that was not kept."""
    text = stored.text.decode("utf-8", "surrogatepass")
    return Document(id=stored.id, text=text, url=stored.url, source=stored.source, date=stored.date)
