"""Documents as they arrive, a step at a time: sketched, compared with what is known, and each given its answer.

An answer depends on the documents that came before and not on how they were batched: of a step, each document is
answered in its turn, and only those before it count.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from dedup import dates
from dedup.arrays import Rows
from dedup.batches import batches
from dedup.config import Config
from dedup.index.keys import keys_of, signature_bytes, slices_of
from dedup.index.learning import is_counted
from dedup.index.propose import Proposed, propose
from dedup.io.store.values import UNDATED, Name, Postings, Store, StoredDocument, Traits
from dedup.io.store.values import Merge as ClusterMerge
from dedup.records import EQUAL, RELATIONS, Answer, Corpus, Document, Match, Relation, Sketches, Texts
from dedup.stages import collection, gather, sketch, unique
from dedup.stages.collection import Evidence
from dedup.verify import Judged, Known, as_member, confidences, judge

__all__ = ["Outcome", "Step", "answer", "open_step", "restored", "unpacked"]

NEAR: tuple[Relation, ...] = (*EQUAL, "near")
"""Relations to a known text in which a document says nothing new: neither its text nor its keys are kept."""
FEW_PAIRS = 64
EVERYTHING = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Some documents of different ids, in the order of arrival, and what is known of their ids.

    `arriving` are the rows of those that are not known with the same text; row `arriving[k]` would be number
    `first + k`. `postings` are of the arriving ones.
    """

    corpus: Corpus
    digests: Sequence[bytes]
    names: Sequence[Name | None]
    arriving: Rows
    first: int
    sketches: Sketches
    postings: Postings


@dataclass(slots=True)
class Outcome:
    """What a step comes to: answers in the order of arrival, and what is to be remembered.

    `learned` are the rows of the corpus whose texts teach something of the collection.
    """

    answers: list[Answer] = field(default_factory=list)
    documents: list[StoredDocument] = field(default_factory=list)
    merges: list[ClusterMerge] = field(default_factory=list)
    learned: list[int] = field(default_factory=list)


def open_step(
    store: Store, documents: Sequence[Document], config: Config, now_s: float, digests: Sequence[bytes] | None = None
) -> Step:
    """Sketch documents of different ids and look their ids up; `digests` of their texts where these are not whole."""
    (batch,) = batches(documents, EVERYTHING)
    sites = [collection.site(source, url) for source, url in zip(batch.sources, batch.urls, strict=True)]
    corpus = gather.corpus_of(batch, collection.site_keys(sites))
    sketches = sketch.build(corpus.texts, config.sketch, config.passages, config.threads or None)
    digests = digests or [row.tobytes() for row in sketches.text_hashes.astype("<u8")]
    names = store.names(corpus.ids)
    is_known = [name is not None and name.digest == digest for name, digest in zip(names, digests, strict=True)]
    arriving = np.flatnonzero(~np.array(is_known, bool))
    own = unique.take(sketches, arriving)
    return Step(
        corpus=corpus, digests=digests, names=names, arriving=arriving,
        first=store.n_numbers, sketches=own, postings=_postings(corpus, own, arriving, store.n_numbers, config, now_s),
    )  # fmt: skip


def _postings(corpus: Corpus, own: Sketches, arriving: Rows, first: int, config: Config, now_s: float) -> Postings:
    keys, offsets = keys_of(own, config)
    moments = [dates.seconds(corpus.dates[row]) for row in arriving.tolist()]
    return Postings(
        numbers=np.arange(first, first + len(arriving)),
        seen_s=np.full(len(arriving), int(now_s), np.int64),
        dates_s=np.array([UNDATED if moment is None else int(moment) for moment in moments], np.int64),
        traits=Traits(
            signatures=signature_bytes(own), n_fingerprints=np.diff(own.fingerprint_offsets).astype(np.int32)
        ),
        keys=keys,
        offsets=offsets,
    )


def answer(
    store: Store, step: Step, evidence: Evidence, config: Config, now_s: float, *, together: bool, ask: bool
) -> Outcome:
    """Answer each document of a step, as though those before it were remembered if they arrive `together`.

    Without `ask` documents are not compared, and all are new but for the known ones.
    """
    return _Answering(store, step, evidence, config, now_s, together=together, ask=ask).outcome()


