"""A report as Markdown, to be read in a terminal or a pull request."""

from collections.abc import Sequence

from dedup.bench.compare import Difference
from dedup.bench.measures import Curve, Results
from dedup.bench.sections import (
    Bars,
    Block,
    Section,
    Table,
    bars_table,
    curve_table,
    headlines,
    number,
    place,
    sections,
)

__all__ = ["differences", "render", "table"]


PAIRED = "Measured in turns, compared pair by pair."
APART = "Not measured in turns: where the machine itself was slower in between, that shows as well."


def render(results: Results, more: Sequence[Section] = ()) -> str:
    """All that the page shows, as tables."""
    figures = Table(title="In short", head=("", "median", "unit"), rows=tuple(tuple(one) for one in headlines(results)))
    parts = ["# Benchmark of dedup", "", *(f"{line}  " for line in place(results)), "", table(figures, "## ")]
    return "\n".join([*parts, *(_section(one) for one in [*more, *sections(results)])])


def table(one: Table, level: str = "") -> str:
    """One table, under its title where it has a `level` such as "## "."""
    lines = [one.head, tuple("---" for _ in one.head), *one.rows]
    drawn = "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
    return f"{f'{level}{one.title}' + chr(10) * 2 if level else ''}{one.note + chr(10) * 2 if one.note else ''}{drawn}"


def _section(one: Section) -> str:
    blocks = (_block(block, "" if block.title == one.title else "### ") for block in one.blocks)
    return "\n".join([f"## {one.title}", "", *([one.note, ""] if one.note else []), *blocks])


def _block(block: Block, level: str) -> str:
    if isinstance(block, Curve):
        return table(curve_table(block), level)
    return table(bars_table(block) if isinstance(block, Bars) else block, level)


def differences(found: Sequence[Difference], *, is_paired: bool) -> Table:
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
    way = PAIRED if is_paired else APART
    note = f"{n_seen} of {len(found)} measures differ beyond noise; all tests together err with a chance of 5 %. {way}"
    head = ("measure", "before", "after", "unit", "change", "95 % interval", "p", "")
    return Table(title="Comparison", note=note, head=head, rows=rows)
