"""What a report shows, made from results and from nothing else: sections of tables, bars and charts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from dedup.bench.measures import Curve, Measure, Results

__all__ = [
    "Bar", "Bars", "Block", "Section", "Table", "alternative", "bars_table", "curve_table", "headlines", "number",
    "place", "said", "sections",
]  # fmt: skip

STEPS = {"fold": "fold case and accents", "token hashes": "hash tokens", "shingles": "shingle", "signature": "sign"}
LIMITS = {
    "memory copy": "copy them, from memory to memory",
    "memory read": "read them from memory",
    "copy": "copy them within the cache",
    "read": "read them from the cache",
    "fold": "scan them only: find words, fold case",
}
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
    note: str = ""
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar, of one part or of several upon one another; `failed` says why there is none. Ours stands out."""

    label: str
    parts: dict[str, float]
    is_ours: bool = False
    failed: str = ""

    @property
    def whole(self) -> float:
        """The sum of all parts."""
        return sum(self.parts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Bars in groups by their heading, all to one scale: up to `most`, or to the longest; `is_log` from `least`."""

    title: str
    unit: str
    note: str = ""
    groups: dict[str, tuple[Bar, ...]]
    most: float | None = None
    least: float | None = None
    """Where given, lengths go by the logarithm, and a bar of this value has none."""


Block: TypeAlias = "Table | Bars | Curve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading, what to know first, and what is shown under it."""

    title: str
    note: str = ""
    blocks: tuple[Block, ...]


def sections(results: Results) -> list[Section]:
    """All of one benchmark, but for the headline."""
    curves = {kind: tuple(c for c in results.curves if c.name.split()[0] == kind) for kind in ("scan", "recall")}
    found = [
        Section(title="The hot loop", note=LOOP_NOTE, blocks=_loop(results.measures)),
        Section(title="A scan, by size", note=SCAN_NOTE, blocks=curves["scan"]),
        Section(title="Candidates, by resemblance", note=CURVE_NOTE, blocks=curves["recall"]),
        Section(title="Start-up", note=START_NOTE, blocks=_start(results.measures)),
        Section(title="All measures", note=MEASURES_NOTE, blocks=(_measure_table(results.measures),)),
    ]
    return [one for one in found if one.blocks]


LOOP_NOTE = (
    "From the bytes of a text to its signature of 128 places, on one core: CPU time a token, each step upon those "
    "before it, against what this machine takes to move or to scan the same bytes."
)
SCAN_NOTE = (
    "`dedup scan` of generated collections, from the start of the process to results on disk; axes are logarithmic."
)
CURVE_NOTE = "Pairs of a known resemblance: the share that bands propose, over what the formula of banding says."
START_NOTE = "Whole processes that have next to nothing to do, by CPU time, with bytecode and kernels compiled before."
MEASURES_NOTE = (
    "Median of all runs; the spread is half of the distance between the quartiles. CPU time is that of all cores, "
    "user and system, of the process and its children; memory is the most that these held at one time."
)


def headlines(results: Results) -> Iterator[tuple[str, str, str]]:
    """What, how much, and its unit, of the few figures that say most; of a suite of many sizes the largest."""
    for name, title in FIGURES:
        found = [one for one in results.measures if one.name == name or one.name.startswith(f"{name},")]
        if found:
            last = found[0] if name == found[0].name else found[-1]
            is_share = last.unit.startswith("share")
            yield title, number(100 * last.median if is_share else last.median), "%" if is_share else last.unit


def bars_table(bars: Bars) -> Table:
    """The numbers behind bars."""
    names = list(dict.fromkeys(name for group in bars.groups.values() for bar in group for name in bar.parts))
    rows = []
    for heading, group in bars.groups.items():
        for bar in group:
            cells = [number(bar.parts[name]) if name in bar.parts else "" for name in names]
            label = f"{heading}: {bar.label}" if heading else bar.label
            rows.append((label, *([bar.failed] + [""] * (len(names) - 1) if bar.failed else cells)))
    head = ("", *(f"{name}, {bars.unit}" if name else bars.unit for name in names))
    return Table(title=bars.title, head=head, rows=tuple(rows))


def curve_table(curve: Curve) -> Table:
    """The numbers behind a chart, a row each for what there is more of: places, or lines."""
    cells = [["" if value is None else number(value) for value in line] for line in curve.lines.values()]
    places = [number(x) for x in curve.x]
    if len(cells) > len(places):
        head = (curve.y_title, *(f"{place} {curve.x_title}" for place in places))
        return Table(title=curve.title, head=head, rows=tuple(zip(curve.lines, *zip(*cells, strict=True), strict=True)))
    head = (curve.x_title, *(f"{label}, {curve.y_title}" for label in curve.lines))
    return Table(title=curve.title, head=head, rows=tuple(zip(places, *cells, strict=True)))


def alternative(curve: Curve) -> str:
    """A chart in words: where each line starts and ends."""
    told = []
    for label, line in curve.lines.items():
        known = [value for value in line if value is not None]
        if known:
            told.append(f"{label} from {number(known[0])} to {number(known[-1])} {curve.y_title}")
    axis = f"{curve.x_title} from {number(curve.x[0])} to {number(curve.x[-1])}"
    return f"{curve.title}: {'; '.join(told)}, for {axis}."


def said(bar: Bar, unit: str) -> str:
    """A bar in words."""
    if bar.failed or len(bar.parts) < 2:
        return f"{bar.label}: {bar.failed or f'{number(bar.whole)} {unit}'}"
    return f"{bar.label}: {', '.join(f'{name} {number(value)}' for name, value in bar.parts.items())} {unit}"


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
    rounds = f", {about['rounds']} rounds" if "rounds" in about else ""
    warm = f", of which {about['warm_up_s']} s to generate, compile and warm up" if "warm_up_s" in about else ""
    return [
        f"{about['profile']} profile{rounds}, {about['started']}, {about['wall_s']} s{warm}",
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}",
        f"{known}{', commit ' + str(machine['commit']) if machine['commit'] else ''}",
        f"Load average before {_listed(busy)}, after {_listed(load['after'])}.{warning}",
    ]


