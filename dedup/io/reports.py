"""Reports out: the four files of a scan, and matches and clusters read back."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias, TypeVar

import orjson

from dedup.errors import InputError
from dedup.io import json_lines, outputs
from dedup.io.compressed import chunks
from dedup.records import RELATIONS, SOURCES, Cluster, Decision, Match, Member, Passage, Passages, Report, Span

__all__ = [
    "SpreadBlocks",
    "check_file",
    "check_target",
    "cluster_json",
    "decision_json",
    "match_json",
    "match_of",
    "read_clusters",
    "read_matches",
    "report_json",
    "write",
    "write_matches",
]

FILES = ("matches.jsonl", "clusters.jsonl", "decisions.jsonl", "summary.json")
"""In the order in which they appear: the summary says that the rest is there."""

# A line of ours holds ids, spans and a few words.
_MAX_LINE_BYTES = (1 << 31) - 1
_N_DIGITS = 6

T = TypeVar("T")
N = TypeVar("N", bound=str)
Fields: TypeAlias = dict[str, object]
SpreadBlocks: TypeAlias = Callable[[Callable[[slice], bytes], Iterable[slice]], Iterable[bytes]]
"""A map over parts of what is written, which keeps their order."""


def check_target(folder: Path, inputs: Sequence[str]) -> None:
    """OutputError where a report cannot go to the folder, or must not: foreign files in it, or an input in its way."""
    outputs.check_free(folder, inputs)
    outputs.check_ours(folder, FILES)
    outputs.check_writable(folder)


def check_file(path: Path, inputs: Sequence[str]) -> None:
    """OutputError where one file of output cannot be written, or would take the place of an input."""
    outputs.check_free(path, inputs)
    outputs.check_no_folder(path)
    outputs.check_writable(path)


def write(
    report: Report, folder: Path, between: Callable[[], None] = lambda: None, spread: SpreadBlocks = map,
    before: Callable[[], None] = lambda: None,
) -> None:  # fmt: skip
    """Write the report's files into a new folder, or over an earlier report.

    `spread` maps over parts of a file, in threads perhaps, each of which calls `between` now and then; `before` is
    called when all files are on the disk and none has appeared.
    """
    # Here and not above, as it brings in the compiler.
    from dedup.io import result_lines

    contents = (
        result_lines.lines(report.matches, match_json, between, spread),
        result_lines.lines(report.clusters, cluster_json, between, spread),
        result_lines.lines(report.decisions, decision_json, between, spread),
        (_dump(_summary_fields(report), indent=2) + b"\n",),
    )
    outputs.write_files(Path(folder), dict(zip(FILES, contents, strict=True)), before)


def write_matches(matches: Iterable[Match], path: Path) -> None:
    """Write matches as JSON lines into one file."""
    outputs.write_file(Path(path), (match_json(match) + b"\n" for match in matches))


def match_json(match: Match) -> bytes:
    """One line of `matches.jsonl`, without its end."""
    return _dump(_match_fields(match))


def cluster_json(cluster: Cluster) -> bytes:
    """One line of `clusters.jsonl`, without its end."""
    return _dump(_cluster_fields(cluster))


def decision_json(decision: Decision) -> bytes:
    """One line of `decisions.jsonl`, without its end."""
    return _dump(_decision_fields(decision))


def report_json(report: Report) -> bytes:
    """The whole report as one line of JSON, with its end."""
    return (
        _dump(
            {
                "matches": [_match_fields(match) for match in report.matches],
                "clusters": [_cluster_fields(cluster) for cluster in report.clusters],
                "decisions": [_decision_fields(decision) for decision in report.decisions],
                "summary": _summary_fields(report),
            }
        )
        + b"\n"
    )


def read_matches(path: Path) -> Iterator[Match]:
    """The matches of a `matches.jsonl`; InputError where a line is none."""
    return _read(Path(path), _match)


def match_of(found: json_lines.Object | str, place: str) -> Match:
    """The match of one line, which stands at `place`; InputError where it is none."""
    return _parsed(found, _match, place)


def read_clusters(path: Path) -> Iterator[Cluster]:
    """The clusters of a `clusters.jsonl`; InputError where a line is none."""
    return _read(Path(path), _cluster)


def _match_fields(match: Match) -> Fields:
    fields: Fields = {
        "left": match.left,
        "right": match.right,
        "relation": match.relation,
        "resemblance": _score(match.resemblance),
        "left_in_right": _score(match.left_in_right),
        "right_in_left": _score(match.right_in_left),
        "coverage": _score(match.coverage),
        "source": match.source,
        "passages": _passage_fields(match.passages),
        "reasons": list(match.reasons),
        "confidence": _score(match.confidence),
    }
    return fields | {"quotes": list(match.quotes)} if match.quotes else fields


def _passage_fields(passages: Sequence[Passage]) -> list[Fields]:
    """Columns go by without a `Passage` in between, which takes as long as writing it."""
    rows = passages.rows.tolist() if isinstance(passages, Passages) else map(_row, passages)
    plain = [({"left": [a, b], "right": [c, d], "n_tokens": n}, quoted) for a, b, c, d, n, quoted in rows]
    return [fields | {"quoted": True} if quoted else fields for fields, quoted in plain]


def _row(passage: Passage) -> tuple[int, int, int, int, int, bool]:
    (a, b), (c, d) = passage.left, passage.right
    return int(a), int(b), int(c), int(d), int(passage.n_tokens), passage.quoted


def _cluster_fields(cluster: Cluster) -> Fields:
    return {
        "cluster": cluster.id,
        "representative": cluster.representative,
        "size": len(cluster.members),
        "weakest": _score(cluster.weakest),
        "members": [
            {"id": member.id, "relation": member.relation, "resemblance": _score(member.resemblance)}
            for member in cluster.members
        ],
    }


def _decision_fields(decision: Decision) -> Fields:
    return {
        "id": decision.id,
        "keep": bool(decision.keep),
        "cluster": decision.cluster,
        "representative": decision.representative,
        "relation": decision.relation,
    }


def _summary_fields(report: Report) -> Fields:
    return {**report.summary, "skipped": [{"place": item.place, "reason": item.reason} for item in report.skipped]}


def _score(value: float) -> float:
    return round(float(value), _N_DIGITS)


def _dump(fields: Fields, indent: int | None = None) -> bytes:
    try:
        return orjson.dumps(fields, option=orjson.OPT_INDENT_2 if indent else 0)
    except TypeError:
        # orjson refuses lone surrogates, which an id may hold as well as a text.
        separators = (",", ": ") if indent else (",", ":")
        return json.dumps(fields, indent=indent, separators=separators).encode()


def _read(path: Path, parse: Callable[[json_lines.Object], T]) -> Iterator[T]:
    try:
        with path.open("rb") as stream:
            for number, found in json_lines.objects(chunks(stream), _MAX_LINE_BYTES):
                yield _parsed(found, parse, f"{path}:{number}")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None


def _parsed(found: json_lines.Object | str, parse: Callable[[json_lines.Object], T], place: str) -> T:
    if isinstance(found, str):
        raise InputError(f"{place}: {found}")
    try:
        return parse(found)
    except KeyError as error:
        raise InputError(f'{place}: no field "{error.args[0]}"') from None
    except (TypeError, ValueError) as error:
        raise InputError(f"{place}: {error}") from None


def _match(found: json_lines.Object) -> Match:
    return Match(
        left=_string(found["left"]),
        right=_string(found["right"]),
        relation=_one_of(RELATIONS, found["relation"]),
        resemblance=_number(found["resemblance"]),
        left_in_right=_number(found["left_in_right"]),
        right_in_left=_number(found["right_in_left"]),
        coverage=_number(found["coverage"]),
        source=_one_of(SOURCES, found["source"]),
        passages=tuple(_passage(_object(item)) for item in _list(found["passages"])),
        reasons=tuple(_string(item) for item in _list(found["reasons"])),
        confidence=_number(found["confidence"]),
        quotes=tuple(_string(item) for item in _list(found.get("quotes", []))),
    )


def _passage(found: json_lines.Object) -> Passage:
    return Passage(
        left=_span(found["left"]),
        right=_span(found["right"]),
        n_tokens=_integer(found["n_tokens"]),
        quoted=found.get("quoted") is True,
    )


def _span(value: json_lines.Json) -> Span:
    start, end = _list(value)
    return Span(start=_integer(start), end=_integer(end))


def _cluster(found: json_lines.Object) -> Cluster:
    return Cluster(
        id=_string(found["cluster"]),
        representative=_string(found["representative"]),
        weakest=_number(found["weakest"]),
        members=tuple(_member(_object(item)) for item in _list(found["members"])),
    )


def _member(found: json_lines.Object) -> Member:
    return Member(
        id=_string(found["id"]),
        relation=_one_of(RELATIONS, found["relation"]),
        resemblance=_number(found["resemblance"]),
    )


def _one_of(names: tuple[N, ...], value: json_lines.Json) -> N:
    for name in names:
        if name == value:
            return name
    raise ValueError(f"one of {', '.join(names)} was expected, got {value}")


def _string(value: json_lines.Json) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a string was expected, got {value}")
    return value


def _number(value: json_lines.Json) -> float:
    if not isinstance(value, int | float):
        raise TypeError(f"a number was expected, got {value}")
    return float(value)


def _integer(value: json_lines.Json) -> int:
    if not isinstance(value, int):
        raise TypeError(f"an integer was expected, got {value}")
    return value


def _list(value: json_lines.Json) -> list[json_lines.Json]:
    if not isinstance(value, list):
        raise TypeError(f"an array was expected, got {value}")
    return value


def _object(value: json_lines.Json) -> json_lines.Object:
    if not isinstance(value, dict):
        raise TypeError(f"an object was expected, got {value}")
    return value