class _Answering:
    """The comparison of one step, and the answers that follow from it one after another."""

    def __init__(
        self, store: Store, step: Step, evidence: Evidence, config: Config, now_s: float, *, together: bool, ask: bool
    ) -> None:
        self._store, self._step, self._evidence, self._config, self._now_s = store, step, evidence, config, now_s
        self._together, self._outcome = together, Outcome()
        self._stored = dict[int, StoredDocument]()
        self._kept = dict[int, StoredDocument]()
        self._gone = set[int]()
        self._into = dict[str, str]()
        nothing = Proposed(places=np.empty(0, np.int64), numbers=np.empty(0, np.int64))
        proposed = self._propose() if ask else nothing
        self._pairs = self._load(proposed)
        self._matches = self._compare(self._pairs, config)

    def _propose(self) -> Proposed:
        slices, arriving = slices_of(self._step.sketches, self._config), self._step.postings
        if not self._together:
            arriving = replace(arriving, numbers=np.full(len(arriving.numbers), self._step.first))
        return propose(self._store, arriving, slices, self._config, together=self._together)

    def _load(self, proposed: Proposed) -> list[tuple[int, int]]:
        """Fetch the stored texts; the pairs (number, place) whose texts are there. Places count arriving documents."""
        first = self._step.first
        self._fetch(np.unique(proposed.numbers[proposed.numbers < first]).tolist())
        pairs = zip(proposed.numbers.tolist(), proposed.places.tolist(), strict=True)
        return [(number, place) for number, place in pairs if number >= first or number in self._stored]

    def _fetch(self, numbers: Sequence[int]) -> None:
        missing = [number for number in numbers if number not in self._stored]
        for stored in self._store.documents(missing):
            if stored is not None:
                self._stored[stored.number] = stored

    def _compare(self, pairs: Sequence[tuple[int, int]], config: Config) -> "dict[tuple[int, int], _Found]":
        """What each pair (number, place) is."""
        if not pairs:
            return {}
        numbers = sorted({number for number, _ in pairs if number < self._step.first})
        stored = [self._stored[number] for number in numbers]
        corpus = _beside(_corpus(stored), self._step.corpus)
        row_of = {number: row for row, number in enumerate(numbers)}
        rows = np.arange(len(corpus))
        known = Known(corpus=corpus, rows=rows, order=rows, evidence=self._evidence)
        left = np.array([self._row(number, row_of, len(stored)) for number, _ in pairs], np.int64)
        right = len(stored) + self._step.arriving[np.array([place for _, place in pairs], np.int64)]
        wanted = {*self._config.report.relations, *self._config.cluster.joining}
        if len(pairs) < FEW_PAIRS:
            config = replace(config, threads=1)
        found = _found(judge(known, (left, right), wanted, config))
        places = zip(left.tolist(), right.tolist(), strict=True)
        return {pair: found[place] for pair, place in zip(pairs, places, strict=True)}

    def _row(self, number: int, row_of: Mapping[int, int], n_stored: int) -> int:
        if number < self._step.first:
            return row_of[number]
        return n_stored + int(self._step.arriving[number - self._step.first])

    def outcome(self) -> Outcome:
        """Go through the step in the order of arrival."""
        by_place = dict[int, list[int]]()
        for number, at in self._pairs:
            by_place.setdefault(at, []).append(number)
        place_of = {row: place for place, row in enumerate(self._step.arriving.tolist())}
        for row in range(len(self._step.corpus)):
            if row in place_of:
                answer = self._arrived(row, place_of[row], by_place.get(place_of[row], ()))
            else:
                answer = self._known(row)
            self._outcome.answers.append(answer)
        return self._outcome

    def _known(self, row: int) -> Answer:
        name = self._step.names[row]
        assert name is not None
        self._fetch([name.number])
        stored = self._stored.get(name.number)
        cluster = self._cluster(stored) if stored else ""
        id_ = self._step.corpus.ids[row]
        representative = self._name_of(stored.representative) if stored else id_
        return Answer(
            id=id_, kind="known", keep=False, cluster=cluster, representative=representative or id_,
            relation=stored.relation if stored else None,
        )  # fmt: skip

    def _name_of(self, number: int) -> str:
        stored = self._document(number)
        return stored.id if stored else ""

    def _cluster(self, stored: StoredDocument) -> str:
        """The cluster of a document, after all merges."""
        cluster = self._store.merged([stored.cluster])[0]
        while cluster in self._into:
            cluster = self._into[cluster]
        return cluster

    def _document(self, number: int) -> StoredDocument | None:
        if number in self._gone:
            return None
        if number >= self._step.first:
            return self._kept.get(number)
        self._fetch([number])
        return self._stored.get(number)

    def _arrived(self, row: int, place: int, numbers: Sequence[int]) -> Answer:
        """The answer to a document that is not known, which may be a copy."""
        name = self._step.names[row]
        if name is not None:
            self._gone.add(name.number)
        others = {number: self._matches[number, place] for number in numbers if self._is_searchable(number)}
        shown = [found.match for found in others.values() if found.match and self._is_shown(found.match)]
        shown.sort(key=lambda match: (-match.confidence, match.left))
        homes = self._homes(others, place)
        id_ = self._step.corpus.ids[row]
        if not homes:
            stored = self._new(row, place)
            if is_counted(stored):
                self._outcome.learned.append(row)
            found = Answer(id=id_, kind="new", keep=True, cluster=stored.cluster, representative=id_)
        else:
            best = homes[0]
            merged = self._merge(homes, id_)
            stored = self._copy(row, place, best, others)
            found = Answer(
                id=id_, kind="copy", keep=False, cluster=stored.cluster, representative=best.stored.id,
                relation=best.relation, merged=merged,
            )  # fmt: skip
        self._remember(stored)
        return replace(found, replaces=name is not None, matches=tuple(shown))

    def _is_shown(self, match: Match) -> bool:
        return match.relation in self._config.report.relations or match.relation in self._config.cluster.joining

    def _is_searchable(self, number: int) -> bool:
        """Whether later documents are compared with a document: not with one that says nothing new, or is replaced."""
        stored = self._document(number)
        return stored is not None and stored.searchable

    def _homes(self, others: "Mapping[int, _Found]", place: int) -> "list[_Home]":
        """Representatives that a document belongs to, best first: those it matches, and those of copies it matches.

        Of the latter it must be a member too, as in a scan every member is verified against the representative.
        """
        joining = [number for number, found in others.items() if self._joins(found)]
        homes, unmeasured = list[_Home](), set[int]()
        for number in joining:
            stored = self._document(number)
            assert stored is not None
            found = others[number]
            if stored.representative == number or self._document(stored.representative) is None:
                homes.append(_Home(found.confidence, stored, found.relation))
            elif stored.representative not in joining:
                unmeasured.add(stored.representative)
        if not unmeasured:
            return sorted(homes, key=lambda home: (-home.confidence, home.stored.number))
        measured = self._compare([(number, place) for number in sorted(unmeasured)], as_member(self._config))
        for (number, _), found in measured.items():
            stored = self._document(number)
            if stored and found.confidence >= self._config.cluster.member_floor and self._joins(found):
                homes.append(_Home(found.confidence, stored, found.relation))
        return sorted(homes, key=lambda home: (-home.confidence, home.stored.number))

    def _joins(self, found: "_Found") -> bool:
        return found.relation in self._config.cluster.joining

    def _new(self, row: int, place: int) -> StoredDocument:
        number = self._step.first + place
        corpus = self._step.corpus
        return StoredDocument(
            number=number, id=corpus.ids[row], text=_text(corpus.texts, row), digest=self._step.digests[row],
            url=corpus.urls[row], source=corpus.sources[row], date=corpus.dates[row], seen_s=self._now_s,
            cluster=_cluster_name(corpus.ids[row], self._step.digests[row]), representative=number,
            searchable=bool(_text(corpus.texts, row).strip()),
        )  # fmt: skip

    def _copy(self, row: int, place: int, home: "_Home", others: "Mapping[int, _Found]") -> StoredDocument:
        """What is kept of a copy: all, unless it is nearly the same text as one that is kept."""
        stored = self._new(row, place)
        adds_nothing = any(found.relation in NEAR for found in others.values())
        return replace(
            stored, cluster=self._cluster(home.stored), representative=home.stored.number,
            relation=home.relation, confidence=home.confidence, searchable=not adds_nothing,
            text=b"" if adds_nothing else stored.text,
        )  # fmt: skip

    def _remember(self, stored: StoredDocument) -> None:
        self._outcome.documents.append(stored)
        if self._together:
            self._kept[stored.number] = stored

    def _merge(self, homes: "Sequence[_Home]", because: str) -> tuple[str, ...]:
        """Clusters that a document shows to be one: the elder takes in the other, if their representatives match."""
        elder, *others = sorted((home.stored for home in homes), key=lambda stored: stored.number)
        merged = []
        for other in others:
            into, cluster = self._cluster(elder), self._cluster(other)
            if into != cluster and self._are_one(elder, other):
                self._into[cluster] = into
                self._outcome.merges.append(ClusterMerge(cluster, into, because, self._now_s))
                merged.append(cluster)
        return tuple(merged)

    def _are_one(self, left: StoredDocument, right: StoredDocument) -> bool:
        """Whether two representatives are verified as members of one cluster."""
        both = np.arange(2)
        known = Known(corpus=_corpus([left, right]), rows=both, order=both, evidence=self._evidence)
        (confidence,) = confidences(known, replace(self._config, threads=1), both[:1], both[1:]).tolist()
        return bool(confidence >= self._config.cluster.member_floor)


