"""The results as tables in Markdown, made from the file and from nothing else."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any


def render(result: dict[str, Any]) -> str:
    """Every part that there is a result of."""
    known: dict[str, Callable[[Any], str]] = {
        "by_script": _by_script, "by_length": _by_length, "by_places": _by_places, "json_lines": _json_lines,
        "threads": _threads, "grouping": _grouping, "memory_use": _memory, "estimates": _estimates, "peers": _peers,
        "word_hashes": _plain, "differences": _plain, "start_up": _plain,
    }  # fmt: skip
    about = result["machine"]
    machine = f"{about['processor']} ({about['target']}), Python {about['python']}"
    given = ", ".join(result["given"]) or "no language"
    rounds = ", ".join(f"{name} {n}" for name, n in result.get("rounds", {}).items() if n > 1)
    note = f" The best of several rounds: {rounds}; all else was measured once." if rounds else ""
    head = f"# The hot loop\n\n{machine}. Real texts of {given}; made up for the others.{note}\n"
    return "\n".join([head, *(f"## {name}\n\n{known[name](result[name])}" for name in known if name in result)])


def _table(head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)


def _by_script(part: dict[str, Any]) -> str:
    stages = list(next(iter(part.values())))
    rows = [[name, *(f"{p[s]['MB_per_s']:.0f} ({p[s]['ns_per_token']})" for s in stages)] for name, p in part.items()]
    return "MB/s (ns a token), each with all stages before it.\n\n" + _table(["", *stages], rows)


def _by_length(part: dict[str, Any]) -> str:
    return _table(["tokens a text", "fss32 MB/s", "texts/s", "affine32 MB/s", "texts/s"], _pairs(part))


def _by_places(part: dict[str, Any]) -> str:
    return _table(["places", "fss32 MB/s", "texts/s", "affine32 MB/s", "texts/s"], _pairs(part))


def _pairs(part: dict[str, Any]) -> list[list[object]]:
    fields = ("MB_per_s", "documents_per_s")
    return [[n, *(p[s][field] for s in ("fss32", "affine32") for field in fields)] for n, p in part.items()]


def _json_lines(part: dict[str, Any]) -> str:
    return _table(
        ["", *next(iter(part.values()))], [[n, *(s["MB_per_s"] for s in p.values())] for n, p in part.items()]
    )


def _threads(part: dict[str, Any]) -> str:
    kinds = {"json_lines": "JSON lines to band keys", "stage": "texts to sketches"}
    rows = [[kinds[name], one["1"]["MB_per_s"], one["2"]["MB_per_s"], one["gain"]] for name, one in part.items()]
    note = "By the clock on the wall; the gain is the median of windows in which one thread and two took turns.\n\n"
    return note + _table(["MB/s", "one thread", "two", "gain"], rows)


def _grouping(part: list[dict[str, Any]]) -> str:
    fields = ("share", "group_ns", "unite_ns", "sort_ns", "argsort_ns")
    note = (
        f"CPU nanoseconds a key, {part[0]['n_keys']:,} keys of which a share repeats another; NumPy's sorts beside.\n\n"
    )
    return note + _table([field.replace("_", " ") for field in fields], [[one[f] for f in fields] for one in part])


def _memory(part: dict[str, Any]) -> str:
    kept = "4 a place of the signature, 8 a fingerprint and 48 of hashes and counts are kept beside its text"
    return f"Bytes a document: {kept}; while candidates are sought 105 more, and 48 a pair.\n\n" + _plain(part)


def _estimates(part: list[dict[str, Any]]) -> str:
    sizes = sorted({cell["size"] for cell in part})
    kinds = dict.fromkeys((cell["scheme"], cell["n_hashes"]) for cell in part)
    rows = [[scheme, n, *(_worst(part, scheme, n, size) for size in sizes)] for scheme, n in kinds]
    note = "RMSE over sqrt(J (1 - J) / places), root mean square over J of 0.05 to 0.95, by shingles of the union.\n\n"
    return note + _table(["", "places", *map(str, sizes)], rows)


def _worst(part: list[dict[str, Any]], scheme: str, n_hashes: int, size: int) -> str:
    found = [c["ratio"] ** 2 for c in part if (c["scheme"], c["n_hashes"], c["size"]) == (scheme, n_hashes, size)]
    return f"{(sum(found) / len(found)) ** 0.5:.3f}"


def _peers(part: dict[str, Any]) -> str:
    rows: list[list[object]] = [[f"dedup, {name}", one["MB_per_s"]] for name, one in part["ours"].items()]
    if part["reference"]:
        rows.append(["the loop in C, affine32", part["reference"]["MB_per_s"]])
    rows += [[f"{n} {p.get('version', '')}", p.get("MB_per_s", "failed")] for n, p in part["peers"].items()]
    return _table(["text in, signature out", "MB/s"], rows)


def _plain(part: dict[str, Any]) -> str:
    return _table(["", ""], [[name, value] for name, value in part.items()])
