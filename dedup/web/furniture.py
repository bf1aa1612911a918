"""Lines that stand on many pages of a site, to be marked as such where texts are shown.

The scan's own tables of furniture are not kept with its results; whole lines are what a reader can check by eye.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from hashlib import blake2b

from dedup.config import EvidenceConfig
from dedup.records import Span

__all__ = ["Furniture"]

MOST_PAGES = 500
"""Pages of a site that are counted; more would not change what stands on a fifth of them."""


class Furniture:
    """Counts lines by site, then says where in a text they stand."""

    def __init__(self, config: EvidenceConfig) -> None:
        self._config = config
        self._n_pages = Counter[str]()
        self._lines: dict[str, Counter[bytes]] = defaultdict(Counter)
        self._common: dict[str, set[bytes]] = {}

    def count(self, site: str, text: str) -> None:
        """Add one page; of each cluster one should be counted, or copies look like furniture."""
        if site and self._n_pages[site] < MOST_PAGES:
            self._n_pages[site] += 1
            self._lines[site].update({_key(line) for _, line in _lines(text)})
            self._common.pop(site, None)

    def spans(self, site: str, text: str) -> list[Span]:
        """Characters of the text that stand on many pages of its site."""
        common = self._of(site)
        if not common:
            return []
        marked = [(Span(at, at + len(line)), _key(line) in common) for at, line in _lines(text)]
        found = [span for span, is_furniture in marked if is_furniture]
        # A text that is all furniture is one that its site shows in many versions.
        return found if len(found) < len(marked) else []

    def _of(self, site: str) -> set[bytes]:
        """The lines on many pages of a site. Most sites have none, and then none of their texts is looked through."""
        if site not in self._common:
            floor = max(self._config.furniture_pages, self._config.furniture_share * self._n_pages[site])
            self._common[site] = {key for key, n in self._lines.get(site, {}).items() if n >= floor}
        return self._common[site]


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines that hold a letter, without the space around them, and where each begins."""
    at = 0
    for line in text.split("\n"):
        bare = line.strip()
        if any(character.isalpha() for character in bare[:40]):
            yield at + line.index(bare), bare
        at += len(line) + 1


def _key(line: str) -> bytes:
    return blake2b(line.encode("utf-8", "surrogatepass"), digest_size=8).digest()
