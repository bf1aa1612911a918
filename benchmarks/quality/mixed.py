"""Do a few documents keep their clusters when they are mixed among others?

    python -m benchmarks.quality.mixed --docs crawl.jsonl.gz [--texts 2000] [--samples 8] [-o results.json]

The documents are those of `seeds/`, of which two are one article and the others quote the same report, and a made text
of 400 words into which three long quotations of one of them are pasted. Each sample of other texts is another one.
"""

import argparse
import json
import platform
import random
from pathlib import Path

import dedup
from benchmarks.quality.generate import generate
from benchmarks.quality.labelled import documents
from dedup import Document, Report

SEEDS = Path(__file__).parents[2] / "seeds"
RESULTS = Path(__file__).parents[1] / "results" / "mixed.json"
ONE, OTHER, PASTED = "000", "001", "pasted"
OPENINGS = ("Khamenei, 86, plans", "“The ‘plan B’", "Second, Trump")
"""Paragraphs of `OTHER` that are long quotations."""
N_WORDS = 400


def main() -> None:
    """Scan each sample, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--docs", type=Path, required=True, help="documents, JSON lines, .gz or plain")
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    others, own = documents(arguments.docs), seeds()
    runs = [run(own, others, arguments.texts, seed) for seed in range(arguments.samples)]
    result = {
        "n_texts": arguments.texts, "runs": runs, "n_right": sum(bool(found["right"]) for found in runs),
        "version": dedup.__version__, "python": platform.python_version(), "machine": platform.machine(),
    }  # fmt: skip
    print(json.dumps(result, indent=1))
    arguments.output.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


def seeds() -> list[Document]:
    """The documents that are mixed among others, the pasted one last."""
    found = {path.name[:3]: path.read_text("utf-8") for path in sorted(SEEDS.glob("*.txt"))}
    quotations = [part for part in found[OTHER].split("\n\n") if part.startswith(OPENINGS)]
    made = " ".join(document.text for document in generate(n_articles=2).documents if document.id.endswith("/article"))
    words, parts = made.split()[:N_WORDS], list[str]()
    for k, quotation in enumerate(quotations):
        begin, end = (at * N_WORDS // len(quotations) for at in (k, k + 1))
        parts += [" ".join(words[begin:end]), quotation]
    texts = {**found, PASTED: "\n\n".join(parts)}
    return [Document(id=f"seed/{name}", text=text) for name, text in texts.items()]


def run(own: list[Document], others: list[Document], n_texts: int, seed: int) -> dict[str, object]:
    """The clusters of `own` among a sample of others; `right` when only the two that are one article share one."""
    report = dedup.scan([*own, *random.Random(seed).sample(others, n_texts)])
    clusters = _clusters(report)
    joined = [sorted(member for member in cluster if member.startswith("seed/")) for cluster in clusters]
    is_right = [set(cluster) for cluster in clusters] == [{f"seed/{ONE}", f"seed/{OTHER}"}]
    weakest = [c.weakest for c in report.clusters if any(m.id.startswith("seed/") for m in c.members)]
    return {"seed": seed, "right": is_right, "clusters": joined, "confidence": weakest}


def _clusters(report: Report) -> list[list[str]]:
    """The members of all clusters that have a seed."""
    found = [[member.id for member in cluster.members] for cluster in report.clusters]
    return [members for members in found if any(member.startswith("seed/") for member in members)]


if __name__ == "__main__":
    main()
