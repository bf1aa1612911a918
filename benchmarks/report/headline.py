"""The headline: ourselves beside the best of the others, each figure from one run on one machine."""

from collections.abc import Iterator

from benchmarks.peers.tasks import LABELLED
from benchmarks.report.stored import NEAR, OURS, best_of, hashing, of_size, peers, ran, sizes
from dedup.bench.sections import Table, number

__all__ = ["CLASSES", "WRONG", "headline", "measured"]

CLASSES = {
    "copy": "copies", "light": "light rewrites", "heavy": "heavy rewrites", "quote": "shared quotations",
    "boilerplate": "shared boilerplate", "template": "forms with other facts", "same_story": "articles on one story",
}  # fmt: skip
WRONG = ("quote", "boilerplate", "template", "same_story")
"""Classes of which no pair should be in one cluster."""
SIGNATURE_GOAL, SCAN_GOAL = 20, 10
SCANS = {OURS: "scan", NEAR: "scan --near"}


def headline() -> Table:
    """What, ours, the best other, and whether ours is better; a goal that is not reached says so."""
    rows = [*_signatures(), *_scans(), *_classes()]
    head = ("", "dedup", "best of the others", "which", "")
    return Table(title="Side by side", note=NOTE, head=head, rows=tuple(rows))


NOTE = (
    "Each line is of one machine, where all packages had the same input. Of speed the others are the fastest, of pairs "
    "the best in that class alone: no other package is best in all of them. The goals: 20 times as fast from text to "
    "signature, 10 times from the file to clusters, and better in every class; where one is not met, the line says so."
)


def measured() -> dict[str, float]:
    """The ratios, by name, where they were measured."""
    found = {}
    rates = _rates()
    best = best_of(rates, is_more_better=True)
    if best:
        found["signature"] = rates[OURS] / best.value
    for n_texts in sizes(peers()):
        runs = {run.name: run.cpu_s for run in ran(of_size(peers(), n_texts))}
        fastest = best_of(runs, is_more_better=False)
        if fastest:
            known = [name for name in SCANS if name in runs]
            found |= {f"{SCANS[name]} of {n_texts:,}": fastest.value / runs[name] for name in known}
    return found


def _rates() -> dict[str, float]:
    part = hashing().get("peers", {})
    others = {name: one["MB_per_s"] for name, one in part.get("peers", {}).items() if "MB_per_s" in one}
    return {OURS: part["ours"]["fss32"]["MB_per_s"], **others} if others else {}


def _signatures() -> Iterator[tuple[str, ...]]:
    rates = _rates()
    best = best_of(rates, is_more_better=True)
    if best:
        told = f"{number(rates[OURS])} MB/s", f"{number(best.value)} MB/s", best.name
        yield "text in, signature out, one core", *told, _times(rates[OURS] / best.value, SIGNATURE_GOAL)


def _scans() -> Iterator[tuple[str, ...]]:
    for n_texts in sizes(peers()):
        runs = {run.name: run.cpu_s for run in ran(of_size(peers(), n_texts))}
        best = best_of(runs, is_more_better=False)
        for name in [name for name in SCANS if best and name in runs]:
            assert best
            told = f"{number(runs[name])} s", f"{number(best.value)} s", best.name
            title = f"file to clusters{', near copies only' if name == NEAR else ''}, {n_texts:,} texts, CPU"
            yield title, *told, _times(best.value / runs[name], SCAN_GOAL)


def _times(ratio: float, goal: float) -> str:
    if ratio >= goal:
        return f"{number(ratio)} times as fast"
    speed = f"{number(ratio)} times as fast" if ratio >= 1 else f"{number(1 / ratio)} times as slow"
    return f"{speed}: the goal of {goal} is not met"


def _classes() -> Iterator[tuple[str, ...]]:
    scores = {run.name: run.scores for run in ran(peers().get(LABELLED, {}))}
    for kind, name in CLASSES.items():
        known = {package: found[kind] for package, found in scores.items() if kind in found}
        best = best_of(known, is_more_better=kind not in WRONG)
        if best and OURS in known:
            title = f"{name} in one cluster{' (wrong)' if kind in WRONG else ''}"
            told = percent(known[OURS]), percent(best.value), best.name
            yield title, *told, _verdict(known[OURS], best.value, kind)


def _verdict(ours: float, other: float, kind: str) -> str:
    if round(ours, 3) == round(other, 3):
        return "equal"
    return "better" if (ours > other) == (kind not in WRONG) else "worse: the goal is not met"


def percent(share: float | None) -> str:
    """A share for people; nothing where too few pairs were there to average."""
    return "" if share is None else f"{100 * share:.1f} %"
