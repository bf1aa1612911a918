"""The same bytes on every engine, for any number of workers and partitions."""

import json
import os
import random
import socket
import subprocess
import sys
import time
from pathlib import Path
from threading import BoundedSemaphore, Lock

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.bench.corpus.generate import chunks
from dedup.bench.corpus.mixes import MIXES
from dedup.config import Config
from dedup.engines import spark
from dedup.engines.components import components
from dedup.engines.threads import Threads
from dedup.errors import ConfigError, EngineError, OutputError
from dedup.interop import spark as frames
from dedup.io import reports
from dedup.spread import run, tasks
from dedup.stages import unique
from tests.commands import CHANGING
from tests.inputs import in_lines
from tests.test_kinds import dataset

FILES = ("matches.jsonl", "clusters.jsonl", "decisions.jsonl")
MIX_TEXTS = {"ordinary": 300, "one-host": 120, "repeated": 120, "near-copies": 80, "template": 80}


def written(folder):
    return [(folder / name).read_bytes() for name in FILES]


def scan(*arguments, **environment):
    command = [sys.executable, "-m", "dedup", "scan", *map(str, arguments), "-q"]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=os.environ | environment)


@pytest.fixture(scope="module")
def collection(tmp_path_factory):
    """The seeds and all in one, rewrites under one address, an ordinary collection and all pathological ones."""
    folder = tmp_path_factory.mktemp("docs")
    for name, n_texts in MIX_TEXTS.items():
        lines = b"".join(bytes(memoryview(chunk.lines)) for chunk in chunks(n_texts, 7, MIXES[name], 1))
        docs = [json.loads(line) for line in lines.splitlines()]
        (folder / f"{name}.jsonl").write_text(
            "".join(json.dumps({**d, "id": f"{name}-{d['id']}"}) + "\n" for d in docs)
        )
    named = {"source": "rewrites", "url": "https://all.example/"}
    lines = [{"id": d.id, "text": d.text, **named} for d in dataset(random.Random(3), 40, {})]
    (folder / "rewrites.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    seeds = sorted((Path(__file__).parent.parent / "seeds").glob("*.txt"))
    for path in seeds:
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "digest.txt").write_text("\n\n".join(path.read_text(encoding="utf-8") for path in seeds), "utf-8")
    return folder


@pytest.fixture(scope="module")
def whole(collection, tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "out"
    assert scan(collection, "-o", out).returncode == 0
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["reworded_sites"], summary["lists"]) == (["rewrites, all.example"], 1)
    files = written(out)
    assert any(b"holds several texts in full that have nothing to do with one another" in file for file in files)
    return files


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=60))
def test_components__are_those_of_one_union_find(pairs):
    left, right = np.array(pairs, np.int64).reshape(-1, 2).T
    linked = left != right
    if linked.any():
        nodes, least = components(Threads(1), left, right)
        assert nodes.tolist() == np.unique([left[linked], right[linked]]).tolist()
        assert least.tolist() == unique.components(left, right, 41)[nodes].tolist()


def test_components__of_a_long_path_take_few_rounds(monkeypatch):
    turns = []
    monkeypatch.setattr(Threads, "keep", lambda _, rows, name: (turns.append(name), rows)[1])
    path = np.random.default_rng(1).permutation(4096)
    _, least = components(Threads(1), path[:-1], path[1:])
    assert set(least.tolist()) == {0}
    assert len(turns) <= 14


@pytest.mark.parametrize("n_shares", [1, 2, 7])
def test_threads__give_the_bytes_of_a_scan(collection, whole, tmp_path, monkeypatch, n_shares):
    monkeypatch.setattr(run, "FEW_PAIRS", 0)
    job = tasks.join([str(collection)], [], Config(threads=1), tmp_path / "out", n_shares)
    with run.scanned(Threads(2), job, n_shares) as report:
        reports.write(report, tmp_path / "out")
    assert written(tmp_path / "out") == whole


def test_each__works_on_as_many_shares_as_there_are_cores_however_many_an_engine_begins(monkeypatch):
    monkeypatch.setattr(run, "AT_ONCE", BoundedSemaphore(2))
    running, most, lock = [], [], Lock()

    def work(share):
        with lock:
            running.append(share)
            most.append(len(running))
        time.sleep(0.01)
        with lock:
            running.remove(share)
        return share

    assert run.each(Threads(8), range(16), work) == sum(range(16))
    assert max(most) == 2


