"""`dedup bench`: measure this machine, or compare two measurements."""

import sys
from pathlib import Path

from dedup.bench import markdown, page
from dedup.bench.compare import are_paired, compare
from dedup.bench.measures import Results, read, write
from dedup.cli import view
from dedup.errors import ConfigError
from dedup.io import outputs

__all__ = ["run", "run_compare"]

FILES = ("results.json", "index.html", "summary.md", "before.json", "after.json")


def run(output: Path, profile: str, *, quiet: bool) -> None:
    """Measure, and write results.json, index.html and summary.md into `output`."""
    from dedup.bench.profile import PROFILES, measure

    if profile not in PROFILES:
        raise ConfigError(f"profile must be one of {', '.join(PROFILES)}, got {profile}")
    _check(output)
    out = view.console()
    results = measure(profile, PROFILES[profile], (lambda _: None) if quiet else out.print)
    output.mkdir(parents=True, exist_ok=True)
    write(results, output / "results.json")
    outputs.write_file(output / "index.html", [page.render(results).encode()])
    outputs.write_file(output / "summary.md", [markdown.render(results).encode()])
    if not quiet:
        out.print(f"written to {output / 'index.html'}, results.json and summary.md")


def run_compare(before: str, after: str, output: Path, *, quiet: bool) -> int:
    """Print the comparison as Markdown on stdout; 1 where anything became worse.

    Results are read; sources are measured in turns, and what was measured is written into `output`.
    """
    known = [path for path in map(_results, (before, after)) if path]
    results = (read(known[0]), read(known[1])) if len(known) == 2 else _measured(before, after, output, quiet=quiet)
    found = compare(*results)
    told = markdown.differences(found, is_paired=are_paired(*results))
    sys.stdout.write(markdown.table(told, "## "))
    return int(any(one.verdict == "regression" for one in found))


def _measured(before: str, after: str, output: Path, *, quiet: bool) -> tuple[Results, Results]:
    from dedup.bench.turns import IN_TURNS, are_sources, measure_both

    for name in (before, after):
        if not are_sources(name):
            raise ConfigError(f"compare takes two results, or two source folders or commits, got {name}")
    _check(output)
    out = view.console()
    results = measure_both(before, after, IN_TURNS, (lambda _: None) if quiet else out.print)
    output.mkdir(parents=True, exist_ok=True)
    for one, name in zip(results, ("before", "after"), strict=True):
        write(one, output / f"{name}.json")
    return results


def _check(output: Path) -> None:
    """OutputError, before minutes go by, where results cannot go to a folder, or would lie among files of others."""
    outputs.check_ours(output, FILES)
    outputs.check_writable(output)


def _results(name: str) -> Path | None:
    """The file of results that is meant, or None where there is none."""
    path = Path(name)
    known = path / "results.json" if path.is_dir() else path
    return known if known.exists() else None
