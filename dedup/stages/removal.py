"""After decisions: how much of each source would be removed, so that a run can stop instead of emptying one."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["N_LEAST", "SourceShare", "above"]

N_LEAST = 10
"""Documents of a source from which on its share says something: of two documents one is easily a copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceShare:
    """What would become of the documents of one source; `source` is "" for those that name none."""

    source: str
    n_documents: int
    n_removed: int

    @property
    def share(self) -> float:
        """The part of them that would be removed, 0 to 1."""
        return self.n_removed / self.n_documents


def above(kept: Iterable[tuple[str, bool]], most: float) -> list[SourceShare]:
    """The sources of `N_LEAST` documents and more of which more than the share `most` would be removed, worst first.

    `kept` gives the source of each document and whether it is kept.
    """
    n_documents, n_removed = Counter[str](), Counter[str]()
    for source, is_kept in kept:
        n_documents[source] += 1
        n_removed[source] += not is_kept
    found = [
        SourceShare(source=source, n_documents=n, n_removed=n_removed[source])
        for source, n in n_documents.items()
        if n >= N_LEAST and n_removed[source] > most * n
    ]
    return sorted(found, key=lambda one: (-one.share, -one.n_documents, one.source))
