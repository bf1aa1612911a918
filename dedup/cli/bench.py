"""`dedup bench`: measure this machine, or compare two measurements."""

import sys
from pathlib import Path

from dedup.bench import markdown, page
from dedup.bench.compare import compare
from dedup.bench.measures import read, write
from dedup.cli import view
from dedup.errors import ConfigError

__all__ = ["run", "run_compare"]


def run(output: Path, profile: str, *, quiet: bool) -> None:
    """Measure, and write results.json, index.html and summary.md into `output`."""
    from dedup.bench.profile import PROFILES, measure

    if profile not in PROFILES:
        raise ConfigError(f"profile must be one of {', '.join(PROFILES)}, got {profile}")
    output.mkdir(parents=True, exist_ok=True)
    out = view.console()
    results = measure(profile, PROFILES[profile], (lambda _: None) if quiet else out.print)
    write(results, output / "results.json")
    (output / "index.html").write_text(page.render(results), "utf-8")
    (output / "summary.md").write_text(markdown.render(results), "utf-8")
    if not quiet:
        out.print(f"written to {output / 'index.html'}, results.json and summary.md")


def run_compare(before: Path, after: Path) -> int:
    """Print the comparison as Markdown on stdout; 1 where anything became worse."""
    found = compare(read(_file(before)), read(_file(after)))
    sys.stdout.write(markdown.table(markdown.differences(found), "## "))
    return int(any(one.verdict == "regression" for one in found))


def _file(path: Path) -> Path:
    return path / "results.json" if path.is_dir() else path
