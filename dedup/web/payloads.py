"""The JSON that pages are drawn from: rows of the table of clusters, and pieces with members, matches and texts."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dedup.io.results import dump, joined, readable
from dedup.records import RELATIONS
from dedup.stages import credit
from dedup.web.results import Meeting, Results

__all__ = ["PAIRS_EACH", "ROWS_EACH", "Part", "cluster_part", "pair_part", "pair_rows", "parts", "rows"]

ROWS_EACH = 10_000
"""Rows of the table of clusters that travel together."""
PAIRS_EACH = 40
PART_CHARACTERS = 1_500_000
"""Texts that travel together: little enough to be unpacked in an instant, much enough that files stay few."""
MEETING_CHARACTERS = 2_000
MOST_TEXTS = 200
"""Members of a cluster whose texts are shown."""
MOST_MEETINGS = 400
"""Matches of a cluster that are shown beside those with its representative."""
MOST_CREDITED = 20_000
"""Texts up to which credit lines are marked."""
N_SITES = 12
TITLE_CHARACTERS = 110
TITLE_WITHIN_CHARACTERS = 5_000
SEARCHED_CHARACTERS = 8_000
"""Of the ids of a cluster's members."""


class Part(NamedTuple):
    """Clusters `first` to `last`, half-open, that travel together."""

    first: int
    last: int


def parts(results: Results) -> list[Part]:
    """All clusters in parts of about `PART_CHARACTERS`."""
    found, first, size = [], 0, 0
    for c, members in enumerate(results.members):
        own = sum(results.papers.n_characters[paper] for paper in members[:MOST_TEXTS])
        own += MEETING_CHARACTERS * len(_shown_meetings(results, c))
        if c > first and size + own > PART_CHARACTERS:
            found.append(Part(first, c))
            first, size = c, 0
        size += own
    return [*found, Part(first, len(results.members))] if results.members else []


def rows(results: Results, whole: Sequence[Part], first: int, last: int) -> bytes:
    """Columns of the table of clusters, rows `first` to `last`; `relations` is a set of bits by `RELATIONS`."""
    part_of = [k for k, part in enumerate(whole) for _ in range(max(first, part.first), min(last, part.last))]
    wanted = range(first, min(last, len(results.clusters)))
    moments = [[m for p in results.members[c] if (m := results.papers.moments[p]) is not None] for c in wanted]
    clusters = [results.clusters[c] for c in wanted]
    return dump(
        {
            "id": [cluster.id for cluster in clusters],
            "representative": [readable(cluster.representative) for cluster in clusters],
            "size": [len(cluster.members) for cluster in clusters],
            "weakest": [cluster.weakest for cluster in clusters],
            "relations": [_relations(results, c) for c in wanted],
            "sites": [_sites(results, c) for c in wanted],
            "start": [min(found, default=None) for found in moments],
            "end": [max(found, default=None) for found in moments],
            "title": [_title(results.text(results.members[c][0])) for c in wanted],
            "part": part_of,
            "others": [_others(results, c) for c in wanted],
        }
    )


def cluster_part(results: Results, part: Part) -> bytes:
    """The clusters of a part with all that is shown of them."""
    shelf = _Shelf(results)
    clusters = [_cluster(results, c, shelf) for c in range(part.first, part.last)]
    return _object({"first": dump(part.first), "clusters": joined(clusters), **shelf.packed()})


def pair_rows(results: Results) -> bytes:
    """The table of pairs between clusters: ids, relation, coverage, confidence, and the cluster of either, or -1."""
    cluster_of = {paper: c for c, members in enumerate(results.members) for paper in members}
    ids, found = results.papers.ids, results.pairs
    return dump(
        {
            "left": [readable(ids[pair.left]) for pair in found],
            "right": [readable(ids[pair.right]) for pair in found],
            "relation": [pair.relation for pair in found],
            "coverage": [pair.coverage for pair in found],
            "confidence": [pair.confidence for pair in found],
            "leftCluster": [cluster_of.get(pair.left, -1) for pair in found],
            "rightCluster": [cluster_of.get(pair.right, -1) for pair in found],
            "found": dict(results.n_pairs),
        }
    )


def pair_part(results: Results, pairs: Iterable[Meeting]) -> bytes:
    """Some pairs with their texts."""
    shelf = _Shelf(results)
    found = [_meeting(results, pair, shelf) for pair in pairs]
    return _object({"pairs": joined(found), **shelf.packed()})


def _relations(results: Results, cluster: int) -> int:
    found = results.clusters[cluster]
    return sum(1 << RELATIONS.index(r) for r in {m.relation for m in found.members if m.id != found.representative})


def _sites(results: Results, cluster: int) -> list[str]:
    """The first few sites, and how many more there are as a last item where there are any."""
    found = list(dict.fromkeys(name for p in results.members[cluster] if (name := results.papers.sites[p])))
    return found[:N_SITES] if len(found) <= N_SITES else [*found[:N_SITES], f"+{len(found) - N_SITES}"]


