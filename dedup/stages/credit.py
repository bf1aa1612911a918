"""Credit lines, canonical links and dates: which of two texts was there first, and what says so.

Only what is written decides; length never does, and evidence for both sides is evidence for neither. The phrases
stand in `dedup/data/credits.json`, by language.
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from operator import itemgetter
from typing import Literal
from urllib.parse import urlsplit

from dedup.dates import seconds
from dedup.records import Document

__all__ = ["Credit", "Origin", "find", "origin"]

NAME = r"(?P<name>[^\s.,;:()\[\]|][^\n,;:()\[\]|。、]{0,60})"
EDGE_CHARACTERS = 1500
"""Credits stand at either end of a text; what is said in the middle is about something else."""
DATELINE_CHARACTERS = 400
"""A dateline, "OSLO (AP) -" or "LONDON, March 4 (Reuters) -", stands at the very beginning."""
DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """A line that says where a text comes from: `name` as written, where it stands, and whether it is an agency's."""

    name: str
    start: int
    end: int
    is_wire: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Which text is the source of the other, and why; no reasons when it is unknown."""

    source: Literal["left", "right", "unknown"]
    reasons: tuple[str, ...] = ()


def origin(left: Document, right: Document) -> Origin:
    """Which of two matching texts is the source; credits only tell apart texts of two sites, of which one is known."""
    named = any((left.source, left.url, right.source, right.url)) and _site(left) != _site(right)
    said = [*_by_credit(left, right), *_by_wire(left, right)] if named else []
    said = said or _by_date(left, right)
    sides = {side for side, _ in said}
    if len(sides) != 1:
        return Origin(source="unknown")
    return Origin(source=sides.pop(), reasons=tuple(reason for _, reason in said))


@lru_cache(maxsize=1024)
def find(text: str) -> tuple[Credit, ...]:
    """All credit lines of a text, in their order; spans are characters of `text`."""
    found = [credit for start, part in _edges(text) for credit in _derived_credits(part, start)]
    wire = _dateline(text[:DATELINE_CHARACTERS])
    if wire:
        found.append(Credit(name=wire["name"], start=wire.start("name"), end=wire.end("name"), is_wire=True))
    return tuple(sorted(set(found), key=lambda credit: (credit.start, credit.end)))


def _derived_credits(part: str, start: int) -> list[Credit]:
    """Credits by phrase, the longest phrase first; a shorter one inside it says nothing more.

    Looking for the letters of a phrase before its pattern takes a thousandth of the time of one pattern for all.
    """
    found = list[Credit]()
    squeezed = " ".join(part.casefold().split())
    said = [phrase for word, phrases in _by_word() if word in squeezed for phrase in phrases]
    for _, literal, pattern in sorted(said, key=itemgetter(0)):
        for match in pattern.finditer(part) if literal in squeezed else ():
            if all(match.end() <= c.start - start or c.end - start <= match.start() for c in found):
                name = match["name"].strip(" .\"'“”»«")
                found.append(Credit(name=name, start=start + match.start(), end=start + match.end()))
    return found


_Said = list[tuple[Literal["left", "right"], str]]


def _by_credit(left: Document, right: Document) -> _Said:
    """Each side that names the other's site as where it comes from."""
    said: _Said = []
    for credit in find(left.text):
        if not credit.is_wire and _names(credit.name, right):
            said.append(("right", f"the left text credits {credit.name}"))
    for credit in find(right.text):
        if not credit.is_wire and _names(credit.name, left):
            said.append(("left", f"the right text credits {credit.name}"))
    return said


def _by_wire(left: Document, right: Document) -> _Said:
    """An agency's own text is the source of one that carries the agency's tag."""
    said: _Said = []
    if any(credit.is_wire and _names(credit.name, right) for credit in find(left.text)):
        said.append(("right", "the left text carries the agency tag of the right"))
    if any(credit.is_wire and _names(credit.name, left) for credit in find(right.text)):
        said.append(("left", "the right text carries the agency tag of the left"))
    # Where both are the agency's own, its tag tells nothing.
    return said if len(said) == 1 else []


