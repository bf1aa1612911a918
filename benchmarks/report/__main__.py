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
from dedup.bench.measures import read, write
from dedup.bench.profile import PROFILES, measure

FOLDER = RESULTS / "bench"


def main() -> None:
    """Write results.json where something was measured, index.html and summary.md, and the tables of documents."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__.split("\n")[0])
    parser.add_argument("--measure", choices=PROFILES, help="measure this machine first")
    parser.add_argument("--results", type=Path, default=FOLDER / "results.json")
    parser.add_argument("-o", "--output", type=Path, default=FOLDER)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    if options.measure:
        results = measure(options.measure, PROFILES[options.measure], lambda said: print(said, flush=True))
    else:
        results = read(options.results)
    write(results, options.output / "results.json")
    more = stored_sections()
    (options.output / "index.html").write_text(page.render(results, more), "utf-8")
    (options.output / "summary.md").write_text(markdown.render(results, more), "utf-8")
    for path in documents.renew():
        print(f"renewed {path.name}")


if __name__ == "__main__":
    main()
