"""What a person sees in the terminal. Words go to stderr; whatever texts contain is shown, never obeyed."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from dedup.records import RELATIONS, Cluster, Document, Match, Report, Skipped, Span

if TYPE_CHECKING:
    from dedup.reported import Clusters, Decisions, Matches

__all__ = [
    "Hanging",
    "called",
    "console",
    "count",
    "plain",
    "show_changed",
    "show_cluster",
    "show_comparison",
    "show_evidence",
    "show_lacking",
    "show_report",
    "show_skipped",
    "show_table",
]

N_NAMES = 12
USUAL_COLUMNS = 80
NAME_CHARACTERS = 400
N_SKIPPED = 10
WIDEST = 10_000
QUOTE_CHARACTERS = 240
MARKS = ("yellow", "cyan", "magenta", "green", "blue", "red")
JOINERS = "\u00ad\u200c\u200d"
"""Of the characters that format and do not show, those that words of many scripts are written with."""
SIDE = re.compile(r"^the (left|right) text\b|(?<=agency tag of )the (left|right)$")
HIDDEN = ("Cc", "Cf", "Co", "Cs")


def console() -> Console:
    """A console on stderr that neither interprets markup nor colors a pipe."""
    found = Console(stderr=True, markup=False, emoji=False, highlight=False)
    if not found.width:
        # A terminal that does not know its width says 0, in which nothing would be shown at all.
        found.width = USUAL_COLUMNS
    return found


def plain(text: str, keep: str = "") -> str:
    """`text` without terminal escapes, bidi controls or lone surrogates, each shown as a replacement character.

    What is left can neither move the cursor nor turn the direction of what follows. `keep` may stay.
    """
    return "".join(_shown(character, keep) for character in text)


def called(name: str) -> str:
    """An id or a place, plain; of a very long one the beginning and the end."""
    half = NAME_CHARACTERS // 2
    return plain(name) if len(name) <= NAME_CHARACTERS else f"{plain(name[:half])}…{plain(name[-half:])}"


def _shown(character: str, keep: str) -> str:
    if character in keep or character == " ":
        return character
    if character.isspace():
        return " "
    if unicodedata.category(character) in HIDDEN and character not in JOINERS:
        return "\ufffd"
    return character


def show_report(out: Console, report: Report, n_clusters: int) -> None:
    """Clusters with their evidence, then whatever else was related, skipped or cut."""
    told = _told(report, n_clusters)
    for number, (cluster, evidence) in enumerate(told.clusters, 1):
        show_cluster(out, cluster, evidence, number)
    if len(report.clusters) > n_clusters:
        out.print(f"… and {count(len(report.clusters) - n_clusters, 'more cluster')}; -o OUT writes them all\n")
    _show_related(out, told.related, told.n_related)
    _show_alone(out, report)
    show_skipped(out, report.skipped[:N_SKIPPED])
    if len(report.skipped) > N_SKIPPED:
        out.print(f"! … and {count(len(report.skipped) - N_SKIPPED, 'more note')}; -o OUT writes them all")
    _show_relations(out, report)
    _show_counts(out, report)


@dataclass(frozen=True, slots=True)
class _Told:
    """The few of all that are shown: clusters with the matches of their members, and the first matches between them."""

    clusters: list[tuple[Cluster, dict[str, Match]]]
    related: list[Match]
    n_related: int


def _told(report: Report, n_clusters: int) -> _Told:
    """Chosen by their columns: to make all clusters and matches of a large scan takes longer than to find them."""
    # It brings kernels along, which commands of a few texts load after they have said that none is to be compiled.
    from dedup.reported import largest, within

    clusters, matches = cast("Clusters", report.clusters), cast("Matches", report.matches)
    inside, shown = within(matches, clusters), []
    for at in largest(clusters, n_clusters):
        own = [matches[int(place)] for place in np.flatnonzero(inside == at)]
        kept = clusters[at].representative
        shown.append(
            (clusters[at], {m.right if m.left == kept else m.left: m for m in own if kept in (m.left, m.right)})
        )
    related = np.flatnonzero(inside < 0)
    return _Told(shown, [matches[int(place)] for place in related[:N_NAMES]], len(related))


def show_cluster(out: Console, cluster: Cluster, matches: Mapping[str, Match], number: int | None = None) -> None:
    """The kept text and, for each other member, what it is to that and why; `matches` by member."""
    size = count(len(cluster.members), "document")
    name = "Cluster" if number is None else f"Cluster {number}"
    heading = f"{name}: {size}, weakest link {cluster.weakest:.2f}"
    out.print(Text.assemble((heading, "bold"), (f"  {plain(cluster.id)}", "dim")))
    out.print(Text.assemble("  ", (called(cluster.representative), "bold green"), "  kept"))
    others = [member for member in cluster.members if member.id != cluster.representative]
    for member in others[:N_NAMES]:
        match = matches.get(member.id)
        out.print(Text.assemble("  ", (called(member.id), "bold"), "  ", (member.relation, "yellow")))
        if match is not None:
            show_evidence(out, match)
    if len(others) > N_NAMES:
        out.print(f"  … and {count(len(others) - N_NAMES, 'more document')}")
    out.print()


def show_evidence(out: Console, match: Match) -> None:
    """Its reasons, and the longest shared passages in words."""
    said = [Hanging("    · ", plain(_named(reason, match))) for reason in match.reasons]
    quoted = [Hanging("      ", f"“{plain(_shortened(quote))}”", style="italic dim") for quote in match.quotes]
    if said or quoted:
        out.print(Group(*said, *quoted))


@dataclass(frozen=True, slots=True)
class Hanging:
    """Text whose further lines stand under its first; words too long for a line, as in Chinese, go on in the next."""

    lead: str
    text: str
    style: str = ""

    def __rich_console__(self, out: Console, options: ConsoleOptions) -> RenderResult:
        """A line at a time, without the space to the right that a table would fill."""
        width = max(options.max_width - len(self.lead), 1)
        lead = self.lead
        for line in Text(self.text, style=self.style, overflow="fold").wrap(out, width, overflow="fold"):
            line.rstrip()
            yield Text.assemble(lead, line)
            lead = " " * len(lead)


def _named(reason: str, match: Match) -> str:
    """A reason that speaks of the left or the right text, with the document's id."""
    return SIDE.sub(lambda found: match.left if "left" in found[0] else match.right, reason)


