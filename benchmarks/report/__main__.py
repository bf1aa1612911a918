"""Write the report, and the tables of README and docs, from `benchmarks/results`: `python -m benchmarks.report`.

    python -m benchmarks.report [--measure quick|full] [--results R.json] [-o FOLDER]

`--measure` runs `dedup bench` first; else its stored results are used, or those of `--results`.
"""

import argparse
from pathlib import Path

from benchmarks.report import documents
from benchmarks.report.sections import stored_sections
from benchmarks.report.stored import RESULTS
from dedup.bench import markdown, page
from dedup.bench.measures import Results, read, write
from dedup.bench.profile import PROFILES, measure
from dedup.errors import DedupError

FOLDER = RESULTS / "bench"


def main() -> None:
    """Write results.json where something was measured, index.html and summary.md, and the tables of documents."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__.split("\n")[0])
    parser.add_argument("--measure", choices=PROFILES, help="measure this machine first")
    parser.add_argument("--results", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=FOLDER)
    options = parser.parse_args()
    if options.measure:
        _write(
            measure(options.measure, PROFILES[options.measure], lambda said: print(said, flush=True)), options.output
        )
    elif options.results or (FOLDER / "results.json").exists():
        try:
            found = read(options.results or FOLDER / "results.json")
        except DedupError as error:
            parser.error(str(error))
        _write(found, options.output)
    else:
        print("no page is written: this machine is not measured yet, --measure quick does it")
    for path in documents.renew():
        print(f"renewed {path.name}")


def _write(results: Results, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    more = stored_sections()
    write(results, folder / "results.json")
    (folder / "index.html").write_text(page.render(results, more), "utf-8")
    (folder / "summary.md").write_text(markdown.render(results, more), "utf-8")


if __name__ == "__main__":
    main()
