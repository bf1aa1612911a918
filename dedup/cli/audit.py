"""`dedup audit`: judgments to an estimate of how good the results are."""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from dedup.cli import view
from dedup.errors import InputError
from dedup.estimate import Counted, Estimate, ratio, share
from dedup.io import judgments, reports, results
from dedup.io.json_lines import Object
from dedup.io.judgments import Judged
from dedup.population import Apart, Stratum, together
from dedup.records import RELATIONS

__all__ = ["run"]


def run(folder: Path, path: Path | None, *, json: bool) -> None:
    """Count, estimate and show."""
    told = results.summary(folder)
    if path is not None and not path.exists():
        raise InputError(f"cannot read {path}: there is no such file")
    judged = judgments.read(path or folder / "judgments.jsonl").values()
    own = [item for item in judged if item.scan == results.scan_of(told)]
    counted = _counted(_population(folder, told), [item for item in own if item.sampled])
    out = view.console()
    if json:
        sys.stdout.buffer.write(results.dump(_told(counted)) + b"\n")
        return
    _show(out, counted)
    n_unsure = sum(item.judgment == "unsure" for item in own)
    others = len(judged) - len(own)
    if own:
        told_of = view.count(len(own), "judgment")
        out.print(f"{told_of}, {n_unsure:,} of them unsure; those and pairs chosen by hand do not count")
    else:
        out.print(f"Nothing is judged yet: dedup review {view.plain(str(folder))} asks for it, pair by pair")
    if others:
        out.print(f"{others:,} more judgments are of other settings, or clusters made anew, and do not count")


def _population(folder: Path, told: Object) -> dict[Stratum, list[tuple[str, str]]]:
    """The pairs that there are of each kind."""
    clusters = list(reports.read_clusters(folder / "clusters.jsonl"))
    apart = Apart[None]({member.id: cluster.id for cluster in clusters for member in cluster.members})
    for match in results.links(folder):
        apart.add((match.left, match.right), match.relation, (match.coverage, match.confidence), None)
    return together(clusters, results.earlier(folder, told, clusters)) | apart.pairs()


def _counted(
    population: Mapping[Stratum, Sequence[tuple[str, str]]], judged: Iterable[Judged]
) -> dict[Stratum, Counted]:  # fmt: skip
    """Pairs and judgments of each kind; what was judged of documents that are no longer there does not count."""
    sure = {(item.a, item.b): item.judgment for item in judged if item.judgment != "unsure"}
    said = {stratum: Counter(sure[pair] for pair in pairs if pair in sure) for stratum, pairs in population.items()}
    return {
        stratum: Counted(len(pairs), said[stratum].total(), said[stratum]["same"])
        for stratum, pairs in population.items()
    }


def _sides(counted: Mapping[Stratum, Counted], name: str) -> tuple[Counted, Counted]:
    empty = Counted(0, 0, 0)
    both = Stratum(name, together=True), Stratum(name, together=False)
    return counted.get(both[0], empty), counted.get(both[1], empty)


def _told(counted: Mapping[Stratum, Counted]) -> dict[str, object]:
    """By relation and over all: pairs, judgments, precision and recall, each with its interval."""
    names = [name for name in RELATIONS if any(stratum.relation == name for stratum in counted)]
    rows = {name: [_sides(counted, name)] for name in names} | {"all": [_sides(counted, name) for name in names]}
    return {name: _row([a for a, _ in sides], [b for _, b in sides]) for name, sides in rows.items()}


def _row(inside: list[Counted], outside: list[Counted]) -> dict[str, object]:
    return {
        "together": sum(s.n_pairs for s in inside), "together_judged": sum(s.n_judged for s in inside),
        "apart": sum(s.n_pairs for s in outside), "apart_judged": sum(s.n_judged for s in outside),
        "precision": share(inside)._asdict(), "recall": ratio(inside, outside)._asdict(),
    }  # fmt: skip


def _show(out: Console, counted: Mapping[Stratum, Counted]) -> None:
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    table.add_column("relation", no_wrap=True)
    for name in ("dropped", "judged", "precision", "apart", "judged", "recall"):
        table.add_column(name, justify="right", no_wrap=True)
    names = [name for name in RELATIONS if any(stratum.relation == name for stratum in counted)]
    for name in names:
        inside, outside = _sides(counted, name)
        table.add_row(name, *_cells([inside], [outside]))
    both = [_sides(counted, name) for name in names]
    table.add_row("all", *_cells([a for a, _ in both], [b for _, b in both]), style="bold")
    view.show_table(out, table)
    out.print(
        "Precision: of the documents that are dropped, those that are the same as the kept one. Recall: of the "
        "reported pairs that are the same, those in one cluster; what the scan did not report is not seen. With "
        "intervals that hold the truth in at least 95 of 100 samples."
    )


def _cells(inside: list[Counted], outside: list[Counted]) -> list[str]:
    counts = ([f"{sum(s.n_pairs for s in side):,}", f"{sum(s.n_judged for s in side):,}"] for side in (inside, outside))
    dropped, apart = counts
    return [*dropped, _shown(share(inside)), *apart, _shown(ratio(inside, outside))]


def _shown(found: Estimate) -> str:
    return "–" if found.value is None else f"{found.value:.3f} ({found.low:.2f}–{found.high:.2f})"
