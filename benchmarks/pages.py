"""How long the pages of many clusters take to write and to open, and what memory the browser's tab takes.

    python -m benchmarks.pages [--clusters 100000] [-o benchmarks/results/pages.json]

The results are made up: seven of ten clusters have two documents, the others up to sixty, of 150 to 450 words each.
Opening needs Chromium and the package playwright; without them only writing is timed, and the results say so.
"""

import argparse
import importlib.util
import json
import os
import platform
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from dedup.bench.process import descendants, n_bytes
from dedup.io import pages
from dedup.reported import cluster_id
from dedup.web import report, results

RESULTS = Path(__file__).parent / "results" / "pages.json"
RELATIONS = ("near", "syndicated", "rewrite")
PASSAGES = [{"left": [a, a + 40], "right": [a, a + 40], "n_tokens": 8} for a in range(100, 700, 60)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--clusters", type=int, default=100_000)
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = make(options.clusters, folder)
        started, cpu = time.perf_counter(), time.process_time()
        n_bytes = pages.write_folder(folder / "report", report.build(results.load(folder, [])))
        wrote = {"written_s": time.perf_counter() - started, "written_cpu_s": time.process_time() - cpu}
        found = {**made, **wrote, "bytes": n_bytes, **opened(folder / "report" / "index.html")}
    found |= {"machine": platform.machine(), "python": platform.python_version()}
    print(json.dumps(found, indent=1))
    options.output.write_text(json.dumps(found, indent=1) + "\n")


def make(n_clusters: int, folder: Path) -> dict[str, int]:
    """Write what a scan of so many clusters would, and its documents."""
    draw = random.Random(5)
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(2, 9))) for _ in range(20_000)]
    names = ("docs", "clusters", "matches")
    docs, clusters, matches = (folder.joinpath(f"{name}.jsonl").open("w") for name in names)
    n_documents = 0
    for c in range(n_clusters):
        size = 2 if draw.random() < 0.7 else min(2 + int(draw.expovariate(0.25)), 60)
        ids, text = [f"d{c:06}/{k}" for k in range(size)], draw.choices(words, k=draw.randint(150, 450))
        for k, name in enumerate(ids):
            document = {"id": name, "text": " ".join([*text, str(k)]), "source": f"site{draw.randrange(400)}.example"}
            print(json.dumps(document | {"date": f"20{draw.randint(10, 24)}-03-{draw.randint(1, 28):02}"}), file=docs)
        relations = [draw.choice(RELATIONS) for _ in ids]
        members = [{"id": name, "relation": one, "resemblance": 0.9} for name, one in zip(ids, relations, strict=True)]
        fields = {"cluster": cluster_id(ids[0]), "representative": ids[0], "size": size, "weakest": draw.random()}
        print(json.dumps(fields | {"members": members}), file=clusters)
        for k in range(1, size):
            for j in range(k if size < 8 else 1):
                print(json.dumps(match(ids[j], ids[k], relations[k])), file=matches)
        n_documents += size
    for file in (docs, clusters, matches):
        file.close()
    told = {"documents": n_documents, "clusters": n_clusters}
    summary = {**told, "kept": n_clusters, "removed": n_documents - n_clusters, "inputs": [str(folder / "docs.jsonl")]}
    (folder / "summary.json").write_text(json.dumps(summary))
    return told


def match(left: str, right: str, relation: str) -> dict[str, object]:
    shares = dict.fromkeys(("resemblance", "left_in_right", "right_in_left", "coverage", "confidence"), 0.9)
    said = {"passages": PASSAGES, "reasons": ["10 shared passages (80 words)", "numbers agree (3 of 3)"]}
    return {"left": left, "right": right, "relation": relation, "source": "left", **shares, **said}


def opened(page: Path) -> dict[str, object]:
    """Seconds to the first view and to the whole table; MB of the tab after a dozen clusters were looked at."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    missing = [name for name, found in (("chromium", chromium), ("playwright", _has_playwright())) if not found]
    if missing:
        said = f"opening was not measured: {' and '.join(missing)} not found"
        print(said, file=sys.stderr)
        return {"not_measured": said}
    from playwright.sync_api import sync_playwright

    with sync_playwright() as runner:
        browser = runner.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab, started = browser.new_page(), time.perf_counter()
        tab.goto(page.as_uri())
        tab.wait_for_selector("tr.opens")
        first_s = time.perf_counter() - started
        tab.wait_for_selector("html[data-loaded]", timeout=120_000)
        all_s = time.perf_counter() - started
        for k in range(12):
            tab.evaluate("k => { location.hash = '#/cluster/' + data.rows.id[Math.floor(k * data.nRows / 12)]; }", k)
            tab.wait_for_selector(".panes mark")
            tab.wait_for_timeout(200)
        return {"first_view_s": first_s, "table_s": all_s, "tab_mb": max(map(n_bytes, _tabs())) / 1e6}


def _has_playwright() -> bool:
    return importlib.util.find_spec("playwright") is not None


def _tabs() -> list[int]:
    """The processes of pages among all that come from this one."""
    return [pid for pid in descendants(os.getpid()) if b"--type=renderer" in Path(f"/proc/{pid}/cmdline").read_bytes()]


if __name__ == "__main__":
    main()
