"""Are copies told from look-alikes in any language? Texts in twenty, written for this project, in several arrangements.

And in other kinds of texts than articles: `kinds/`.

    python -m benchmarks.quality.languages [-o results.json] [--errors]

Each of `texts/LL.jsonl` has, in one language and of its own invention, three articles; of each a light rewrite, a heavy
one that hides its source, another reporter's report of the same event, a text that cites two of its quotations, and a
longer one that holds a passage of it; three forms, filled in three times; six short articles; what two sites put around
theirs; and a paragraph about a company that stands beneath texts. `kinds/` has news graded for learners, drafts of
essays, edited agency news, press releases and what is made of them, independent translations of one original, and
products, recipes, abstracts, adverts. They showed what pages of unknown sites and digests
need, and how heavy rewrites become candidates; the scorecard was not fitted to them.
"""

import argparse
import json
import platform
import random
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import dedup
from benchmarks.quality import labelled as labels
from benchmarks.quality.labelled import POSITIVE
from dedup import Document

TEXTS, KINDS = (Path(__file__).parent / name for name in ("texts", "kinds"))
RESULTS = Path(__file__).parents[1] / "results" / "languages.json"
STORIES, SITES, FORMS, SHORT = (1, 2, 3), (1, 2), ("A", "B", "C"), tuple(range(1, 7))
NOISE = 0.02
"""Share of the letters that are swapped, dropped or doubled."""

Texts = dict[str, str]
Pairs = list[tuple[str, str, str]]
"""Two names and what class the pair is of."""


class Collection:
    """Documents by name, and labelled pairs of them."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.pairs: Pairs = []

    def add(self, name: str, text: str, url: str = "") -> str:
        """Add a document; returns its name."""
        self.documents[name] = Document(id=name, text=text, url=url)
        return name

    def label(self, left: str, right: str, kind: str) -> None:
        """Label a pair."""
        self.pairs.append((left, right, kind))


def read(path: Path) -> Texts:
    """The texts of a language by name."""
    rows = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    return {row["name"]: row["text"] for row in rows}


def page(texts: Texts, text: str, site: int) -> str:
    """A text in what a site puts around it."""
    before, after = texts[f"site-{site}"].split("\n---\n")
    return f"{before}\n\n{text}\n\n{after}"


def as_they_are(texts: Texts, made: Collection, _language: str) -> None:
    """Every text, and pages of both sites with the articles."""
    for story in STORIES:
        kinds = ("original", "light", "heavy", "same-story", "quote", "excerpt")
        original, light, heavy, same_story, quote, excerpt = (
            made.add(f"{story}-{kind}", texts[f"{story}-{kind}"]) for kind in kinds
        )
        pages = [made.add(f"{story}-page-{site}", page(texts, texts[original], site)) for site in SITES]
        light_page = made.add(f"{story}-light-page", page(texts, texts[light], 2))
        for left, right in combinations([original, *pages], 2):
            made.label(left, right, "copy")
        for left, right in ((original, light), (original, light_page), (pages[0], light_page)):
            made.label(left, right, "light")
        for left in (original, light):
            made.label(left, heavy, "heavy")
            made.label(left, quote, "quote")
        for left in (original, light, heavy):
            made.label(left, same_story, "same_story")
        made.label(original, excerpt, "excerpt")
    _forms(texts, made, lambda text: text)
    _short(texts, made)


def as_pages(texts: Texts, made: Collection, _language: str) -> None:
    """Every article on a page of each of two sites, and nowhere else; which sites these are is not told."""
    for story in STORIES:
        first = made.add(f"{story}-page-1", page(texts, texts[f"{story}-original"], 1))
        second = made.add(f"{story}-page-2", page(texts, texts[f"{story}-original"], 2))
        light = made.add(f"{story}-light-page", page(texts, texts[f"{story}-light"], 2))
        made.label(first, second, "copy")
        made.label(first, light, "light")
    _forms(texts, made, lambda text: page(texts, text, 1))
    _short(texts, made)


def of_known_sites(texts: Texts, made: Collection, language: str) -> None:
    """Every article and every short one on a page of each of two sites, with their addresses."""
    names = [*(f"{story}-original" for story in STORIES), *(f"short-{k}" for k in SHORT)]
    for name in names:
        for site in SITES:
            made.add(f"{name}-{site}", page(texts, texts[name], site), f"https://site-{site}.{language}.example/{name}")
        made.label(f"{name}-1", f"{name}-2", "copy")
    for site in SITES:
        for left, right in combinations(names, 2):
            made.label(f"{left}-{site}", f"{right}-{site}", "boilerplate")


def damaged(texts: Texts, made: Collection, language: str) -> None:
    """Articles beside themselves with typing errors, with sentences shuffled, with some dropped, and some added."""
    rng = random.Random(language)
    for story in STORIES:
        original = made.add(f"{story}-original", texts[f"{story}-original"])
        sentences = _sentences(texts[original])
        shuffled = rng.sample(sentences, len(sentences))
        for name, text in (
            ("noise", _noisy(texts[original], rng)),
            ("shuffled", " ".join(shuffled)),
            ("dropped", " ".join(sentence for k, sentence in enumerate(sentences) if k % 5 != 3)),
            ("added", "\n\n".join([texts[original], " ".join(_sentences(texts[f"short-{story}"])[:3])])),
        ):
            made.label(original, made.add(f"{story}-{name}", text), "copy")


def in_digests(texts: Texts, made: Collection, _language: str) -> None:
    """Short articles, a digest of five of them, and one that has one of these and three others."""
    short = [made.add(f"short-{k}", texts[f"short-{k}"]) for k in SHORT]
    digest = made.add("digest", "\n\n".join(texts[name] for name in short[:5]))
    other = made.add("other", "\n\n".join(texts[name] for name in (short[0], short[5], "2-original", "3-original")))
    for name in short[:5]:
        made.label(name, digest, "excerpt")
    made.label(digest, other, "excerpt")


ARRANGEMENTS: dict[str, Callable[[Texts, Collection, str], None]] = {
    "as they are": as_they_are, "on pages": as_pages, "on pages of known sites": of_known_sites, "damaged": damaged,
    "in digests": in_digests,
}  # fmt: skip


def main() -> None:
    """Scan each arrangement of all languages as one collection, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    parser.add_argument("--errors", action="store_true", help="print the pairs that went wrong")
    arguments = parser.parse_args()
    scored = {name: score(in_languages(arrange)) for name, arrange in ARRANGEMENTS.items()}
    scored["other kinds"] = score(of_kinds())
    if arguments.errors:
        for name, found in scored.items():
            print("\n".join(f"{name}: {wrong}" for wrong in found["wrong"]))
    result = {
        "arrangements": {name: found["classes"] for name, found in scored.items()},
        "version": dedup.__version__, "python": platform.python_version(), "machine": platform.machine(),
    }  # fmt: skip
    for name, found in scored.items():
        totals = {kind: total(by_language) for kind, by_language in found["classes"].items()}
        print(f"{name:24}", "  ".join(f"{kind} {n}/{n_all}" for kind, (n, n_all) in totals.items()))
    arguments.output.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


