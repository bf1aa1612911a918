"""Reports out: the contract's fields in their order, files that appear whole, and nothing of others overwritten."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import InputError, OutputError
from dedup.io import outputs, reports, results
from dedup.records import RELATIONS, Cluster, Decision, Match, Member, Passage, Report, Skipped, Span

FILES = ["clusters.jsonl", "decisions.jsonl", "matches.jsonl", "summary.json"]


def a_match(**changes: object) -> Match:
    fields: dict[str, object] = {
        "left": "a",
        "right": "b",
        "relation": "rewrite",
        "resemblance": 0.1234567,
        "left_in_right": 0.5,
        "right_in_left": 0.25,
        "coverage": 0.5,
        "confidence": 0.9,
        "source": "left",
        "passages": (
            Passage(left=Span(start=0, end=9), right=Span(start=3, end=12), n_tokens=2),
            Passage(left=Span(start=20, end=29), right=Span(start=40, end=49), n_tokens=3, quoted=True),
        ),
        "reasons": ("two shared passages",),
    }
    return Match(**(fields | changes))


def a_report(match: Match | None = None) -> Report:
    return Report(
        matches=[match or a_match()],
        clusters=[
            Cluster(
                id="c1",
                representative="a",
                weakest=0.9,
                members=(
                    Member(id="a", relation="exact", resemblance=1.0),
                    Member(id="b", relation="rewrite", resemblance=0.1),
                ),
            )
        ],
        decisions=[
            Decision(id="a", keep=True, cluster="c1", representative="a", relation="exact"),
            Decision(id="b", keep=False, cluster="c1", representative="a", relation="rewrite"),
            Decision(id="c", keep=True),
        ],
        skipped=[Skipped(place="x.jsonl:3", reason="malformed JSON")],
        summary={"n_documents": 3},
    )


def in_lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_write__the_files_and_fields_of_the_contract_in_their_order(tmp_path):
    reports.write(a_report(), tmp_path / "new" / "out")
    out = tmp_path / "new" / "out"
    assert sorted(os.listdir(out)) == FILES
    (match,) = in_lines(out / "matches.jsonl")
    assert list(match) == [
        "left", "right", "relation", "resemblance", "left_in_right", "right_in_left", "coverage", "source",
        "passages", "reasons", "confidence",
    ]  # fmt: skip
    assert match["resemblance"] == 0.123457
    assert match["passages"] == [
        {"left": [0, 9], "right": [3, 12], "n_tokens": 2},
        {"left": [20, 29], "right": [40, 49], "n_tokens": 3, "quoted": True},
    ]
    (cluster,) = in_lines(out / "clusters.jsonl")
    assert list(cluster) == ["cluster", "representative", "size", "weakest", "members"]
    assert cluster["size"] == 2
    assert cluster["members"][1] == {"id": "b", "relation": "rewrite", "resemblance": 0.1}
    decisions = in_lines(out / "decisions.jsonl")
    assert decisions[2] == {"id": "c", "keep": True, "cluster": None, "representative": None, "relation": None}
    assert list(decisions[0]) == ["id", "keep", "cluster", "representative", "relation"]
    assert json.loads((out / "summary.json").read_bytes()) == {
        "n_documents": 3,
        "skipped": [{"place": "x.jsonl:3", "reason": "malformed JSON"}],
    }


def test_write__the_same_report_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        reports.write(a_report(), tmp_path / name)
    for name in FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_write__replaces_an_earlier_report_and_clears_what_a_killed_run_left(tmp_path):
    reports.write(a_report(), tmp_path)
    with subprocess.Popen([sys.executable, "-c", ""]) as killed:
        pass
    for process in (killed.pid, 1 << 70, "x"):
        for name in ("matches.jsonl", "matches.parquet", "judgments.jsonl"):
            (tmp_path / f".{name}.{process}.tmp").write_text("half a li")
    reports.write(a_report(a_match(left="other")), tmp_path)
    assert sorted(os.listdir(tmp_path)) == FILES
    assert in_lines(tmp_path / "matches.jsonl")[0]["left"] == "other"


@pytest.mark.skipif(os.name != "posix", reason="there files that are open cannot be removed")
def test_write__leaves_what_another_run_is_writing(tmp_path):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        writing = tmp_path / f".matches.jsonl.{other.pid}.tmp"
        writing.write_text("half a li")
        reports.write(a_report(), tmp_path)
        other.communicate(b"\n")
    assert writing.read_text() == "half a li"
    reports.write(a_report(), tmp_path)
    assert sorted(os.listdir(tmp_path)) == FILES


@pytest.mark.skipif(os.name != "posix", reason="there are no such files")
def test_write_file__leaves_a_pipe_and_a_device_what_they_are(tmp_path):
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to("/dev/null")
    for path in (pipe, link):
        reports.check_file(path, [])
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        reports.write_matches([a_match()], pipe)
        assert json.loads(reader.communicate()[0])["left"] == a_match().left
    reports.write_matches([a_match()], link)
    assert (pipe.is_fifo(), link.is_symlink(), Path("/dev/null").is_char_device()) == (True, True, True)
    assert sorted(os.listdir(tmp_path)) == ["link", "pipe"]


def test_write__refuses_a_folder_with_foreign_files_and_leaves_it(tmp_path):
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"precious\.txt"):
        reports.write(a_report(), tmp_path)
    assert os.listdir(tmp_path) == ["precious.txt"]


def test_write__a_failure_on_the_way_leaves_the_earlier_report_whole(tmp_path):
    reports.write(a_report(), tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in FILES}

    def broken():
        yield Decision(id="new", keep=True)
        raise RuntimeError("stop")

    report = Report(matches=[], clusters=[], decisions=broken())
    with pytest.raises(RuntimeError):
        reports.write(report, tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)} == before


def test_write__the_summary_appears_last(tmp_path, monkeypatch):
    order = []
    replace = os.replace
    monkeypatch.setattr(os, "replace", lambda a, b: (order.append(Path(b).name), replace(a, b)))
    reports.write(a_report(), tmp_path)
    assert order == ["matches.jsonl", "clusters.jsonl", "decisions.jsonl", "summary.json"]


def test_write__no_earlier_summary_stands_beside_new_files(tmp_path, monkeypatch):
    reports.write(a_report(), tmp_path)
    left = []
    monkeypatch.setattr(os, "replace", lambda a, b: left.append(sorted(map(str, tmp_path.glob("summary.json")))))
    reports.write(a_report(), tmp_path)
    assert left == [[]] * 4


def test_write__every_file_is_on_the_disk_before_any_appears(tmp_path, monkeypatch):
    events = []
    replace, fsync = os.replace, os.fsync
    monkeypatch.setattr(os, "replace", lambda a, b: (events.append("replace"), replace(a, b)))
    monkeypatch.setattr(os, "fsync", lambda descriptor: (events.append("sync"), fsync(descriptor)))
    reports.write(a_report(), tmp_path)
    # The folder is synced before, without an earlier summary, and behind.
    assert events == ["sync"] * 5 + ["replace"] * 4 + ["sync"]


def test_write__a_full_disk_is_one_line_and_leaves_nothing(tmp_path):
    code = (
        "import resource, sys; from pathlib import Path; from tests.test_reports import a_match; "
        "from dedup.errors import OutputError; from dedup.io import reports; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try: reports.write_matches([a_match()] * 1000, Path(sys.argv[1]))\n"
        "except OutputError as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code, tmp_path / "m.jsonl"], capture_output=True, text=True, check=True)
    assert run.stdout == f"cannot write {tmp_path}/m.jsonl: File too large\n"
    assert os.listdir(tmp_path) == []


def test_check_target__refuses_a_place_that_cannot_be_written_to(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    for name in ("file", "file/out", "file/a/b"):
        with pytest.raises(OutputError, match=r"cannot write|must be a folder"):
            reports.check_target(tmp_path / name, [])
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match="cannot write"):
        reports.check_target(tmp_path / "out", [])


def test_check_target__makes_nothing(tmp_path):
    reports.check_target(tmp_path / "a" / "b", ["-"])
    assert os.listdir(tmp_path) == []


def test_check_target__refuses_a_folder_that_is_in_or_around_or_is_an_input(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "in" / "a.txt").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "in")
    for target in ("in", "in/out", ".", "link/out", "./in/sub/../sub"):
        for source in ("in", "in/sub/..", str(tmp_path / "link")):
            with pytest.raises(OutputError, match="apart from the input"):
                reports.check_target(Path(target), ["-", source])
    for target, source in (("in", "in/*.txt"), ("in", "in/a.txt"), ("in/sub", "in/*")):
        with pytest.raises(OutputError, match="apart from the input"):
            reports.check_target(Path(target), [source])
    reports.check_target(Path("in2"), ["in"])
    reports.check_target(Path("in/sub"), ["in/a.txt", "in/*.txt"])


def test_check_file__refuses_an_input(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("")
    with pytest.raises(OutputError, match="apart from the input"):
        reports.check_file(path, [str(path)])
    with pytest.raises(OutputError, match="is a folder"):
        reports.check_file(tmp_path, [])
    reports.check_file(tmp_path / "b.jsonl", [str(path)])


def test_write__ids_with_lone_surrogates(tmp_path):
    reports.write(a_report(a_match(left="\ud800")), tmp_path)
    assert b'"left":"\\ud800"' in (tmp_path / "matches.jsonl").read_bytes()
    assert next(reports.read_matches(tmp_path / "matches.jsonl")).left == "\ud800"


def test_report_json__is_one_line_with_everything():
    data = reports.report_json(a_report())
    assert data.endswith(b"}\n")
    assert data.count(b"\n") == 1
    assert list(json.loads(data)) == ["matches", "clusters", "decisions", "summary"]


SCORES = st.floats(0, 1).map(lambda score: round(score, 6))
SPANS = st.tuples(st.integers(0, 10**9), st.integers(0, 10**6)).map(lambda p: Span(start=p[0], end=p[0] + p[1]))
PASSAGES = st.builds(Passage, left=SPANS, right=SPANS, n_tokens=st.integers(1, 10**6), quoted=st.booleans())
NAMES = st.text(st.characters())
TUPLES = st.lists(NAMES, max_size=3).map(tuple)
MATCHES = st.builds(
    Match, left=NAMES, right=NAMES, relation=st.sampled_from(RELATIONS), resemblance=SCORES, left_in_right=SCORES,
    right_in_left=SCORES, coverage=SCORES, confidence=SCORES, source=st.sampled_from(["left", "right", "unknown"]),
    passages=st.lists(PASSAGES, max_size=3).map(tuple), reasons=TUPLES, quotes=TUPLES,
)  # fmt: skip
MEMBERS = st.builds(Member, id=NAMES, relation=st.sampled_from(RELATIONS), resemblance=SCORES)
CLUSTERS = st.builds(
    Cluster, id=NAMES, representative=NAMES, weakest=SCORES, members=st.lists(MEMBERS, max_size=3).map(tuple)
)


@given(matches=st.lists(MATCHES, max_size=4), clusters=st.lists(CLUSTERS, max_size=4))
def test_read__gives_back_what_was_written(tmp_path_factory, matches, clusters):
    out = tmp_path_factory.mktemp("out")
    reports.write(Report(matches=matches, clusters=clusters, decisions=[]), out)
    assert list(reports.read_matches(out / "matches.jsonl")) == matches
    assert list(reports.read_clusters(out / "clusters.jsonl")) == clusters
    reports.write_matches(matches, out / "again.jsonl")
    assert (out / "again.jsonl").read_bytes() == (out / "matches.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[]", "not a JSON object"),
        ("{", "malformed JSON"),
        ("{}", 'no field "left"'),
        ('{"left": 1}', "a string was expected, got 1"),
        ('{"left": "a", "right": "b", "relation": "twin"}', "one of exact, .* was expected, got twin"),
    ],
)
def test_read__a_line_of_something_else_is_an_error_with_its_place(tmp_path, line, reason):
    path = tmp_path / "matches.jsonl"
    path.write_bytes(reports.match_json(a_match()) + b"\n" + line.encode() + b"\n")
    with pytest.raises(InputError, match=f"matches.jsonl:2: {reason}"):
        list(reports.read_matches(path))


@pytest.mark.parametrize("line", ['{"id": 5}', '{"keep": true}', "[]", "{"])
def test_decided__a_line_that_is_no_decision_is_an_error_with_its_place(tmp_path, line):
    (tmp_path / "decisions.jsonl").write_text(f'{{"id": "a"}}\n{line}\n')
    with pytest.raises(InputError, match=r"decisions\.jsonl:2: not a decision"):
        list(results.decided(tmp_path))


@pytest.mark.parametrize(
    "settings",
    [
        {"input": {"id_field": None}}, {"sketch": {"shingle_size": "5"}}, {"evidence": {"near_agreement": True}},
        {"cluster": {"keep": [5]}}, {"cluster": {"joining": "near"}}, {"sketch": {"n_hashes": 12.5}},
        {"sketch": {"n_hashes": 1}},
    ],
)  # fmt: skip
def test_settings__of_another_kind_or_out_of_range_are_an_error_that_says_which(settings):
    with pytest.raises(InputError, match=r"settings of the results are damaged: .* must be "):
        results.settings({"settings": settings})


def test_read__a_missing_file_is_an_error(tmp_path):
    with pytest.raises(InputError, match="cannot read"):
        list(reports.read_matches(tmp_path / "matches.jsonl"))


def test_outputs__a_file_already_there_stays_when_the_new_one_fails(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("old")

    def broken():
        yield b"new"
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="No space left on device"):
        outputs.write_file(path, broken())
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.jsonl"]


def test_input_of__says_what_to_do_when_the_documents_are_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = {"inputs": ["docs.jsonl"]}
    with pytest.raises(InputError, match=r"docs\.jsonl, which is not found from here: give --docs PATH"):
        results.input_of(told, [])
    assert results.input_of(told, ["other.jsonl"])[0] == ["other.jsonl"]
    (tmp_path / "docs.jsonl").touch()
    assert results.input_of(told, [])[0] == ["docs.jsonl"]
