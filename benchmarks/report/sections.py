"""The parts of the report that other packages and labelled pairs are in."""

import textwrap
from collections.abc import Callable, Iterator

from benchmarks.peers.tasks import LABELLED
from benchmarks.report.headline import CLASSES, WRONG, headline, percent
from benchmarks.report.stored import OURS, Json, Run, hashing, of_size, peers, quality, ran, sizes
from dedup.bench.measures import Curve
from dedup.bench.sections import Bar, Bars, Block, Section, Table, number

__all__ = ["ablations", "by_script", "packages", "settings", "signatures", "stored_sections"]

KINDS = {
    "together exact": "exact copies", "together near": "near copies", "together syndicated": "syndicated",
    "together rewrite": "rewrites", "together quotation": "quotations (wrong)", "together template": "forms (wrong)",
}  # fmt: skip
FAILED_CHARACTERS = 220
STAGES = {"fold": "fold", "+ token hashes": "hash tokens", "+ shingles": "shingle", "+ fss32": "sign"}


def stored_sections() -> list[Section]:
    """All that the results files hold of others and of labelled pairs."""
    found = [
        Section(title="Side by side", blocks=(headline(),)),
        Section(title="Signatures, beside other packages", note=SIGNED, blocks=tuple(signatures())),
        Section(title="From the file to clusters, beside other packages", note=SCANNED, blocks=tuple(_scans())),
        Section(title="Labelled pairs of real texts", note=PAIRS, blocks=tuple(_labelled())),
        Section(title="What each kind of evidence buys", note=ABLATED, blocks=tuple(ablations())),
        Section(title="How the packages were set", note=SET, blocks=tuple(settings())),
    ]
    return [one for one in found if any(one.blocks)]


SIGNED = "The same English texts in memory, 128 places of five-word shingles, CPU time of one core."
SCANNED = (
    "One generated file of JSON lines, with planted copies, to clusters of ids: CPU time of the whole process with its "
    "children, and the most memory that these held. What was verified is in it; most of the others verify nothing."
)
PAIRS = (
    "The share of labelled pairs of real texts that one scan of all of them puts into one cluster, averaged over "
    "corpora. Rewrites are light or heavy by how much of the wording is left. For the last four classes less is better."
)
ABLATED = "The same pairs with one kind of evidence left out."
SET = "As their own documentation recommends for a threshold of about 0.8, the fastest way that they offer."


def signatures() -> Iterator[Block]:
    """Rates of all packages, and our loop by language."""
    part = hashing().get("peers")
    if part:
        ours = [Bar(label=f"dedup, {n}", parts={"": p["MB_per_s"]}, is_ours=True) for n, p in part["ours"].items()]
        others = part["peers"].items()
        theirs = [
            Bar(label=f"{n} {p.get('version', '')}", parts={"": p.get("MB_per_s", 0.0)}, failed=p.get("failed", ""))
            for n, p in sorted(others, key=lambda item: -item[1].get("MB_per_s", 0.0))
        ]
        loop = part.get("reference")
        plain = [Bar(label="the loop in C, affine32", parts={"": loop["MB_per_s"]})] if loop else []
        yield Bars(title="Text in, signature out", unit="MB/s", groups={"": (*ours, *plain, *theirs)})
    yield from by_script()


def by_script() -> Iterator[Block]:
    """Where the time of a token goes, by language."""
    found = hashing().get("by_script", {})
    bars = []
    for language, stages in found.items():
        below, parts = 0.0, {}
        for stage, name in STAGES.items():
            taken = stages[stage]["ns_per_token"]
            parts[name] = max(taken - below, 0.0)
            below = taken
        bars.append(Bar(label=language, parts=parts, is_ours=True))
    if bars:
        yield Bars(title="The loop by language", unit="ns a token", groups={"": tuple(bars)})


def _scans() -> Iterator[Block]:
    found = peers()
    yield from _growth(found)
    for n_texts in reversed(sizes(found)):
        yield packages(of_size(found, n_texts), n_texts)


def packages(task: Json, n_texts: int) -> Table:
    """Every package on one collection: what it took, and its scores."""
    runs = ran(task)
    ours = next((run.cpu_s for run in runs if run.name == OURS), None)
    head = ("", "CPU s", "beside dedup", "wall s", "peak MB", "recall, J ≥ 0.8", "precision", *KINDS.values())
    rows = tuple((*_took(run, ours), *_scored(run)) for run in runs)
    return Table(title=f"{n_texts:,} texts, {task['bytes'] / 1e6:,.0f} MB", note=failed(task), head=head, rows=rows)