def _shortened(quote: str) -> str:
    return quote if len(quote) <= QUOTE_CHARACTERS else f"{quote[:QUOTE_CHARACTERS].rstrip()} …"


def _show_related(out: Console, matches: Sequence[Match], n_matches: int) -> None:
    if not matches:
        return
    out.print(Text("Related, but not one cluster", style="bold"))
    for match in matches:
        names = (called(match.left), "bold"), " and ", (called(match.right), "bold")
        out.print(Text.assemble("  ", *names, "  ", (match.relation, "yellow")))
        show_evidence(out, match)
    if n_matches > len(matches):
        out.print(f"  … and {count(n_matches - len(matches), 'more pair')}")
    out.print()


def _show_alone(out: Console, report: Report) -> None:
    alone = np.flatnonzero(cast("Decisions", report.decisions).columns.clusters < 0)
    if not len(alone):
        return
    names = ", ".join(called(report.decisions[int(place)].id) for place in alone[:N_NAMES])
    more = f" and {len(alone) - N_NAMES:,} more" if len(alone) > N_NAMES else ""
    out.print(f"Not duplicates ({len(alone):,}): {names}{more}")


def show_skipped(out: Console, skipped: Sequence[Skipped]) -> None:
    """What could not be used as it stood: where, and why."""
    for note in skipped:
        out.print(Text(f"! {called(note.place)}: {called(note.reason)}", style="red"))


def show_lacking(out: Console, ids: Sequence[str]) -> None:
    """Which documents of the results are shown without their texts."""
    if ids:
        out.print(
            Text(f"! {count(len(ids), 'text')} of the results not found, such as that of {called(ids[0])}", style="red")
        )


def show_changed(out: Console, pairs: Sequence[tuple[str, str]]) -> None:
    """Which pairs of documents are shown without their passages."""
    if pairs:
        left, right = map(called, pairs[0])
        said = f"! passages of {count(len(pairs), 'pair')} not marked, as the texts have changed since the scan: "
        out.print(Text(f"{said}{left} and {right}{', …' if len(pairs) > 1 else ''}", style="red"))


def _show_relations(out: Console, report: Report) -> None:
    """How many matches there are of each relation, where there are several."""
    counted = report.summary.get("matches")
    if not isinstance(counted, dict) or len(counted) < 2:
        return
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    table.add_column("relation", style="yellow")
    table.add_column("pairs", justify="right")
    for name in (name for name in RELATIONS if name in counted):
        table.add_row(name, f"{counted[name]:,}")
    show_table(out, table)
    out.print()


def show_table(out: Console, table: Table) -> None:
    """A table with all that is in it: where a terminal has fewer columns it breaks the lines, and no number is cut."""
    table.width = Measurement.get(out, out.options.update(max_width=WIDEST), table).maximum
    out.print(table, crop=False)


def _show_counts(out: Console, report: Report) -> None:
    removed = int(np.count_nonzero(~cast("Decisions", report.decisions).columns.keeps))
    out.print(
        f"{count(len(report.decisions), 'document')}, {count(len(report.clusters), 'cluster')}, "
        f"{len(report.decisions) - removed:,} to keep, {removed:,} to drop"
    )


def count(n: int, noun: str) -> str:
    """So many of something, in words: `1 document`, `2 documents`."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def show_comparison(out: Console, left: Document, right: Document, match: Match) -> None:
    """The verdict, its reasons, and both texts with the shared passages marked and numbered alike."""
    out.print(
        Text.assemble((called(left.id), "bold"), " and ", (called(right.id), "bold"), ": ", (match.relation, "yellow"))
    )
    shares = (
        f"confidence {match.confidence:.2f}, resemblance {match.resemblance:.3f}, {100 * match.left_in_right:.0f} % of "
        f"the first in the second, {100 * match.right_in_left:.0f} % of the second in the first"
    )
    out.print(Hanging("  ", shares))
    for reason in match.reasons:
        out.print(Hanging("  · ", plain(_named(reason, match))))
    for side, document in (("left", left), ("right", right)):
        out.print()
        out.rule(Text(called(document.id), style="bold"), align="left")
        out.print(_marked(document.text, [getattr(passage, side) for passage in match.passages]))


def _marked(text: str, spans: Sequence[Span]) -> Text:
    """`text` with span number n between [n and n], in the n-th color."""
    marked, at = Text(), 0
    for number, span in sorted(enumerate(spans, 1), key=lambda pair: pair[1].start):
        start, end = span.start, span.end
        if start < at:
            continue
        marked.append(plain(text[at:start], keep="\n"))
        marked.append(f"[{number} {plain(text[start:end], keep=chr(10))} {number}]", MARKS[number % len(MARKS)])
        at = end
    return marked.append(plain(text[at:], keep="\n"))
