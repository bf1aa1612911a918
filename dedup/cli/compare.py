"""`dedup compare`: one pair explained, or many pairs in bulk."""

import sys
from pathlib import Path

from rich.console import Console

from dedup.cli import view
from dedup.config import Config
from dedup.errors import InputError
from dedup.records import Document, Skipped

__all__ = ["run_many", "run_one"]


def run_one(left: str, right: str, config: Config, *, json: bool) -> None:
    """Print what two files are to one another."""
    from dedup.cli.progress import prepare

    out = view.console()
    prepare(out, [left, right], quiet=json)
    from dedup.io import reports
    from dedup.pipeline import compare

    a, b = (_only_document(path, config, out) for path in (left, right))
    match = compare(a, b, config)
    if json:
        sys.stdout.buffer.write(reports.match_json(match) + b"\n")
    else:
        view.show_comparison(out, a, b, match)


def _only_document(path: str, config: Config, out: Console) -> Document:
    """The one document of a file, with word of what else there was; a file of several, or of none, is an error."""
    from dedup.io import documents

    read = list(documents.read([path], config.input))
    found = [item for item in read if isinstance(item, Document)]
    if len(found) != 1:
        raise InputError(f"{path} must hold one document, got {len(found)}")
    view.show_skipped(out, [item for item in read if isinstance(item, Skipped)])
    return found[0]


def run_many(pairs: Path, docs: list[str], config: Config, output: Path | None) -> None:
    """Write the match of each pair as a JSON line, to `output` or stdout; what cannot be compared is named."""
    from dedup.cli.progress import prepare

    out = view.console()
    prepare(out, docs)
    from dedup.io import documents, reports
    from dedup.pipeline import compare_pairs

    if output is not None:
        reports.check_file(output, [str(pairs), *docs])
    wanted = list(documents.read_pairs(str(pairs)))
    named = [pair for pair in wanted if not isinstance(pair, Skipped)]
    skipped = [item for item in wanted if isinstance(item, Skipped)]
    if skipped and not named:
        raise InputError(f"no pair found in {pairs} ({skipped[0].place}: {skipped[0].reason})")
    matches, missed = compare_pairs(documents.read(docs, config.input), named, config)
    skipped += missed
    if not matches:
        view.show_skipped(out, skipped)
        raise InputError(f"of {view.count(len(wanted), 'pair')} in {pairs} none could be compared")
    if output is None:
        sys.stdout.buffer.writelines(reports.match_json(match) + b"\n" for match in matches)
        sys.stdout.buffer.flush()
    else:
        reports.write_matches(matches, output)
    view.show_skipped(out, skipped)
    out.print(f"{len(matches):,} of {len(wanted):,} pairs compared")
