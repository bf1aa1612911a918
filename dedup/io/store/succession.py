"""Who takes the place of a document that is forgotten: a copy of it that has no keys, and then stands under its number.

Both are found by nearly the same, so no posting is written; and whoever names the number of the forgotten one as
representative names the copy. Claims are looked at once: those before the one that succeeds never will.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from dedup.io.store.values import Change, StoredDocument

__all__ = ["AT_ONCE", "Claim", "Move", "Succession", "succession", "worded"]

AT_ONCE = 16
"""So many heirs are fetched at once."""


class Claim(NamedTuple):
    """A copy's claim to the place `of` its elder; those without words of their own come first, then the oldest."""

    of: int
    is_worded: bool
    number: int
    heir: StoredDocument | None

    @property
    def order(self) -> tuple[bool, int]:
        """What claims are looked at by."""
        return self.is_worded, self.number


class Move(NamedTuple):
    """A copy as it was, and as it is from now on."""

    before: StoredDocument
    after: StoredDocument


@dataclass(frozen=True, slots=True)
class Succession:
    """Who takes which place, the claims that are settled, and what new documents stand under their own numbers."""

    forgotten: Sequence[StoredDocument]
    moved: list[Move] = field(default_factory=list)
    settled: list[Claim] = field(default_factory=list)

    @property
    def buried(self) -> list[int]:
        """Numbers under which no document stands any more."""
        taken = {move.after.number for move in self.moved}
        left = [stored.number for stored in self.forgotten if stored.number not in taken]
        return left + [move.before.number for move in self.moved]

    def unmoved(self, documents: Sequence[StoredDocument]) -> list[StoredDocument]:
        """Those of the new documents that are to be written under their own numbers."""
        numbers = {move.before.number for move in self.moved}
        return [stored for stored in documents if stored.number not in numbers]


def succession(
    forgotten: Sequence[StoredDocument], claims: Mapping[int, Iterable[Claim]], change: Change
) -> Succession:  # fmt: skip
    """Settle who takes the places of forgotten documents, by the claims to each number, in their order."""
    found, gone = Succession(forgotten), {stored.number for stored in forgotten}
    new = _new_claims(change)
    for stored in forgotten:
        own = claims.get(stored.number, ()), new.get(stored.number, ())
        for claim in heapq.merge(*own, key=lambda claim: claim.order):
            found.settled.append(claim)
            if claim.heir is not None and claim.number not in gone and _may(claim.heir, stored):
                found.moved.append(Move(claim.heir, _in_place(claim.heir, stored)))
                gone.add(claim.number)
                break
    return found


def worded(stored: StoredDocument) -> bool:
    """Whether a document has words of its own."""
    return bool(stored.text)


def _new_claims(change: Change) -> dict[int, list[Claim]]:
    found = dict[int, list[Claim]]()
    for stored in change.documents:
        if stored.elder is not None:
            found.setdefault(stored.elder, []).append(Claim(stored.elder, worded(stored), stored.number, stored))
    return {of: sorted(claims, key=lambda claim: claim.order) for of, claims in found.items()}


def _may(heir: StoredDocument, stored: StoredDocument) -> bool:
    """Whether a copy has words of its own, or the very same."""
    return worded(heir) or heir.digest == stored.digest


def _in_place(heir: StoredDocument, stored: StoredDocument) -> StoredDocument:
    moved = replace(heir, number=stored.number, text=heir.text or stored.text, searchable=True, elder=None)
    # Whoever is a representative is older than those whom it represents.
    if stored.representative == stored.number or heir.representative >= stored.number:
        return replace(moved, representative=stored.number, relation=None, confidence=1.0)
    return moved
