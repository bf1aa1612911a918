"""`dedup scan`: settings from options, the run, and what is shown of it."""

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from rich.console import Console

from dedup.cli import parts, view
from dedup.cli.fields import listed
from dedup.config import (
    CandidateConfig,
    ClusterConfig,
    Config,
    InputConfig,
    PassageConfig,
    ReportConfig,
    of_near_copies,
)
from dedup.errors import ConfigError, InputError, OutputError
from dedup.io import outputs, runs
from dedup.io.split import Targets
from dedup.records import RELATIONS, Report

if TYPE_CHECKING:
    from dedup.cli.limits import Inputs, Limits
    from dedup.cli.progress import Tell, Watch
    from dedup.engines.store import Store

__all__ = ["Part", "Style", "run", "settings", "wanted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How much is shown, and in which form."""

    n_clusters: int
    json: bool
    quiet: bool
    events: Path | None = None

    def check(self, inputs: list[str], others: list[Path]) -> None:
        """OutputError where events cannot go to their file, or must not, as other output goes there."""
        if self.events is not None:
            outputs.check_free(self.events, inputs)
            outputs.check_apart([self.events, *others])
            outputs.check_no_folder(self.events)

    @contextmanager
    def heard(self) -> Iterator[TextIO | None]:
        """Where events go."""
        if self.events is None:
            yield None
            return
        try:
            file = self.events.open("w", encoding="utf-8")
        except OSError as error:
            raise OutputError(f"cannot write {self.events}: {error.strerror or error}") from None
        with file:
            yield file


ENGINES = ("sail", "spark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one of many processes does: the task written as 3/8, or when all are done the rest; or an engine's name."""

    task: str | None = None
    finish: bool = False
    engine: str | None = None

    def __post_init__(self) -> None:
        """Check that it is one of the three."""
        if (self.task is not None) + self.finish + (self.engine is not None) > 1:
            raise ConfigError(
                "--task is for a part, --finish for when all are done, --engine for a whole scan: give one"
            )
        if self.engine is not None and self.engine not in ENGINES and not self.engine.startswith("sc://"):
            raise ConfigError(f"--engine must be {', '.join(ENGINES)} or sc://HOST:PORT, got {self.engine}")


def settings(
    fields: InputConfig, *, relations: str | None, keep: str | None, threads: int, near: bool,
    bands: tuple[int | None, int | None],
) -> Config:  # fmt: skip
    """The configuration that the options ask for, `bands` and their rows; `ConfigError` when a value is not known."""
    candidates, passages = of_near_copies() if near else (CandidateConfig(), PassageConfig())
    chosen = dict(zip(("n_bands", "n_rows"), bands, strict=True))
    return Config(
        input=fields,
        candidates=replace(candidates, **{name: value for name, value in chosen.items() if value is not None}),
        passages=passages,
        cluster=ClusterConfig() if keep is None else ClusterConfig(keep=listed(keep)),
        report=ReportConfig() if relations is None else ReportConfig(relations=_relations(relations)),
        threads=threads,
    )


def wanted(
    output: Path | None, *, tables: bool, split: tuple[str, str] | None, max_removed: float, against: list[str]
) -> parts.Wanted:
    """What the options ask to be written."""
    if split is not None and not all(split):
        raise ConfigError(f"--split takes the names of two files, got {split[0]!r} and {split[1]!r}")
    targets = Targets(kept=Path(split[0]), removed=Path(split[1])) if split else None
    return parts.Wanted(output=output, tables=tables, parts=targets, max_removed=max_removed, against=against)


def _relations(names: str) -> tuple[str, ...]:
    return tuple(r for r in RELATIONS if r != "none") if names == "all" else listed(names)


def run(
    paths: list[str], config: Config, wanted: parts.Wanted, style: Style, limits: "Limits", part: Part | None = None
) -> None:
    """Scan, write, show; or only the part of one of many processes."""
    from dedup.cli.limits import Inputs, exceeded, limited, opened
    from dedup.cli.progress import prepare

    out, config = view.console(), limited(config, limits)
    if part is not None and part.task is not None:
        _check_task(wanted, style)
    parts.check(wanted, paths, config)
    style.check([*paths, *wanted.against], wanted.places())
    prepare(out, paths, quiet=style.quiet)
    with _no_garbage():
        # After it is known whether kernels are compiled, for this brings them in.
        from dedup.cli.share import finishing, on_engine, run_task, share

    inputs, part = Inputs(paths, wanted.against), part or Part()
    before = runs.inputs(paths) if wanted.parts is not None else {}
    # Tasks and engines go on with what is there in any case; where there is nothing, whoever asked for it hears so.
    is_missed = limits.resume and not part.finish and wanted.output is not None and runs.read(wanted.output) is None
    if is_missed and not style.quiet:
        out.print(f"no run was stopped in {wanted.output}, so this one begins anew")
    if part.task is not None:
        done = run_task(inputs, config, wanted.output, share(part.task), partial(_heard, out, style))
        if not style.quiet:
            out.print(done)
    elif part.engine is not None:
        with on_engine(inputs, config, wanted.output, part.engine, partial(_heard, out, style)) as report:
            _tell(_checked(report, wanted, paths, before), inputs, wanted, config, out, style)
    else:
        shared = finishing(inputs, config, wanted.output) if part.finish else None
        with shared or opened(inputs, config, wanted.output, resume=limits.resume) as store:
            # What tasks have read is not read again.
            report = _scan(Inputs([], []) if shared else inputs, config, store, out, style)
            report = _checked(report, wanted, paths, before, store.n_disk_bytes)
            _tell(report, inputs, wanted, config, out, style, store.relieve)
            if (said := exceeded(limits, store)) and not style.quiet and not style.json:
                out.print(said)


def _checked(
    report: Report, wanted: parts.Wanted, paths: list[str], before: runs.About, n_disk_bytes: int = 0
) -> Report:  # fmt: skip
    """The report beside its plan; InputError where parts are wanted of an input that is no longer as `before`."""
    report = parts.with_plan(report, wanted, n_disk_bytes)
    if wanted.parts is not None and runs.inputs(paths) != before:
        raise InputError("the input has changed since it was read, so it is not written in two parts")
    return report


def _check_task(wanted: parts.Wanted, style: Style) -> None:
    """ConfigError where a task is asked for what is done only when all of them have been."""
    asked = {
        "--tables": wanted.tables, "--split": wanted.parts is not None, "--max-removed": wanted.max_removed < 1,
        "--json": style.json,
    }  # fmt: skip
    if names := [name for name, is_asked in asked.items() if is_asked]:
        raise ConfigError(f"a task reads and sketches, and writes no results: give {', '.join(names)} with --finish")


@contextmanager
def _heard(out: Console, style: Style, watch: "Watch | None" = None) -> Iterator["Tell"]:
    """Whom to tell of progress, which is shown and goes to the file of events."""
    from dedup.cli.progress import progress

    with style.heard() as events, progress(out, quiet=style.quiet, watch=watch, events=events) as tell:
        yield tell


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Of imports: hundreds of thousands of objects that stay, not to be looked through again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _tell(
    report: Report, inputs: "Inputs", wanted: parts.Wanted, config: Config, out: Console, style: Style,
    between: Callable[[], None] = lambda: None,
) -> None:  # fmt: skip
    """Write and show."""
    parts.hold(out, report, wanted.max_removed)
    # Where the texts are, so that they can be shown later.
    old = {"against_inputs": inputs.against} if inputs.against else {}
    report = replace(report, summary={**report.summary, "inputs": [*inputs.paths, *inputs.against], **old})
    parts.write(report, wanted, inputs.paths, config, between)
    _show(report, wanted, out, style)


def _scan(inputs: "Inputs", config: Config, store: "Store", out: Console, style: Style) -> Report:
    from dedup.cli.progress import Watch
    from dedup.io import documents
    from dedup.io.names import Names
    from dedup.pipeline import BATCH_BYTES, scan

    watch = Watch(n_all_bytes=documents.count_bytes([*inputs.paths, *inputs.against]), resources=store)
    names = Names()
    new, old = (
        documents.read_parts(paths, config.input, BATCH_BYTES, watch.read, names, twice=True) if paths else ()
        for paths in inputs
    )
    with _heard(out, style, watch) as tell:
        return scan(new, config, tell, store, old)


def _show(report: Report, wanted: parts.Wanted, out: Console, style: Style) -> None:
    from dedup.io import reports

    if style.json:
        sys.stdout.buffer.write(reports.report_json(report))
        sys.stdout.buffer.flush()
    elif not style.quiet:
        view.show_report(out, report, style.n_clusters)
        if wanted.output is not None:
            out.print(f"written to {wanted.output}")
