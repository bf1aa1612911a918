"""Results as Parquet: the same as the JSON lines, for every reader."""

import json
import os

import pytest

from dedup.errors import OutputError
from dedup.io import reports, result_tables
from dedup.io.result_tables import TABLES, ResultTables
from dedup.records import Cluster, Decision, Match, Member, Passage, Span

duckdb = pytest.importorskip("duckdb")
pandas = pytest.importorskip("pandas")
polars = pytest.importorskip("polars")
parquet = pytest.importorskip("pyarrow.parquet")

PASSAGE = Passage(Span(0, 10), Span(5, 16), 3, True)
MATCHES = [
    Match(
        left="a", right=name, relation="near", resemblance=0.123456789, left_in_right=0.5, right_in_left=1.0,
        coverage=1.0, confidence=0.9, source="left", passages=(PASSAGE,), reasons=("one", "two"), quotes=("word „é”",),
    )
    for name in ("b", "c")
]  # fmt: skip
MEMBERS = (Member(id="a", relation="exact", resemblance=1.0), Member(id="b", relation="near", resemblance=0.75))
CLUSTERS = [Cluster(id="c-a", representative="a", weakest=0.9, members=MEMBERS)]
DECISIONS = [
    Decision(id="a", keep=True, cluster="c-a", representative="a", relation="exact"),
    Decision(id="z", keep=True),
]


def written(folder, matches=MATCHES, clusters=CLUSTERS, decisions=DECISIONS):
    with ResultTables(folder) as tables:
        tables.add_matches(matches)
        tables.add_clusters(clusters)
        tables.add_decisions(decisions)
        tables.publish()
    return folder


def test_tables__hold_what_the_json_lines_hold(tmp_path):
    rows = parquet.read_table(written(tmp_path) / "matches.parquet").to_pylist()
    for row, match in zip(rows, MATCHES, strict=True):
        line = json.loads(reports.match_json(match))
        passages = [
            {"left_start": p["left"][0], "left_end": p["left"][1], "right_start": p["right"][0],
             "right_end": p["right"][1], "n_tokens": p["n_tokens"], "quoted": p.get("quoted", False)}
            for p in line.pop("passages")
        ]  # fmt: skip
        assert row == line | {"passages": passages}


def test_tables__go_to_a_folder_whose_name_is_no_utf_8(tmp_path):
    folder = written(tmp_path / os.fsdecode(b"out\xff"))
    assert sorted(os.listdir(folder)) == sorted(TABLES)
    with (folder / "decisions.parquet").open("rb") as file:
        assert parquet.read_table(file)["id"].to_pylist() == ["a", "z"]


def test_tables__have_a_row_for_each_member_and_each_document(tmp_path):
    written(tmp_path)
    members = parquet.read_table(tmp_path / "clusters.parquet").to_pylist()
    assert [(row["cluster"], row["id"], row["size"], row["resemblance"]) for row in members] == [
        ("c-a", "a", 2, 1.0),
        ("c-a", "b", 2, 0.75),
    ]
    decisions = parquet.read_table(tmp_path / "decisions.parquet").to_pylist()
    assert [(row["id"], row["keep"], row["cluster"]) for row in decisions] == [("a", True, "c-a"), ("z", True, None)]


def test_tables__read_alike_in_duckdb_polars_and_pandas(tmp_path):
    written(tmp_path)
    for name in TABLES:
        path = str(tmp_path / name)
        expected = parquet.read_table(path).to_pylist()
        assert polars.read_parquet(path).to_dicts() == expected
        in_pandas = [[row[key] for key in ("id", "relation") if key in row] for row in expected]
        frame = pandas.read_parquet(path)
        frame = frame[[key for key in ("id", "relation") if key in frame]].astype(object)
        assert frame.where(frame.notna(), None).values.tolist() == in_pandas
        with duckdb.connect() as connection:
            found = connection.execute("select * from read_parquet(?)", [path])
            names = [column[0] for column in found.description]
            assert [dict(zip(names, row, strict=True)) for row in found.fetchall()] == expected


def test_tables__say_their_version(tmp_path):
    written(tmp_path)
    for name in TABLES:
        assert parquet.read_schema(tmp_path / name).metadata[b"dedup.schema"] == f"{name.split('.')[0]}/1".encode()


def test_tables__of_nothing_have_their_columns(tmp_path):
    written(tmp_path, [], [], [])
    for name, schema in result_tables.schemas().items():
        table = parquet.read_table(tmp_path / f"{name}.parquet")
        assert table.num_rows == 0
        assert table.schema.names == schema.names


def test_tables__are_the_same_bytes_however_the_rows_come(tmp_path):
    many = [Decision(id=str(k), keep=True) for k in range(40_000)]
    with ResultTables(tmp_path / "b") as tables:
        for k in range(0, len(many), 777):
            tables.add_decisions(many[k : k + 777])
        tables.publish()
    written(tmp_path / "a", [], [], many)
    assert (tmp_path / "a" / TABLES[2]).read_bytes() == (tmp_path / "b" / TABLES[2]).read_bytes()


def test_tables__spell_out_lone_surrogates(tmp_path):
    written(tmp_path, [], [], [Decision(id="x\udc80", keep=True)])
    assert parquet.read_table(tmp_path / "decisions.parquet").to_pylist()[0]["id"] == "x\\udc80"


def test_tables__leave_nothing_when_they_are_not_published(tmp_path):
    def broken():
        yield MATCHES[0]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        written(tmp_path, broken(), [], DECISIONS * 20_000)
    assert not list(tmp_path.iterdir())


def test_tables__keep_the_earlier_ones_until_the_new_are_complete(tmp_path):
    before = (written(tmp_path) / "decisions.parquet").read_bytes()
    with ResultTables(tmp_path) as tables:
        tables.add_decisions([])
        assert (tmp_path / "decisions.parquet").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(TABLES)


def test_tables__output_error_where_the_folder_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write"), ResultTables(tmp_path / "file" / "out") as tables:
        tables.publish()
