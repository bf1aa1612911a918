"""What `dedup scan` writes: the report, tables of it, and the input in two parts."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from dedup.cli import view
from dedup.config import Config
from dedup.engines import local
from dedup.errors import ConfigError, OutputError
from dedup.io import outputs, plans, reports, result_tables, split
from dedup.machine import peak_bytes
from dedup.plan import beside
from dedup.records import Report, SourceShare

__all__ = ["Wanted", "check", "hold", "with_plan", "write"]

N_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to write: a report to `output`, beside it Parquet with `tables`, the input in two parts with `parts`.

    Nothing is written when more than the share `max_removed` of a source would be removed. No output takes the place of
    an input, nor of what lies in `against`.
    """

    output: Path | None = None
    tables: bool = False
    parts: split.Targets | None = None
    max_removed: float = 1.0
    against: list[str] = field(default_factory=list)

    def places(self) -> list[Path]:
        """The folder and the files that are written."""
        files = [self.parts.kept, self.parts.removed] if self.parts is not None else []
        return [self.output, *files] if self.output is not None else files


def check(wanted: Wanted, paths: list[str], config: Config) -> None:
    """ConfigError or OutputError where it cannot be written, before the run and not after."""
    if wanted.tables and wanted.output is None:
        raise ConfigError("tables are written beside a report: give -o as well")
    if wanted.tables:
        result_tables.check_installed()
    if wanted.output is not None:
        reports.check_target(wanted.output, [*paths, *wanted.against])
        # One that is damaged should not cost a run.
        plans.read(wanted.output)
    if wanted.parts is not None:
        split.check(paths, wanted.parts, config.input)
        for path in (wanted.parts.kept, wanted.parts.removed):
            reports.check_file(path, [*paths, *wanted.against])
    outputs.check_apart(wanted.places())


def hold(out: Console, report: Report, most: float) -> None:
    """OutputError, after a table of them, where more than the share `most` of some sources would be removed."""
    above = [one for one in report.removals if one.share > most]
    if above:
        view.show_table(out, _table(above[:N_SHOWN]))
        more = f" ({len(above) - N_SHOWN:,} more)" if len(above) > N_SHOWN else ""
        sources = view.count(len(above), "source")
        raise OutputError(f"more than {100 * most:g}% of {sources} would be removed, so nothing is{more}")


def with_plan(report: Report, wanted: Wanted, disk_bytes: int) -> Report:
    """The report, whose summary sets what came true beside the plan in the folder, if that is of these settings."""
    planned = plans.read(wanted.output) if wanted.output is not None and not wanted.against else None
    if planned is None or planned.get("settings_digest") != report.summary.get("settings_digest"):
        return report
    timings, candidates = report.summary["timings"], report.summary["candidates"]
    assert isinstance(timings, dict)
    truth = {"candidates": candidates, "seconds": sum(timings.values()), "memory_bytes": peak_bytes()}
    truth |= {"disk_bytes": disk_bytes} if disk_bytes else {}
    return replace(report, summary={**report.summary, "plan": beside(planned, truth)})


def write(
    report: Report, wanted: Wanted, paths: list[str], config: Config, between: Callable[[], None] = lambda: None
) -> None:
    """Write all that is wanted; each file appears when it is complete, and `between` is called now and then."""
    spread, appearing = partial(local.ordered_map, threads=config.threads), list[Callable[[], None]]()

    def appear() -> None:
        for appears in appearing:
            appears()

    # Nothing appears before all has been written.
    with ExitStack() as stack:
        if wanted.output is not None and wanted.tables:
            tables = stack.enter_context(result_tables.ResultTables(wanted.output))
            tables.add_matches(report.matches)
            tables.add_clusters(report.clusters)
            tables.add_decisions(report.decisions)
            appearing.append(tables.publish)
        elif wanted.output is not None:
            appearing.append(partial(result_tables.remove, wanted.output))
        if wanted.parts is not None:
            parts = split.split(paths, report.keeps, wanted.parts, config.input)
            appearing.append(stack.enter_context(parts))
        if wanted.output is not None:
            reports.write(report, wanted.output, between, spread, appear)
        else:
            appear()


def _table(sources: list[SourceShare]) -> Table:
    table = Table("source", "documents", "removed", "share", box=None)
    for one in sources:
        table.add_row(one.source or "(none)", f"{one.n_documents:,}", f"{one.n_removed:,}", f"{100 * one.share:.3g}%")
    return table
