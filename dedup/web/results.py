"""The results of a scan as they are shown: clusters by size, the pairs between them, and the texts, all by number.

Matches and texts stay on disk; what is held in memory is some hundred bytes a clustered document and a match, and of
a scan against older documents the id of every new one.
"""

import gc
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from dedup import dates, sites
from dedup.config import EvidenceConfig
from dedup.errors import InputError
from dedup.io import documents, reports, results
from dedup.io.json_lines import Object
from dedup.io.spool import Spool
from dedup.meeting import are_shared
from dedup.population import Apart, Drawn, Stratum, draw, together
from dedup.records import RELATIONS, Cluster, Document
from dedup.web.furniture import Furniture
from dedup.web.origins import DAY_S, first_of

__all__ = ["Meeting", "Papers", "Question", "Results", "Sample", "load"]

NAMES: tuple[str, ...] = RELATIONS
MOST_PAIRS = 2_000
"""Pairs between clusters that are shown, the strongest of each relation."""


class Meeting(NamedTuple):
    """A match between two documents, by their numbers; `piece` is its number among the matches kept on disk."""

    left: int
    right: int
    relation: str
    confidence: float
    coverage: float
    piece: int
    source: str = "unknown"


class Question(NamedTuple):
    """A pair of the sample that is to be judged."""

    left: str
    right: str
    stratum: Stratum
    meeting: Meeting


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """How many pairs are drawn to be judged, and by what chance."""

    n_pairs: int
    seed: int = 1


