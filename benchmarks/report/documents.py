"""The parts of README and docs that are made from results files: `python -m benchmarks.report` writes them anew.

A part stands between `<!-- results: NAME -->` and `<!-- end of results -->`; what is outside is left alone.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.engines import page as engines
from benchmarks.peers.tasks import LABELLED
from benchmarks.quality.languages import total
from benchmarks.report.headline import CLASSES, WRONG, headline, percent
from benchmarks.report.sections import packages
from benchmarks.report.stored import hashing, of_size, peers, ran, result, sizes
from dedup.bench.markdown import table
from dedup.bench.sections import Table

__all__ = ["BLOCK", "DOCUMENTS", "PARTS", "renew", "renewed"]

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"<!-- results: ([a-z ]+) -->\n(.*?)<!-- end of results -->", re.DOTALL)


def renew() -> Iterator[Path]:
    """Write every document whose parts are no longer what the results say."""
    for path in DOCUMENTS:
        text = path.read_text("utf-8")
        if (fresh := renewed(text)) != text:
            path.write_text(fresh, "utf-8")
            yield path


def renewed(text: str) -> str:
    """The document with every part as the results are now; KeyError for a part of no known name."""
    return BLOCK.sub(lambda f: f"<!-- results: {f[1]} -->\n{PARTS[f[1]]()}<!-- end of results -->", text)


def _headline() -> str:
    return table(headline())


def _packages() -> str:
    """The largest collection on which most packages ran."""
    found = peers()
    most = max(len(ran(of_size(found, n))) for n in sizes(found))
    n_texts = max(n for n in sizes(found) if len(ran(of_size(found, n))) == most)
    made = packages(of_size(found, n_texts), n_texts)
    return f"{made.title}; shares of pairs.\n\n{table(made)}"


def _labelled(name: str = "peers") -> str:
    runs = ran(result(name).get(LABELLED, {}))
    kinds = [kind for kind in CLASSES if any(kind in run.scores for run in runs)]
    head = ("", *(f"{CLASSES[kind]}{' (wrong)' if kind in WRONG else ''}" for kind in kinds))
    rows = tuple((run.name, *(percent(run.scores.get(kind)) for kind in kinds)) for run in runs)
    return table(Table(title="", head=head, rows=rows))


def _languages() -> str:
    arrangements = result("languages")["arrangements"]
    kinds = [kind for kind in CLASSES if any(kind in classes for classes in arrangements.values())]
    head = ("", *(f"{CLASSES[kind]}{' (wrong)' if kind in WRONG else ''}" for kind in kinds), "excerpts (wrong)")
    rows = tuple(
        (name, *(_counted(classes.get(kind, {})) for kind in (*kinds, "excerpt")))
        for name, classes in arrangements.items()
    )
    return table(Table(title="", head=head, rows=rows))


def _counted(by_language: dict[str, list[int]]) -> str:
    return "{} of {:,}".format(*total(by_language)) if by_language else ""


def _loop() -> str:
    found = hashing()
    rows = [
        (language, *(f"{stages[f'+ {scheme}']['MB_per_s']:,.0f}" for scheme in ("fss32", "affine32")))
        for language, stages in found["by_script"].items()
    ]
    head = ("bytes to signature, MB/s on one core", "fss32, the default", "affine32, as datasketch")
    return table(Table(title="", head=head, rows=tuple(rows)))


def _index() -> str:
    found = result("index")
    added, removed, kills, mixed, served = (found[name] for name in ("add", "removal", "kills", "mixed", "serve"))
    points = [one for one in added["points"] if one["documents"] in (10_000, 100_000, 1_000_000)]
    checked = ", ".join(f"{one['check']['p50_ms']:.1f} ms at {one['documents']:,}" for one in points)
    memory = added["points"][-1]["memory_mb"]
    rows = [
        (
            f"{added['documents']:,} documents added in batches, each batch synced",
            f"{added['a_second']:,} a second, {added['cpu_us_each']:,} µs of CPU each",
        ),
        ("on the disk, texts and all", f"{added['bytes_each']:,.0f} bytes a document"),
        (
            "memory of its own; pages of its files beside, which the system takes back at need",
            f"{memory['own']:,} MB; {memory['files']:,} MB",
        ),
        ("`check` of single new documents, median", checked),
        (f"removing {removed['removed']:,} of {removed['documents']:,}", f"{removed['remove_s']:.0f} s"),
        (
            "removing, expiring about half, compacting",
            f"{removed['bytes_before'] / 1e9:.2f} GB to {removed['bytes_after'] / 1e9:.2f} GB",
        ),
        (
            f"a writer killed {kills['kills']:,} times at random moments",
            f"{kills['lost']:,} acknowledged documents lost, {kills['torn']:,} half there, {kills['faults']:,} faults",
        ),
        (
            f"one writer and {mixed['readers']} readers for {mixed['seconds']:.0f} s",
            f"{mixed['reader_errors']} errors, {mixed['torn_batches_seen']} torn batches in {mixed['known_seen']:,} "
            "documents read",
        ),
        (
            f"`dedup serve`, {served['clients']} clients that send batches of {served['batch']}",
            f"{served['a_second']:,} documents a second, {served['lost']:,} lost",
        ),
    ]
    return table(Table(title="", head=("", ""), rows=tuple(rows)))


def _growth() -> str:
    """Scans of ordinary and of short texts, by size."""
    found = [one for name, one in result("scale").items() if name.split()[0] in ("ordinary", "short")]
    rows = [
        (
            f"{one['n_texts']:,}{' short' if one['mix'] == 'short' else ''}", f"{one['input_bytes'] / 1e9:.2f}",
            one["options"][1] if one["options"] else "", f"{one['peak_bytes'] / 1e9:.2f}", f"{one['wall_s']:,.0f}",
            f"{one['cpu_us_per_text']:,.0f}", f"{one['candidates'] / one['n_texts']:.2f}",
        )
        for one in sorted(found, key=lambda one: (one["mix"], one["n_texts"]))
    ]  # fmt: skip
    head = ("texts", "GB", "--memory", "peak, GB", "wall, s", "CPU, µs a text", "pairs compared a text")
    return table(Table(title="", head=head, rows=tuple(rows)))


def _shared() -> str:
    found = result("index")["shared"]
    rows = [
        (
            f"{found['documents']:,} documents filtered in batches, each batch synced",
            f"{found['a_second']:,} a second, {found['cpu_us_each']:,} µs of CPU each, "
            f"{found['server_cpu_us_each']:,} µs on the server",
        ),
        ("memory of the server, texts and all", f"{found['server_bytes_each']:,} bytes a document"),
        ("of that, read once by whoever asks", f"{found['read_bytes_each']:,} bytes a document"),
        ("the first answer of an index that was just opened", f"{found['first_answer_s']:.1f} s"),
        ("`check` of single new documents, median", f"{found['check']['p50_ms']:.1f} ms"),
    ]
    return table(Table(title="", head=("", ""), rows=tuple(rows)))


def _compared() -> str:
    found = result("index")["recall"]
    bounds = sorted(found["most_compared"].items(), key=lambda bound: int(bound[0]))
    rows = [(name, *(percent(one["same_cluster"][kind]) for _, one in bounds)) for kind, name in CLASSES.items()]
    cpu = ("µs of CPU a document", *(f"{one['cpu_us_each']:,}" for _, one in bounds))
    head = (f"{found['documents']:,} documents; candidates compared at most", *(bound for bound, _ in bounds))
    return table(Table(title="", head=head, rows=(*rows, cpu)))


def _engines() -> str:
    return engines.tables(result("engines"))


PARTS: dict[str, Callable[[], str]] = {
    "headline": _headline,
    "packages": _packages,
    "labelled": _labelled,
    "manuals": partial(_labelled, "manuals"),
    "guides": partial(_labelled, "guides"),
    "handbooks": partial(_labelled, "handbooks"),
    "languages": _languages,
    "loop": _loop,
    "growth": _growth,
    "index": _index,
    "shared": _shared,
    "compared": _compared,
    "engines": _engines,
}
