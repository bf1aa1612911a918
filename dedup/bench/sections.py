"""What a report shows, made from results and from nothing else: figures, tables, stacked bars and charts."""

from collections.abc import Iterator
from dataclasses import dataclass

from dedup.bench.measures import Curve, Measure, Results

__all__ = ["Bar", "Table", "alternative", "bars", "curve_table", "headlines", "measure_table", "number", "place"]

STEPS = ("fold", "token hashes", "shingles", "signature")
FIGURES = (
    ("hashing: signature rate", "Text to signature, one core"),
    ("scan: CPU", "A scan, start to end"),
    ("scan: memory", "Memory of a scan"),
    ("quality: recall", "Planted copies found, J of 0.8 and more"),
    ("quality: precision", "Pairs in clusters that are right"),
    ("start-up: five texts", "Five short texts"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A title, what to know about it, and rows of cells; numbers are written for people already."""

    title: str
    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Parts of one whole, by their names."""

    title: str
    unit: str
    parts: dict[str, float]


def headlines(results: Results) -> Iterator[tuple[str, str, str]]:
    """What, how much, and its unit, of the few figures that say most; of a suite of many sizes the largest."""
    for name, title in FIGURES:
        found = [one for one in results.measures if one.name == name or one.name.startswith(f"{name},")]
        if found:
            last = found[0] if name == found[0].name else found[-1]
            yield title, number(last.median), last.unit


def bars(results: Results) -> list[Bar]:
    """Where the time of a token goes, step upon step, beside a plain copy of the bytes."""
    of = {one.name.removeprefix("hashing: "): one.median for one in results.measures}
    if not all(step in of for step in ("read", *STEPS)):
        return []
    below, parts = 0.0, dict[str, float]()
    for step in STEPS:
        parts[step] = max(of[step] - below, 0.0)
        below = of[step]
    return [
        Bar(title="Bytes to signature", unit="ns a token", parts=parts),
        Bar(title="A plain copy of the same bytes in memory", unit="ns a token", parts={"copy": of["read"]}),
    ]


def measure_table(results: Results) -> Table:
    """Every measure."""
    note = (
        "Median of all runs; the spread is half of the distance between the quartiles. CPU time is that of all cores, "
        "user and system, of the process and its children; memory is the most that these held at one time."
    )
    return Table(
        title="All measures", note=note, head=("measure", "median", "unit", "spread", "runs"),
        rows=tuple(_row(one) for one in results.measures),
    )  # fmt: skip


def curve_table(curve: Curve) -> Table:
    """The numbers behind a chart."""
    rows = [
        (number(x), *("" if line[k] is None else number(line[k] or 0.0) for line in curve.lines.values()))
        for k, x in enumerate(curve.x)
    ]
    head = (curve.x_title, *(f"{label}, {curve.y_title}" for label in curve.lines))
    return Table(title=curve.title, note="", head=head, rows=tuple(rows))


def alternative(curve: Curve) -> str:
    """A chart in words: where each line starts and ends."""
    said = [
        f"{label} from {number(line[0] or 0.0)} to {number(line[-1] or 0.0)} {curve.y_title}"
        for label, line in curve.lines.items()
    ]
    axis = f"{curve.x_title} from {number(curve.x[0])} to {number(curve.x[-1])}"
    return f"{curve.title}: {'; '.join(said)}, for {axis}."


def place(results: Results) -> list[str]:
    """When, on what and with what, a line each."""
    about = results.about
    machine, load = about["machine"], about["load"]
    assert isinstance(machine, dict)
    assert isinstance(load, dict)
    versions, busy = machine["versions"], load["before"]
    known = ", ".join(f"{name} {version}" for name, version in versions.items()) if isinstance(versions, dict) else ""
    idle = not isinstance(busy, list) or not busy or float(str(busy[0])) < 0.5 * int(str(machine["cores"]))
    warning = "" if idle else " The machine was busy: wall times say little."
    return [
        f"{about['profile']} profile, {about['started']}, {about['wall_s']} s",
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}",
        f"{known}{', commit ' + str(machine['commit']) if machine['commit'] else ''}",
        f"Load average before {busy}, after {load['after']}.{warning}",
    ]


def number(value: float) -> str:
    """Three digits that count, and no more than are needed."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4f}" if 0.995 < abs(value) < 1 else f"{value:.3g}"


def _row(one: Measure) -> tuple[str, ...]:
    spread = "" if one.exact else f"{100 * one.spread:.1f} %"
    return one.name, number(one.median), one.unit, spread, "exact" if one.exact else str(len(one.runs))
