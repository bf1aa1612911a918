"""The answers to a step, one after another.

An answer depends on the documents that came before and hardly on how they were batched: of a step, each document is
answered in its turn, and only those before it count. Evidence is renewed between steps. Who takes the place of a text
that is replaced is known when that is written, so a step ends before a document that is a copy of its heir alone.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from dedup.config import Config
from dedup.index.arrival import Step
from dedup.index.comparison import Comparison, Found, Pair
from dedup.index.propose import MOST_COMPARED, drafted, propose
from dedup.index.roundups import holds, parts
from dedup.io.store.values import Merge, Store, StoredDocument
from dedup.records import EQUAL, RELATIONS, Answer, Match, Relation, Texts
from dedup.stages.collection import Evidence

__all__ = ["Outcome", "answered", "followed", "restored", "taken"]

NEAR: tuple[Relation, ...] = (*EQUAL, "near")
"""Relations to a known text in which a document says nothing new: it is found by the keys of that, whose heir it is."""
HELD: Relation = "syndicated"
"""The relation in which the longer text may hold the shorter."""


@dataclass(slots=True)
class Outcome:
    """What a step comes to: answers in the order of arrival, and what is to be remembered.

    There are fewer answers than documents where the step must end before it is through.
    """

    answers: list[Answer] = field(default_factory=list)
    documents: list[StoredDocument] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Home:
    """A representative that a document belongs to."""

    stored: StoredDocument
    found: Found


def answered(
    store: Store, step: Step, evidence: Evidence, config: Config, now_s: float = 0.0, *, together: bool
) -> Outcome:
    """Answer each document of a step, as though those before it were remembered if they arrive `together`."""
    arriving = step.postings
    if not together:
        arriving = replace(arriving, numbers=np.full(len(arriving.numbers), step.first))
    draft = drafted(arriving) if together and len(arriving.numbers) > 1 else None
    comparison = Comparison(store, step, evidence, config, draft)
    found = dict[Pair, Found]()

    def outcome() -> tuple[Outcome, list[Pair]]:
        """What the step comes to, and the pairs that were proposed; none is compared twice."""
        proposed = propose(store, draft, arriving, step.owned, evidence, config)
        pairs = list(zip(proposed.numbers.tolist(), (step.first + proposed.places).tolist(), strict=True))
        # Others may have written since the step began.
        pairs = pairs if together else [pair for pair in pairs if pair[0] < step.first]
        found.update(comparison.pairs([pair for pair in pairs if pair not in found]))
        by_place: list[dict[int, Found]] = [{} for _ in step.arriving]
        for elder, number in pairs:
            if (elder, number) in found:
                by_place[number - step.first][elder] = found[elder, number]
        return _Turns(store, step, comparison, config, now_s, together=together).all(by_place), pairs

    made, pairs = outcome()
    silent = {stored.number for stored in made.documents if not stored.searchable}
    if draft is not None and _crowd_out(silent, pairs):
        # Had they come in steps of their own, they would have been in nobody's way.
        draft.bury(np.array(sorted(silent)))
        made, _ = outcome()
    return made


def _crowd_out(silent: Collection[int], pairs: Sequence[Pair]) -> bool:
    """Whether a document is proposed so many that those by whose keys nothing is found may have kept out others."""
    counts = Counter(number for _, number in pairs)
    return any(counts[number] >= MOST_COMPARED for elder, number in pairs if elder in silent)


def taken(store: Store, step: Step, evidence: Evidence, config: Config, now_s: float) -> Outcome:
    """The same for documents that are remembered without being compared: all that are not known are new."""
    comparison = Comparison(store, step, evidence, config)
    return _Turns(store, step, comparison, config, now_s, together=True).all([{} for _ in step.arriving])


class _Turns:
    """What has been decided of a step so far."""

    def __init__(
        self, store: Store, step: Step, comparison: Comparison, config: Config, now_s: float, *, together: bool
    ) -> None:
        self._store, self._step, self._comparison, self._config = store, step, comparison, config
        self._now_s, self._together, self._outcome = now_s, together, Outcome()
        self._arrived = dict[int, StoredDocument]()
        self._replaced = set[int]()
        self._into = dict[str, str]()

    def all(self, by_place: Sequence[Mapping[int, Found]]) -> Outcome:
        """Go through the step; `by_place` has what each arriving document is to each number."""
        place = 0
        for row in range(len(self._step.corpus)):
            if not self._together:
                self._replaced.clear()
                self._into.clear()
            if place < len(self._step.arriving) and row == self._step.arriving[place]:
                answer = self._arriving(row, place, by_place[place])
                place += 1
            else:
                answer = self._known(row)
            if answer is None:
                break
            self._outcome.answers.append(answer)
        return self._outcome

    def _known(self, row: int) -> Answer:
        name, id_ = self._step.names[row], self._step.corpus.ids[row]
        stored = self._comparison.stored(name.number) if name else None
        if stored is None:
            return Answer(id=id_, kind="known", keep=False, cluster="", representative=id_)
        representative = self._document(stored.representative) or stored
        return Answer(
            id=id_, kind="known", keep=False, cluster=self._cluster(stored), representative=representative.id,
            relation=None if representative is stored else stored.relation,
        )  # fmt: skip

    def _arriving(self, row: int, place: int, related: Mapping[int, Found]) -> Answer | None:
        """What a document is to those before it; None where that is known when these are written."""
        name, elders = self._step.names[row], self._replaced_among(related)
        if name is not None:
            self._replaced.add(name.number)
        related = {number: found for number, found in related.items() if self._is_searchable(number)}
        stored = self._stored(row, place)
        related, homes = self._settled(stored, related)
        if elders and not homes and self._have_heirs(elders):
            return None
        merged: tuple[str, ...] = ()
        if homes:
            merged = self._merge(homes, stored.id)
            stored = self._as_copy(stored, homes[0], related)
        self._outcome.documents.append(stored)
        if self._together:
            self._arrived[stored.number] = stored
        return Answer(
            id=stored.id, kind="copy" if homes else "new", keep=not homes, cluster=stored.cluster,
            representative=homes[0].stored.id if homes else stored.id, relation=stored.relation,
            replaces=name is not None, matches=self._shown(related), merged=merged,
        )  # fmt: skip

    def _document(self, number: int) -> StoredDocument | None:
        """A document that came before the one at hand and was not replaced since."""
        if number in self._replaced:
            return None
        return self._arrived.get(number) if number >= self._step.first else self._comparison.stored(number)

    def _is_searchable(self, number: int) -> bool:
        """Whether later documents are compared with a document: not with one that says nothing new."""
        stored = self._document(number)
        return stored is not None and stored.searchable

    def _replaced_among(self, related: Mapping[int, Found]) -> list[int]:
        """Texts that a document belongs to, but that others before it in the step have replaced."""
        if not self._together:
            return []
        return [number for number, found in related.items() if number in self._replaced and self._joins(found)]

    def _have_heirs(self, numbers: Sequence[int]) -> bool:
        """Whether there are copies, older ones or of this step, that can take the place of one of some texts."""
        return any(stored.elder in numbers for stored in self._outcome.documents) or bool(
            self._store.bequeathing(numbers)
        )

    def _cluster(self, stored: StoredDocument) -> str:
        """The cluster of a document, after all merges."""
        (cluster,) = self._clusters([stored])
        return cluster

    def _clusters(self, documents: Sequence[StoredDocument]) -> list[str]:
        """The clusters of some documents, after all merges."""
        return [followed(one, self._into) for one in self._store.merged([stored.cluster for stored in documents])]

    def _settled(self, stored: StoredDocument, related: Mapping[int, Found]) -> tuple[Mapping[int, Found], list[_Home]]:
        """What a document is to others once roundups are told, and the representatives that it belongs to.

        Whether a longer text is a roundup takes another look for what it is compared with. It is asked where it
        decides: of those that the document would belong to, and where it belongs nowhere, of all that hold it.
        """
        joining = {number: found for number, found in related.items() if self._joins(found)}
        beside, asked, apart = set[Pair](), set[int](), self._parts(stored, joining, set())
        while True:
            homes = self._homes(joining, stored.number, apart)
            joining |= {home.stored.number: home.found for home in homes}
            wholes = [home.stored.number for home in homes] or joining.keys() - apart
            holders = {number for number in wholes if self._holds(number, stored, joining[number])} - asked
            if not holders:
                break
            asked |= holders
            beside |= self._beside(holders, stored, joining)
            apart |= self._parts(stored, joining, beside)
        told = self._comparison.parts([(number, stored.number) for number in sorted(apart & related.keys())])
        return {**related, **{number: found for (number, _), found in told.items()}}, homes

    def _homes(self, joining: Mapping[int, Found], own: int, apart: Collection[int]) -> list[_Home]:
        """Representatives that a document belongs to, best first: those it matches, and those of copies it matches.

        Of the latter it must be a member too, as in a scan every member is verified against the representative.
        """
        homes, unmeasured = list[_Home](), set[int]()
        for number in joining.keys() - apart:
            stored = self._document(number)
            assert stored is not None
            if stored.representative == number or self._document(stored.representative) is None:
                homes.append(_Home(stored, joining[number]))
            elif stored.representative not in joining:
                unmeasured.add(stored.representative)
        for (number, _), found in self._comparison.members([(number, own) for number in sorted(unmeasured)]).items():
            stored = self._document(number)
            if stored and self._joins(found):
                homes.append(_Home(stored, found))
        return sorted(homes, key=lambda home: (-home.found.confidence, home.stored.number))

    def _parts(self, stored: StoredDocument, joining: Mapping[int, Found], beside: set[Pair]) -> set[int]:
        """With which of those that it matches a document is part of a roundup; what it is to it, if not the other way.

        `beside` are other pairs of which one holds the other.
        """
        held = [found.relation == HELD for number, found in joining.items() if self._is_shorter(number, stored)]
        if not beside and (len(held) < 2 or not any(held)):
            return set()
        pairs = {(number, stored.number): found.relation == HELD for number, found in joining.items()}
        pairs |= dict.fromkeys(beside, True)
        numbers = sorted({number for pair in pairs for number in pair} - {stored.number})
        documents = [stored, *(one for number in numbers if (one := self._document(number)))]
        present = {document.number: document for document in documents}
        clusters = dict(zip(present, self._clusters(documents), strict=True))
        found = parts(pairs, present, clusters, self._comparison.related)
        return {elder for elder, number in found if number == stored.number}

    def _beside(self, holders: Collection[int], stored: StoredDocument, joining: Mapping[int, Found]) -> set[Pair]:
        """Texts which some others hold, and which a document that they hold too does not match."""
        wholes = [whole for number in sorted(holders) if (whole := self._document(number))]
        found = self._comparison.neighbors(wholes, stored.number)
        self._comparison.fetch(sorted({other for _, other in found if other < self._step.first}))
        pairs = set[Pair]()
        for number, other in found:
            whole, part = self._document(number), self._document(other)
            if whole and part and part.searchable and other not in joining and holds(whole, part):
                pairs.add((min(number, other), max(number, other)))
        compared = self._comparison.pairs(sorted(pairs))
        return {pair for pair, one in compared.items() if one.relation == HELD and self._joins(one)}

    def _holds(self, number: int, stored: StoredDocument, found: Found) -> bool:
        whole = self._document(number)
        return found.relation == HELD and whole is not None and holds(whole, stored)

    def _is_shorter(self, number: int, stored: StoredDocument) -> bool:
        part = self._document(number)
        return part is not None and holds(stored, part)

    def _joins(self, found: Found) -> bool:
        return found.relation in self._config.cluster.joining

    def _stored(self, row: int, place: int) -> StoredDocument:
        """A document as it is remembered when it is new."""
        number, corpus, digest = self._step.first + place, self._step.corpus, self._step.digests[row]
        text = _text(corpus.texts, row)
        return StoredDocument(
            number=number, id=corpus.ids[row], text=text, digest=digest, url=corpus.urls[row],
            source=corpus.sources[row], date=corpus.dates[row], seen_s=self._now_s,
            cluster=_cluster_name(corpus.ids[row], digest), representative=number,
            searchable=bool(text.decode("utf-8", "surrogatepass").strip()),
        )  # fmt: skip

    def _as_copy(self, stored: StoredDocument, home: _Home, related: Mapping[int, Found]) -> StoredDocument:
        """What is kept of a copy: all, but no keys if it is nearly the same text as one, and no text if it is that."""
        copy = replace(
            stored, cluster=self._cluster(home.stored), representative=home.stored.number,
            relation=home.found.relation, confidence=home.found.confidence,
        )  # fmt: skip
        elder = _nearest(related)
        if elder is None:
            return copy
        text = b"" if related[elder].relation == "exact" else copy.text
        return replace(copy, searchable=False, elder=elder, text=text)

    def _shown(self, related: Mapping[int, Found]) -> tuple[Match, ...]:
        matches = [found.match for found in related.values() if found.match is not None]
        return tuple(sorted(matches, key=lambda match: (-match.confidence, match.left)))

    def _merge(self, homes: Sequence[_Home], because: str) -> tuple[str, ...]:
        """Clusters that a document shows to be one: the elder takes in the other, if their representatives match."""
        elder, *others = sorted((home.stored for home in homes), key=lambda stored: stored.number)
        merged = list[str]()
        for other in others:
            into, cluster = self._cluster(elder), self._cluster(other)
            if into != cluster and self._are_one(elder, other):
                self._into[cluster] = into
                self._outcome.merges.append(Merge(cluster, into, because, self._now_s))
                merged.append(cluster)
        return tuple(merged)

    def _are_one(self, left: StoredDocument, right: StoredDocument) -> bool:
        """Whether two representatives are verified as members of one cluster."""
        (confidence,) = self._comparison.confidences([left], [right]).tolist()
        return bool(confidence >= self._config.cluster.member_floor)


def followed(cluster: str, into: Mapping[str, str]) -> str:
    """Where a cluster has gone, step by step."""
    while cluster in into:
        cluster = into[cluster]
    return cluster


def restored(
    step: Step, documents: Sequence[StoredDocument], known: Sequence[StoredDocument], number_of: dict[int, int]
) -> tuple[Step, Outcome]:
    """A step of documents that another index knew, and how they are remembered: as they were there.

    `known` are those here that have one of their ids. `number_of` tells of a number there which one can be
    searched for here in its stead, and is added to.
    """
    outcome, findable = Outcome(), {own.id: _findable(own) for own in known}
    number_of |= {stored.number: findable[stored.id] for stored in documents if stored.id in findable}
    for place, row in enumerate(step.arriving.tolist()):
        stored, number = documents[row], step.first + place
        number_of[stored.number] = number
        outcome.documents.append(_renumbered(stored, number, number_of))
    seen_s = np.array([math.floor(stored.seen_s) for stored in outcome.documents], np.int64)
    return replace(step, postings=replace(step.postings, seen_s=seen_s)), outcome


def _findable(stored: StoredDocument) -> int:
    """The number by whose keys a document is found, its own or its elder's, which older indexes do not tell."""
    if stored.searchable:
        return stored.number
    return stored.representative if stored.elder is None else stored.elder


def _renumbered(stored: StoredDocument, number: int, number_of: Mapping[int, int]) -> StoredDocument:
    """A document of another index as it is in this one: one whose elder is not here is found by its own keys."""
    elder = number_of.get(_findable(stored))
    is_heir = not stored.searchable and elder not in (None, number)
    return replace(
        stored, number=number, representative=number_of.get(stored.representative, number),
        elder=elder if is_heir else None, searchable=not is_heir and bool(stored.text.strip()),
    )  # fmt: skip


def _nearest(related: Mapping[int, Found]) -> int | None:
    """The number of the text that a document is nearest to, if it is nearly the same as any."""
    near = {number: found for number, found in related.items() if found.relation in NEAR}

    def distance(number: int) -> tuple[int, float, int]:
        return RELATIONS.index(near[number].relation), -near[number].confidence, number

    return min(near, key=distance, default=None)


def _text(texts: Texts, row: int) -> bytes:
    return texts.values[texts.offsets[row] : texts.offsets[row + 1]].tobytes()


def _cluster_name(id_: str, digest: bytes) -> str:
    """A cluster's own id, from its first document and the text that it came with."""
    return "c" + hashlib.blake2b(id_.encode("utf-8", "surrogatepass") + digest, digest_size=6).hexdigest()
