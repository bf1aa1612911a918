"""What a person sees in the terminal. Words go to stderr; whatever texts contain is shown, never obeyed."""

import unicodedata
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dedup.records import Cluster, Document, Match, Report, Skipped, Span

__all__ = [
    "console",
    "hanging",
    "plain",
    "show_cluster",
    "show_comparison",
    "show_evidence",
    "show_report",
    "show_skipped",
]

N_NAMES = 12
N_SKIPPED = 10
QUOTE_CHARACTERS = 240
MARKS = ("yellow", "cyan", "magenta", "green", "blue", "red")
JOINERS = "\u00ad\u200c\u200d"
"""Of the characters that format and do not show, those that words of many scripts are written with."""
HIDDEN = ("Cc", "Cf", "Co", "Cs")


def console() -> Console:
    """A console on stderr that neither interprets markup nor colors a pipe."""
    return Console(stderr=True, markup=False, emoji=False, highlight=False)


def plain(text: str, keep: str = "") -> str:
    """`text` without terminal escapes, bidi controls or lone surrogates, each shown as a replacement character.

    What is left can neither move the cursor nor turn the direction of what follows. `keep` may stay.
    """
    return "".join(_shown(character, keep) for character in text)


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
    by_pair = {frozenset((match.left, match.right)): match for match in report.matches}
    largest = sorted(report.clusters, key=lambda cluster: (-len(cluster.members), cluster.representative))
    for number, cluster in enumerate(largest[:n_clusters], 1):
        kept = cluster.representative
        pairs = ((member.id, by_pair.get(frozenset((member.id, kept)))) for member in cluster.members)
        show_cluster(out, cluster, {name: match for name, match in pairs if match is not None}, number)
    if len(largest) > n_clusters:
        out.print(f"… and {_count(len(largest) - n_clusters, 'more cluster')}; -o OUT writes them all\n")
    inside = {member.id: cluster.id for cluster in report.clusters for member in cluster.members}
    _show_related(out, [m for m in report.matches if inside.get(m.left, m.left) != inside.get(m.right, m.right)])
    _show_alone(out, report)
    show_skipped(out, report.skipped)
    _show_counts(out, report)


def show_cluster(out: Console, cluster: Cluster, matches: Mapping[str, Match], number: int | None = None) -> None:
    """The kept text and, for each other member, what it is to that and why; `matches` by member."""
    size = _count(len(cluster.members), "document")
    name = "Cluster" if number is None else f"Cluster {number}"
    heading = f"{name}: {size}, weakest link {cluster.weakest:.2f}"
    out.print(Text.assemble((heading, "bold"), (f"  {plain(cluster.id)}", "dim")))
    out.print(Text.assemble("  ", (plain(cluster.representative), "bold green"), "  kept"))
    others = [member for member in cluster.members if member.id != cluster.representative]
    for member in others[:N_NAMES]:
        match = matches.get(member.id)
        out.print(Text.assemble("  ", (plain(member.id), "bold"), "  ", (member.relation, "yellow")))
        if match is not None:
            show_evidence(out, match)
    if len(others) > N_NAMES:
        out.print(f"  … and {_count(len(others) - N_NAMES, 'more document')}")
    out.print()


def show_evidence(out: Console, match: Match) -> None:
    """Its reasons, and the longest shared passages in words."""
    for reason in match.reasons:
        out.print(hanging("    · ", plain(reason)))
    for quote in match.quotes:
        out.print(hanging("      ", f"“{plain(_shortened(quote))}”", style="italic dim"))


def hanging(lead: str, text: str, style: str = "") -> Table:
    """Text whose further lines stand under its first."""
    grid = Table.grid(padding=0)
    grid.add_column(width=len(lead), no_wrap=True)
    grid.add_column()
    grid.add_row(lead, Text(text, style=style))
    return grid


def _shortened(quote: str) -> str:
    return quote if len(quote) <= QUOTE_CHARACTERS else f"{quote[:QUOTE_CHARACTERS].rstrip()} …"


def _show_related(out: Console, matches: Sequence[Match]) -> None:
    if not matches:
        return
    out.print(Text("Related, but not one cluster", style="bold"))
    for match in matches[:N_NAMES]:
        names = (plain(match.left), "bold"), " and ", (plain(match.right), "bold")
        out.print(Text.assemble("  ", *names, "  ", (match.relation, "yellow")))
        show_evidence(out, match)
    if len(matches) > N_NAMES:
        out.print(f"  … and {_count(len(matches) - N_NAMES, 'more pair')}")
    out.print()


def _show_alone(out: Console, report: Report) -> None:
    alone = [decision.id for decision in report.decisions if decision.cluster is None]
    if not alone:
        return
    names = ", ".join(plain(name) for name in alone[:N_NAMES])
    more = f" and {len(alone) - N_NAMES:,} more" if len(alone) > N_NAMES else ""
    out.print(f"Not duplicates ({len(alone):,}): {names}{more}")


def show_skipped(out: Console, skipped: Sequence[Skipped]) -> None:
    """What could not be used as it stood: where, and why."""
    for note in skipped[:N_SKIPPED]:
        out.print(Text(f"! {plain(note.place)}: {plain(note.reason)}", style="red"))
    if len(skipped) > N_SKIPPED:
        out.print(f"! … and {_count(len(skipped) - N_SKIPPED, 'more note')} in summary.json")


def _show_counts(out: Console, report: Report) -> None:
    removed = sum(not decision.keep for decision in report.decisions)
    out.print(
        f"{_count(len(report.decisions), 'document')}, {_count(len(report.clusters), 'cluster')}, "
        f"{len(report.decisions) - removed:,} to keep, {removed:,} to drop"
    )


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def show_comparison(out: Console, left: Document, right: Document, match: Match) -> None:
    """The verdict, its reasons, and both texts with the shared passages marked and numbered alike."""
    out.print(
        Text.assemble((plain(left.id), "bold"), " and ", (plain(right.id), "bold"), ": ", (match.relation, "yellow"))
    )
    out.print(
        f"  confidence {match.confidence:.2f}, resemblance {match.resemblance:.3f}, "
        f"{match.left_in_right:.0%} of the first in the second, {match.right_in_left:.0%} of the second in the first"
    )
    for reason in match.reasons:
        out.print(Text(f"  · {plain(reason)}"))
    for side, document in (("left", left), ("right", right)):
        out.print()
        out.rule(Text(plain(document.id), style="bold"), align="left")
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