def unpacked(stored: StoredDocument) -> Document:
    """A stored document as it came, but for a text that was not kept."""
    text = stored.text.decode("utf-8", "surrogatepass")
    return Document(id=stored.id, text=text, url=stored.url, source=stored.source, date=stored.date)


def restored(step: Step, documents: Sequence[StoredDocument], number_of: dict[int, int]) -> tuple[Step, Outcome]:
    """A step of documents that another index knew, and how they are remembered: as they were there.

    `number_of` tells their numbers there and here, and is added to.
    """
    outcome = Outcome()
    for name, stored in zip(step.names, documents, strict=True):
        if name is not None:
            number_of[stored.number] = name.number
    for place, row in enumerate(step.arriving.tolist()):
        stored, number = documents[row], step.first + place
        number_of[stored.number] = number
        new = replace(stored, number=number, representative=number_of.get(stored.representative, number))
        outcome.documents.append(new)
        if is_counted(new):
            outcome.learned.append(row)
    seen_s = np.array([int(stored.seen_s) for stored in outcome.documents], np.int64)
    return replace(step, postings=replace(step.postings, seen_s=seen_s)), outcome


@dataclass(frozen=True, slots=True)
class _Found:
    """What a pair is: its relation and confidence, and its match where that is wanted."""

    relation: Relation
    confidence: float
    match: Match | None


