"""A report as Markdown, to be read in a terminal or a pull request."""

from collections.abc import Sequence

from dedup.bench.compare import Difference
from dedup.bench.measures import Results
from dedup.bench.sections import Table, bars, curve_table, headlines, measure_table, number, place

__all__ = ["differences", "render", "table"]


def render(results: Results, more: Sequence[Table] = ()) -> str:
    """All that the page shows, as tables."""
    figures = Table(
        title="In short", note="", head=("", "median", "unit"), rows=tuple(tuple(one) for one in headlines(results))
    )
    rows = tuple(
        (f"{bar.title}: {name}", number(value), bar.unit) for bar in bars(results) for name, value in bar.parts.items()
    )
    steps = Table(title="The hot loop, step by step", note="", head=("step", "median", "unit"), rows=rows)
    shown = [figures, *more, steps, *map(curve_table, results.curves), measure_table(results)]
    return "\n".join(["# Benchmark of dedup", "", *(f"{line}  " for line in place(results)), "", *map(table, shown)])


def table(one: Table) -> str:
    """One table under its title."""
    lines = [one.head, tuple("---" for _ in one.head), *one.rows]
    drawn = "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
    return f"## {one.title}\n\n{one.note + chr(10) * 2 if one.note else ''}{drawn}"


def differences(found: Sequence[Difference]) -> Table:
    """Every measure of two results, those that differ first."""
    ordered = sorted(found, key=lambda one: (one.verdict == "no difference seen", one.verdict != "regression"))
    rows = tuple(
        (
            one.name, number(one.before), number(one.after), one.unit, f"{100 * (one.ratio - 1):+.1f} %",
            f"{100 * (one.low - 1):+.1f} to {100 * (one.high - 1):+.1f} %", f"{one.p:.2g}", one.verdict,
        )
        for one in ordered
    )  # fmt: skip
    n_seen = sum(one.verdict in ("gain", "regression") for one in found)
    note = f"{n_seen} of {len(found)} measures differ beyond noise; all tests together err with a chance of 5 %."
    head = ("measure", "before", "after", "unit", "change", "95 % interval", "p", "")
    return Table(title="Comparison", note=note, head=head, rows=rows)
