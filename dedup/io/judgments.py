"""What people said of pairs: JSON lines of `a`, `b` and `class`, the labelled pairs that `benchmarks/quality` reads."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from dedup.errors import InputError
from dedup.io import json_lines, outputs
from dedup.io.results import dump

__all__ = ["JUDGMENTS", "Judged", "Judgment", "read", "write"]

Judgment: TypeAlias = Literal["same", "different", "unsure"]
JUDGMENTS: tuple[Judgment, ...] = ("same", "different", "unsure")
LIGHT_RESEMBLANCE = 0.1
CLASS_APART = {"template": "template", "quote": "quote", "excerpt": "excerpt"}
"""What two different texts are that stand in a relation; of any other they tell the same story."""


class Judged(NamedTuple):
    """One pair, the lesser id first: `sampled` when asked for by chance; `scan` is the digest of its settings."""

    a: str
    b: str
    judgment: Judgment
    relation: str
    together: bool
    sampled: bool
    resemblance: float
    scan: str

    def kind(self) -> str:
        """Its class among labelled pairs; what nobody is sure of has a class of its own, which no score counts."""
        if self.judgment == "unsure":
            return "unsure"
        if self.judgment == "different":
            return CLASS_APART.get(self.relation, "same_story")
        if self.relation in ("exact", "same_text", "near", "syndicated"):
            return "copy"
        return "light" if self.resemblance >= LIGHT_RESEMBLANCE else "heavy"


def read(path: Path) -> dict[tuple[str, str], Judged]:
    """All judgments by both ids; none where there is no file."""
    if not path.exists():
        return {}
    found = {}
    try:
        with path.open("rb") as stream:
            for number, line in json_lines.objects(stream, 1 << 24):
                judged = _judged(line, f"{path}:{number}")
                found[judged.a, judged.b] = judged
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    return found


def write(path: Path, judged: Iterable[Judged]) -> None:
    """All judgments, in the place of those that were there; on the disk when this returns."""
    outputs.write_file(path, (dump(_fields(item)) + b"\n" for item in judged))


def _fields(item: Judged) -> dict[str, object]:
    return {"a": item.a, "b": item.b, "class": item.kind(), "corpus": "review", **item._asdict()}


def _judged(line: json_lines.Object | str, place: str) -> Judged:
    if isinstance(line, str):
        raise InputError(f"{place}: {line}")
    try:
        judgment = next(known for known in JUDGMENTS if known == line["judgment"])
        return Judged(
            a=str(line["a"]), b=str(line["b"]), judgment=judgment, relation=str(line["relation"]),
            together=line["together"] is True, sampled=line["sampled"] is True,
            resemblance=float(str(line["resemblance"])), scan=str(line["scan"]),
        )  # fmt: skip
    except (KeyError, ValueError, StopIteration):
        raise InputError(f"{place}: not a judgment of `dedup review`") from None