def test_each__works_in_the_folder_where_the_driver_is_and_goes_back(tmp_path, monkeypatch):
    seen, batch = [], pa.RecordBatch.from_pydict({"number": [0]})
    (tmp_path / "of-a-worker").mkdir()
    monkeypatch.chdir(tmp_path / "of-a-worker")
    for folder in (tmp_path, tmp_path / "not-there"):
        list(run._numbered(str(folder), [7], lambda share: seen.append((share, os.getcwd())) or 0, [batch]))
    assert seen == [(7, str(tmp_path)), (7, str(tmp_path / "of-a-worker"))]
    assert os.getcwd() == str(tmp_path / "of-a-worker")


def test_threads__go_on_where_they_were_stopped(collection, whole, tmp_path):
    out = tmp_path / "out"
    job = tasks.join([str(collection)], [], Config(), out, 3)

    class Stopping(Threads):
        n_left = 2

        def numbers(self, n):
            self.n_left -= 1
            if self.n_left < 0:
                raise OutputError("stopped")
            return super().numbers(n)

    with pytest.raises(OutputError, match="stopped"), run.scanned(Stopping(), job, 3):
        pass
    assert not (out / FILES[0]).exists()
    with run.scanned(Threads(), tasks.join([str(collection)], [], Config(), out, 3), 3) as report:
        reports.write(report, out)
    assert written(out) == whole


def test_sail__gives_the_bytes_of_a_scan(collection, whole, tmp_path):
    pytest.importorskip("pysail")
    done = scan(collection, "-o", tmp_path / "out", "--engine", "sail")
    assert done.returncode == 0, done.stderr
    assert written(tmp_path / "out") == whole
    assert not (tmp_path / "out" / "unfinished").exists()


def test_sail__tells_of_the_plan_and_of_an_input_that_has_changed_as_a_scan_does(tmp_path):
    pytest.importorskip("pysail")
    path, out = in_lines(tmp_path / "a.jsonl", {"text": "one"}, {"text": "two"}), tmp_path / "out"
    out.mkdir()
    (out / "plan.json").write_text(json.dumps({"settings_digest": Config().digest(), "candidates": 5}))
    assert scan(path, "-o", out, "--engine", "sail").returncode == 0
    assert json.loads((out / "summary.json").read_text())["plan"] == {"candidates": {"planned": 5, "true": 0}}
    targets = [tmp_path / "kept.jsonl", tmp_path / "removed.jsonl"]
    told = [sys.executable, "-c", CHANGING, "scan", path, "-o", out, "--engine", "sail", "--split", *targets, "-q"]
    done = subprocess.run([str(word) for word in told], capture_output=True, text=True, check=False)
    assert "dedup: the input has changed since it was read" in done.stderr
    assert not any(target.exists() for target in targets)


FRAME = """
import sys
import pyarrow as pa
from dedup.engines.spark import session
from dedup.engines import components, spark
from dedup.interop.spark import scan
from dedup.io import documents
from dedup.config import InputConfig
from dedup.spread import run

run.FEW_PAIRS = 0
found = list(documents.read([sys.argv[1]], InputConfig()))
columns = {name: [getattr(d, name) for d in found] for name in ("id", "text", "url", "source", "date")}
with session("sail") as client:
    for n_parts in (1, 4):
        frame = client.createDataFrame(pa.table(columns)).repartition(n_parts)
        frames = scan(frame, f"{sys.argv[2]}{n_parts}", n_shares=3)
        assert frames.decisions.count() == len(found)
        assert set(frames.decisions.columns) >= {"id", "keep", "cluster"}
"""


