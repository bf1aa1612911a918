"""The whole report: `dedup bench` here and now, with the other packages' results before it.

    python -m benchmarks.report [--profile full] [--results R.json] [-o FOLDER]

`--results` takes what `dedup bench` wrote before instead of measuring. The tables of other packages come from
`results/peers.json`, those of labelled pairs from `results/quality.json`.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from dedup.bench import markdown, page
from dedup.bench.measures import Results, read, write
from dedup.bench.profile import PROFILES, measure
from dedup.bench.sections import Table, number

STORED = Path(__file__).parent / "results"
OURS = "dedup"
SCORES = {
    "recall": "recall, J of 0.8 and more", "precision": "precision", "together near": "near copies together",
    "together syndicated": "syndicated together", "together rewrite": "rewrites together",
    "together quotation": "quotations together (wrong)", "together template": "forms together (wrong)",
}  # fmt: skip


def main() -> None:
    """Write results.json, index.html and summary.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("--profile", choices=PROFILES, default="quick")
    parser.add_argument("--results", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=STORED / "bench")
    options = parser.parse_args()
    results = read(options.results) if options.results else measure(options.profile, PROFILES[options.profile], print)
    more = tables()
    options.output.mkdir(parents=True, exist_ok=True)
    save(results, more, options.output)


def save(results: Results, more: list[Table], folder: Path) -> None:
    """The three files."""
    write(results, folder / "results.json")
    (folder / "index.html").write_text(page.render(results, more), "utf-8")
    (folder / "summary.md").write_text(markdown.render(results, more), "utf-8")


def tables() -> list[Table]:
    """Of all results that are stored."""
    return [*_peers(), *_labelled()]


def _peers() -> Iterator[Table]:
    path = STORED / "peers.json"
    for n_texts, found in (json.loads(path.read_text()) if path.exists() else {}).items():
        packages = found["packages"]
        done = {name: one for name, one in packages.items() if "failed" not in one}
        ours = median(done[OURS]["cpu_s"]) if OURS in done else None
        title = f"From the file to clusters: {int(n_texts):,} texts, {found['bytes'] / 1e6:,.0f} MB"
        rows = [(*_speed(name, one, ours), *_scored(one)) for name, one in done.items()]
        head = ("", "CPU s", "CPU, dedup = 1", "wall s", "peak MB", *SCORES.values())
        failed = [f"{name} failed: {one['failed']}" for name, one in packages.items() if "failed" in one]
        note = "The same file on the same machine; docs/benchmarks.md says what the scores are. "
        yield Table(title=title, note=note + " ".join(failed), head=head, rows=tuple(rows))
        settings = tuple((name, one.get("version", ""), one.get("settings", "")) for name, one in packages.items())
        yield Table(title=f"Settings, {int(n_texts):,} texts", note="", head=("", "version", "settings"), rows=settings)


def _speed(name: str, one: dict[str, list[float]], ours: float | None) -> tuple[str, ...]:
    cpu_s = median(one["cpu_s"])
    ratio = number(cpu_s / ours) if ours else ""
    return name, number(cpu_s), ratio, number(median(one["wall_s"])), number(median(one["peak_bytes"]) / 1e6)


def _scored(one: dict[str, dict[str, float]]) -> tuple[str, ...]:
    return tuple(number(one["scores"][name]) if name in one["scores"] else "" for name in SCORES)


def _labelled() -> Iterator[Table]:
    path = STORED / "quality.json"
    found = json.loads(path.read_text())["same_cluster"] if path.exists() else {}
    rows = tuple(
        (kind, number(shares["average"]), str(sum(name != "average" for name in shares)))
        for kind, shares in found.items()
        if shares["average"] is not None
    )
    if rows:
        note = "Averaged over corpora of real texts; what benchmarks.quality last wrote."
        yield Table(title="Labelled pairs in one cluster", note=note, head=("class", "share", "corpora"), rows=rows)


if __name__ == "__main__":
    main()
