"""Files that lie elsewhere: in memory as `memory://`, and on a web server of the test's own."""

import gzip
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dedup.config import InputConfig
from dedup.errors import InputError, OutputError
from dedup.io import documents, outputs, remote
from dedup.records import Document
from tests.inputs import faults, found, in_lines, put

fsspec = pytest.importorskip("fsspec")

LINES = b'{"id":"x","text":"one"}\n{"id":"y","text":"two"}\n'


@pytest.fixture
def memory():
    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    return system


class Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass


@pytest.fixture
def server(tmp_path):
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as running:
        running.daemon_threads = True
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def texts(*paths):
    return found(documents.read([*paths], InputConfig()))


def test_remote__a_file_is_read_like_one_on_the_disk(memory):
    memory.pipe("/in/a.jsonl", LINES)
    memory.pipe("/in/b.jsonl.gz", gzip.compress(b'{"id":"z","text":"three"}\n'))
    assert texts("memory://in/a.jsonl", "memory://in/b.jsonl.gz") == {"x": "one", "y": "two", "z": "three"}


def test_remote__a_folder_gives_its_files_by_name_without_hidden_ones(memory):
    for name in ("b.txt", "sub/a.txt", ".hidden", "sub/.git/config"):
        memory.pipe(f"/in/{name}", name.encode())
    assert list(texts("memory://in")) == ["b.txt", "sub/a.txt"]


def test_remote__globs(memory):
    for name in ("a.txt", "b.txt", "c.md"):
        memory.pipe(f"/in/{name}", b"words")
    assert list(texts("memory://in/*.txt")) == ["a.txt", "b.txt"]


def test_remote__batches_are_what_documents_are(memory):
    memory.pipe("/in/a.jsonl", LINES * 100)
    batches = list(documents.read_batches(["memory://in/a.jsonl"], InputConfig()))
    items = documents.read(["memory://in/a.jsonl"], InputConfig())
    names = [item.id for item in items if isinstance(item, Document)]
    assert [name for batch in batches for name in batch.ids] == names


def test_remote__parquet_is_read_from_its_end(memory, tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pa.table({"id": ["x"], "text": ["one"]}), tmp_path / "a.parquet")
    memory.pipe("/in/a.parquet", (tmp_path / "a.parquet").read_bytes())
    assert texts("memory://in/a.parquet") == {"x": "one"}


def test_remote__sizes_are_counted(memory):
    memory.pipe("/in/a.jsonl", LINES)
    assert documents.count_bytes(["memory://in"]) == len(LINES)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("memory://nowhere/a.txt", "no such file or folder: memory://nowhere/a.txt"),
        ("memory://nowhere/*.txt", "no file matches"),
        ("nonsense://a/b", "cannot read nonsense://a/b: Protocol not known"),
        ("http://127.0.0.1:9/a.txt", "cannot be read"),
    ],
)
def test_remote__an_address_that_leads_nowhere_is_an_error(memory, path, message):
    with pytest.raises(InputError, match=message):
        texts(path)


def test_remote__without_its_package_is_an_error_that_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(InputError, match=r"dedup\[remote\]"):
        texts("memory://in/a.txt")


def test_web__a_file_is_read_and_called_without_its_query(server, tmp_path):
    put(tmp_path / "a.txt", "words")
    assert texts(f"{server}/a.txt?signature=secret") == {"a.txt": "words"}


def test_web__packed_lines_and_parquet(server, tmp_path):
    put(tmp_path / "a.jsonl.gz", gzip.compress(LINES))
    assert texts(f"{server}/a.jsonl.gz?x=1") == {"x": "one", "y": "two"}


def test_web__a_page_that_is_not_there_is_said_and_the_others_are_read(server, tmp_path):
    put(tmp_path / "a.txt", "words")
    items = list(documents.read([f"{server}/none.txt", f"{server}/a.txt"], InputConfig()))
    assert found(items) == {"a.txt": "words"}
    assert [place for place, _ in faults(items)] == ["none.txt"]


def test_shown__neither_password_nor_signature():
    assert remote.shown("https://me:word@host/a.txt?sig=1") == "https://host/a.txt"
    assert remote.shown("s3://bucket/a?b") == "s3://bucket/a?b"


def test_is_remote__no_path_of_a_disk_is():
    assert all(map(remote.is_remote, ("s3://b/k", "simplecache::s3://b/k", "HTTPS://h/p", "memory://x")))
    assert not any(map(remote.is_remote, ("a.txt", "/a://b", "C:/x", "C://x", "-", "a:b", "../x")))


def test_output__may_lie_beside_remote_inputs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outputs.check_free(tmp_path, ["memory://in/a.jsonl"])


def test_list__the_files_in_it_are_read(tmp_path, memory):
    memory.pipe("/in/b.txt", b"three")
    in_lines(tmp_path / "a.jsonl", {"id": "x", "text": "one"})
    lines = put(tmp_path / "list.txt", f"{tmp_path / 'a.jsonl'}\n\nmemory://in/b.txt\r\n")
    assert texts(f"@{lines}") == {"x": "one", "b.txt": "three"}
    lines.write_bytes(b"\xef\xbb\xbf" + lines.read_bytes())
    assert texts(f"@{lines}") == {"x": "one", "b.txt": "three"}


def test_list__a_file_of_that_name_is_itself(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "@a.txt", "words")
    assert texts("@a.txt") == {"@a.txt": "words"}


def test_list__that_is_not_there_is_an_error():
    with pytest.raises(InputError, match=r"cannot read the list of files nowhere\.txt: No such file"):
        texts("@nowhere.txt")


def test_list__the_output_may_not_lie_in_what_it_names(tmp_path):
    put(tmp_path / "in/a.txt", "words")
    lines = put(tmp_path / "list.txt", f"{tmp_path / 'in'}\n")
    with pytest.raises(OutputError, match="must lie apart"):
        outputs.check_free(tmp_path / "in" / "out", [f"@{lines}"])
    with pytest.raises(OutputError, match="must lie apart"):
        outputs.check_free(lines, [f"@{lines}"])