def failed(task: Json) -> str:
    """Which packages failed, and with what message; the beginning of a long one."""
    told = {name: one["failed"] for name, one in task["packages"].items() if "failed" in one}
    return " ".join(f"{name} failed: “{textwrap.shorten(why, FAILED_CHARACTERS)}”" for name, why in told.items())


def _took(run: Run, ours: float | None) -> tuple[str, ...]:
    ratio = f"{number(run.cpu_s / ours)}×" if ours else ""
    return run.name, number(run.cpu_s), ratio, number(run.wall_s), number(run.peak_bytes / 1e6)


def _scored(run: Run) -> tuple[str, ...]:
    return tuple(number(run.scores[name]) if name in run.scores else "" for name in ("recall", "precision", *KINDS))


def _growth(found: Json) -> Iterator[Block]:
    known = sizes(found)
    if len(known) < 2:
        return
    by_size = {n: {run.name: run for run in ran(of_size(found, n))} for n in known}
    names = list(dict.fromkeys(name for runs in by_size.values() for name in runs))
    figures: tuple[tuple[str, str, Callable[[Run, int], float]], ...] = (
        ("Throughput", "texts a CPU second", lambda run, n: n / run.cpu_s),
        ("Memory", "MB", lambda run, n: run.peak_bytes / 1e6),
    )
    for title, unit, figure in figures:
        lines = {
            name: tuple(figure(by_size[n][name], n) if name in by_size[n] else None for n in known) for name in names
        }
        yield Curve(
            name=f"peers {title}", title=f"{title} by size", x_title="texts", y_title=unit,
            x=tuple(float(n) for n in known), lines=lines, x_log=True, y_log=True,
        )  # fmt: skip


def _labelled() -> Iterator[Block]:
    task = peers().get(LABELLED, {})
    runs = ran(task)
    if runs:
        groups = {
            f"{name}{' (wrong)' if kind in WRONG else ''}": tuple(
                Bar(label=run.name, parts={"": 100 * run.scores[kind]}, is_ours=run.name == OURS)
                for run in runs if kind in run.scores
            )
            for kind, name in CLASSES.items()
        }  # fmt: skip
        yield Bars(title="Pairs in one cluster", note=failed(task), unit="%", groups=groups, most=100.0)
    yield from _precision_recall()


def _precision_recall() -> Iterator[Block]:
    rows = quality().get("precision_recall", [])
    if rows:
        rows = sorted(rows, key=lambda row: (row["recall"], row["balanced"]))
        by_recall = {row["recall"]: row for row in rows}
        lines = {
            "as many true as false pairs": tuple(row["balanced"] for row in by_recall.values()),
            "pairs as labelled": tuple(row["precision"] for row in by_recall.values()),
        }
        yield Curve(
            name="precision", title="Precision over recall, pairs cut at a bar on confidence",
            x_title="recall of copies and rewrites", y_title="precision", x=tuple(by_recall), lines=lines,
        )  # fmt: skip


def ablations() -> Iterator[Block]:
    """Averages by class with each kind of evidence left out."""
    found = quality().get("ablations", {})
    if found:
        whole = {kind: shares["average"] for kind, shares in quality()["same_cluster"].items()}
        rows = [("all evidence", whole), *found.items()]
        head = ("", *(f"{name}{' (wrong)' if kind in WRONG else ''}" for kind, name in CLASSES.items()))
        cells = tuple((name, *(percent(shares[kind]) for kind in CLASSES)) for name, shares in rows)
        yield Table(title="Labelled pairs in one cluster", head=head, rows=cells)


def settings() -> Iterator[Block]:
    """Versions and settings of all packages, of the task that has most of them."""
    told: dict[str, tuple[str, str]] = {}
    for task in peers().values():
        for name, one in task["packages"].items():
            if one.get("settings"):
                told[name] = (one.get("version") or told.get(name, ("", ""))[0], one["settings"])
    if told:
        rows = tuple((name, *said) for name, said in told.items())
        yield Table(title="Settings", head=("", "version", "settings"), rows=rows)
