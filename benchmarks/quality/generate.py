"""Labelled pairs of the project's own making, for a run with no data at hand: seeded, so the same every time.

They show whether the parts work; they say little of real texts.
"""

import random

from benchmarks.quality.labelled import Labelled, Pair
from dedup import Document

ONSETS = ("b", "br", "d", "f", "g", "gl", "k", "l", "m", "n", "p", "pr", "r", "s", "st", "t", "tr", "v")
VOWELS = ("a", "e", "i", "o", "u", "ai", "ou")
COMMON = ("the", "of", "and", "to", "a", "in", "that", "it", "was", "for", "on", "with", "as", "at", "by", "not")
N_ARTICLES = 60


def generate(seed: int = 1, n_articles: int = N_ARTICLES) -> Labelled:
    """Articles with a copy, a page, a light and a heavy rewrite each; and forms, quotations, furniture, stories."""
    rng = random.Random(seed)
    words = sorted({_word(rng) for _ in range(6000)})
    documents, pairs = [], []

    def add(name: str, text: str, source: str = "") -> None:
        documents.append(Document(id=name, text=text, source=source))

    def label(left: str, right: str, kind: str) -> None:
        pairs.append(Pair(left=left, right=right, kind=kind, corpus="generated"))

    furniture = {site: _sentences(rng, words, 5) for site in ("alpha", "beta", "gamma")}
    for k in range(n_articles):
        article, other, site = _sentences(rng, words, 16), _sentences(rng, words, 14), rng.choice(sorted(furniture))
        quotation = "“" + " ".join(_sentences(rng, words, 2)) + "”"
        add(f"{k}/article", " ".join(article), "wire")
        add(f"{k}/copy", " ".join(_reword(rng, words, article, 0.01)))
        add(f"{k}/page", "\n".join([*furniture[site][:3], " ".join(article), *furniture[site][3:]]), site)
        add(f"{k}/light", " ".join(_reword(rng, words, article, 0.15)))
        add(f"{k}/heavy", " ".join(_moved(rng, _reword(rng, words, article, 0.35))))
        add(f"{k}/quoting", " ".join([*other[:7], quotation, *other[7:]]))
        add(f"{k}/quoted", " ".join([*_sentences(rng, words, 6), quotation, *_sentences(rng, words, 6)]))
        add(
            f"{k}/same-site", "\n".join([*furniture[site][:3], *_sentences(rng, words, 12), *furniture[site][3:]]), site
        )
        add(f"{k}/excerpt", " ".join([*_sentences(rng, words, 9), *article[4:9], *_sentences(rng, words, 9)]))
        form = _sentences(rng, words, 6)
        for filled in ("form-1", "form-2"):
            facts = [
                f"{rng.choice(words).title()} received {rng.randrange(1000, 99999)} on {rng.randrange(1, 31)}."
                for _ in form
            ]
            add(f"{k}/{filled}", " ".join(part for both in zip(form, facts, strict=True) for part in both))
        for kind, name in (
            ("copy", "copy"),
            ("copy", "page"),
            ("light", "light"),
            ("heavy", "heavy"),
            ("excerpt", "excerpt"),
        ):
            label(f"{k}/article", f"{k}/{name}", kind)
        label(f"{k}/quoting", f"{k}/quoted", "quote")
        label(f"{k}/page", f"{k}/same-site", "boilerplate")
        label(f"{k}/form-1", f"{k}/form-2", "template")
        label(f"{k}/article", f"{k}/quoted", "same_story")
    return Labelled(documents=documents, pairs=pairs, families={})


def _word(rng: random.Random) -> str:
    return "".join(rng.choice(ONSETS) + rng.choice(VOWELS) for _ in range(rng.randrange(2, 4)))


def _sentences(rng: random.Random, words: list[str], n: int) -> list[str]:
    return [_sentence(rng, words) for _ in range(n)]


def _sentence(rng: random.Random, words: list[str]) -> str:
    """Words by Zipf's law between common ones, now and then a name or a number."""
    said = []
    for _ in range(rng.randrange(8, 22)):
        word = words[min(int(rng.paretovariate(0.7)), len(words)) - 1]
        said.append(rng.choice(COMMON) if rng.random() < 0.4 else word)
        if rng.random() < 0.06:
            said.append(rng.choice((rng.choice(words).title(), str(rng.randrange(2, 5000)))))
    return " ".join(said).capitalize() + "."


def _reword(rng: random.Random, words: list[str], sentences: list[str], share: float) -> list[str]:
    """Other words for a share of those that are neither names nor numbers."""
    return [
        " ".join(rng.choice(words) if word.islower() and rng.random() < share else word for word in sentence.split())
        for sentence in sentences
    ]


def _moved(rng: random.Random, sentences: list[str]) -> list[str]:
    """Neighboring sentences change places here and there."""
    moved = list(sentences)
    for k in range(0, len(moved) - 1, 2):
        if rng.random() < 0.3:
            moved[k], moved[k + 1] = moved[k + 1], moved[k]
    return moved
