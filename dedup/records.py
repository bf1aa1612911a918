"""The values that travel between stages. Ragged data is `values` + `offsets`; a span is half-open, in characters."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, overload

from dedup.errors import InputError

if TYPE_CHECKING:
    from dedup.arrays import Bytes, Hashes, Positions, Read, Rows, Scores

__all__ = [
    "EQUAL", "RELATIONS", "SOURCES", "Alignments", "Answer", "Candidates", "Cluster", "Corpus", "Cut", "Decision",
    "Document", "Grouping", "Keys", "Match", "Member", "Nodes", "Passage", "Passages", "Relation", "Report",
    "Skipped", "SourceShare", "Span", "Texts", "Tokens",
]  # fmt: skip

Relation: TypeAlias = Literal[
    "exact", "same_text", "near", "syndicated", "rewrite", "excerpt", "quote", "template", "none"
]
RELATIONS: tuple[Relation, ...] = (
    "exact", "same_text", "near", "syndicated", "rewrite", "excerpt", "quote", "template", "none",
)  # fmt: skip
"""Strongest first."""
SOURCES: tuple[Literal["left", "right", "unknown"], ...] = ("left", "right", "unknown")
"""Which text of a match was there first."""
EQUAL: dict[Relation, str] = {
    "exact": "the same to the character",
    "same_text": "the same words in the same order; only case, punctuation or white space differ",
}
"""The reason of the two relations that need no measuring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One text and what is known of it; `source` is the site or outlet, `date` any form that sorts or parses.

    InputError where a field is no string; what is not known is an empty one.
    """

    id: str
    text: str
    url: str = ""
    source: str = ""
    date: str = ""

    def __post_init__(self) -> None:
        """Check the types, which come from wherever a caller has them."""
        if type(self.id) is type(self.text) is type(self.url) is type(self.source) is type(self.date) is str:
            return
        for name in ("id", "text", "url", "source", "date"):
            value = getattr(self, name)
            if not isinstance(value, str):
                raise InputError(f"the {name} of a document must be a string, got {value!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Something in the input that could not be used as it stood: where, and why."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """All texts as UTF-8 in one buffer (Arrow's layout): `values` (n_bytes,), `offsets` (n_texts + 1,).

    Lone surrogates stand as three bytes each, so that one code point is one character. With `read` the texts are read
    by it; `values` need not hold them, and `offsets` only tell their sizes.
    """

    values: "Bytes"
    offsets: "Rows"
    read: "Read | None" = None

    def __len__(self) -> int:
        return len(self.offsets) - 1


class Keys(NamedTuple):
    """Numbers for the sites and pages of texts, 0 where not known, and days as of `dates.day`; all (n_texts,)."""

    sites: "Hashes"
    pages: "Hashes"
    days: "Positions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Documents side by side, a row each.

    `urls`, `sources` and `dates` are "" where not known; `sites` (n_rows,) are numbers for whose furniture a text may
    carry, `pages` numbers for their URLs, 0 where not known, `days` the days of `dates.given`; `blank` are
    the rows of texts that hold nothing. The last `n_old` rows are of a collection that the others are compared with:
    they are kept whatever is found.
    """

    ids: Sequence[str]
    texts: Texts
    urls: Sequence[str]
    sources: Sequence[str]
    dates: Sequence[str]
    sites: "Hashes"
    pages: "Hashes"
    days: "Positions"
    blank: Sequence[int] = ()
    n_old: int = 0

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def n_new(self) -> int:
        """Rows before the old ones."""
        return len(self) - self.n_old


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Tokens of some texts: `hashes`, `starts`, `ends`, `flags`, `digits` (n_tokens,), `offsets` (n_texts + 1,).

    `starts` and `ends` are characters of the token's own text; flags are the bits named in `kernels.text`; `digits` are
    set for numbers alone: theirs, whatever else is in the token, as `kernels.text` has them.
    """

    hashes: "Hashes"
    starts: "Positions"
    ends: "Positions"
    flags: "Bytes"
    digits: "Hashes"
    offsets: "Rows"

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """The different texts of a corpus: node n owns `rows[offsets[n]:offsets[n + 1]]`, the best row first.

    `n_tokens` (n_nodes,) are the tokens of each.
    """

    rows: "Rows"
    offsets: "Rows"
    n_tokens: "Positions"

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def first(self) -> "Rows":
        """The best row of each node: (n_nodes,)."""
        return self.rows[self.offsets[:-1]]

    @property
    def last(self) -> "Rows":
        """The worst row of each node: (n_nodes,)."""
        return self.rows[self.offsets[1:] - 1]

    def of(self, node: int) -> "Rows":
        """All rows of one node."""
        return self.rows[self.offsets[node] : self.offsets[node + 1]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Work that a bound cut off: which bound, how often it bit, how many pairs or keys it left out."""

    bound: str
    n_times: int
    n_left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Proposed pairs of rows, `left < right`, sorted and each once; both (n_pairs,)."""

    left: "Rows"
    right: "Rows"
    cuts: tuple[Cut, ...] = ()

    def __len__(self) -> int:
        return len(self.left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignments:
    """What alignment measured of some pairs: one named column of `scores` a measure, each (n_pairs,).

    Passages are token positions: `passages` (n_passages, 4) int32 of left start, left end, right start, right end,
    in the order of the left text; `offsets` (n_pairs + 1,) says whose they are.
    """

    left: "Rows"
    right: "Rows"
    scores: "Mapping[str, Scores]"
    passages: "Positions"
    offsets: "Rows"

    def __len__(self) -> int:
        return len(self.left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """One cluster by numbers: `members` ascending, `representative` among them, the least confidence against it."""

    representative: int
    members: tuple[int, ...]
    weakest: float


class Span(NamedTuple):
    """Characters `start` to `end` of an original text, half-open.

    A named tuple, as `Passage` is: a frozen dataclass takes twice as long to make, and matches hold millions.
    """

    start: int
    end: int


class Passage(NamedTuple):
    """A run that both texts share, and whether either sets it in quotation marks."""

    left: Span
    right: Span
    n_tokens: int
    quoted: bool = False


class Passages(Sequence[Passage]):
    """Passages that are made when they are asked for: a scan finds millions, and few are looked at.

    `rows` int32 (n, 6): start and end in the left text, in the right text, number of tokens, 1 if quoted.
    """

    __slots__ = ("rows",)

    def __init__(self, rows: "Positions") -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, at: int) -> Passage: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Passage]: ...
    def __getitem__(self, at: int | slice) -> Passage | Sequence[Passage]:
        if isinstance(at, slice):
            return Passages(self.rows[at])
        a, b, c, d, n_tokens, quoted = self.rows[at].tolist()
        return Passage(Span(a, b), Span(c, d), n_tokens, bool(quoted))

    def __iter__(self) -> Iterator[Passage]:
        for a, b, c, d, n_tokens, quoted in self.rows.tolist():
            yield Passage(Span(a, b), Span(c, d), n_tokens, bool(quoted))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A measured and classified pair. All shares lie in 0..1.

    `resemblance` is the Jaccard similarity of the shingle sets [Broder 1997]; `left_in_right` and `right_in_left`
    the share of one text's tokens that stand in passages shared with the other; `coverage` the larger of the two;
    `confidence` how sure it is that the two belong in one cluster, above one half the more so the more alike they are,
    and 1 only of equal texts; `quotes` the longest shared passages in the words of the left text.
    """

    left: str
    right: str
    relation: Relation
    resemblance: float
    left_in_right: float
    right_in_left: float
    coverage: float
    confidence: float
    source: Literal["left", "right", "unknown"] = "unknown"
    passages: Sequence[Passage] = ()
    reasons: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A document of a cluster and what it is to the representative."""

    id: str
    relation: Relation
    resemblance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Documents that are the same article; `weakest` is the lowest confidence of a member's match."""

    id: str
    representative: str
    weakest: float
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of one input document."""

    id: str
    keep: bool
    cluster: str | None = None
    representative: str | None = None
    relation: Relation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceShare:
    """What would become of the documents of one source; `source` is "" for those that name none."""

    source: str
    n_documents: int
    n_removed: int

    @property
    def share(self) -> float:
        """The part of them that would be removed, 0 to 1."""
        return self.n_removed / self.n_documents


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an index says of an arriving document.

    `known` is one whose id came before with the same text; `replaces` says that the id came before with another text.
    A `copy` belongs to the same cluster as an earlier one, the `representative`, and is in `relation` to it. `matches`
    have the known document on the left; `merged` are clusters that turned out to be this one.
    """

    id: str
    kind: Literal["new", "copy", "known"]
    keep: bool
    cluster: str
    representative: str
    relation: Relation | None = None
    replaces: bool = False
    matches: Sequence[Match] = ()
    merged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that a scan found. `summary` is the content of `summary.json`.

    `keeps` are the decisions in the order of the input, and `removals` the sources that lose documents by them.
    """

    matches: Sequence[Match]
    clusters: Sequence[Cluster]
    decisions: Sequence[Decision]
    keeps: Sequence[bool] = ()
    removals: Sequence[SourceShare] = ()
    skipped: Sequence[Skipped] = ()
    summary: Mapping[str, object] = field(default_factory=dict)
