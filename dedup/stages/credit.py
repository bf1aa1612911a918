"""Credit lines, canonical links and dates: which of two texts was there first, and what says so.

Only what is written decides; length never does, and evidence for both sides is evidence for neither. The phrases
stand in `dedup/data/credits.json`, by language.
"""

import json
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from operator import itemgetter
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Bytes, Hashes, Rows, offsets
from dedup.dates import given, seconds
from dedup.kernels import credits as kernel
from dedup.records import SOURCES, Corpus, Document, Texts
from dedup.sequences import Lists, pack, take
from dedup.sites import host, site

__all__ = ["Credit", "Origin", "Origins", "find", "origin", "origins"]

NAME = r"(?P<name>[^\s.,;:()\[\]|][^\n,;:()\[\]|。、]{0,60})"
EDGE_CHARACTERS = 1500
"""Credits stand at either end of a text; what is said in the middle is about something else."""
LONGEST_PHRASE = 200
"""Bytes of a phrase on one side of its name."""
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


class Origins(NamedTuple):
    """Origins of some pairs: `sources` uint8 (n_pairs,) are places in `SOURCES`."""

    sources: Bytes
    reasons: Lists


def origins(corpus: Corpus, left: Rows, right: Rows) -> Origins:
    """The origin of each matching pair of rows, both (n_pairs,): all dates at once, and credits where there are any."""
    used, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    dates = [*map(given, take(corpus.dates, used), take(corpus.urls, used))]
    moments = np.array([_moment(date) for date in dates], np.float64)
    credited = _may_credit(corpus.texts, used)
    first, second = np.split(places, 2)
    dated = np.abs(moments[first] - moments[second]) >= DAY_S
    sources = np.where(dated, np.where(moments[first] < moments[second], 0, 1), 2).astype(np.uint8)
    said: list[tuple[str, ...]] = [()] * len(left)
    for k in np.flatnonzero(dated).tolist():
        said[k] = (_dated(dates[first[k]], dates[second[k]], SOURCES[sources[k]]),)
    for k in np.flatnonzero(credited[first] | credited[second]).tolist():
        found = origin(_document(corpus, int(left[k])), _document(corpus, int(right[k])))
        sources[k], said[k] = SOURCES.index(found.source), found.reasons
    return Origins(sources, Lists.packed(said))


def origin(left: Document, right: Document) -> Origin:
    """Which of two matching texts is the source; credits only tell apart texts of two sites, of which one is known."""
    named = _site(left) != _site(right)
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
    dates = given(left.date, left.url), given(right.date, right.url)
    first, second = map(seconds, dates)
    if first is None or second is None or abs(first - second) < DAY_S:
        return []
    side: Literal["left", "right"] = "left" if first < second else "right"
    return [(side, _dated(*dates, side))]


def _dated(left: str, right: str, side: str) -> str:
    earlier, later = (left, right) if side == "left" else (right, left)
    return f"the {side} text is dated earlier ({earlier}, not {later})"


def _moment(date: str) -> float:
    moment = seconds(date)
    return math.nan if moment is None else moment


def _document(corpus: Corpus, row: int) -> Document:
    start, end = corpus.texts.offsets[row : row + 2].tolist()
    text = corpus.texts.values[start:end].tobytes().decode("utf-8", "surrogatepass")
    return Document(id="", text=text, url=corpus.urls[row], source=corpus.sources[row], date=corpus.dates[row])


def _site(document: Document) -> str:
    return site(document.source, host(document.url))


def _names(name: str, document: Document) -> bool:
    """Whether a credited name is the site of a document, as its source or its host."""
    wanted = _letters(name)
    own_host = host(document.url)
    known = [_letters(document.source), _letters(own_host), _letters(own_host.rsplit(".", 1)[0])]
    return bool(wanted) and any(
        name and (wanted == name or wanted.removeprefix("the") == name.removeprefix("the")) for name in known
    )


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def _may_credit(texts: Texts, rows: Rows) -> NDArray[np.bool_]:
    """Which texts are worth searching."""
    found, looked_for = np.zeros(len(rows), np.bool_), _looked_for()
    room = np.empty(3 * LONGEST_PHRASE, np.uint8)
    kernel.may_credit(texts.values, texts.offsets, rows, EDGE_CHARACTERS, DATELINE_CHARACTERS, *looked_for, room, found)
    return found


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


class _LookedFor(NamedTuple):
    """Phrases and tags as bytes end to end, and the first bytes of phrases."""

    folded: Bytes
    phrases: Bytes
    phrase_offsets: Rows
    keys: Hashes
    slots: NDArray[np.bool_]
    tags: Bytes
    tag_offsets: Rows


@cache
def _looked_for() -> _LookedFor:
    literals = sorted({literal for literal, _ in _derived()})
    keys, slots = np.empty(len(literals), np.uint64), np.zeros(kernel.SLOTS, np.bool_)
    for k, literal in enumerate(literals):
        encoded = literal.encode()
        if not kernel.KEY_BYTES <= len(encoded) <= LONGEST_PHRASE:
            raise ValueError(f"a credit phrase must have {kernel.KEY_BYTES} to {LONGEST_PHRASE} bytes, got {literal}")
        keys[k] = int.from_bytes(encoded[: kernel.KEY_BYTES], "big")
        slots[kernel.key_slot(keys[k])] = True
    (phrases, sizes), (tags, tag_sizes) = pack(literals), pack(_wires()[0])
    folded = np.array(
        [0, *(ord(" " if c.isspace() else c.lower()) for c in map(chr, range(1, 128))), *[0] * 128], np.uint8
    )
    return _LookedFor(folded, phrases, offsets(sizes), keys, slots, tags, offsets(tag_sizes))


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