def _by_date(left: Document, right: Document) -> _Said:
    """The earlier date, when they are a day apart and more: clocks and time zones of sites differ."""
    first, second = seconds(left.date), seconds(right.date)
    if first is None or second is None or abs(first - second) < DAY_S:
        return []
    if first < second:
        return [("left", f"the left text is dated earlier ({left.date}, not {right.date})")]
    return [("right", f"the right text is dated earlier ({right.date}, not {left.date})")]


def _site(document: Document) -> str:
    return document.source or _host(document)


def _host(document: Document) -> str:
    return (urlsplit(document.url).hostname or "").removeprefix("www.") if "//" in document.url else ""


def _names(name: str, document: Document) -> bool:
    """Whether a credited name is the site of a document, as its source or its host."""
    wanted = _letters(name)
    host = _host(document)
    known = [_letters(document.source), _letters(host), _letters(host.rsplit(".", 1)[0])]
    return bool(wanted) and any(
        site and (wanted == site or wanted.removeprefix("the") == site.removeprefix("the")) for site in known
    )


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def _edges(text: str) -> Sequence[tuple[int, str]]:
    """Both ends of a text, each with where it begins; one part where they meet."""
    if len(text) <= 2 * EDGE_CHARACTERS:
        return ((0, text),)
    return ((0, text[:EDGE_CHARACTERS]), (len(text) - EDGE_CHARACTERS, text[-EDGE_CHARACTERS:]))


@cache
def _phrases() -> dict[str, dict[str, list[str]]]:
    stored = json.loads(files("dedup.data").joinpath("credits.json").read_text("utf-8"))
    return {kind: stored[kind] for kind in ("derived", "wire")}


@cache
def _derived() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Phrases of all languages, longest first: letters that must be there, and the pattern."""
    phrases = sorted({phrase for listed in _phrases()["derived"].values() for phrase in listed}, key=len, reverse=True)
    return tuple((_literal(phrase), re.compile(_pattern(phrase), re.IGNORECASE)) for phrase in phrases)


@cache
def _by_word() -> tuple[tuple[str, tuple[tuple[int, str, re.Pattern[str]], ...]], ...]:
    """Phrases with their place in that order, by their longest word, of which there are fewer than of phrases."""
    found: dict[str, list[tuple[int, str, re.Pattern[str]]]] = {}
    for at, (literal, pattern) in enumerate(_derived()):
        found.setdefault(max(literal.split(), key=len), []).append((at, literal, pattern))
    return tuple((word, tuple(phrases)) for word, phrases in found.items())


def _literal(phrase: str) -> str:
    return max((" ".join(part.casefold().split()) for part in phrase.split("{name}")), key=len)


def _pattern(phrase: str) -> str:
    before, after = phrase.split("{name}")
    parts = [r"\s+".join(re.escape(word) for word in part.split()) for part in (before, after)]
    gap = r"[\s\"'“”«»]*"
    return f"{parts[0]}{gap}{NAME}{gap if parts[1] else ''}{parts[1]}"


def _dateline(opening: str) -> re.Match[str] | None:
    """An agency in brackets, or between the beginning of a line and a dash."""
    names, pattern = _wires()
    return pattern.search(opening) if any(name in opening for name in names) else None


@cache
def _wires() -> tuple[list[str], re.Pattern[str]]:
    names = sorted({name for listed in _phrases()["wire"].values() for name in listed}, key=len, reverse=True)
    wires = "|".join(re.escape(name) for name in names)
    after = r"(?:(?!\w)[^)）\]】\n]{0,20}[)）\]】]|\s*[-–—])"
    return names, re.compile(rf"(?:[(（\[【]\s*|^\s*)(?P<name>{wires}){after}", re.MULTILINE)
