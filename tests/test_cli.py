"""The command line as its user meets it: exit codes, what goes to which stream, every fault of the input."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from dedup.pipeline import BATCH_BYTES
from tests import commands

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
TEXT = "The council met on Tuesday to discuss the new bridge over the river, which had been closed since the flood."


def dedup(*arguments: object, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    return commands.run(*arguments, stdin=stdin, **environment)


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def jsonl(*documents: object) -> bytes:
    return b"".join(json.dumps(document).encode() + b"\n" for document in documents)


def test_scan__shows_one_cluster_of_the_seeds_with_its_reasons_and_passages():
    done = dedup("scan", SEEDS)
    shown = " ".join(done.stderr.decode().split())
    assert done.returncode == 0
    assert done.stdout == b""
    assert "Cluster 1: 2 documents" in shown
    assert "Cluster 2" not in shown
    assert "000_deab5d559f856553.txt rewrite" in shown
    assert "shared passages" in shown
    assert "plans to escape Tehran with a close circle" in shown
    assert "Not duplicates (3): 002_234251e65190c70f.txt, 003_5e8c46fbbb5ec075.txt, 004_2110286fe3a8b854.txt" in shown


def test_scan__shows_shared_quotations_when_all_relations_are_asked_for():
    shown = " ".join(dedup("scan", SEEDS, "--relations", "all").stderr.decode().split())
    assert "001_0c92269d4749acfe.txt and 004_2110286fe3a8b854.txt quote" in shown
    assert "have plotted an exit route out of Tehran" in shown


def test_scan__writes_the_four_files_of_the_contract(tmp_path):
    assert dedup("scan", SEEDS, "-o", tmp_path / "out", "-q").returncode == 0
    (match,) = lines(tmp_path / "out" / "matches.jsonl")
    (cluster,) = lines(tmp_path / "out" / "clusters.jsonl")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert list(match)[:10] == [
        "left", "right", "relation", "resemblance", "left_in_right", "right_in_left", "coverage", "source",
        "passages", "reasons",
    ]  # fmt: skip
    assert list(cluster) == ["cluster", "representative", "size", "weakest", "members"]
    assert [list(d) for d in lines(tmp_path / "out" / "decisions.jsonl")] == [
        ["id", "keep", "cluster", "representative", "relation"]
    ] * 5
    assert {"documents", "clusters", "settings", "settings_digest", "versions", "timings", "skipped", "cut"} <= set(
        summary
    )


@pytest.mark.parametrize(
    "words",
    [
        ("scan", "a"), ("plan", "a"), ("compare", "--pairs", "a", "--docs", "a"), ("report", "a"), ("recluster", "a"),
        ("filter", "--index", "a"), ("index", "export", "a"), ("bench",),
    ],
    ids=" ".join,
)  # fmt: skip
def test_output__of_no_name_is_refused(words):
    done = dedup(*words, "-o", "")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Invalid value for '-o' / '--output': it must not be empty" in done.stderr


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("scan", "a", "--events", ""), "'--events'"), (("audit", "a", "--judgments", ""), "'--judgments'"),
        (("review", "a", "--judgments", ""), "'--judgments'"), (("report", ""), "'OUT'"), (("audit", ""), "'OUT'"),
        (("filter", "--index", "a", "--rejects", ""), "'--rejects'"),
        (("compare", "--docs", "a", "--pairs", ""), "'--pairs'"),
    ],
)  # fmt: skip
def test_path__that_is_empty_is_refused_by_the_name_of_its_option(words, name):
    done = dedup(*words)
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"Invalid value for {name}: it must not be empty" in " ".join(done.stderr.decode().split())


def test_path__that_is_empty_is_no_part_of_a_split_and_no_input(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl({"text": "one"}))
    done = dedup("scan", path, "--split", "", tmp_path / "r.jsonl")
    told = f"--split takes the names of two files, got '' and '{tmp_path / 'r.jsonl'}'"
    assert (done.returncode, done.stderr.decode()) == (2, f"dedup: {told}\n")
    for words in (("scan", ""), ("scan", path, "--against", ""), ("compare", "", path)):
        done = dedup(*words, "-q") if words[0] == "scan" else dedup(*words)
        assert (done.returncode, done.stderr) == (1, b"dedup: the path of an input must not be empty\n")


def test_scan__gives_the_same_bytes_for_any_order_of_lines_and_any_number_of_threads(tmp_path):
    documents = [{"id": p.name, "text": p.read_text(encoding="utf-8")} for p in sorted(SEEDS.iterdir())]
    outputs = []
    for number, (order, threads) in enumerate(
        [(documents, 1), (documents[::-1], 2), (documents[2:] + documents[:2], 8)]
    ):
        path = tmp_path / f"{number}.jsonl"
        path.write_bytes(jsonl(*order))
        assert dedup("scan", path, "-o", tmp_path / str(number), "--threads", threads, "-q").returncode == 0
        names = ("matches.jsonl", "clusters.jsonl", "decisions.jsonl")
        outputs.append([(tmp_path / str(number) / name).read_bytes() for name in names])
    assert outputs[0] == outputs[1] == outputs[2]


def test_scan__gives_the_same_bytes_for_any_number_of_threads_where_formats_share_ids(tmp_path):
    rows = [{"id": str(i), "text": f"{'many other words ' * 40}{i % 7} {i}"} for i in range(300)]
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.jsonl").write_bytes(jsonl(*rows))
    (tmp_path / "d.csv").write_text("".join(["id,text\n", *(f"{row['id']},{row['text']} d\n" for row in rows)]))
    small = "import dedup.pipeline as p; p.BATCH_BYTES = 20_000"
    written = set()
    for threads in ("1", "2", "8"):
        out = tmp_path / threads
        inputs = [tmp_path / name for name in ("a.jsonl", "b.jsonl", "d.csv", "c.jsonl")]
        assert commands.run("scan", *inputs, "-o", out, "-q", "--threads", threads, first=small).returncode == 0
        written.add((out / "decisions.jsonl").read_bytes() + (out / "matches.jsonl").read_bytes())
    assert len(written) == 1
    assert b'"id":"5#4"' in written.pop()


def test_scan__to_a_full_device_is_an_error_of_one_line(tmp_path):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "dedup", "scan", str(SEEDS), "--json", "-q"], stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 1
    assert done.stderr.decode().startswith("dedup: cannot read or write the output: No space left")


def test_scan__reads_stdin_and_gzip_and_other_field_names(tmp_path):
    content = jsonl({"key": "a", "body": TEXT}, {"key": "b", "body": TEXT.upper()})
    (tmp_path / "docs.jsonl.gz").write_bytes(gzip.compress(content))
    fields = ("--id-field", "key", "--text-field", "body", "--json")
    for done in (dedup("scan", "-", *fields, stdin=content), dedup("scan", tmp_path / "docs.jsonl.gz", *fields)):
        report = json.loads(done.stdout)
        assert [m["relation"] for m in report["clusters"][0]["members"]] == ["exact", "same_text"]


def test_scan__names_every_fault_of_the_input_and_loses_nothing_else(tmp_path):
    path = tmp_path / "docs.jsonl"
    path.write_bytes(
        b'{"id": "a", "text": "' + TEXT.encode() + b'"}\nnot json\n{"id": "c"}\n{"id": "d", "text": 7}\n'
        b'{"id": "e", "text": "\xff"}\n{"id": "a", "text": "one"}\n{"id": "g", "text": "\\ud800 two"}\n'
        b'{"id": "h", "text": ""}\n'
    )
    done = dedup("scan", path, "-o", tmp_path / "out")
    assert done.returncode == 0
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    places = [note["place"].rpartition(":")[2] for note in summary["skipped"]]
    assert places == ["2", "3", "4", "5", "6", "h"]
    assert [d["id"] for d in lines(tmp_path / "out" / "decisions.jsonl")] == ["a", "a#2", "g", "h"]
    assert b"docs.jsonl:2" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["scan", "no-such-file.txt"], 1, "no-such-file.txt"),
        (["scan"], 2, "PATH"),
        (["scan", str(SEEDS), "--keep", "best"], 2, "keep must be of"),
        (["scan", str(SEEDS), "--relations", "twin"], 2, "relations must be of"),
        (["scan", str(SEEDS), "-o", str(SEEDS)], 1, "seeds"),
        (["scan", str(SEEDS), "--encoding", "latin-99"], 2, "latin-99"),
        (["compare", "one"], 2, "two files"),
        (["compare", "no-a", "no-b"], 1, "no-a"),
        (["compare", "no-a", "no-b", "-o", "no-c"], 2, "-o is for --pairs"),
        (["frobnicate"], 2, "frobnicate"),
    ],
)
def test_errors__one_line_that_says_what_and_the_right_exit_code(arguments, code, says):
    done = dedup(*arguments)
    assert done.returncode == code
    assert says in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    assert done.stdout == b""
    if done.stderr.startswith(b"dedup:"):
        assert len(done.stderr.decode().splitlines()) == 1


def test_scan__names_that_are_listed_may_stand_after_spaces():
    done = dedup("scan", SEEDS, "--keep", "earliest, longest", "--relations", "near, rewrite", "--json", "-q")
    settings = json.loads(done.stdout)["summary"]["settings"]
    assert settings["cluster"]["keep"] == ["earliest", "longest"]
    assert settings["report"]["relations"] == ["near", "rewrite"]


def test_scan__an_empty_folder_and_an_empty_stdin_are_errors(tmp_path):
    for done in (dedup("scan", tmp_path), dedup("scan", "-")):
        assert done.returncode == 1
        assert "no document found" in done.stderr.decode()


def test_scan__shows_escapes_and_bidi_controls_as_text(tmp_path):
    text = f"\x1b[31m {TEXT} \u202e [bold]{TEXT}[/bold] \x07"
    (tmp_path / "docs.jsonl").write_bytes(
        jsonl({"id": "\x1b[2J", "text": text}, {"id": "b\u202e", "text": text + " more"})
    )
    shown = dedup("scan", tmp_path / "docs.jsonl", "--relations", "all").stderr.decode()
    assert "Cluster 1" in shown
    assert not {"\x1b", "\u202e", "\x07"} & set(shown)


def test_scan__a_document_of_20_mb_and_its_copy(tmp_path):
    """Several times as large as whatever is read, kept or compared at once."""
    words = " ".join(f"w{i * 7919 % 1000003}" for i in range(2_600_000))
    assert len(words) >= 20_000_000 > 2 * BATCH_BYTES
    (tmp_path / "a.txt").write_text(words)
    (tmp_path / "b.txt").write_text(words.replace("w7919 ", "other ", 1))
    done = dedup("scan", tmp_path, "--json")
    assert done.returncode == 0, done.stderr.decode()[-500:]
    assert [m["relation"] for m in json.loads(done.stdout)["matches"]] == ["near"]


def test_compare__marks_the_shared_passages_in_both_texts():
    left, right = sorted(SEEDS.iterdir())[:2]
    done = dedup("compare", left, right)
    shown = done.stderr.decode()
    assert done.returncode == 0
    assert "rewrite" in shown.splitlines()[0]
    assert shown.count("[1 ") == shown.count(" 1]") == 2


def test_compare__json_quotes_the_original_by_its_spans():
    left, right = sorted(SEEDS.iterdir())[:2]
    match = json.loads(dedup("compare", left, right, "--json").stdout)
    texts = left.read_text(encoding="utf-8"), right.read_text(encoding="utf-8")
    assert match["relation"] == "rewrite"
    assert any("plans to escape Tehran" in texts[0][slice(*p["left"])] for p in match["passages"])
    assert any("plans to escape Tehran" in texts[1][slice(*p["right"])] for p in match["passages"])


def test_compare__in_bulk_names_every_pair_that_is_missing(tmp_path):
    (tmp_path / "docs.jsonl").write_bytes(jsonl({"id": "a", "text": TEXT}))
    (tmp_path / "pairs.jsonl").write_bytes(jsonl(*({"a": "a", "b": f"x{i}"} for i in range(20))))
    done = dedup("compare", "--pairs", tmp_path / "pairs.jsonl", "--docs", tmp_path / "docs.jsonl")
    assert [f"no document is called 'x{i}'" in done.stderr.decode() for i in range(20)] == [True] * 20
    assert "summary.json" not in done.stderr.decode()
    assert (done.returncode, done.stdout) == (1, b"")
    assert "none could be compared" in done.stderr.decode()


def test_compare__of_a_file_that_has_no_pair_at_all_is_an_error(tmp_path):
    (tmp_path / "docs.jsonl").write_bytes(jsonl({"id": "a", "text": TEXT}))
    (tmp_path / "pairs.jsonl").write_bytes(jsonl({"one": "a", "two": "a"}, 7))
    done = dedup("compare", "--pairs", tmp_path / "pairs.jsonl", "--docs", tmp_path / "docs.jsonl")
    assert done.returncode == 1
    assert f"no pair found in {tmp_path / 'pairs.jsonl'} (" in done.stderr.decode()
    assert 'pairs.jsonl:1: no pair of fields "a" and "b"' in done.stderr.decode()


@pytest.mark.parametrize("option", ["--memory", "--disk"])
def test_scan__of_a_limit_of_nothing_is_refused(option):
    done = dedup("scan", SEEDS, option, "0")
    assert (done.returncode, done.stdout) == (2, b"")
    assert "a limit must be more than nothing, got 0" in done.stderr.decode()


@pytest.mark.parametrize("command", [("scan", SEEDS), ("plan", SEEDS), ("bench",)])
def test_output__that_is_a_file_where_a_folder_is_wanted_is_refused_before_anything_is_read(tmp_path, command):
    (tmp_path / "file").write_text("kept")
    done = dedup(*command, "-o", tmp_path / "file")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == f"dedup: output must be a folder, but {tmp_path / 'file'} is a file\n"
    assert (tmp_path / "file").read_text() == "kept"


def test_scan__says_how_to_get_the_faults_that_it_does_not_show(tmp_path):
    (tmp_path / "docs.jsonl").write_bytes(jsonl({"id": "a", "text": TEXT}, *range(12)))
    shown = dedup("scan", tmp_path / "docs.jsonl").stderr.decode()
    assert shown.count("docs.jsonl:") == 10
    assert "… and 2 more notes; -o OUT writes them all" in shown


def test_compare__says_what_else_is_to_be_said_of_a_document(tmp_path):
    (tmp_path / "a.html").write_text("<div>" * 200 + TEXT + "</div>" * 200)
    (tmp_path / "b.txt").write_text(TEXT)
    done = dedup("compare", tmp_path / "a.html", tmp_path / "b.txt", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["relation"] == "exact"
    assert "a.html: nested more than 128 deep" in " ".join(done.stderr.decode().split())


def test_compare__in_bulk_answers_every_pair_or_says_why_not(tmp_path):
    (tmp_path / "docs.jsonl").write_bytes(jsonl(*({"id": i, "text": TEXT + i} for i in "abc")))
    (tmp_path / "pairs.jsonl").write_bytes(
        jsonl({"a": "a", "b": "b"}, {"left": "c", "right": "a"}, {"a": "a", "b": "x"})
    )
    done = dedup(
        "compare", "--pairs", tmp_path / "pairs.jsonl", "--docs", tmp_path / "docs.jsonl", "-o", tmp_path / "m"
    )
    assert done.returncode == 0, done.stderr
    assert [(m["left"], m["right"]) for m in lines(tmp_path / "m")] == [("a", "b"), ("c", "a")]
    assert "no document is called 'x'" in done.stderr.decode()


def test_help__loads_neither_numba_nor_numpy():
    code = (
        "import sys\nfrom dedup.cli import main\nsys.argv = ['dedup', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([m for m in ('numba', 'numpy', 'scipy', 'datasketch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_first_commands__over_a_few_texts_compile_nothing(tmp_path):
    out, cache = tmp_path / "out", {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    for words in (["scan", SEEDS, "-o", out], ["report", out], ["recluster", out, "--min", 0.9], ["audit", out]):
        done = commands.run_anew(*words, **cache)
        assert done.returncode == 0, done.stderr
        assert not list((tmp_path / "cache").rglob("*.nbi")), words


def test_warmup__says_that_the_kernels_are_ready():
    assert "kernels ready" in dedup("warmup").stderr.decode()


def test_warmup__leaves_nothing_to_compile(tmp_path):
    path = tmp_path / "seeds.jsonl"
    path.write_bytes(jsonl(*({"id": p.name, "text": p.read_text(encoding="utf-8")} for p in sorted(SEEDS.iterdir()))))
    code = f"""
import gc
from numba.core.dispatcher import Dispatcher
from typer.testing import CliRunner
from dedup.cli.app import app

def called(*command):
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    kernels = (found for found in gc.get_objects() if isinstance(found, Dispatcher))
    return {{(k.py_func.__module__, k.py_func.__name__, signature) for k in kernels for signature in k.signatures}}

ready = called("warmup")
assert len(ready) > 30
for command in (
    ("scan", {str(SEEDS)!r}, "-o", {str(tmp_path / "out")!r}),
    ("scan", {str(SEEDS)!r}, "--keep", "earliest", "--relations", "all"),
    ("index", "create", {str(tmp_path / "index")!r}),
    ("filter", {str(path)!r}, "--index", {str(tmp_path / "index")!r}),
):
    more = called(*command) - ready
    assert not more, more
"""
    subprocess.run([sys.executable, "-c", code], check=True)