def test_frames__give_the_bytes_of_a_scan_however_they_are_divided(collection, whole, tmp_path):
    pytest.importorskip("pysail")
    done = subprocess.run(
        [sys.executable, "-c", FRAME, str(collection), str(tmp_path / "out")],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert [written(tmp_path / f"out{n}") for n in (1, 4)] == [whole, whole]


FAULTS = """
import json
import sys
from dedup.config import Config, InputConfig
from dedup.engines.spark import session
from dedup.errors import InputError
from dedup.interop.spark import scan

def refused(frame):
    try:
        scan(frame, f"{sys.argv[1]}/refused", n_shares=2)
    except InputError as error:
        return str(error)

with session("sail") as client:
    print(refused(client.createDataFrame([(1, ["a", "b"])], "id int, text array<string>")))
    print(refused(client.createDataFrame([(1, "a")], "id int, body string")))
    print(refused([1]))
    print(refused(client.createDataFrame([(1, "a", "b")], "id int, text string, x string").toDF("id", "text", "text")))
    rows = [("", "no id here"), ("a", "The bridge is closed."), (None, "none here"), ("b", None)]
    frame = client.createDataFrame(rows, "id string, `the text` string")
    frames = scan(frame, f"{sys.argv[1]}/out", Config(input=InputConfig(text_field="the text")), n_shares=2)
    print([row.id for row in frames.decisions.collect()])
    rows = [("a", "Füße".encode(), None), ("b", b"Fu\\xdfe", None), ("c", None, "The bridge is closed.")]
    frame = client.createDataFrame(rows, "id string, text binary, body string")
    frames = scan(frame, f"{sys.argv[1]}/bytes", Config(input=InputConfig(text_field="text,body")), n_shares=2)
    print([row.id for row in frames.decisions.collect()])
for name in ("out", "bytes"):
    print(sorted(item["reason"] for item in json.load(open(f"{sys.argv[1]}/{name}/summary.json"))["skipped"]))
"""


def test_frames__say_what_is_wrong_with_them_and_which_rows_are_skipped(tmp_path):
    pytest.importorskip("pysail")
    command = [sys.executable, "-W", "ignore", "-c", FAULTS, str(tmp_path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "the column text of texts is array<string>, not string",
        "the data frame has no column of texts; it has id, body",
        "a data frame of Spark must be given, got list; dedup.scan takes others",
        "the data frame has 2 columns text",
        "['a']",
        "['a', 'c']",
        "['no id', 'no id', 'no text']",
        "['not utf-8 at byte 2']",
    ]


@pytest.mark.parametrize("n_shares", [0, -1, 2.5, "x"])
def test_frames__are_not_shared_by_less_than_one(tmp_path, n_shares):
    """Of no share nothing would be compared."""
    with pytest.raises(ConfigError, match="n_shares must be at least 1, got"):
        frames.scan(None, tmp_path, n_shares=n_shares)


@pytest.mark.cluster
def test_spark__with_two_workers_gives_the_bytes_of_a_scan(collection, whole, tmp_path):
    pytest.importorskip("pyspark")
    settings = "--master local-cluster[2,1,1024] --conf spark.ui.enabled=false pyspark-shell"
    # Relative paths, which the workers look up from folders of their own.
    done = scan(
        os.path.relpath(collection), "-o", os.path.relpath(tmp_path / "out"), "--engine", "spark",
        PYSPARK_SUBMIT_ARGS=settings, PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert written(tmp_path / "out") == whole


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--engine", "dask"], "--engine must be sail, spark or sc://"),
        (["--engine", "sail"], "give -o as well"),
        (["--engine", "sail", "--finish"], "give one"),
    ],
)
def test_engine__says_what_it_needs(collection, options, said):
    done = scan(collection, *options)
    assert done.returncode == 2
    assert said in done.stderr.replace("\n", " ")


@pytest.mark.parametrize("address", ["sc://127.0.0.1:{free}/;token=secret", "sc://127.0.0.1:70000", "sc://[::1"])
def test_session__at_which_nobody_listens_is_said_at_once(address, monkeypatch):
    pytest.importorskip("pyspark")
    monkeypatch.setattr(spark, "getproxies", dict)
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        name = address.format(free=unheard.getsockname()[1])
        with pytest.raises(EngineError, match=r"^cannot reach the engine sc://.*: ") as raised, spark.session(name):
            pass
    assert "secret" not in str(raised.value)


def test_engine__without_its_package_says_which_to_install(collection, tmp_path):
    hide = "import sys; sys.modules['pysail'] = None; from dedup.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", hide, "scan", str(collection), "-o", str(tmp_path / "out"), "--engine", "sail"],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert "pip install 'dedup[sail]'" in done.stderr.replace("\n", " ")
