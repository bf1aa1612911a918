"""What a scan wrote, read back to be shown: settings, matches in the form that a page takes, and texts."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from glob import glob
from inspect import signature
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

import orjson

from dedup.config import (
    AlignConfig,
    CandidateConfig,
    ClusterConfig,
    Config,
    EvidenceConfig,
    InputConfig,
    PassageConfig,
    RelationConfig,
    ReportConfig,
    SketchConfig,
)
from dedup.errors import ConfigError, InputError
from dedup.io import json_lines, outputs, reports, result_tables
from dedup.io.compressed import chunks
from dedup.records import RELATIONS, Cluster, Decision, Match, Passage, Span

__all__ = [
    "Kept",
    "collections",
    "decided",
    "dump",
    "earlier",
    "input_of",
    "joined",
    "links",
    "matches",
    "matches_of",
    "outdated",
    "passages",
    "readable",
    "resemblance",
    "scan_of",
    "settings",
    "summary",
    "write_regrouped",
]

MAX_LINE_BYTES = (1 << 31) - 1
SOURCES: tuple[Literal["left", "right", "unknown"], ...] = ("left", "right", "unknown")
SURROGATES = dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)

N = TypeVar("N", bound=str)
S = TypeVar("S")


class Kept(NamedTuple):
    """A match with its measures and passages already packed as JSON, since few of many are ever looked at.

    `packed` has `relation`, `resemblance`, `left_in_right`, `right_in_left`, `confidence`, `source`, `reasons`, and
    `passages` as one flat list: start and end in the left text, in the right text, tokens, 1 if quoted.
    """

    left: str
    right: str
    relation: str
    source: str
    confidence: float
    coverage: float
    packed: bytes


def summary(folder: Path) -> json_lines.Object:
    """The content of `summary.json`; InputError where the folder is not the output of a scan."""
    path = Path(folder) / "summary.json"
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"{folder} must be the output of a scan: {path.name}: {error.strerror or error}") from None
    except ValueError as error:
        raise InputError(f"{path} is damaged: {error}") from None
    if not isinstance(found, dict):
        raise InputError(f"{path} must hold an object, got {type(found).__name__}")
    return found


def matches(folder: Path) -> Iterator[Kept]:
    """Every match of `matches.jsonl`, in its order; InputError where a line is none."""
    path = Path(folder) / "matches.jsonl"
    try:
        with path.open("rb") as stream:
            for number, found in json_lines.objects(chunks(stream), MAX_LINE_BYTES):
                try:
                    yield _kept(found)
                except (KeyError, TypeError, ValueError) as error:
                    raise InputError(f"{path}:{number}: not a match: {error}") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None


def matches_of(folder: Path, ids: Collection[str]) -> Iterator[Match]:
    """The matches of which either side is among `ids`. Only lines that name one are parsed."""
    names = [form for name in ids for form in {dump(readable(name)), json.dumps(name).encode()}]
    path = Path(folder) / "matches.jsonl"
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                if any(name in line for name in names):
                    for _, found in json_lines.objects([line], MAX_LINE_BYTES):
                        match = reports.match_of(found, f"{path}:{number}")
                        if match.left in ids or match.right in ids:
                            yield match
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None


def links(folder: Path) -> Iterator[Match]:
    """Every match without its passages."""
    path = Path(folder) / "matches.jsonl"
    try:
        with path.open("rb") as stream:
            for number, found in json_lines.objects(chunks(stream), MAX_LINE_BYTES):
                yield _match(found, f"{path}:{number}")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None


def write_regrouped(
    source: Path, folder: Path, clusters: Iterable[Cluster], decisions: Iterable[Decision], told: Mapping[str, object]
) -> None:
    """Write results with other clusters into a folder of their own; the matches stay as they are in `source`."""
    # Tables of an earlier scan into the folder tell of other clusters.
    remove = partial(result_tables.remove, Path(folder))
    with (Path(source) / "matches.jsonl").open("rb") as matches_as_they_are:
        contents = (
            iter(partial(matches_as_they_are.read, 1 << 20), b""),
            (reports.cluster_json(cluster) + b"\n" for cluster in clusters),
            (reports.decision_json(decision) + b"\n" for decision in decisions),
            (_indented(told) + b"\n",),
        )
        outputs.write_files(Path(folder), dict(zip(reports.FILES, contents, strict=True)), remove)


def _indented(told: Mapping[str, object]) -> bytes:
    """JSON over many lines; where it holds a lone surrogate, which is no UTF-8, all but ASCII is escaped."""
    try:
        return json.dumps(told, indent=2, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(told, indent=2).encode()


def _match(found: json_lines.Object | str, place: str) -> Match:
    try:
        if not isinstance(found, dict):
            raise ValueError(found)
        reasons, quotes = found["reasons"], found.get("quotes", [])
        return Match(
            left=_string(found["left"]), right=_string(found["right"]), relation=_one_of(RELATIONS, found["relation"]),
            resemblance=_number(found["resemblance"]), left_in_right=_number(found["left_in_right"]),
            right_in_left=_number(found["right_in_left"]), coverage=_number(found["coverage"]),
            confidence=_number(found["confidence"]), source=_one_of(SOURCES, found["source"]),
            reasons=tuple(map(_string, reasons if isinstance(reasons, list) else [])),
            quotes=tuple(map(_string, quotes if isinstance(quotes, list) else [])),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{place}: not a match: {error}") from None


def _one_of(names: tuple[N, ...], value: json_lines.Json) -> N:
    for name in names:
        if name == value:
            return name
    raise ValueError(f"one of {', '.join(names)} was expected, got {value}")


def decided(folder: Path) -> Iterator[str]:
    """The id of every document that the scan read; InputError where a line is no decision."""
    path = Path(folder) / "decisions.jsonl"
    try:
        with path.open("rb") as stream:
            for number, found in json_lines.objects(chunks(stream), MAX_LINE_BYTES):
                if not isinstance(found, dict) or not isinstance(id_ := found.get("id"), str):
                    raise InputError(f"{path}:{number}: not a decision")
                yield id_
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None


def earlier(folder: Path, told: json_lines.Object, clusters: Iterable[Cluster]) -> set[str]:
    """The clustered documents that were there before a scan `--against` them: all are kept, and none is decided of."""
    if not told.get("against"):
        return set()
    return {member.id for cluster in clusters for member in cluster.members}.difference(decided(folder))


def input_of(told: json_lines.Object, docs: Sequence[str]) -> tuple[list[str], InputConfig]:
    """Where the documents are and how they are read: `docs`, or as the scan did."""
    recorded = told.get("inputs")
    paths = list(docs) or ([str(path) for path in recorded] if isinstance(recorded, list) else [])
    if not paths or paths == ["-"]:
        raise InputError("the results do not say where their documents are: give --docs PATH")
    gone = [path for path in paths if not docs and not _is_there(path)]
    if gone:
        raise InputError(f"the documents were read from {gone[0]}, which is not found from here: give --docs PATH")
    return paths, settings(told).input


def collections(told: json_lines.Object, paths: list[str]) -> list[list[str]]:
    """The paths by collection, that of older documents last, as each names its files for itself."""
    against = told.get("against_inputs")
    n_old = len(against) if isinstance(against, list) and paths == told.get("inputs") else 0
    return [paths[:-n_old], paths[-n_old:]] if n_old else [paths]


def _is_there(path: str) -> bool:
    """As far as can be told without a network."""
    bare = path.removeprefix("@")
    return "://" in bare or Path(bare).exists() or bool(glob(bare, recursive=True))


def scan_of(told: json_lines.Object) -> str:
    """What tells results from others of the same documents: the digest of their settings, and any regrouping."""
    again = told.get("reclustered")
    return str(told.get("settings_digest")) + (f" {json.dumps(again, sort_keys=True)}" if again else "")


def settings(told: json_lines.Object) -> Config:
    """The settings that a summary records; what this version does not know is passed over."""
    recorded = told.get("settings")
    given = recorded if isinstance(recorded, dict) else {}
    return Config(
        input=_section(InputConfig, given.get("input")), sketch=_section(SketchConfig, given.get("sketch")),
        candidates=_section(CandidateConfig, given.get("candidates")),
        passages=_section(PassageConfig, given.get("passages")),
        evidence=_section(EvidenceConfig, given.get("evidence")), align=_section(AlignConfig, given.get("align")),
        relation=_section(RelationConfig, given.get("relation")),
        cluster=_section(ClusterConfig, given.get("cluster")), report=_section(ReportConfig, given.get("report")),
    )  # fmt: skip


def _section(section: Callable[..., S], given: json_lines.Json) -> S:
    defaults = {name: parameter.default for name, parameter in signature(section).parameters.items()}
    values = given.items() if isinstance(given, dict) else ()
    used = {name: tuple(v) if isinstance(v, list) else v for name, v in values if name in defaults}
    try:
        return section(**used)
    except ConfigError as error:
        raise InputError(f"the settings of the results are damaged: {error}") from None


def readable(text: str) -> str:
    """`text` with each lone surrogate replaced by one character, so that it can be written as UTF-8."""
    return text if text.isascii() else text.translate(SURROGATES)


def dump(value: object) -> bytes:
    """Compact JSON; what orjson refuses, a lone surrogate, is escaped."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode()


