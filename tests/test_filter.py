"""`dedup filter` and `dedup index` as their user meets them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from dedup.cli import filter as filter_command
from dedup.config import InputConfig
from dedup.index import Index
from dedup.io.paths import expand
from dedup.io.store import directory, ledger
from dedup.records import Document
from tests import commands
from tests.index_contract import articles, with_copies
from tests.inputs import put
from tests.test_cli import SEEDS, TEXT, dedup, jsonl, lines


def as_lines(documents) -> bytes:
    return jsonl(*({"id": document.id, "text": document.text} for document in documents))


@pytest.fixture
def index(tmp_path):
    path = tmp_path / "index"
    Index.create(path).close()
    return path


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_bytes(as_lines(with_copies(200)))
    return path


def test_filter__lets_new_lines_through_as_they_are_and_none_the_second_time(index, source):
    first = dedup("filter", "--index", index, source)
    assert first.returncode == 0
    passed, all_lines = first.stdout.splitlines(), source.read_bytes().splitlines()
    assert len(passed) == 200
    assert [line for line in all_lines if line in set(passed)] == passed
    second = dedup("filter", "--index", index, stdin=source.read_bytes())
    assert second.stdout == b""
    assert "300 known" in second.stderr.decode()


def test_filter__takes_a_dash_for_stdout_and_not_for_a_file(index, source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = dedup("filter", "--index", index, source, "-o", "-", "--rejects", "-")
    assert "--rejects needs a file, got -" in done.stderr.decode()
    done = dedup("filter", "--index", index, source, "-o", "-")
    assert (len(done.stdout.splitlines()), (tmp_path / "-").exists()) == (200, False)


def test_filter__annotates_every_line(index):
    seeds = jsonl(*({"id": path.name[:3], "text": path.read_text()} for path in sorted(SEEDS.glob("*.txt"))))
    done = dedup("filter", "--index", index, "--annotate", stdin=seeds)
    found = {line["id"]: line["dedup"] for line in map(json.loads, done.stdout.splitlines())}
    assert [found[name]["kind"] for name in sorted(found)] == ["new", "copy", "new", "new", "new"]
    assert found["001"]["relation"] == "rewrite"
    assert found["001"]["matches"][0]["left"] == "000"
    assert found["001"]["matches"][0]["passages"]


def test_filter__takes_files_whose_names_are_no_utf_8(index, tmp_path):
    source, output, rejects = (tmp_path / os.fsdecode(name) for name in (b"in\xff.jsonl", b"out\xff", b"rejects\xff"))
    source.write_bytes(b"not json\n" + as_lines(articles(2)))
    job = ("filter", "--index", index, source, "-o", output, "--rejects", rejects, "--checkpoint", "job")
    for _ in range(2):
        done = dedup(*job)
        assert done.returncode == 0, done.stderr
        assert len(lines(output)) == 2
        assert [reject["place"] for reject in lines(rejects)] == [f"{source}:1"]


def test_filter__annotates_an_annotated_line_anew(index, tmp_path):
    Index.create(tmp_path / "other").close()
    content = b'{"id": 12345678901234567890123, "text": "Of \\"dedup\\" \xc3\xa9 \\ud800", "x": NaN}\n'
    once = dedup("filter", "--index", index, "--annotate", stdin=content).stdout
    twice = dedup("filter", "--index", tmp_path / "other", "--annotate", stdin=once).stdout
    assert once.startswith(content[:-2])
    assert twice.count(b'"dedup":') == 1
    assert str(json.loads(twice)) == str(json.loads(once))


@pytest.mark.parametrize(
    "rest", ['"n": 1e400', '"n":-0.0 , "m" : [1.10, {"dedup": 2}]', '"dedup" : {"a": [3]},"é":"}"']
)
def test_filter__annotates_and_leaves_all_other_fields_as_they_are_written(index, rest):
    content = f'\t{{ "id": "a", "dedup": 1 , "text": "One \\"dedup\\".", {rest} }} \n'.encode()
    done = dedup("filter", "--index", index, "--annotate", stdin=content)
    assert done.returncode == 0, done.stderr
    expected = content.decode().strip()[1:-1].replace('"dedup": 1 , ', "").replace('"dedup" : {"a": [3]},', "").strip()
    before, _, added = done.stdout.decode().rpartition(',"dedup":')
    assert before == "{" + expected.replace(" , ", ",").replace('", "', '","')
    assert json.loads(added[:-2])["kind"] == "new"


def test_filter__annotates_a_line_that_is_nested_deeply(index):
    content = b'{"id": "a", "text": "One.", "dedup": 1, "x": ' + 1000 * b"[" + 1000 * b"]" + b"}\n"
    done = dedup("filter", "--index", index, "--annotate", stdin=content)
    assert (done.returncode, done.stderr.decode()) == (0, "1 new, 0 copy, 0 known, 0 rejected\n")
    assert done.stdout.startswith(content[:-2] + b',"dedup":{"id":"a","kind":"new"')


def test_filter__annotates_lines_of_files_that_begin_with_a_mark(index, tmp_path):
    files = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for file in files:
        file.write_bytes(b"\xef\xbb\xbf" + jsonl({"id": file.name, "text": f"Of {file.name} there is one line."}))
    done = dedup("filter", "--index", index, "--annotate", *files)
    assert [json.loads(line.decode())["dedup"]["id"] for line in done.stdout.splitlines()] == ["a.jsonl", "b.jsonl"]


def test_filter__puts_lines_that_are_no_documents_aside(index, tmp_path):
    content = b'{"id": "a"}\nnot json\n\n' + as_lines(articles(1)) + b'{"text": 5}\n\xff\n'
    done = dedup("filter", "--index", index, "--rejects", tmp_path / "rejects.jsonl", stdin=content)
    assert len(done.stdout.splitlines()) == 1
    rejects = lines(tmp_path / "rejects.jsonl")
    assert [reject["place"] for reject in rejects] == ["stdin:1", "stdin:2", "stdin:5", "stdin:6"]
    assert "malformed JSON" in rejects[1]["reason"]


@pytest.mark.parametrize(("content", "code"), [(b"", 0), (b"\n", 0), (b'{"id": "a", "body": "One."}\n', 1)])
def test_filter__ends_with_an_error_where_no_line_is_a_document(index, content, code):
    done = dedup("filter", "--index", index, "--quiet", stdin=content)
    assert (done.returncode, done.stdout) == (code, b"")
    assert done.stderr.decode() == ("dedup: no document found in -: 1 rejected\n" if code else "")


def test_filter__gives_a_file_that_cannot_be_read_no_number_of_a_line(index, tmp_path):
    (tmp_path / "in.jsonl.gz").write_bytes(b"\x1f\x8b\x08\0")
    done = dedup("filter", "--index", index, tmp_path / "in.jsonl.gz", "--rejects", tmp_path / "rejects.jsonl")
    assert "0 known, 1 rejected" in done.stderr.decode()
    assert [reject["place"] for reject in lines(tmp_path / "rejects.jsonl")] == [str(tmp_path / "in.jsonl.gz")]


def test_filter__knows_a_line_without_an_id_by_its_url_or_its_text(index):
    first, second = (document.text for document in articles(2))
    content = jsonl({"text": first}, {"url": "http://x", "text": second})
    assert len(dedup("filter", "--index", index, stdin=content).stdout.splitlines()) == 2
    assert dedup("filter", "--index", index, stdin=b"\n" + content).stdout == b""


def test_filter__goes_on_where_it_was_killed(index, source, tmp_path):
    whole, parts = tmp_path / "whole.jsonl", tmp_path / "parts.jsonl"
    other = tmp_path / "other"
    Index.create(other).close()
    source.write_bytes(as_lines(with_copies(2400)))
    assert dedup("filter", "--index", other, source, "-o", whole).returncode == 0
    n_killed = 0
    for _ in range(20):
        running = commands.start("filter", "--index", index, source, "-o", parts, "--checkpoint", "job")
        deadline, before = time.monotonic() + 60, parts.stat().st_size if parts.exists() else 0
        while running.is_alive() and time.monotonic() < deadline:
            if parts.exists() and parts.stat().st_size > before:
                running.kill()
                n_killed += 1
                break
            time.sleep(0.001)
        running.join()
        if running.exitcode == 0:
            break
    assert running.exitcode == 0
    assert n_killed > 0
    assert parts.read_bytes() == whole.read_bytes()


def test_filter__ends_with_the_lines_at_hand_when_told_to_stop(index):
    command = [sys.executable, "-m", "dedup", "filter", "--index", str(index)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        running.stdin.write(as_lines(articles(3)))
        running.stdin.flush()
        passed = [running.stdout.readline() for _ in range(3)]
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 143
    assert all(passed)
    with Index.open(index) as opened:
        assert opened.n_documents == 3


def test_filter__that_is_told_to_stop_before_it_has_found_its_place_finds_nothing_wrong(
    index, source, tmp_path, monkeypatch
):
    output, unread = tmp_path / "out.jsonl", filter_command._Job.unread
    assert dedup("filter", "--index", index, source, "--checkpoint", "job", "-o", output).returncode == 0

    def stopped(self, block):
        os.kill(os.getpid(), signal.SIGTERM)
        return unread(self, block[:1])

    monkeypatch.setattr(filter_command._Job, "unread", stopped)
    wanted = filter_command.Wanted(output=output, rejects=None, annotate=False, checkpoint="job", quiet=True)
    assert filter_command.run(str(index), [str(source)], InputConfig(), wanted, fast=True) == filter_command.STOPPED


def test_filter__refuses_a_checkpoint_of_other_inputs(index, source, tmp_path):
    arguments = "--index", index, "--checkpoint", "job", "-o", tmp_path / "out.jsonl"
    assert dedup("filter", source, *arguments).returncode == 0
    done = dedup("filter", SEEDS, *arguments)
    assert done.returncode == 1
    assert "this checkpoint is of" in done.stderr.decode()


@pytest.mark.parametrize(("n_left", "said"), [(250, "now there are 250"), (300, "is not what it was")])
def test_filter__refuses_a_checkpoint_of_lines_that_are_no_longer_there(index, source, tmp_path, n_left, said):
    job = "filter", "--index", index, source, "--checkpoint", "job", "-o", tmp_path / "out.jsonl"
    assert dedup(*job).returncode == 0
    before = source.read_bytes()
    source.write_bytes(as_lines(with_copies(200, seed=2)[:n_left]))
    done = dedup(*job)
    assert (done.returncode, done.stdout) == (1, b"")
    assert "checkpoint job is of other lines: " in done.stderr.decode()
    assert said in done.stderr.decode()
    source.write_bytes(before + b'{"id": "not yet who')
    assert "0 known, 1 rejected" in dedup(*job).stderr.decode()
    source.write_bytes(before + b'{"id": "not yet whole", "text": "One."}\n{"id": "next", "text": "Two."}')
    assert "2 new, 0 copy, 0 known, 0 rejected" in dedup(*job).stderr.decode()


def test_filter__takes_any_name_but_none_for_a_checkpoint(index, source, tmp_path):
    arguments = "--index", index, source, "-o", tmp_path / "out.jsonl", "--checkpoint"
    for counted in ("200 new, 100 copy, 0 known", "0 new, 0 copy, 0 known"):
        assert counted in dedup("filter", *arguments, "job\udcff").stderr.decode()
    before = (tmp_path / "out.jsonl").read_bytes()
    done = dedup("filter", *arguments, "")
    assert (done.returncode, done.stderr.decode()) == (2, "dedup: --checkpoint must be a name, got ''\n")
    assert (tmp_path / "out.jsonl").read_bytes() == before


def test_filter__refuses_a_checkpoint_that_wrote_to_another_file(index, source, tmp_path):
    arguments = "--index", index, source, "--checkpoint", "job"
    assert dedup("filter", *arguments, "-o", tmp_path / "out.jsonl").returncode == 0
    other = tmp_path / "other.jsonl"
    other.write_bytes(2 * (tmp_path / "out.jsonl").read_bytes())
    before = other.read_bytes()
    done = dedup("filter", *arguments, "-o", other)
    assert done.returncode == 1
    assert f"wrote to {tmp_path / 'out.jsonl'}, not to {other}" in done.stderr.decode()
    assert other.read_bytes() == before
    assert dedup("filter", *arguments, "-o", tmp_path / "out.jsonl").returncode == 0


@pytest.mark.parametrize("how", ["output", "rejects", "symlink", "hard link", "twice", "index"])
def test_filter__refuses_to_write_over_what_it_reads_or_writes(index, source, tmp_path, how):
    (tmp_path / "soft.jsonl").symlink_to(source)
    (tmp_path / "hard.jsonl").hardlink_to(source)
    before, free = source.read_bytes(), tmp_path / "free.jsonl"
    options = {
        "output": ("-o", source),
        "rejects": ("-o", free, "--rejects", source),
        "symlink": ("-o", tmp_path / "soft.jsonl"),
        "hard link": ("-o", tmp_path / "hard.jsonl"),
        "twice": ("-o", free, "--rejects", free),
        "index": ("-o", index / "index.json"),
    }[how]
    done = dedup("filter", "--index", index, source, *options)
    assert done.returncode == 1
    assert "must lie apart" in done.stderr.decode()
    assert source.read_bytes() == before
    assert not free.exists()
    assert dedup("index", "stats", index).returncode == 0


@pytest.mark.parametrize("command", [("index", "add"), ("filter", "--index")])
def test_index__is_not_read_as_input(tmp_path, source, command):
    for name in ("index", ".index"):
        Index.create(tmp_path / name).close()
    for paths in ([tmp_path], [tmp_path / "*"], [source, tmp_path / "index" / "index.json"]):
        done = dedup(*command, tmp_path / "index", *paths)
        assert done.returncode == 1
        assert f"the index must lie apart from the input, got {tmp_path / 'index'} with" in done.stderr.decode()
    shutil.rmtree(tmp_path / "index")
    assert dedup(*command, tmp_path / ".index", tmp_path).returncode == 0


def test_filter__writes_to_a_device(index, source):
    assert dedup("filter", "--index", index, source, "-o", "/dev/null", "--rejects", "/dev/null").returncode == 0


def test_export__refuses_to_write_into_the_index(index):
    done = dedup("index", "export", index, "-o", index / "index.json")
    assert done.returncode == 1
    assert "must lie apart" in done.stderr.decode()
    assert dedup("index", "verify", index).returncode == 0


def test_export_and_import__carry_a_checkpoint_over_and_may_stand_in_a_pipe(index, source, tmp_path):
    job, other = (source, "-o", tmp_path / "out.jsonl", "--checkpoint", "job\udcff"), tmp_path / "other"
    assert "200 new" in dedup("filter", "--index", index, *job).stderr.decode()
    exported = dedup("index", "export", index, "-o", "-")
    assert "300 documents exported" in exported.stderr.decode()
    dedup("index", "create", other)
    assert "300 documents in all" in dedup("index", "import", other, "-", stdin=exported.stdout).stderr.decode()
    source.write_bytes(source.read_bytes() + as_lines(articles(1, seed=9)))
    assert "1 new, 0 copy, 0 known" in dedup("filter", "--index", other, *job).stderr.decode()
    assert len(lines(tmp_path / "out.jsonl")) == 201
    again = dedup("index", "import", other, "-", stdin=exported.stdout)
    assert again.returncode == 0
    assert "0 new, 0 copy, 0 known" in dedup("filter", "--index", other, *job).stderr.decode()


def test_index__knows_documents_without_ids_by_what_they_are_and_not_by_where_they_stood(index, tmp_path):
    crawl = tmp_path / "crawl.jsonl"
    days = [jsonl(*({"text": d.text, "url": f"http://x/{d.id}"} for d in articles(5, seed))) for seed in (1, 2)]
    for day in days:
        crawl.write_bytes(day)
        assert dedup("index", "add", index, crawl).returncode == 0
    assert "0 new, 0 copy, 5 known" in dedup("filter", "--index", index, stdin=days[0]).stderr.decode()
    asked = dedup("index", "query", index, crawl)
    assert {json.loads(line)["kind"] for line in asked.stdout.splitlines()} == {"known"}
    with Index.open(index) as opened:
        assert opened.n_documents == 10


def test_filter__says_that_there_is_no_index(tmp_path):
    done = dedup("filter", "--index", tmp_path / "none", stdin=b"")
    assert done.returncode == 1
    assert "there is no index" in done.stderr.decode()


def test_index__is_made_filled_asked_and_kept_in_order(tmp_path, source):
    path, exported = tmp_path / "new", tmp_path / "exported.jsonl"
    assert dedup("index", "create", path).returncode == 0
    assert "300 documents added" in dedup("index", "add", path, source).stderr.decode()
    asked = [json.loads(line) for line in dedup("index", "query", path, source).stdout.splitlines()]
    assert {answer["kind"] for answer in asked} == {"known"}
    name = asked[0]["id"]
    assert "1 of 2 documents removed" in dedup("index", "remove", path, name, "nobody", name).stderr.decode()
    assert dedup("index", "compact", path).returncode == 0
    assert json.loads(dedup("index", "stats", path).stdout)["documents"] == 299
    assert "299 documents, 0 faults" in dedup("index", "verify", path).stderr.decode()
    assert dedup("index", "merges", path).stdout == b""
    assert "299 documents exported" in dedup("index", "export", path, "-o", exported).stderr.decode()
    assert dedup("index", "create", tmp_path / "other").returncode == 0
    assert "299 documents in all" in dedup("index", "import", tmp_path / "other", exported).stderr.decode()
    assert "299 documents in all" in dedup("index", "merge", tmp_path / "other", path).stderr.decode()
    assert "299 documents expired" in dedup("index", "expire", path, "--window", "0s").stderr.decode()
    assert dedup("index", "expire", path, "--window", "soon").returncode == 2


def test_index__reads_the_fields_that_it_is_told(tmp_path):
    path, lines_ = tmp_path / "index", tmp_path / "lines.jsonl"
    lines_.write_bytes(jsonl({"key": "a", "body": TEXT}))
    fields = "--id-field", "key", "--text-field", "body"
    dedup("index", "create", path)
    assert "1 document added, 0 replaced, 1 in all" in dedup("index", "add", path, lines_, *fields).stderr.decode()
    (answer,) = dedup("index", "query", path, lines_, *fields).stdout.splitlines()
    assert (json.loads(answer)["id"], json.loads(answer)["kind"]) == ("a", "known")


def test_filter__tells_of_a_rejected_line_where_no_file_does(index):
    said = dedup("filter", "--index", index, stdin=b'{"id": "a", "text": "one"}\nnothing\n').stderr.decode()
    assert "1 rejected\n! -:2: malformed JSON" in said.replace("<stdin>", "-").replace("stdin", "-")


@pytest.mark.parametrize(
    "words",
    [("create", ""), ("add", "x", ""), ("export", "x", "-o", ""), ("import", "x", ""), ("remove", "x", "--ids", "")],
)
def test_index__takes_no_empty_path(tmp_path, monkeypatch, words):
    """Which would stand for the folder at hand."""
    monkeypatch.chdir(tmp_path)
    done = dedup("index", *words)
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert "it must not be empty" in done.stderr.decode()


def test_add__counts_documents_that_come_with_another_text_apart(index, tmp_path):
    source = tmp_path / "in.jsonl"
    for texts, said in (("ab", "2 documents added, 0 replaced, 2"), ("xbc", "1 document added, 1 replaced, 3")):
        source.write_bytes(jsonl(*({"id": str(number), "text": text} for number, text in enumerate(texts))))
        assert said in dedup("index", "add", index, source).stderr.decode()


def test_query__reads_no_index_as_documents(index, tmp_path):
    (tmp_path / "a.txt").write_text("One document.")
    done = dedup("index", "query", index, tmp_path)
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["a.txt"]
    assert f"! {index}: an index, not documents" in " ".join(done.stderr.decode().split())
    done = dedup("index", "query", index, index)
    assert (done.returncode, done.stdout) == (1, b"")


@pytest.mark.parametrize("holds_folder", [False, True])
@pytest.mark.parametrize("words", [("stats",), ("verify",), ("merges",), ("export", "-o", "-"), ("query",)])
def test_reader__says_of_a_directory_with_nothing_but_a_header_that_it_is_no_whole_index(
    index, tmp_path, words, holds_folder
):  # fmt: skip
    (bare := tmp_path / "bare").mkdir()
    shutil.copy(index / "index.json", bare)
    if holds_folder:
        (bare / "records").mkdir()
    (source := tmp_path / "a.txt").write_text("One document.")
    done = dedup("index", words[0], bare, *words[1:], *([source] if words == ("query",) else []))
    told = f"index {bare} is not complete: {bare / 'records'} holds no records yet, or has lost them"
    assert (done.returncode, done.stdout, done.stderr.decode()) == (1, b"", f"dedup: {told}\n")
    assert {path.name for path in bare.iterdir()} <= {"index.json", "records"}


def test_export__clears_away_what_killed_ones_left_of_the_same_file(index, tmp_path):
    (out := tmp_path / "out").mkdir()
    mine = {f".a.jsonl.{os.getpid()}.tmp", ".b.jsonl.999999999.tmp", ".a.jsonl.old.tmp"}
    for name in (*mine, ".a.jsonl.999999999.tmp"):
        (out / name).write_text("half a li")
    assert dedup("index", "export", index, "-o", out / "a.jsonl").returncode == 0
    assert {entry.name for entry in out.iterdir()} == {*mine, "a.jsonl"}


@pytest.mark.parametrize(
    ("pattern", "names"),
    [("**", "abc"), ("**/*", "abc"), ("*/*", "bc"), ("*/[i]ndex/**", ""), ("home/index/records/*", "")],
)
def test_glob__takes_no_file_of_an_index_for_a_document(index, tmp_path, monkeypatch, pattern, names):
    monkeypatch.chdir(tmp_path)
    for path in ("a.txt", "home/b.txt", "home/c/c.txt"):
        put(tmp_path / path, path)
    index.rename(tmp_path / "home/index")
    files, skipped = expand([pattern])
    assert [file.name[0] for file in files] == list(names)
    assert [(item.place, item.reason) for item in skipped] == [("home/index", "an index, not documents")]


@pytest.mark.parametrize("command", ["add", "query"])
def test_index__names_what_it_could_not_read(index, tmp_path, command):
    source = tmp_path / "lines.jsonl"
    source.write_bytes(b'{"id": "a", "text": "one"}\n' + b"nothing\n" * 12)
    done = dedup("index", command, index, source)
    assert done.returncode == 0
    said = done.stderr.decode()
    assert "lines.jsonl:2" in said
    assert "… and 2 more" in said


def test_index__says_what_is_missing_or_there_already(index, tmp_path):
    assert "there is an index at" in dedup("index", "create", index).stderr.decode()
    assert dedup("index", "remove", index).returncode == 2
    assert "cannot read no: No such file" in dedup("index", "remove", index, "--ids", "no").stderr.decode()
    ids = tmp_path / "ids"
    ids.write_text("a\u2028b\n\nc\n", "utf-8")
    assert "0 of 2 documents removed" in dedup("index", "remove", index, "--ids", ids).stderr.decode()
    with Index.open(index) as opened:
        opened.add([Document(id="a", text="one text")])
    ids.write_text("a\nc\n", "utf-8-sig")
    assert "1 of 2 documents removed" in dedup("index", "remove", index, "--ids", ids).stderr.decode()


def test_index__verify_tells_of_damage(index):
    with Index.open(index) as opened:
        opened.filter(articles(50))
        opened.compact()
    (file,) = index.glob("segments/*/lows")
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    done = dedup("index", "verify", index)
    assert done.returncode == 1
    assert "lows: its checksum differs" in done.stdout.decode()
    assert "50 documents, 1 fault\n" in done.stderr.decode()


def test_index__verify_counts_all_faults_and_shows_the_first(index):
    documents = articles(130)
    with Index.open(index) as opened:
        opened.filter(documents)
    records, batch = ledger.Ledger(index / "records", read_only=False, synced=True), ledger.Batch()
    for document in documents:
        batch.delete("names", directory.name_key(document.id))
    records.write(batch)
    records.close()
    done = dedup("index", "verify", index)
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 100)
    assert done.stderr.decode() == "130 documents, 130 faults, the first 100 shown\n"
    with Index.open(index, read_only=True) as opened:
        assert len(opened.verify()) == 130