def _listed(values: object) -> str:
    return ", ".join(map(str, values)) if isinstance(values, list) else str(values)


def number(value: float) -> str:
    """Three digits that count, and no more than are needed."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4f}" if 0.995 < abs(value) < 1 else f"{value:.3g}"


def _loop(measures: Iterable[Measure]) -> tuple[Block, ...]:
    of = {one.name.removeprefix("hashing: "): one.median for one in measures}
    if not all(step in of for step in STEPS):
        return ()
    below, parts = 0.0, dict[str, float]()
    for step, name in STEPS.items():
        parts[name] = max(of[step] - below, 0.0)
        below = of[step]
    limits = tuple(Bar(label=label, parts={"": of[name]}) for name, label in LIMITS.items() if name in of)
    whole = Bar(label="all steps", parts=parts, is_ours=True)
    groups = {"Bytes to signature": (whole,), "What the machine takes for the same bytes": limits}
    return (Bars(title="Where the time goes", unit="ns a token", groups={k: v for k, v in groups.items() if v}),)


def _start(measures: Iterable[Measure]) -> tuple[Block, ...]:
    found = [one for one in measures if one.name.startswith("start-up: ")]
    bars = tuple(Bar(label=one.name.removeprefix("start-up: "), parts={"": one.median}, is_ours=True) for one in found)
    return (Bars(title="Start-up", unit="s of CPU", groups={"": bars}),) if bars else ()


def _measure_table(measures: Iterable[Measure]) -> Table:
    head = ("measure", "median", "unit", "spread", "runs")
    return Table(title="All measures", head=head, rows=tuple(_row(one) for one in measures))


def _row(one: Measure) -> tuple[str, ...]:
    spread = "" if one.exact else f"{100 * one.spread:.1f} %"
    return one.name, number(one.median), one.unit, spread, "exact" if one.exact else str(len(one.runs))
