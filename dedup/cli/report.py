"""`dedup report`: the results of a scan as pages that open from disk."""

from pathlib import Path

from dedup.cli import view
from dedup.cli.extras import needs

__all__ = ["run"]


def run(folder: Path, docs: list[str], output: Path | None, *, quiet: bool) -> None:
    """Read the results and the texts again, and write the pages."""
    needs("jinja2", "report")
    from dedup.cli.progress import prepare, progress
    from dedup.io import pages
    from dedup.io.results import input_of, summary

    out = view.console()
    target = output or folder / "report"
    paths, _ = input_of(summary(folder), docs)
    pages.check_folder(target, paths)
    prepare(out, paths, quiet=quiet)
    # After it is known whether kernels are compiled, for these bring them in.
    from dedup.web import report, results

    with progress(out, quiet=quiet) as tell:
        found = results.load(folder, docs, tell)
        n_bytes = pages.write_folder(target, report.build(found, tell))
    if not quiet:
        view.show_lacking(out, found.lacking())
        view.show_changed(out, [(found.papers.ids[m.left], found.papers.ids[m.right]) for m in found.changed.values()])
        out.print(f"written to {target / 'index.html'} ({n_bytes / 1e6:.1f} MB)")