@dataclass(slots=True, kw_only=True)
class Papers:
    """The documents that can be shown, a column each; `pieces` are their numbers among the texts kept on disk, or -1.

    `moments` are seconds since 1970, `None` where there is no date.
    """

    ids: list[str]
    sites: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    moments: list[float | None] = field(default_factory=list)
    n_characters: list[int] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Nothing is known of any of them yet."""
        n = len(self.ids)
        self.sites, self.urls, self.dates = [""] * n, [""] * n, [""] * n
        self.moments, self.n_characters, self.pieces = [None] * n, [0] * n, [-1] * n


@dataclass(slots=True, kw_only=True)
class Results:
    """All that pages are made of.

    `members` and `meetings` are the documents and matches of each of `clusters`, its representative first; `firsts` the
    member that was there first, where known; `earlier` the ids of those that were there before the scan. `pairs` are
    matches between clusters, or with documents outside, `questions` the sample to be judged. `by_site` and `by_day`,
    days since 1970, count documents that the scan decided of and removed ones. `changed` has, by its piece, every match
    that was asked for and whose texts are not those that were scanned.
    """

    summary: Object
    clusters: list[Cluster]
    members: list[list[int]]
    meetings: list[list[Meeting]]
    pairs: list[Meeting]
    n_pairs: Counter[str]
    papers: Papers
    firsts: list[int | None]
    earlier: Collection[str]
    matches: Spool
    texts: Spool
    furniture: Furniture
    by_site: dict[str, list[int]]
    by_day: dict[int, list[int]]
    questions: list[Question]
    changed: dict[int, Meeting] = field(default_factory=dict)

    def text(self, paper: int) -> str:
        """The text of a document, "" where it was not found."""
        piece = self.papers.pieces[paper]
        return "" if piece < 0 else self.texts.get(piece).decode("utf-8")

    def lacking(self) -> list[str]:
        """The ids of the documents whose texts were not found."""
        papers = self.papers
        return [id_ for id_, piece in zip(papers.ids, papers.pieces, strict=True) if piece < 0]

    def match(self, meeting: Meeting) -> bytes:
        """A match as a page takes it; without its passages where these are no longer the same words."""
        if meeting.piece < 0:
            return b"null"
        packed = self.matches.get(meeting.piece)
        if self.papers.pieces[meeting.left] < 0 or self.papers.pieces[meeting.right] < 0:
            return packed
        if are_shared(results.passages(packed), self.text(meeting.left), self.text(meeting.right)):
            return packed
        self.changed[meeting.piece] = meeting
        return results.outdated(packed)

    def resemblance(self, meeting: Meeting) -> float:
        """That of a match that is kept on disk."""
        return results.resemblance(self.matches.get(meeting.piece))


def load(
    folder: Path, docs: Sequence[str], tell: Callable[[str, int, int], None] = lambda *_: None,
    sample: Sample = Sample(n_pairs=0),
) -> Results:  # fmt: skip
    """Read the output of a scan, and its texts again, from `docs` or from where the scan read them."""
    with _uncollected():
        return _load(folder, docs, tell, sample)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looks for circles among millions of values that have none: they took a tenth to a fifth of the time.

    What was made meanwhile is not looked at later either.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


def _load(folder: Path, docs: Sequence[str], tell: Callable[[str, int, int], None], sample: Sample) -> Results:
    told = results.summary(folder)
    paths, config = results.input_of(told, docs)
    clusters = sorted(reports.read_clusters(folder / "clusters.jsonl"), key=lambda c: (-len(c.members), c.id))
    _check_represented(folder, clusters)
    numbers, members = _numbered(clusters)
    matches = Spool()
    read = _Read(clusters=clusters, members=members, numbers=numbers, matches=matches)
    for n, kept in enumerate(results.matches(folder)):
        read.match(kept)
        if n % 10_000 == 0:
            tell("matches", n, 0)
    earlier = results.earlier(folder, told, clusters)
    drawn = draw(read.population(clusters, earlier), sample.n_pairs, sample.seed) if sample.n_pairs else []
    pairs, questions = read.chosen_pairs(), read.questions(drawn)
    decided = set(results.decided(folder)) if told.get("against") else None
    texts = _Texts(_Known(numbers, read.cluster_of, read.removed(earlier), decided), tell)
    texts.read(documents.read_apart(results.collections(told, paths), config))
    _check_found(texts.papers, paths)
    firsts = [first_of(m, met, texts.papers.moments) for m, met in zip(members, read.meetings, strict=True)]
    return Results(
        summary=told, clusters=clusters, members=members, meetings=read.meetings, pairs=pairs, n_pairs=read.n_pairs,
        papers=texts.papers, firsts=firsts, earlier=earlier, matches=matches, texts=texts.texts,
        furniture=texts.furniture, by_site=texts.by_site, by_day=texts.by_day, questions=questions,
    )  # fmt: skip


def _check_represented(folder: Path, clusters: Sequence[Cluster]) -> None:
    for cluster in clusters:
        if all(member.id != cluster.representative for member in cluster.members):
            raise InputError(
                f"{folder / 'clusters.jsonl'} is damaged: {cluster.id} lacks its {cluster.representative!r}"
            )


def _numbered(clusters: Sequence[Cluster]) -> tuple[dict[str, int], list[list[int]]]:
    """A number for every clustered id, and the numbers of each cluster's members, the representative's first."""
    numbers: dict[str, int] = {}
    members = []
    for cluster in clusters:
        names = [cluster.representative, *(m.id for m in cluster.members if m.id != cluster.representative)]
        members.append([numbers.setdefault(name, len(numbers)) for name in names])
    return numbers, members


class _Aside(NamedTuple):
    """A match between clusters, without what is packed: that is on disk under the number `piece`."""

    kept: results.Kept
    piece: int


class _Read:
    """Matches as they come: those within a cluster to their cluster, of the others the strongest."""

    def __init__(
        self, *, clusters: Sequence[Cluster], members: list[list[int]], numbers: dict[str, int], matches: Spool
    ) -> None:
        self.meetings: list[list[Meeting]] = [[] for _ in clusters]
        self.n_pairs = Counter[str]()
        self._numbers, self._matches = numbers, matches
        self.cluster_of = {paper: c for c, papers in enumerate(members) for paper in papers}
        self._representatives = {papers[0] for papers in members}
        names = list(numbers)
        self._apart = Apart[_Aside]({names[paper]: str(c) for paper, c in self.cluster_of.items()})

    def removed(self, earlier: Collection[str]) -> set[int]:
        """The clustered documents that do not represent their cluster, but for those that were there before."""
        return self.cluster_of.keys() - self._representatives - {self._numbers[name] for name in earlier}

    def match(self, kept: results.Kept) -> None:
        left, right = self._numbers.get(kept.left), self._numbers.get(kept.right)
        cluster = self.cluster_of.get(left, -1) if left is not None else -1
        other = self.cluster_of.get(right, -1) if right is not None else -1
        if left is None or right is None or cluster < 0 or cluster != other:
            self._between(kept)
            return
        piece = self._matches.put(kept.packed)
        met = Meeting(left, right, kept.relation, kept.confidence, kept.coverage, piece, kept.source)
        self.meetings[cluster].append(met)

    def _between(self, kept: results.Kept) -> None:
        self.n_pairs[kept.relation] += 1
        aside = _Aside(kept._replace(packed=b""), self._matches.put(kept.packed))
        self._apart.add((kept.left, kept.right), kept.relation, (kept.coverage, kept.confidence), aside)

    def chosen_pairs(self) -> list[Meeting]:
        """The strongest pairs of each relation, in equal numbers; documents outside clusters get their numbers now."""
        ranked = sorted(self._apart.best.values(), key=lambda item: (NAMES.index(item[1].kept.relation), item[0]))
        share = MOST_PAIRS // max(len({aside.kept.relation for _, aside in ranked}), 1)
        taken, found = Counter[str](), list[Meeting]()
        for _, aside in ranked:
            taken[aside.kept.relation] += 1
            if taken[aside.kept.relation] <= share:
                found.append(self._taken_in(aside))
        return found

    def population(self, clusters: Sequence[Cluster], earlier: Collection[str]) -> dict[Stratum, list[tuple[str, str]]]:
        """The pairs that may be judged."""
        return together(clusters, earlier) | self._apart.pairs()

    def questions(self, sample: Iterable[Drawn]) -> list[Question]:
        """What there is to see of the pairs of a sample."""
        by_pair = {(a.kept.left, a.kept.right, a.kept.relation): a for _, a in self._apart.best.values()}
        asked = []
        for drawn in sample:
            if drawn.stratum.together:
                left, right = self._numbers[drawn.left], self._numbers[drawn.right]
                own = self.meetings[self.cluster_of[left]]
                meeting = next((m for m in own if {m.left, m.right} == {left, right}), None)
                meeting = meeting or Meeting(left, right, drawn.stratum.relation, 1.0, 1.0, -1)
            else:
                meeting = self._taken_in(by_pair[drawn.left, drawn.right, drawn.stratum.relation])
            asked.append(Question(drawn.left, drawn.right, drawn.stratum, meeting))
        return asked

    def _taken_in(self, aside: "_Aside") -> Meeting:
        kept = aside.kept
        left, right = (self._numbers.setdefault(name, len(self._numbers)) for name in (kept.left, kept.right))
        return Meeting(left, right, kept.relation, kept.confidence, kept.coverage, aside.piece)


class _Known(NamedTuple):
    """What results tell of documents: their numbers, the clusters and the removed ones by number, and which were new.

    `decided` are the ids that the scan decided of, `None` where these are all.
    """

    numbers: dict[str, int]
    cluster_of: dict[int, int]
    removed: set[int]
    decided: set[str] | None


class _Texts:
    """Documents as they come: all are counted, and those that can be shown are kept."""

    def __init__(self, known: _Known, tell: Callable[[str, int, int], None]) -> None:
        self.papers, self.texts, self.furniture = Papers(ids=list(known.numbers)), Spool(), Furniture(EvidenceConfig())
        self.by_site: dict[str, list[int]] = {}
        self.by_day: dict[int, list[int]] = {}
        self._known, self._tell = known, tell
        self._counted = set[tuple[str, int]]()

    def read(self, items: Iterable[object]) -> None:
        for n, item in enumerate(items):
            if isinstance(item, Document):
                self._document(item)
            if n % 1000 == 0:
                self._tell("texts", n, 0)

    def _document(self, document: Document) -> None:
        paper = self._known.numbers.get(document.id, -1)
        own_site = results.readable(sites.shown(document.source, document.url))
        moment = dates.seconds(dates.given(document.date, document.url))
        if self._known.decided is None or document.id in self._known.decided:
            self._count(own_site, moment, is_removed=paper in self._known.removed)
        self._count_lines(own_site, self._known.cluster_of.get(paper, -1), document.text)
        if paper >= 0:
            self._keep(paper, document, own_site, moment)

    def _count(self, own_site: str, moment: float | None, *, is_removed: bool) -> None:
        counted = [self.by_site.setdefault(own_site, [0, 0])]
        if moment is not None:
            counted.append(self.by_day.setdefault(int(moment // DAY_S), [0, 0]))
        for count in counted:
            count[0] += 1
            count[1] += is_removed

    def _count_lines(self, own_site: str, cluster: int, text: str) -> None:
        """One page of each site and cluster: further copies at one site would make its text look like furniture."""
        if cluster < 0 or (own_site, cluster) not in self._counted:
            self.furniture.count(own_site, text)
        if cluster >= 0:
            self._counted.add((own_site, cluster))

    def _keep(self, paper: int, document: Document, own_site: str, moment: float | None) -> None:
        text, papers = results.readable(document.text), self.papers
        papers.sites[paper], papers.moments[paper] = own_site, moment
        papers.urls[paper], papers.dates[paper] = results.readable(document.url), results.readable(document.date)
        papers.n_characters[paper] = len(text)
        papers.pieces[paper] = self.texts.put(text.encode())


def _check_found(papers: Papers, paths: Sequence[str]) -> None:
    """InputError where none of the documents is there: these are not the documents that were scanned."""
    if papers.ids and all(piece < 0 for piece in papers.pieces):
        raise InputError(f"no document of the results is in {', '.join(paths)}, such as {papers.ids[0]!r}")
