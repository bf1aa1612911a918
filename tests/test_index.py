"""The index in a directory: its contract, and what its files promise."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import dedup
from dedup.config import ClusterConfig, Config, SketchConfig, of_near_copies
from dedup.errors import ConfigError, InputError, StoreError
from dedup.index import Index, learning, transfer
from dedup.io import archive
from dedup.io.store import codec, directory, embedded, header, ledger, parts
from dedup.io.store.values import Merge
from dedup.records import Document
from tests.index_contract import SEEDS, IndexContract, articles, said, with_copies


class TestEmbedded(IndexContract):
    @pytest.fixture
    def index(self, tmp_path):
        with Index.create(tmp_path / "index") as index:
            yield index


class TestEmbeddedInSegments(IndexContract):
    @pytest.fixture
    def index(self, tmp_path, monkeypatch):
        monkeypatch.setattr(parts, "SEGMENT_ROWS", 3)
        with Index.create(tmp_path / "index") as index:
            yield index


@pytest.fixture
def path(tmp_path):
    return tmp_path / "index"


def test_open__finds_all_that_was_remembered(path):
    documents = with_copies(30)
    with Index.create(path) as index:
        first = index.filter(documents)
    with Index.open(path) as index:
        again = index.filter(documents)
        assert [answer.cluster for answer in again] == [answer.cluster for answer in first]
        assert {answer.kind for answer in again} == {"known"}
        assert index.verify() == []


def test_filter__of_near_copies_alone_needs_no_fingerprints(path):
    candidates, passages = of_near_copies()
    first = articles(3)
    near = replace(first[0], id="near", text=f"{first[0].text} and two more")
    with Index.create(path, Config(candidates=candidates, passages=passages)) as index:
        assert [answer.kind for answer in index.filter([*first, near])] == ["new"] * 3 + ["copy"]
    with Index.open(path) as index:
        assert index.check([near])[0].kind == "known"
        assert index.verify() == []


def test_open__answers_as_before_closing(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "SEGMENT_ROWS", 16)
    documents = with_copies(60)
    batches = [documents[first : first + 18] for first in range(0, 90, 18)]
    with Index.create(tmp_path / "open") as index:
        expected = [index.filter(batch) for batch in batches]
    Index.create(tmp_path / "closed").close()
    for batch, answers in zip(batches, expected, strict=True):
        with Index.open(tmp_path / "closed") as index:
            assert index.filter(batch) == answers


def test_reader__sees_whole_steps_when_it_asks(path):
    documents = articles(40)
    with Index.create(path) as writer, Index.open(path, read_only=True) as reader:
        asked = [Document(id=f"x{d.id}", text=d.text) for d in documents]
        for n in (0, 20, 40):
            writer.filter(documents[:n])
            assert sum(answer.kind == "copy" for answer in reader.check(asked)) == n
        writer.remove([documents[0].id])
        assert reader.check(asked[:1])[0].kind == "new"
        with pytest.raises(StoreError, match="read-only"):
            reader.filter(asked)


def test_reader__follows_a_writer_through_merges_and_compaction(path, monkeypatch):
    monkeypatch.setattr(parts, "SEGMENT_ROWS", 4)
    documents = articles(64)
    with Index.create(path) as writer, Index.open(path, read_only=True) as reader:
        for first in range(0, 64, 4):
            writer.filter(documents[first : first + 4])
            asked = [Document(id=f"x{d.id}", text=d.text) for d in documents[: first + 8]]
            n_copies = sum(answer.kind == "copy" for answer in reader.check(asked))
            assert n_copies == first + 4
        writer.remove([d.id for d in documents[::2]])
        writer.compact()
        assert sum(answer.kind == "copy" for answer in reader.check(asked)) == 32


def test_reader__needs_no_right_to_write(path, monkeypatch):
    """One who may not write follows a writer as others do, and leaves nothing beside its files."""
    documents = articles(64)
    with Index.create(path) as writer:
        note = path / "records" / ledger.NOTE
        note.unlink()
        with monkeypatch.context() as patch:
            patch.setattr(os, "access", lambda *_: False)
            reader = Index.open(path, read_only=True)
        for first in range(0, 64, 16):
            writer.filter(documents[first : first + 16])
            assert sum(answer.kind == "known" for answer in reader.check(documents)) == first + 16
            writer.compact()
        writer.remove([d.id for d in documents[::2]])
        writer.compact()
        assert sum(answer.kind == "known" for answer in reader.check(documents)) == 32
        reader.close()
        assert not note.exists()


def test_ledger__keeps_few_files_however_often_it_is_opened(tmp_path):
    """Whoever opens it holds all of them open, of which a system lets it have a thousand or so."""
    for number in range(40):
        opened, batch = ledger.Ledger(tmp_path, read_only=False, synced=False), ledger.Batch()
        batch.put("documents", codec.number_key(number), b"a document")
        opened.write(batch)
        opened.close()
    assert len(list(tmp_path.glob("*.sst"))) <= ledger.MOST_SMALL + 1
    opened = ledger.Ledger(tmp_path, read_only=True, synced=False)
    assert [key for key, _ in opened.items("documents")] == [codec.number_key(number) for number in range(40)]
    opened.close()


@pytest.mark.parametrize("place", [None, 3, b"x", ["a"], "", "a\0b"])
def test_index__has_a_place_that_is_one(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for ask in (Index.open, Index.create, Index.ensured):
        with pytest.raises(ConfigError, match=r"the place of an index must .*, got ") as raised:
            ask(place)
        assert str(raised.value).endswith(f", got {place!r}")
    assert list(tmp_path.iterdir()) == []


def test_header__is_made_by_one_of_several_at_once_and_the_others_hear_of_it(tmp_path):
    n_makers = 8
    turn = threading.Barrier(n_makers)

    def made(number):
        turn.wait()
        try:
            header.write(tmp_path / str(number), {"format": 1})
        except StoreError as error:
            return str(error)
        return "made"

    with ThreadPoolExecutor(n_makers) as pool:
        for number in range(30):
            said = sorted(pool.map(made, [number] * n_makers))
            assert said == ["made"] + [f"there is an index at {tmp_path / str(number)} already"] * (n_makers - 1)
            assert os.listdir(tmp_path / str(number)) == ["index.json"]


def test_index__refuses_names_and_functions_that_are_none(path):
    with Index.create(path) as index:
        with pytest.raises(InputError, match="the name of a note must be a string, got None"):
            index.note(None)
        with pytest.raises(ConfigError, match="before must be a function that takes answers, got 3"):
            index.filter_steps([Document(id="a", text="one")], before=3)


def test_reader__clears_away_what_killed_ones_left_and_no_folder_that_is_used(path, tmp_path, monkeypatch):
    Index.create(path).close()
    (folder := tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    code = f"import os, signal; from dedup import Index; i = Index.open({str(path)!r}, read_only=True);"
    code += "os.kill(os.getpid(), signal.SIGKILL)"
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "TMPDIR": str(folder)}, check=False)
    assert done.returncode == -signal.SIGKILL
    left = next(folder.glob("dedup-reader-*"))
    (folder / "dedup-reader-of-others").symlink_to(tmp_path)
    with Index.open(path, read_only=True):
        names = set(folder.glob("dedup-reader-*"))
        assert left in names
        for name in names:
            os.utime(name, (0, 0), follow_symlinks=False)
        Index.open(path, read_only=True).close()
        assert set(folder.glob("dedup-reader-*")) == names - {left}
    assert [name.name for name in folder.glob("dedup-reader-*")] == ["dedup-reader-of-others"]
    assert path.exists()


def test_writer__is_the_only_one(path):
    code = f"from dedup import Index; Index.open({str(path)!r})"
    with Index.create(path):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "is being written by another process" in done.stderr


def test_open__refuses_other_settings_and_says_which(path):
    Index.create(path).close()
    with pytest.raises(StoreError, match=r"sketch.n_hashes 128, not 256"):
        Index.open(path, Config(sketch=SketchConfig(n_hashes=256)))
    Index.open(path, Config(cluster=ClusterConfig(keep=("latest",)), threads=1)).close()


def test_open__uses_the_settings_of_the_index(path):
    Index.create(path, Config(sketch=SketchConfig(n_hashes=64))).close()
    with Index.open(path) as index:
        assert [answer.keep for answer in index.filter(with_copies(10))].count(False) == 5


@pytest.mark.parametrize(
    ("changed", "message"),
    [({"format": 1}, "has format 1"), ({"known_answers": "0"}, "hashes texts or sites otherwise")],
)
def test_open__refuses_another_version_and_export_still_reads_it(tmp_path, path, changed, message):
    with Index.create(path) as index:
        first = index.filter(with_copies(20))
    stored = header.read(path)
    (path / "index.json").unlink()
    other = tmp_path / "other"
    header.write(other, {**stored, **changed})
    (other / "index.json").rename(path / "index.json")
    with pytest.raises(StoreError, match=message):
        Index.open(path)
    exported = tmp_path / "exported.jsonl"
    assert transfer.export(path, exported) == 30
    with Index.create(tmp_path / "new", Config(sketch=SketchConfig(n_hashes=64))) as index:
        transfer.take_in(index, archive.read(exported))
        assert index.verify() == []
        again = index.filter(with_copies(20))
        assert [(a.id, a.cluster, a.relation) for a in again] == [(a.id, a.cluster, a.relation) for a in first]
        assert {answer.kind for answer in again} == {"known"}


def test_merge__takes_in_another_index(tmp_path):
    with Index.create(tmp_path / "a") as left, Index.create(tmp_path / "b") as right:
        left.filter(articles(10, 1))
        right.filter([*articles(10, 2), *articles(3, 1)])
        transfer.take_in(left, right.documents())
        assert left.n_documents == 20
        asked = [Document(id=f"x{d.id}", text=d.text) for d in [*articles(10, 1), *articles(10, 2)]]
        assert all(answer.kind == "copy" for answer in left.check(asked))


@pytest.mark.parametrize("how", ["import", "merge"])
def test_import_and_merge__keep_clusters_together_that_turned_out_to_be_one(tmp_path, how):
    (text,) = (document.text for document in articles(1))
    copies = [Document(id="1", text=text), Document(id="2", text=text.upper())]
    with Index.create(tmp_path / "a") as index, Index.create(tmp_path / "b") as other:
        index.add(copies)
        (third,) = index.filter([Document(id="\ud800", text=f"{text} more")])
        assert len(third.merged) == 1
        before = index.check(copies)
        for _ in range(2):
            if how == "import":
                archive.write(transfer.content_of(index), tmp_path / "out.jsonl")
                transfer.take_in(other, archive.read(tmp_path / "out.jsonl"))
            else:
                transfer.take_in(other, transfer.content_of(index))
        assert other.merges() == index.merges()
        assert other.check(copies) == before


def test_take_in__joins_clusters_that_went_into_one_another_in_two_indexes(path):
    left, right = Merge("c1", "c2", "x", 0.0), Merge("c2", "c1", "y", 0.0)
    with Index.create(path) as index:
        transfer.take_in(index, [left, right, Merge("c3", "c1", "z", 0.0)])
        assert [merge[:2] for merge in index.merges()] == [("c1", "c2"), ("c3", "c2")]


def test_import__of_two_exports_in_one_file_takes_each_document_once(tmp_path, path):
    with Index.create(path) as index:
        index.filter(with_copies(6))
    transfer.export(path, tmp_path / "out.jsonl")
    (tmp_path / "twice.jsonl").write_bytes((tmp_path / "out.jsonl").read_bytes() * 2)
    with Index.create(tmp_path / "other") as other:
        transfer.take_in(other, archive.read(tmp_path / "twice.jsonl"))
        assert (other.n_documents, other.verify()) == (9, [])


@pytest.mark.parametrize("change", ["", " and two more"])
def test_import__of_copies_leaves_them_in_the_place_of_what_is_forgotten(tmp_path, change):
    (first,) = articles(1)
    copy, other, later = (replace(first, id=id_, text=first.text + change) for id_ in ("copy", "other", "later"))
    with Index.create(tmp_path / "a") as index, Index.create(tmp_path / "b") as target:
        index.filter([first, copy])
        target.filter([other, first])
        archive.write(index.documents(), tmp_path / "out.jsonl")
        transfer.take_in(target, archive.read(tmp_path / "out.jsonl"))
        for place in (first.id, "copy"):
            target.remove(["other" if place == first.id else first.id])
            (found,) = target.check([later])
            assert (found.kind, found.representative, target.verify()) == ("copy", place, [])


@pytest.mark.parametrize(
    "change", [{"cluster": None}, {"into": "\ud800"}, {"because": 1}, {"seen_s": "x"}, {"seen_s": 1e30}, {"new": 1}]
)
def test_import__names_a_merge_that_says_what_no_index_does(tmp_path, change):
    line = {"merge": {"cluster": "c1", "into": "c2", "because": "x", "seen_s": 0.0, **change}}
    (tmp_path / "out.jsonl").write_text(json.dumps(line))
    with pytest.raises(InputError, match=r"out\.jsonl:1 is no line of an exported index"):
        list(archive.read(tmp_path / "out.jsonl"))


@pytest.mark.parametrize("confidence", ["1e400", "1" + "0" * 400, "-0.1", "NaN", "null"])
def test_import__names_a_document_whose_confidence_is_none(tmp_path, path, confidence):
    with Index.create(path) as index:
        index.add(articles(2))
    transfer.export(path, tmp_path / "out.jsonl")
    lines = (tmp_path / "out.jsonl").read_text().rsplit('"confidence":1.0', 1)
    (tmp_path / "out.jsonl").write_text(f'"confidence":{confidence}'.join(lines))
    with pytest.raises(InputError, match=r"out\.jsonl:2 is no line of an exported index"):
        list(archive.read(tmp_path / "out.jsonl"))


def test_import__names_a_line_that_is_nested_too_deeply(tmp_path):
    (tmp_path / "out.jsonl").write_text("[" * 100_000)
    with pytest.raises(InputError, match=r"out\.jsonl:1 is no line of an exported index"):
        list(archive.read(tmp_path / "out.jsonl"))


def test_import__says_that_standard_input_is_closed(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(InputError, match="cannot read -: standard input is closed"):
        list(archive.read(Path("-")))


@pytest.mark.parametrize(
    "note", [None, {"name": "x"}, {"name": 1, "content_base64": ""}, {"name": "x", "content_base64": "?"}]
)
def test_import__names_a_note_that_says_what_no_index_does(tmp_path, note):
    (tmp_path / "out.jsonl").write_text(json.dumps({"note": note}))
    with pytest.raises(InputError, match=r"out\.jsonl:1 is no line of an exported index"):
        list(archive.read(tmp_path / "out.jsonl"))


def test_archive__keeps_any_characters(tmp_path, path):
    odd = Document(id="\ud800", text="\ud800 lone \udfff", url="http://\ud800", source="ﬁ", date="")
    with Index.create(path) as index, Index.create(tmp_path / "other") as other:
        index.filter([odd, replace(odd, id="\ud801", text="another"), *articles(2)])
        archive.write(index.documents(), tmp_path / "out.jsonl")
        assert list(archive.read(tmp_path / "out.jsonl")) == list(index.documents())
        transfer.take_in(other, archive.read(tmp_path / "out.jsonl"))
        assert [stored.id for stored in other.documents()] == [stored.id for stored in index.documents()]
        assert other.verify() == []


@pytest.mark.parametrize(
    "change",
    [
        {"seen_s": "x"}, {"seen_s": 1e30}, {"cluster": None}, {"representative": []}, {"relation": "twin"},
        {"confidence": None}, {"searchable": 7}, {"number": {}}, {"digest": "ab"}, {"text_base64": "/w=="}, {"url": 5},
        {"elder": "1"},
    ],
)  # fmt: skip
def test_import__names_a_line_that_says_what_no_index_does(tmp_path, change):
    path = tmp_path / "out.jsonl"
    with Index.create(tmp_path / "index") as index:
        index.add(articles(1))
    transfer.export(tmp_path / "index", path)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with Index.create(tmp_path / "other") as other, pytest.raises(InputError, match=r"out\.jsonl:1 is no line of"):
        transfer.take_in(other, archive.read(path))


def test_create__wants_a_directory_of_its_own(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="not empty"):
        Index.create(tmp_path)
    with pytest.raises(StoreError, match="there is no index"):
        Index.open(tmp_path)


def test_header__says_when_it_is_damaged(path):
    Index.create(path).close()
    content = (path / "index.json").read_text().replace('"n_hashes": 128', '"n_hashes": 129')
    (path / "index.json").write_text(content)
    with pytest.raises(StoreError, match="damaged"):
        Index.open(path)


@pytest.fixture(scope="module")
def settled(tmp_path_factory):
    """An index all of whose documents are in files that will not change."""
    path = tmp_path_factory.mktemp("settled") / "index"
    with Index.create(path) as index:
        index.filter(with_copies(300))
        index.compact()
    return path


PARTS = ("fence", "lows", "rows", "numbers", "seen_s", "dates_s", "n_fingerprints", "signatures")


def flipped(file: Path, at: int) -> bytes:
    """Flip a bit of a file; what it was before."""
    content = file.read_bytes()
    file.write_bytes(content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :])
    return content


@pytest.mark.parametrize("part", PARTS)
def test_verify__finds_a_flipped_bit_in_a_segment(settled, part):
    (file,) = settled.glob(f"segments/*/{part}")
    content = flipped(file, file.stat().st_size // 3)
    with Index.open(settled, read_only=True) as index:
        (fault,) = index.verify()
        assert fault.place.endswith(part)
        file.write_bytes(content)
        assert index.verify() == []


def test_verify__of_a_reader_looks_again_where_the_writer_has_merged_segments_away(settled, monkeypatch):
    with Index.open(settled) as writer, Index.open(settled, read_only=True) as reader:
        ids, faults = [stored.id for stored in writer.documents()], embedded.faults

        def late(*stores):
            if writer.n_documents == len(ids):
                writer.remove(ids[:1])
                writer.compact()
            return faults(*stores)

        monkeypatch.setattr(embedded, "faults", late)
        assert reader.verify() == []
        assert reader.n_documents == len(ids) - 1


@pytest.mark.parametrize("content", ["[]", "{}", ""])
def test_open__names_a_segment_whose_summary_is_damaged(settled, content):
    (file,) = settled.glob("segments/*/summary.json")
    before = file.read_text()
    file.write_text(content)
    for read_only in (True, False):
        with pytest.raises(StoreError, match="cannot open a segment of"):
            Index.open(settled, read_only=read_only)
    file.write_text(before)
    assert not faults(settled)


@pytest.mark.parametrize("part", ["rows", "fence"])
def test_check__of_a_damaged_segment_finds_less_or_says_so_and_does_not_crash(settled, part):
    (file,) = settled.glob(f"segments/*/{part}")
    before = file.read_bytes()
    file.write_bytes(b"\xff" * len(before))
    with Index.open(settled, read_only=True) as index:
        with suppress(StoreError):
            assert not any(answer.kind == "copy" for answer in index.check(with_copies(20)))
        assert index.verify()
    file.write_bytes(before)
    assert not faults(settled)


def test_open__refuses_records_that_have_lost_their_state_and_clears_nothing_away(path):
    with Index.create(path) as index:
        index.add(articles(50))
        index.compact()
    records = ledger.Ledger(path / "records", read_only=False, synced=True)
    batch = ledger.Batch()
    batch.delete("names", embedded.STATE)
    records.write(batch)
    records.close()
    before = sorted(path.glob("segments/*/*"))
    for read_only in (True, False):
        with pytest.raises(StoreError, match="records has lost its state"):
            Index.open(path, read_only=read_only)
    assert sorted(path.glob("segments/*/*")) == before != []


@pytest.mark.parametrize("which", range(3))
def test_verify__finds_a_flipped_bit_in_a_table(settled, which):
    """In the first block of each of the three largest tables, which holds documents, names or notes."""
    file = sorted(settled.glob("records/*.sst"), key=lambda file: -file.stat().st_size)[which]
    content = flipped(file, 100)
    assert faults(settled)
    file.write_bytes(content)
    assert not faults(settled)


def faults(path: Path) -> list[object]:
    """What is wrong with an index; that it cannot be opened, where it cannot."""
    try:
        with Index.open(path, read_only=True) as index:
            return list(index.verify())
    except StoreError as error:
        return [error]


def test_open__finds_a_flipped_bit_in_the_log(path):
    code = f"""
