"""Labels by rule, of pages that several releases have: what became of each, and which others look like it.

No detector has a part in it: pages that share shingles are found by an index of them all, and their resemblance is
counted, not estimated.
"""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, pairwise

import numpy as np

SHINGLE_SIZE = 5
MOST_PAIRS = 400
"""Of each class and corpus; what is more is drawn from."""
COPY, LIGHT, UNCHANGED = 0.8, 0.4, 0.9999
TEMPLATE, ONE_TEXT = 0.1, 0.9
"""Many pages that share more are one text under two names, as `perldelta` and `perl5401delta`, and get no label."""
MOST_PAGES = 60
"""A shingle that more pages of a release hold leads to none of them; it counts in the resemblance."""
_CHARACTER_SCRIPTS = ("_ja", "_zh", "_zh_CN")
_MULTIPLIERS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F], np.uint64
)


Pair = tuple[int, int]
"""Rows of two pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of one release; `name` is the same in each."""

    suite: str
    corpus: str
    name: str
    text: str
    url: str = ""

    @property
    def id(self) -> str:
        """Unique among all pages."""
        return f"{self.suite}/{self.corpus}/{self.name}"

    @property
    def stem(self) -> str:
        """The name without its section or extension."""
        return self.name.rpartition(".")[0] or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the labels."""

    left: str
    right: str
    kind: str
    corpus: str


def labels(pages: Sequence[Page], suites: Sequence[str], seed: int) -> Iterator[Row]:
    """Labelled pairs of the pages of one corpus, `suites` in the order of their release."""
    corpus = pages[0].corpus
    token = re.compile(r"\w" if corpus.endswith(_CHARACTER_SCRIPTS) else r"\w+")
    sets = shingles([token.findall(page.text.lower()) for page in pages])
    found = _versions(pages, sets, suites) | {"template": _templates(pages, sets, random.Random(f"{seed} {corpus}"))}
    for kind, pairs in found.items():
        drawn = random.Random(f"{seed} {corpus} {kind}").sample(pairs, min(len(pairs), MOST_PAIRS))
        for left, right in sorted(drawn):
            yield Row(left=pages[left].id, right=pages[right].id, kind=kind, corpus=corpus)


def shingles(texts: Iterable[Sequence[str]]) -> list[np.ndarray]:
    """Of each text, given by its tokens, the shingles: hashed, each once, in order."""
    numbers, found = dict[str, int](), list[np.ndarray]()
    for words in texts:
        tokens = np.array([numbers.setdefault(word, len(numbers) + 1) for word in words], np.uint64)
        hashed = np.zeros(max(len(tokens) - SHINGLE_SIZE + 1, 0), np.uint64)
        # Two shingles share a hash with a chance of some 2^-60, as the multipliers are odd and drawn.
        for k, multiplier in enumerate(_MULTIPLIERS):
            hashed += tokens[k : k + len(hashed)] * multiplier
        found.append(np.unique(hashed))
    return found


def resemblance(left: np.ndarray, right: np.ndarray) -> float:
    """Of two sets of shingles."""
    n_both = len(np.intersect1d(left, right, assume_unique=True))
    return n_both / max(len(left) + len(right) - n_both, 1)


def meetings(sets: Sequence[np.ndarray]) -> list[Pair]:
    """Pairs of sets that share a shingle which at most `MOST_PAGES` of them hold; left < right, each once."""
    if not sets:
        return []
    hashes = np.concatenate(sets)
    pages = np.repeat(np.arange(len(sets)), [len(own) for own in sets])[np.argsort(hashes, kind="stable")]
    hashes.sort()
    begins = np.flatnonzero(np.r_[True, hashes[1:] != hashes[:-1]]) if len(hashes) else np.zeros(0, np.int64)
    held_by, packed = np.diff(np.r_[begins, len(hashes)]), [np.zeros(0, np.int64)]
    for n_pages in range(2, MOST_PAGES + 1):
        groups = np.unique(pages[begins[held_by == n_pages][:, None] + np.arange(n_pages)], axis=0)
        packed += [np.unique(groups[:, a] * len(sets) + groups[:, b]) for a, b in combinations(range(n_pages), 2)]
    return [divmod(pair, len(sets)) for pair in np.unique(np.concatenate(packed)).tolist()]


def _versions(pages: Sequence[Page], sets: Sequence[np.ndarray], suites: Sequence[str]) -> dict[str, list[Pair]]:
    """The same page in neighboring releases: a copy, or light where more was changed; other pages are too far apart."""
    row_of = {(page.suite, page.name): row for row, page in enumerate(pages)}
    found: dict[str, list[Pair]] = {"copy": [], "light": []}
    for earlier, later in pairwise(suites):
        for row, page in enumerate(pages):
            other = row_of.get((later, page.name)) if page.suite == earlier else None
            if other is None:
                continue
            shared = resemblance(sets[row], sets[other])
            if LIGHT <= shared < UNCHANGED:
                found["copy" if shared >= COPY else "light"].append((row, other))
    return found


def _templates(pages: Sequence[Page], sets: Sequence[np.ndarray], rng: random.Random) -> list[Pair]:
    """Different pages of one release that look alike; as many of them as are wanted, in an order by chance."""
    met = list[Pair]()
    for suite in sorted({page.suite for page in pages}):
        rows = [row for row, page in enumerate(pages) if page.suite == suite]
        met += [(rows[left], rows[right]) for left, right in meetings([sets[row] for row in rows])]
    rng.shuffle(met)
    alike = ((left, right) for left, right in met if _are_a_form(pages, sets, left, right))
    return list(islice(alike, MOST_PAIRS))


def _are_a_form(pages: Sequence[Page], sets: Sequence[np.ndarray], left: int, right: int) -> bool:
    # `x.1` and `x.3` may be one text.
    if pages[left].stem == pages[right].stem:
        return False
    smaller, larger = sorted((len(sets[left]), len(sets[right])))
    return smaller >= TEMPLATE * larger and TEMPLATE <= resemblance(sets[left], sets[right]) < ONE_TEXT
