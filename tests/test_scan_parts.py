"""What `dedup scan` writes beside its report, as its user meets it."""

import io
import json

import pytest

from dedup.cli import parts, view
from dedup.errors import OutputError
from dedup.records import Report, SourceShare
from tests.inputs import in_lines, in_parquet, put
from tests.test_cli import dedup

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

TEXT = "The council met on Tuesday to discuss the new bridge over the river, which had been closed since the flood."
LINES = [
    {"id": f"{source}{k}", "text": f"{TEXT} {'' if source == 'b' else k} and more of it", "source": source, "n": k}
    for source in "ab"
    for k in range(12)
]


def test_tables__hold_what_the_lines_hold(tmp_path):
    path, out = in_lines(tmp_path / "in.jsonl", *LINES), tmp_path / "out"
    assert dedup("scan", path, "-o", out, "--tables", "-q").returncode == 0
    for name in ("matches", "decisions"):
        lines = [json.loads(line) for line in (out / f"{name}.jsonl").read_text().splitlines()]
        rows = parquet.read_table(out / f"{name}.parquet").to_pylist()
        assert [{k: row[k] for k in row if k not in ("passages", "quotes")} for row in rows] == [
            {k: line[k] for k in line if k not in ("passages", "quotes")} for line in lines
        ]
    clusters = [json.loads(line) for line in (out / "clusters.jsonl").read_text().splitlines()]
    members = [(c["cluster"], m["id"], m["relation"]) for c in clusters for m in c["members"]]
    rows = parquet.read_table(out / "clusters.parquet").to_pylist()
    assert [(row["cluster"], row["id"], row["relation"]) for row in rows] == members


def test_tables__of_an_earlier_run_do_not_outlive_it(tmp_path):
    path, out = in_lines(tmp_path / "in.jsonl", *LINES), tmp_path / "out"
    assert dedup("scan", path, "-o", out, "--tables", "-q").returncode == 0
    assert dedup("scan", path, "-o", out, "-q").returncode == 0
    assert not list(out.glob("*.parquet"))


NAMING = "import os; replace = os.replace; os.replace = lambda a, b: (print(os.path.basename(b)), replace(a, b))"
"""A scan that names its files as they appear."""


def test_tables_and_parts__appear_before_the_summary(tmp_path):
    path, split = in_lines(tmp_path / "in.jsonl", *LINES), (tmp_path / "kept.jsonl", tmp_path / "removed.jsonl")
    done = dedup("scan", path, "-o", tmp_path / "out", "--tables", "--split", *split, "-q", first=NAMING)
    order = done.stdout.decode().split()
    assert (len(order), order[-1]) == (9, "summary.json")


def test_split__that_cannot_read_a_row_as_a_whole_lets_nothing_appear(tmp_path):
    table = pa.table({"text": [line["text"] for line in LINES], "n": [line["n"] for line in LINES]})
    data = bytearray(in_parquet(table, use_dictionary=False, compression="gzip"))
    data[parquet.read_metadata(io.BytesIO(data)).row_group(0).column(1).data_page_offset + 40] ^= 255
    path, out = put(tmp_path / "in.parquet", bytes(data)), tmp_path / "out"
    done = dedup("scan", path, "-o", out, "--split", tmp_path / "kept.parquet", tmp_path / "removed.parquet", "-q")
    assert (done.returncode, done.stderr.startswith(b"dedup: cannot split")) == (1, True)
    assert [entry.name for entry in tmp_path.rglob("*") if entry.is_file()] == ["in.parquet"]


def test_split__puts_each_line_where_its_decision_says(tmp_path):
    path, out = in_lines(tmp_path / "in.jsonl", *LINES), tmp_path / "out"
    kept, removed = tmp_path / "parts/kept.jsonl", tmp_path / "parts/removed.jsonl"
    assert dedup("scan", path, "-o", out, "--split", kept, removed, "-q").returncode == 0
    decisions = [json.loads(line) for line in (out / "decisions.jsonl").read_text().splitlines()]
    keeps = {decision["id"]: decision["keep"] for decision in decisions}
    lines = path.read_text().splitlines(keepends=True)
    assert kept.read_text() == "".join(line for line in lines if keeps[json.loads(line)["id"]])
    assert removed.read_text() == "".join(line for line in lines if not keeps[json.loads(line)["id"]])
    assert removed.read_text()


def test_max_removed__stops_with_a_table_and_writes_nothing(tmp_path):
    path, out = in_lines(tmp_path / "in.jsonl", *LINES), tmp_path / "out"
    split = tmp_path / "parts/kept.jsonl", tmp_path / "parts/removed.jsonl"
    done = dedup("scan", path, "-o", out, "--split", *split, "--max-removed", "0.5", "-q")
    shown = done.stderr.decode()
    assert done.returncode == 1
    assert ["b", "12"] in [line.split()[:2] for line in shown.splitlines()]
    assert "would be removed, so nothing is" in shown.splitlines()[-1]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["in.jsonl"]
    assert dedup("scan", path, "-o", out, "--max-removed", "1", "-q").returncode == 0


def test_max_removed__tells_small_shares_as_they_are(capsys):
    removals = [SourceShare(source="a", n_documents=1000, n_removed=7)]
    report = Report(matches=[], clusters=[], decisions=[], removals=removals)
    with pytest.raises(OutputError, match=r"more than 0\.5% of 1 source "):
        parts.hold(view.console(), report, 0.005)
    assert capsys.readouterr().err.split()[-4:] == ["a", "1,000", "7", "0.7%"]


@pytest.mark.parametrize("option", [["--split", "real.jsonl", "removed.jsonl"], ["--events", "real.jsonl"]])
def test_options__an_input_that_a_link_in_its_folder_leads_to_is_not_replaced(tmp_path, monkeypatch, option):
    real = put(tmp_path / "real.jsonl", '{"text":"one"}\nbroken\n')
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").symlink_to(real)
    monkeypatch.chdir(tmp_path)
    done = dedup("scan", "in", *option)
    assert (done.returncode, b"must lie apart" in done.stderr) == (1, True)
    assert real.read_text() == '{"text":"one"}\nbroken\n'


def test_plan__that_is_damaged_is_an_error_before_the_run(tmp_path):
    path = put(tmp_path / "in.jsonl", '{"text":"one"}\n')
    put(tmp_path / "out/plan.json", "{")
    done = dedup("scan", path, "-o", tmp_path / "out", "--events", tmp_path / "events.jsonl")
    assert (done.returncode, b"plan.json" in done.stderr) == (1, True)
    assert not (tmp_path / "events.jsonl").exists()


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (["--tables"], 2, "give -o"),
        (["--split", "kept.csv", "removed.csv"], 2, "cannot go to kept.csv"),
        (["--split", "in.jsonl", "removed.jsonl"], 1, "must lie apart"),
        (["--split", "kept.jsonl"], 2, "--split"),
        (["-o", "out", "--split", "kept.jsonl", "out/removed.jsonl"], 1, "apart from one another"),
        (["--events", "kept.jsonl", "--split", "kept.jsonl", "removed.jsonl"], 1, "apart from one another"),
    ],
)
def test_options__that_cannot_be_are_refused_before_the_run(tmp_path, monkeypatch, options, code, says):
    put(tmp_path / "in.jsonl", '{"text":"one"}\n')
    monkeypatch.chdir(tmp_path)
    done = dedup("scan", "in.jsonl", *options)
    assert (done.returncode, [entry.name for entry in tmp_path.iterdir()]) == (code, ["in.jsonl"])
    assert says in done.stderr.decode()