import json
import os
from dedup.index import Index
from tests.index_contract import articles
index = Index.create({str(path)!r})
for seed in range(3):
    index.filter(articles(5, seed))
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    (log,) = path.glob("records/*.log")
    content = flipped(log, log.stat().st_size // 2)
    with pytest.raises(StoreError, match="Corruption"):
        Index.open(path)
    log.write_bytes(content[:-10])
    with Index.open(path) as index:
        assert index.n_documents == 10
        assert index.verify() == []


def test_commit__that_fails_leaves_the_index_as_it_was(path, monkeypatch):
    documents = articles(40)
    with Index.create(path) as index:
        index.filter(documents[:10])
        ledger = index._store._ledger
        with monkeypatch.context() as patch:
            patch.setattr(ledger, "write", lambda _: (_ for _ in ()).throw(StoreError("disk full")))
            with pytest.raises(StoreError, match="disk full"):
                index.filter(documents[10:])
        assert index.n_documents == 10
        assert said(index.filter(documents))[10:] == [(d.id, "new", d.id) for d in documents[10:]]
        assert index.verify() == []


def test_segment__that_cannot_be_written_costs_nothing_remembered(path, monkeypatch):
    monkeypatch.setattr(parts, "SEGMENT_ROWS", 8)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    documents = articles(20)
    with Index.create(path) as index:
        index.filter(documents[:10])
        with monkeypatch.context() as patch:
            patch.setattr(parts.segments, "build", full)
            with pytest.raises(StoreError, match="No space left"):
                index.filter(documents[10:])
        assert index.n_documents == 10
        index.filter(documents[10:])
        assert index.verify() == []


def test_create__without_its_package_leaves_nothing_behind(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "rocksdict", None)
    with pytest.raises(StoreError, match=r"pip install 'dedup\[index\]'"):
        Index.create(path)
    assert not path.exists()


def test_open__names_a_directory_that_cannot_be_written(path, monkeypatch):
    """The answer of the system is made up, as root may write anywhere."""
    Index.create(path).close()
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(StoreError, match="cannot write to index"):
        Index.open(path)
    Index.open(path, read_only=True).close()


WRITER = """
import sys
from dedup.index import Index
from dedup.io.store import parts
from tests.index_contract import articles
parts.SEGMENT_ROWS = 50
with Index.open(sys.argv[1]) as index:
    documents = articles(5000, n_words=40)
    for first in range(index.n_documents, 5000, 10):
        index.filter(documents[first : first + 10])
        print(first + 10, flush=True)
"""


@pytest.mark.parametrize("seconds", [0.05, 0.3])
def test_kill__loses_nothing_that_was_acknowledged(path, seconds):
    Index.create(path).close()
    for _ in range(2):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as writer:
            acknowledged = int(writer.stdout.readline())
            time.sleep(seconds)
            writer.send_signal(signal.SIGKILL)
            rest = writer.stdout.read().split(b"\n")
        acknowledged = max([acknowledged, *(int(line) for line in rest[:-1])])
        with Index.open(path) as index:
            assert index.verify() == []
            assert index.n_documents >= acknowledged
            assert index.n_documents % 10 == 0
            expected = [document.id for document in articles(5000, n_words=40)[: index.n_documents]]
            assert [stored.id for stored in index.documents()] == expected


def as_decisions(answers):
    return {answer.id: (answer.keep, answer.representative) for answer in answers}


def scanned(documents, config):
    report = dedup.scan(documents, config)
    return {d.id: (d.keep, d.representative or d.id) for d in report.decisions}


FIRST = Config(cluster=ClusterConfig(keep=("first",)))


@pytest.mark.parametrize("seed", range(4))
def test_filter__decides_as_a_scan_that_keeps_the_first(path, seed):
    """Where copies are of one original, and no text ties two others together that came before it."""
    documents = with_copies(40, seed)
    with Index.create(path, FIRST) as index:
        assert as_decisions(index.filter(documents)) == scanned(documents, FIRST)


def test_filter__decides_as_a_scan_of_the_seeds(path):
    with Index.create(path, FIRST) as index:
        assert as_decisions(index.filter(SEEDS)) == scanned(SEEDS, FIRST)


def test_filter__differs_from_a_scan_where_a_later_text_ties_two_earlier_ones_together(path):
    """A scan sees all three; a filter has let the second through before the third comes."""
    words = articles(1, n_words=300)[0].text.split()
    first, second, third = (
        Document(id=name, text=" ".join(part)) for name, part in (("1", words[:210]), ("2", words[90:]), ("3", words))
    )
    with Index.create(path, FIRST) as index:
        answers = index.filter([first, second, third])
    assert [answer.keep for answer in answers] == [True, True, False]
    assert replace(answers[2], matches=()).representative in ("1", "2")


def test_stats__bear_files_that_go_while_they_are_counted(tmp_path, monkeypatch):
    walk = os.walk
    for name in ("kept", "merged"):
        (tmp_path / name).write_bytes(b"12")

    def merging(folder):
        for found in list(walk(folder)):
            (tmp_path / "merged").unlink()
            yield found

    monkeypatch.setattr(directory.os, "walk", merging)
    assert directory.n_bytes(tmp_path) == 2


def test_stats__say_what_an_index_takes(path):
    with Index.create(path) as index:
        index.filter(articles(20))
        stats = index.stats()
    assert stats["documents"] == stats["arrived"] == 20
    assert set(stats["bytes"]) == {"records", "segments"}


def test_public_name__is_the_index():
    assert dedup.Index is Index


def test_paths__may_be_strings(tmp_path):
    Index.create(str(tmp_path / "x")).close()
    assert Path(tmp_path / "x" / "index.json").exists()


def test_check__goes_on_in_other_threads_while_documents_are_remembered(path):
    documents = articles(400, n_words=40)
    asked = [Document(id=f"x{d.id}", text=d.text) for d in documents[:5]]
    with Index.create(path) as index, ThreadPoolExecutor(3) as pool:
        index.filter(documents[:5])
        checks = [pool.submit(lambda: [index.check(asked) for _ in range(30)]) for _ in range(2)]
        for first in range(5, 400, 5):
            index.filter(documents[first : first + 5])
        for check in checks:
            assert {answer.kind for answers in check.result() for answer in answers} == {"copy"}


def test_evidence__is_read_once_by_threads_that_ask_at_once(path, monkeypatch):
    made, slowly = list[learning.Learning](), learning.Learning.__init__

    def noted(self, *given, **named):
        made.append(self)
        time.sleep(0.1)
        slowly(self, *given, **named)

    monkeypatch.setattr(learning.Learning, "__init__", noted)
    with Index.create(path) as index, ThreadPoolExecutor(3) as pool:
        for check in [pool.submit(index.check, articles(2)) for _ in range(3)]:
            check.result()
    assert len(made) == 1


@pytest.mark.parametrize("most", [2, 255, 256, 1 << 30])
@pytest.mark.parametrize("n_taken", [0, 1, 40, 64, 65, 1024])
def test_learning__packs_tables_of_few_and_of_many_counts(n_taken, most):
    table, draw = np.zeros(1024, np.int32), np.random.default_rng(n_taken)
    table[draw.choice(1024, n_taken, replace=False)] = draw.integers(1, most, n_taken)
    packed = learning._packed(table)
    assert packed.startswith(learning.SPARSE if n_taken <= 64 else learning.DENSE)
    for content in (packed, zlib.compress(table.tobytes())):
        found = np.full(1024, 7, np.int32)
        learning._unpack(content, found)
        assert np.array_equal(found, table)
