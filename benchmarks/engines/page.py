"""What engines take, as the tables of docs/scale.md."""

from collections.abc import Mapping
from typing import Any

from benchmarks.engines.model import predicted

__all__ = ["tables"]

DRIVER = ("merge", "ids", "unique", "candidates", "passages", "evidence", "report")
SIZES = {"10 million": 10**7, "100 million": 10**8, "1 billion": 10**9, "10 billion": 10**10}
PRICE_CORE_HOUR = 0.05
"""Of a rented core, in dollars."""

Run = Mapping[str, Any]


def tables(results: Mapping[str, Run]) -> str:
    """Runs beside one process, runs with workers killed, and larger collections in proportion."""
    runs = [run for name, run in results.items() if name.startswith(("sail", "spark"))]
    kills = [run for name, run in results.items() if name.startswith("kills")]
    runs.sort(key=lambda run: (run["engine"], run["n_texts"]))
    largest = max(runs, key=lambda run: (run["engine"] == "sail", run["n_texts"]))
    sampled = [_sampled(results["sample"])] if "sample" in results else []
    return "\n\n".join((_measured(runs), *sampled, _lost(kills), *_foretold(runs), _larger(largest))) + "\n"


def _measured(runs: list[Run]) -> str:
    moved = "bytes a text moved: sketches, texts, verdicts"
    lines = [f"| engine | texts | CPU µs a text | by one process | ratio | {moved} | same bytes |"]
    lines += ["|---|---|---|---|---|---|---|"]
    for run in runs:
        moved = ", ".join(f"{run['moved_bytes'][k] / run['n_texts']:,.0f}" for k in ("sketches", "texts", "verdicts"))
        lines.append(
            f"| {run['engine']} | {run['n_texts']:,} | {run['own']['cpu_us_per_text']:.0f} "
            f"| {run['local']['cpu_us_per_text']:.0f} | {run['cpu_ratio']:.2f} | {moved} | {_yes(run['same_bytes'])} |"
        )
    return "\n".join(lines)


def _sampled(run: Run) -> str:
    lines = [f"| {run['n_texts']:,} texts of a crawl, {run['clusters']:,} clusters | same bytes as by one process |"]
    lines += ["|---|---|", *(f"| {name} | {_yes(same)} |" for name, same in run["same_bytes"].items())]
    return "\n".join(lines)


def _lost(kills: list[Run]) -> str:
    lines = ["| engine | texts | killed with SIGKILL | same bytes |", "|---|---|---|---|"]
    for run in sorted(kills, key=lambda run: str(run["engine"])):
        if run["engine"] == "spark":
            what = "workers in " + ", ".join(step for step, n in run["workers_killed_in"].items() if n)
        else:
            what = f"the run, {len(run['killed_after_s'])} times, then run again"
        lines.append(f"| {run['engine']} | {run['n_texts']:,} | {what} | {_yes(run['same_bytes'])} |")
    return "\n".join(lines)


def _foretold(runs: list[Run]) -> list[str]:
    """The largest run on Sail as two smaller ones say it would be, where there are three."""
    sail = [run for run in runs if run["engine"] == "sail"]
    if len(sail) < 3:
        return []
    *_, small, large, largest = sail
    model = predicted(small, large, largest["n_texts"])
    measured = {
        "cpu_s": largest["own"]["cpu_s"], "candidates": largest["candidates"],
        "moved_bytes": sum(largest["moved_bytes"].values()),
    }  # fmt: skip
    names = {"cpu_s": "CPU seconds", "candidates": "pairs compared", "moved_bytes": "bytes moved"}
    of = f"of {small['n_texts']:,} and {large['n_texts']:,}"
    lines = [f"| {largest['n_texts']:,} texts | from the runs {of} | measured | off by |", "|---|---|---|---|"]
    for key, name in names.items():
        off = model[key] / measured[key] - 1
        lines.append(f"| {name} | {model[key]:,.0f} | {measured[key]:,.0f} | {off:+.0%} |")
    return ["\n".join(lines)]


def _larger(run: Run) -> str:
    """In proportion to the largest run on Sail."""
    driver_us = sum(run["timings"][name] for name in DRIVER) / run["n_texts"] * 1e6
    sketches, texts = (run["moved_bytes"][name] / run["n_texts"] for name in ("sketches", "texts"))
    lines = [
        "| texts | core hours | dollars | hours of the driver alone | sketches on the driver, TB | texts moved, TB |"
    ]
    lines += ["|---|---|---|---|---|---|"]
    for name, n_texts in SIZES.items():
        hours = run["own"]["cpu_us_per_text"] * n_texts / 3.6e9
        lines.append(
            f"| {name} | {hours:,.{1 if hours < 10 else 0}f} | {hours * PRICE_CORE_HOUR:,.2f} "
            f"| {driver_us * n_texts / 3.6e9:,.1f} "
            f"| {sketches * n_texts / 1e12:,.2f} | {texts * n_texts / 1e12:,.2f} |"
        )
    return "\n".join(lines)


def _yes(value: bool) -> str:
    return "yes" if value else "NO"
