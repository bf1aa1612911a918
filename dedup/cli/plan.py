"""`dedup plan`: what a scan would find and take, before it is run."""

import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from dedup.cli import view
from dedup.config import Config
from dedup.errors import ConfigError
from dedup.plan import Plan

__all__ = ["run"]


def run(paths: list[str], config: Config, output: Path | None, *, json: bool) -> None:
    """Measure, refuse what is absurd, write, show."""
    from dedup.cli.limits import KEPT_BYTES
    from dedup.cli.progress import announce
    from dedup.io import plans
    from dedup.io.documents import count_bytes
    from dedup.trial import planned

    if "-" in paths:
        raise ConfigError("stdin cannot be planned for, as it can be read once only")
    out = view.console()
    if output is not None:
        plans.check(output, paths)
    announce(out)
    keeps = output is not None and count_bytes(paths) >= KEPT_BYTES
    made = planned(paths, config, keeps=keeps)
    plans.check_room(output or Path(), made.output_bytes + made.disk_bytes)
    if output is not None:
        plans.write(made.json(), output)
    if json:
        sys.stdout.buffer.write(plans.content(made.json()))
    else:
        _show(out, made)


def _show(out: Console, plan: Plan) -> None:
    documents = view.count(plan.documents, "document")
    out.print(f"{documents}, {plan.text_bytes:,} bytes of text; {plan.sampled:,} were tried")
    table = Table(box=None, show_header=False)
    long = [f"{name} {seconds:,.0f}" for name, seconds in plan.stages.items() if seconds >= 0.5]
    for name, value in (
        ("candidates", f"{plan.candidates:,}, {plan.candidates_a_document:.2f} a document"),
        ("matches", f"{plan.matches:,}"),
        ("time", f"{plan.seconds:,.0f} s" + (f": {', '.join(long)}" if long else "")),
        ("memory", _bytes(plan.memory_bytes)),
        ("work files", _bytes(plan.disk_bytes)),
        ("output", _bytes(plan.output_bytes)),
        ("found by bands", ", ".join(f"{j}: {share:.0%}" for j, share in plan.recall.items())),
    ):
        table.add_row(name, value)
    out.print(table)


def _bytes(n: int) -> str:
    return f"{n / (1 << 20):,.0f} MB"