@dataclass(frozen=True, slots=True)
class _Home:
    """A representative that a document belongs to."""

    confidence: float
    stored: StoredDocument
    relation: Relation


def _found(judged: Judged) -> dict[tuple[int, int], _Found]:
    """What each pair of rows is."""
    columns = judged.left, judged.right, judged.verdicts.relations, judged.verdicts.confidence
    return {
        (left, right): _Found(RELATIONS[relation], confidence, judged.matches.get((left, right)))
        for left, right, relation, confidence in zip(*(column.tolist() for column in columns), strict=True)
    }


def _corpus(stored: Sequence[StoredDocument]) -> Corpus:
    """Stored documents side by side."""
    offsets = np.zeros(len(stored) + 1, np.int64)
    np.cumsum([len(document.text) for document in stored], out=offsets[1:])
    values = np.frombuffer(b"".join([document.text for document in stored]), np.uint8)
    return Corpus(
        ids=[d.id for d in stored], texts=Texts(values=values, offsets=offsets), urls=[d.url for d in stored],
        sources=[d.source for d in stored], dates=[d.date for d in stored],
        sites=collection.site_keys([collection.site(d.source, d.url) for d in stored]),
    )  # fmt: skip


def _beside(first: Corpus, second: Corpus) -> Corpus:
    """The documents of two corpora, one behind the other."""
    (n, ends), own = (int(first.texts.offsets[-1]), first.texts.offsets), second.texts.offsets
    values = np.concatenate([first.texts.values[:n], second.texts.values[own[0] : own[-1]]])
    return Corpus(
        ids=[*first.ids, *second.ids],
        texts=Texts(values=values, offsets=np.concatenate([ends, n + own[1:] - own[0]])),
        urls=[*first.urls, *second.urls], sources=[*first.sources, *second.sources],
        dates=[*first.dates, *second.dates], sites=np.concatenate([first.sites, second.sites]),
    )  # fmt: skip


def _text(texts: Texts, row: int) -> bytes:
    return texts.values[texts.offsets[row] : texts.offsets[row + 1]].tobytes()


def _cluster_name(id_: str, digest: bytes) -> str:
    """A cluster's own id, from its first document and the text that it came with."""
    return "c" + hashlib.blake2b(id_.encode("utf-8", "surrogatepass") + digest, digest_size=6).hexdigest()