def score(groups: Iterable[tuple[str, Collection]]) -> dict[str, Any]:
    """Of each class and language or kind how many pairs share a cluster, of how many; and the pairs that went wrong."""
    documents, pairs = list[Document](), list[tuple[str, str, str, str]]()
    for language, made in groups:
        documents += made.documents.values()
        pairs += [(language, *pair) for pair in made.pairs]
    cluster_of = {member.id: at for at, found in enumerate(dedup.scan(documents).clusters) for member in found.members}
    classes, wrong = dict[str, dict[str, list[int]]](), list[str]()
    for language, left, right, kind in pairs:
        is_one = left in cluster_of and cluster_of[left] == cluster_of.get(right)
        counted = classes.setdefault(kind, {}).setdefault(language, [0, 0])
        counted[0] += is_one
        counted[1] += 1
        if is_one != (kind in POSITIVE):
            wrong.append(f"{kind} {left} {right}")
    return {"classes": classes, "wrong": wrong}


def total(by_language: dict[str, list[int]]) -> tuple[int, int]:
    """How many pairs of a class share a cluster, and of how many, in all languages together."""
    n, n_all = (sum(counted[k] for counted in by_language.values()) for k in (0, 1))
    return n, n_all


def of_kinds() -> Iterator[tuple[str, Collection]]:
    """The documents and pairs of each other kind of texts."""
    labelled = labels.read(KINDS / "docs.jsonl", KINDS / "pairs.jsonl")
    for kind in sorted({pair.corpus for pair in labelled.pairs}):
        made = Collection()
        made.documents = {d.id: d for d in labelled.documents if d.id.startswith(f"{kind}/")}
        made.pairs = [(pair.left, pair.right, pair.kind) for pair in labelled.pairs if pair.corpus == kind]
        yield kind, made


def in_languages(arrange: Callable[[Texts, Collection, str], None]) -> Iterator[tuple[str, Collection]]:
    """The documents and pairs of each language, their names behind that of the language."""
    for path in sorted(TEXTS.glob("*.jsonl")):
        language, made, named = path.stem, Collection(), Collection()
        arrange(read(path), made, language)
        for name, document in made.documents.items():
            named.add(f"{language}/{name}", document.text, document.url)
        named.pairs = [(f"{language}/{left}", f"{language}/{right}", kind) for left, right, kind in made.pairs]
        yield language, named


def _forms(texts: Texts, made: Collection, around: Callable[[str], str]) -> None:
    """The forms, each filled in three times."""
    for form in FORMS:
        filled = [made.add(f"{form}-form-{k}", around(texts[f"{form}-form-{k}"])) for k in STORIES]
        for left, right in combinations(filled, 2):
            made.label(left, right, "template")


def _short(texts: Texts, made: Collection) -> None:
    """Short articles on pages of a site each, and above the paragraph about the company."""
    first = [made.add(f"short-{k}-page-1", page(texts, texts[f"short-{k}"], 1)) for k in SHORT[:3]]
    second = [made.add(f"short-{k}-page-2", page(texts, texts[f"short-{k}"], 2)) for k in SHORT[3:]]
    standing = [made.add(f"short-{k}-standing", f"{texts[f'short-{k}']}\n\n{texts['standing']}") for k in SHORT[3:]]
    for some in (first, second, standing):
        for left, right in combinations(some, 2):
            made.label(left, right, "boilerplate")


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?。！？।])\s*", text)


def _noisy(text: str, rng: random.Random) -> str:
    letters = list(text)
    for k in range(1, len(letters)):
        if letters[k].isalpha() and rng.random() < NOISE:
            swap, letter = letters[k - 1], letters[k]
            letters[k - 1], letters[k] = rng.choice([(letter, swap), (swap, ""), (swap, letter * 2)])
    return "".join(letters)


if __name__ == "__main__":
    main()