def _others(results: Results, cluster: int) -> str:
    """The ids of the other members, a line each, for the search."""
    return "\n".join(readable(results.papers.ids[p]) for p in results.members[cluster][1:])[:SEARCHED_CHARACTERS]


def _title(text: str) -> str:
    """The first line that says something."""
    lines = text[:TITLE_WITHIN_CHARACTERS].split("\n")
    line = next((line.strip() for line in lines if sum(map(str.isalnum, line[:40])) > 1), "")
    return line if len(line) <= TITLE_CHARACTERS else f"{_whole_words(line[: TITLE_CHARACTERS + 1])} …"


def _whole_words(cut: str) -> str:
    """Without what is left of its last word, where that is not most of it."""
    words = cut[: cut.rfind(" ")] if cut.rfind(" ") > TITLE_CHARACTERS // 2 else cut[:-1]
    return words.rstrip(" ,;:–—-")


def _shown_meetings(results: Results, cluster: int) -> list[Meeting]:
    """Matches with the representative, then the surest others, among the members whose texts are shown."""
    shown = set(results.members[cluster][:MOST_TEXTS])
    representative = results.members[cluster][0]
    inside = [m for m in results.meetings[cluster] if m.left in shown and m.right in shown]
    own = [m for m in inside if representative in (m.left, m.right)]
    others = [m for m in inside if representative not in (m.left, m.right)]
    return own + sorted(others, key=lambda m: (-m.confidence, m.left, m.right))[:MOST_MEETINGS]


def _cluster(results: Results, cluster: int, shelf: "_Shelf") -> bytes:
    found, members = results.clusters[cluster], results.members[cluster]
    by_id = {member.id: member for member in found.members}
    own = [by_id[results.papers.ids[paper]] for paper in members]
    for paper in members:
        shelf.place(paper)
    first = results.firsts[cluster]
    told = {
        "id": found.id,
        "weakest": found.weakest,
        "members": [shelf.place(paper) for paper in members],
        "relations": [RELATIONS.index(member.relation) for member in own],
        "resemblances": [member.resemblance for member in own],
        "first": None if first is None else shelf.place(first),
        "older": [k for k, member in enumerate(own) if member.id in results.earlier],
        "n_meetings": len(results.meetings[cluster]),
    }
    meetings = [_meeting(results, meeting, shelf) for meeting in _shown_meetings(results, cluster)]
    for paper in members[:MOST_TEXTS]:
        shelf.show(paper)
    return _object({**{name: dump(value) for name, value in told.items()}, "meetings": joined(meetings)})


def _meeting(results: Results, meeting: Meeting, shelf: "_Shelf") -> bytes:
    left, right = shelf.show(meeting.left), shelf.show(meeting.right)
    return b'{"left":%d,"right":%d,"match":%b}' % (left, right, results.match(meeting))


def _object(fields: dict[str, bytes]) -> bytes:
    """A JSON object of values that are JSON already."""
    return b"{" + b",".join(dump(name) + b":" + value for name, value in fields.items()) + b"}"


class _Shelf:
    """The documents and texts that one piece carries, each once; equal texts are carried once."""

    def __init__(self, results: Results) -> None:
        self._results = results
        self._papers: dict[int, int] = {}
        self._text_of: dict[int, int] = {}
        self._places: dict[str, int] = {}
        self._texts: list[str] = []

    def place(self, paper: int) -> int:
        """The place of a document in the piece."""
        return self._papers.setdefault(paper, len(self._papers))

    def show(self, paper: int) -> int:
        """As `place`, and its text comes along."""
        if paper not in self._text_of and self._results.papers.pieces[paper] >= 0:
            text = self._results.text(paper)
            self._text_of[paper] = self._places.setdefault(text, len(self._places))
            self._texts += [text] if len(self._places) > len(self._texts) else []
        return self.place(paper)

    def packed(self) -> dict[str, bytes]:
        return {"papers": dump([self._paper(paper) for paper in self._papers]), "texts": dump(self._texts)}

    def _paper(self, paper: int) -> dict[str, object]:
        papers = self._results.papers
        told = {
            "id": readable(papers.ids[paper]), "site": papers.sites[paper], "url": papers.urls[paper],
            "date": papers.dates[paper], "at": papers.moments[paper], "length": papers.n_characters[paper],
        }  # fmt: skip
        if paper not in self._text_of:
            return {**told, "text": None}
        text = self._texts[self._text_of[paper]]
        return {
            **told,
            "text": self._text_of[paper],
            "furniture": [end for span in self._results.furniture.spans(papers.sites[paper], text) for end in span],
            "credits": self._credits(text),
        }

    def _credits(self, text: str) -> list[int]:
        """Starts and ends of credit lines; finding them costs as much as all else that is done for a text."""
        if len(self._results.papers.ids) > MOST_CREDITED:
            return []
        return [end for found in credit.find(text) for end in (found.start, found.end)]