def resemblance(packed: bytes) -> float:
    """That of a packed match."""
    return float(orjson.loads(packed)["resemblance"])


def passages(packed: bytes) -> list[Passage]:
    """Those of a packed match."""
    flat = orjson.loads(packed)["passages"]
    rows = zip(*(flat[k::6] for k in range(6)), strict=True)
    return [Passage(Span(a, b), Span(c, d), n_tokens, bool(quoted)) for a, b, c, d, n_tokens, quoted in rows]


def outdated(packed: bytes) -> bytes:
    """A packed match of texts that have changed since: `changed`, and without passages."""
    return dump({**orjson.loads(packed), "passages": [], "changed": True})


def joined(pieces: list[bytes]) -> bytes:
    """A JSON array of values that are JSON already."""
    return b"[" + b",".join(pieces) + b"]"


def _kept(found: json_lines.Object | str) -> Kept:
    if not isinstance(found, dict):
        raise ValueError(found)
    return Kept(
        left=_string(found["left"]), right=_string(found["right"]), relation=_string(found["relation"]),
        source=_one_of(SOURCES, found["source"]), confidence=_number(found["confidence"]),
        coverage=_number(found["coverage"]), packed=_packed(found),
    )  # fmt: skip


def _packed(found: json_lines.Object) -> bytes:
    names = ("relation", "resemblance", "left_in_right", "right_in_left", "confidence", "source")
    reasons, passages = found["reasons"], found["passages"]
    if not isinstance(reasons, list) or not isinstance(passages, list):
        raise TypeError("reasons and passages must be lists")
    flat: list[json_lines.Json] = []
    for passage in passages:
        if not isinstance(passage, dict):
            raise TypeError("a passage must be an object")
        left, right = passage["left"], passage["right"]
        if not (isinstance(left, list) and isinstance(right, list) and len(left) == len(right) == 2):
            raise TypeError("a span must be a start and an end")
        flat += (*left, *right, passage["n_tokens"], 1 if passage.get("quoted") is True else 0)
    told = {name: found[name] for name in names}
    return dump(told | {"reasons": [readable(_string(reason)) for reason in reasons], "passages": flat})


def _string(value: json_lines.Json) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a string was expected, got {value}")
    return value


def _number(value: json_lines.Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"a number was expected, got {value}")
    return float(value)
