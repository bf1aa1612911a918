"""Commands that show results: what they write, what they print, and what they refuse."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.cli.view import plain
from dedup.config import Config, EvidenceConfig, PassageConfig
from dedup.errors import InputError
from dedup.io import judgments
from dedup.io import results as stored
from dedup.io.judgments import Judged
from dedup.io.spool import Spool
from dedup.meeting import frequencies, meet
from dedup.records import Document
from dedup.stages import text
from dedup.web import payloads, report
from dedup.web.furniture import Furniture
from dedup.web.origins import first_of, flows
from dedup.web.overview import overview
from dedup.web.results import Meeting, Sample, load
from tests.shown import ARTICLE, FURNITURE, documents, written
from tests.test_cli import dedup
from tests.test_kinds import prose


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    pytest.importorskip("jinja2")
    folder = tmp_path_factory.mktemp("shown")
    written(folder, documents())
    return folder


def shown(*arguments: object) -> str:
    done = dedup(*arguments, COLUMNS="80")
    assert done.returncode == 0, done.stderr.decode()
    return done.stderr.decode()


def test_report__is_one_file_of_the_same_bytes_each_time(place):
    for name in ("one", "two"):
        shown("report", place / "out", "--docs", place / "docs.jsonl", "-o", place / name)
    assert [path.name for path in (place / "one").iterdir()] == ["index.html"]
    assert (place / "one" / "index.html").read_bytes() == (place / "two" / "index.html").read_bytes()


def test_report__does_not_take_the_place_of_a_page_of_others(place, tmp_path):
    (tmp_path / "index.html").write_text("<p>mine")
    done = dedup("report", place / "out", "--docs", place / "docs.jsonl", "-o", tmp_path)
    assert done.returncode == 1
    assert "holds index.html" in done.stderr.decode()
    assert (tmp_path / "index.html").read_text() == "<p>mine"
    shown("report", place / "out", "--docs", place / "docs.jsonl", "-o", place / "mine")
    shown("report", place / "out", "--docs", place / "docs.jsonl", "-o", place / "mine")


def test_report__names_a_text_that_is_no_longer_there(place, tmp_path):
    docs = [line for line in (place / "docs.jsonl").read_text().splitlines() if '"wire/1"' not in line]
    (tmp_path / "docs.jsonl").write_text("\n".join(docs))
    said = shown("report", place / "out", "--docs", tmp_path / "docs.jsonl", "-o", tmp_path / "report")
    assert "! 1 text of the results not found, such as that of wire/1" in said


def changed(place: Path, path: Path, id_: str, change: str) -> None:
    """The documents, one of them with another text before its own."""
    told = [json.loads(line) for line in (place / "docs.jsonl").read_text().splitlines()]
    path.write_text("".join(json.dumps({**d, "text": change * (d["id"] == id_) + d["text"]}) + "\n" for d in told))


def test_report__marks_nothing_in_texts_that_have_changed_since_the_scan_and_says_so(place, tmp_path):
    docs = tmp_path / "docs.jsonl"
    changed(place, docs, "wire/1", "Corrected. ")
    said = shown("report", place / "out", "--docs", docs, "-o", tmp_path / "report")
    assert "not marked, as the texts have changed since the scan: " in " ".join(said.split())
    found = load(place / "out", [str(docs)])
    ids = found.papers.ids
    for meeting in [meeting for meetings in found.meetings for meeting in meetings]:
        match = json.loads(found.match(meeting))
        is_changed = "wire/1" in (ids[meeting.left], ids[meeting.right])
        assert match.get("changed", False) == is_changed == (not match["passages"])
    assert len(found.changed) > 1


def test_report__of_texts_as_they_were_says_of_none_that_it_has_changed(place, tmp_path):
    said = shown("report", place / "out", "--docs", place / "docs.jsonl", "-o", tmp_path / "report")
    assert "changed" not in said
    found = load(place / "out", [str(place / "docs.jsonl")])
    meetings = [meeting for own in found.meetings for meeting in own] + found.pairs
    assert all("changed" not in json.loads(found.match(meeting)) for meeting in meetings)
    assert (len(meetings) > 3, found.changed) == (True, {})


def test_explain__says_that_a_text_has_changed_since_the_scan(place, tmp_path):
    docs = tmp_path / "docs.jsonl"
    for change, expected in (("", False), ("Corrected. ", True)):
        changed(place, docs, "wire/1", change)
        said = shown("explain", place / "out", "news/x", "wire/1", "--docs", docs)
        assert ("has changed since the scan" in " ".join(said.split())) == expected


def test_report__lies_beside_the_results_and_does_not_keep_a_scan_from_writing_them_anew(place):
    shown("scan", place / "docs.jsonl", "-o", place / "again", "-q")
    shown("report", place / "again")
    shown("scan", place / "docs.jsonl", "-o", place / "again", "-q")
    assert (place / "again" / "report" / "index.html").exists()


def test_report__no_text_is_markup(place):
    page = (place / "report" / "index.html").read_text()
    assert "harmed" not in page
    assert len(re.findall("<script", page)) == len(re.findall("</script>", page))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["report", "{0}/nothing"], "must be the output of a scan"),
        (["report", "{0}/out", "--docs", "{0}/other.jsonl"], "no document of the results"),
        (["report", "{0}/out", "--docs", "{0}/docs.jsonl", "-o", "{0}/foreign"], "holds mine.txt"),
        (["explain", "{0}/out", "nobody"], "'nobody'"),
        (["explain", "{0}/out", "nobody", "wire/1", "--quick"], "'nobody'"),
        (["explain", "{0}/out", "wire/1", "nobody", "--docs", "{0}/docs.jsonl"], "'nobody'"),
        (["recluster", "{0}/out", "--min", "7"], "min must lie in 0..1"),
        (["recluster", "{0}/out", "-o", "{0}/out"], "apart from the input"),
        (["review", "{0}/out", "--judgments", "{0}/out/clusters.jsonl"], "apart from the input"),
        (["audit", "{0}/nothing"], "must be the output of a scan"),
        (["audit", "{0}/out", "--judgments", "{0}/nothing.jsonl"], "nothing.jsonl: there is no such file"),
    ],
)
def test_errors__say_what_and_which_in_one_line(place, arguments, says):
    (place / "other.jsonl").write_text('{"id": "q", "text": "something else"}\n')
    (place / "foreign").mkdir(exist_ok=True)
    (place / "foreign" / "mine.txt").touch()
    done = dedup(*(argument.format(place) for argument in arguments))
    assert done.returncode in (1, 2)
    assert says in done.stderr.decode()
    assert len(done.stderr.decode().splitlines()) == 1


def test_report__names_the_extra_that_it_needs(monkeypatch):
    from dedup.cli import extras
    from dedup.errors import EngineError

    with pytest.raises(EngineError, match=r"dedup\[report\]"):
        extras.needs("no_such_package", "report")


def test_report__of_a_cluster_without_its_representative_says_which(place, tmp_path):
    shutil.copytree(place / "out", tmp_path / "out")
    path = tmp_path / "out/clusters.jsonl"
    first, *others = path.read_text().splitlines()
    path.write_text("\n".join([json.dumps({**json.loads(first), "representative": "gone"}), *others]))
    with pytest.raises(InputError, match=r"clusters\.jsonl is damaged: c\w+ lacks its 'gone'"):
        load(tmp_path / "out", [str(place / "docs.jsonl")])


def test_explain__says_why_two_are_together_and_what_met(place):
    said = shown("explain", place / "out", "wire/1", "news/x", "--docs", place / "docs.jsonl")
    assert "wire/1 and news/x: together" in said
    assert re.search(r"bands: \d+ of 42 met", said)
    assert re.search(r"“.+” in 3 of 15 documents", said)


def test_explain__says_why_two_are_apart(place):
    said = shown("explain", place / "out", "wire/1", "zh/1", "--docs", place / "docs.jsonl")
    assert "apart" in said
    assert "bands: 0 of 42 met" in said
    assert "0 fingerprints shared" in said


def test_explain__says_why_two_that_have_a_match_are_apart(tmp_path):
    rng, out = random.Random(3), tmp_path / "out"
    story, own = prose(rng, 12), prose(rng, 30)
    texts = {"a": [*story, *story[:1]], "b": story, "e": [*own[:15], *story[:6], *own[15:]]}
    lines = [json.dumps({"id": name, "text": " ".join(told)}) for name, told in texts.items()]
    (tmp_path / "docs.jsonl").write_text("\n".join(lines))
    assert dedup("scan", tmp_path / "docs.jsonl", "-o", out, "-q").returncode == 0
    assert json.loads((out / "clusters.jsonl").read_text())["representative"] == "a"
    assert "apart, as excerpt does not join" in shown("explain", out, "a", "e", "--quick")
    path = out / "matches.jsonl"
    found = [json.loads(line) for line in path.read_text().splitlines()]
    for match in found:
        match["relation"] = "rewrite" if (match["left"], match["right"]) == ("b", "e") else match["relation"]
    path.write_text("\n".join(map(json.dumps, found)))
    said = " ".join(shown("explain", out, "b", "e", "--quick").split())
    assert "apart, as e is not confirmed by the kept text a: excerpt, confidence 0." in said


def test_explain__takes_a_name_once(place):
    assert shown("explain", place / "out", "wire/1", "wire/1") == shown("explain", place / "out", "wire/1")


def test_explain__quick_reads_no_text(place):
    said = shown("explain", place / "out", "wire/1", "news/x", "--quick", "--docs", "no/such/file")
    assert "together" in said
    assert "bands" not in said


@pytest.mark.parametrize("names", [["wire/1"], ["wire/1", "news/x", "far/1"], ["bad/\u202e<b>"]])
def test_explain__fits_80_columns_and_obeys_no_text(place, names):
    said = shown("explain", place / "out", *names, "--docs", place / "docs.jsonl")
    assert max(map(len, said.splitlines())) <= 80
    assert not {c for c in said if unicodedata.category(c) in ("Cc", "Cf", "Cs")} - {"\n"}


def test_recluster__writes_results_that_can_be_shown(place):
    said = shown("recluster", place / "out", "--relations", "exact,same_text", "-o", place / "strict")
    assert "clusters before" in said
    clusters = [json.loads(line) for line in (place / "strict" / "clusters.jsonl").read_text().splitlines()]
    assert [[m["id"] for m in cluster["members"]] for cluster in clusters] == [["far/1", "wire/1"]]
    assert (place / "strict" / "matches.jsonl").read_bytes() == (place / "out" / "matches.jsonl").read_bytes()
    shown("report", place / "strict", "--docs", place / "docs.jsonl")


def test_recluster__writes_utf_8_where_an_input_has_a_name_that_is_none(tmp_path):
    folder = tmp_path / os.fsdecode(b"in\xff")
    folder.mkdir()
    (folder / "a.jsonl").write_text('{"id": "a", "text": "Rain is expected."}\n')
    assert dedup("scan", folder, "-o", tmp_path / "out", "-q").returncode == 0
    shown("recluster", tmp_path / "out", "-o", tmp_path / "again")
    told = [json.loads((tmp_path / name / "summary.json").read_bytes().decode()) for name in ("out", "again")]
    assert told[0]["inputs"] == told[1]["inputs"] == [str(folder)]


def test_recluster__leaves_no_tables_of_an_earlier_scan_beside_its_results(place, tmp_path):
    assert dedup("scan", place / "docs.jsonl", "--tables", "-o", tmp_path, "-q").returncode == 0
    assert list(tmp_path.glob("*.parquet"))
    shown("recluster", place / "out", "-o", tmp_path)
    assert not list(tmp_path.glob("*.parquet"))


def test_results__of_a_scan_against_older_documents_drop_none_of_those(tmp_path):
    story = ARTICLE
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    old.write_text("".join(json.dumps({"id": f"o{n}", "text": f"{'Again ' * n}{story}"}) + "\n" for n in range(2)))
    new.write_text(json.dumps({"id": "n", "text": f"{story} More follows."}) + "\n")
    out, again = tmp_path / "out", tmp_path / "again"
    assert dedup("scan", new, "--against", old, "-o", out, "-q").returncode == 0
    assert [member["id"] for member in json.loads((out / "clusters.jsonl").read_text())["members"]] == ["n", "o0", "o1"]
    assert json.loads(dedup("audit", out, "--json").stdout)["all"]["together"] == 1
    said = shown("recluster", out, "-o", again)
    assert "1 cluster before, 1 now, 1 of them the same; 0 documents to keep, 1 to drop" in said.replace("\n", " ")
    kept, removed = (json.loads((folder / "summary.json").read_text()) for folder in (out, again))
    assert (kept["kept"], kept["removed"]) == (removed["kept"], removed["removed"]) == (0, 1)
    assert kept["clustered_documents"] == removed["clustered_documents"] == 1
    assert "is kept instead" not in shown("explain", out, "o0") + shown("explain", out, "o1")
    assert "is kept instead" in shown("explain", out, "n")
    found = load(out, [], sample=Sample(n_pairs=9))
    assert [("n" in (question.left, question.right)) for question in found.questions] == [True]
    assert sum(removed for _, removed in found.by_site.values()) == 1
    assert sum(relation["members"] for relation in overview(found)["relations"]) == 1


def test_report__of_a_scan_against_older_documents_counts_the_new_ones_and_names_the_old_ones(tmp_path):
    for name, texts in (("old", [ARTICLE, "Some other story."]), ("new", [f"{ARTICLE} More follows.", "Yet another."])):
        lines = [{"id": f"{name}{k}", "text": t, "source": "s", "date": "2024-03-09"} for k, t in enumerate(texts)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)))
    old, new, out = tmp_path / "old.jsonl", tmp_path / "new.jsonl", tmp_path / "out"
    assert dedup("scan", new, "--against", old, "-o", out, "-q").returncode == 0
    for docs in ([], [str(old), str(new)]):
        found = load(out, docs)
        assert (found.by_site, [*found.by_day.values()]) == ({"s": [2, 1]}, [[2, 1]])
        (piece,) = [json.loads(payloads.cluster_part(found, part)) for part in payloads.parts(found)]
        (cluster,) = piece["clusters"]
        assert [piece["papers"][cluster["members"][k]]["id"] for k in cluster["older"]] == ["old0"]


def test_audit__shows_whole_words_and_numbers_in_a_narrow_terminal(place):
    shown = [dedup("audit", place / "out", COLUMNS=n).stderr.decode().split("Precision:")[0] for n in ("200", "30")]
    assert shown[0] == shown[1]
    assert "precision" in shown[0]


def test_audit__counts_judgments_of_these_results_only(place, tmp_path):
    """Not those of documents that are no longer there, nor of clusters that were made otherwise."""
    shutil.copytree(place / "out", tmp_path / "out")
    told = json.loads((place / "out/summary.json").read_text())
    pairs = [("far/1", "wire/1"), ("gone/1", "gone/2"), ("zh/1", "zh/2")]
    judged = [
        Judged(
            a=a, b=b, judgment="same", relation="near", together=True, sampled=True, resemblance=0.9,
            scan=stored.scan_of(told),
        )
        for a, b in pairs
    ]  # fmt: skip
    judgments.write(tmp_path / "out/judgments.jsonl", judged)
    assert json.loads(dedup("audit", tmp_path / "out", "--json").stdout)["all"]["together_judged"] == 2
    assert dedup("recluster", tmp_path / "out", "-o", tmp_path / "again").returncode == 0
    again = "audit", tmp_path / "again", "--judgments", tmp_path / "out/judgments.jsonl"
    assert json.loads(dedup(*again, "--json").stdout)["all"]["together_judged"] == 0
    assert "3 more judgments are of other settings" in shown(*again)


def test_review__asks_again_what_was_judged_of_other_results(place, tmp_path):
    pytest.importorskip("starlette")
    from dedup.web.review import Desk

    found, path = load(place / "out", [str(place / "docs.jsonl")], sample=Sample(n_pairs=9)), tmp_path / "judged.jsonl"
    for scan, expected in ((stored.scan_of(found.summary), "same"), ("other", None)):
        judged = [
            Judged(
                a=asked.left, b=asked.right, judgment="same", relation=asked.stratum.relation,
                together=asked.stratum.together, sampled=True, resemblance=0.9, scan=scan,
            )
            for asked in found.questions
        ]  # fmt: skip
        judgments.write(path, judged)
        assert json.loads(Desk(found, path).questions()) == [expected] * len(found.questions)


def test_audit__without_judgments_claims_nothing(place):
    said = shown("audit", place / "out")
    assert re.search(r"all +\d+ +0 +–", said)
    assert max(map(len, said.splitlines())) <= 80


@given(st.text(st.characters(), max_size=50))
def test_plain__leaves_nothing_that_a_terminal_would_obey(drawn):
    left = plain(drawn)
    assert len(left) == len(drawn)
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co") or c in "\u00ad\u200c\u200d" for c in left)
    assert "\u2028" not in left


def test_help__loads_no_page_and_no_server():
    code = (
        "import sys\nfrom dedup.cli import main\nsys.argv = ['dedup', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([m for m in ('jinja2', 'starlette', 'uvicorn', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_settings__come_back_as_they_were_written():
    config = Config(evidence=EvidenceConfig(furniture_pages=7))
    recorded = json.loads(json.dumps(config.settings()))
    assert stored.settings({"settings": recorded | {"later": {"x": 1}}}) == config
    assert stored.settings({}) == Config()


def test_matches_of__finds_what_a_full_reading_finds(place):
    everything = list(stored.links(place / "out"))
    for name in {match.left for match in everything}:
        bare = [replace(match, passages=()) for match in stored.matches_of(place / "out", {name})]
        assert bare == [m for m in everything if name in (m.left, m.right)]


def test_spool__gives_back_what_was_put_in():
    spool, pieces = Spool(), [b"", b"a", b"bc" * 1000, b""]
    assert [spool.put(piece) for piece in pieces] == [0, 1, 2, 3]
    assert [spool.get(k) for k in (2, 0, 3, 1)] == [pieces[k] for k in (2, 0, 3, 1)]


def test_furniture__is_what_stands_on_many_pages_of_a_site():
    furniture = Furniture(EvidenceConfig())
    for k in range(6):
        furniture.count("s", f"{FURNITURE}\n\nStory {k}\nMore of it {k}")
    found = furniture.spans("s", f"  {FURNITURE} \nStory 9")
    assert [(span.start, span.end) for span in found] == [(2, 2 + len(FURNITURE))]
    assert furniture.spans("t", FURNITURE) == []


def test_furniture__of_a_site_that_only_republishes_is_found_and_what_it_has_twice_is_not(tmp_path):
    stories = [" ".join(sorted(ARTICLE.split(), key=lambda word: len(word) * k % 7)) for k in range(4, 8)]
    dates = {"wire": "2024-03-01", "portal": "2024-03-02"}
    texts = [("wire", story) for story in stories]
    texts += [("portal", f"{FURNITURE}\n{story}\nMore of it {n}") for story in stories for n in range(4)]
    written(tmp_path, [Document(id=f"{k}", text=t, source=s, date=dates[s]) for k, (s, t) in enumerate(texts)])
    found = load(tmp_path / "out", [str(tmp_path / "docs.jsonl")])
    assert len(found.clusters) == 4
    (span,) = found.furniture.spans("portal", texts[-1][1])
    assert (span.start, span.end) == (0, len(FURNITURE))


DAY = 86_400.0


def met(left: int, right: int, source: str = "unknown", relation: str = "near") -> Meeting:
    return Meeting(left, right, relation, 1.0, 1.0, -1, source)


def test_first_of__follows_matches_then_dates_and_never_guesses():
    assert first_of([0, 1, 2], [met(0, 1, "right"), met(1, 2, "left")], [None, None, None]) == 1
    assert first_of([0, 1, 2], [], [3 * DAY, DAY, 2 * DAY]) == 1
    assert first_of([0, 1], [], [DAY, DAY]) is None
    assert first_of([0, 1], [], [DAY, 1.9 * DAY]) is None
    assert first_of([0, 1], [], [None, DAY]) is None


@pytest.mark.parametrize(("moments", "first"), [((5, 5, 6), None), ((5, None, 6), None), ((5, 4, 6), 1)])
def test_first_of__of_two_that_are_named_as_often_is_the_earlier_or_none(moments, first):
    days = [None if day is None else day * DAY for day in moments]
    assert first_of([0, 1, 2], [met(0, 1), met(0, 2, "left"), met(1, 2, "left")], days) == first


@pytest.mark.parametrize(("moments", "first"), [((5, 5, 5, 6), None), ((5, 3, 5, 6), 1)])
def test_first_of__counts_a_match_for_all_that_have_its_words(moments, first):
    equal = [met(0, 2, relation="exact"), met(1, 2, relation="same_text")]
    assert first_of([0, 1, 2, 3], [*equal, met(2, 3, "left")], [day * DAY for day in moments]) == first


def test_flows__count_a_copy_once_with_its_lag():
    found = flows([[0, 1, 2, 3]], [0], [[]], ["a", "b", "b", "a"], [0.0, 2 * DAY, None, DAY])
    assert list(found) == [("a", "b")]
    assert (found["a", "b"].n_copies, found["a", "b"].median_lag) == (2, 2 * DAY)


def test_flows__accuse_nobody_of_whom_the_match_does_not_say_so():
    equal = [met(0, 4, relation="exact"), met(0, 5, relation="exact")]
    meetings = [met(0, 1), met(0, 2, "left"), met(3, 0, "left"), *equal]
    moments = [0.0, 2 * DAY, None, 2 * DAY, DAY, DAY / 2, DAY / 2]
    found = flows([[*range(7)]], [0], [meetings], [*"abcdefg"], moments)
    assert [*found] == [("a", "c"), ("a", "e")]


def test_matrix__of_a_wire_and_a_portal_on_one_day_has_neither_as_the_source(tmp_path):
    rewritten = documents()[7].text
    texts = [("lusa", ARTICLE, 5), ("portal", f"{FURNITURE}\n\n{ARTICLE}", 5), ("herald", rewritten, 6)]
    written(tmp_path, [Document(id=i, text=t, source=f"{i}.example", date=f"2024-03-0{d}") for i, t, d in texts])
    found = load(tmp_path / "out", [str(tmp_path / "docs.jsonl")])
    assert [len(members) for members in found.members] == [3]
    assert found.firsts == [None]
    assert overview(found)["matrix"]["cells"] == []


def test_meet__says_the_rare_words_that_a_re_told_text_keeps():
    names = [f"{first}{last}" for first in ("Kvor", "Zelm", "Brant", "Tusk") for last in ("andil", "ovets", "ipple")]
    told = " ".join(f"then {name} went to the house of the old man and" for name in names)
    again = " ".join(f"later we saw how {name}, who had been at school," for name in names[::-1])
    met, alone = (meet(told, again, Config(passages=PassageConfig(n_per_word=n))) for n in (1, 0))
    assert alone.words == ()
    assert len(met.words) == len(met.hashes) > 3
    assert {*met.words} <= {*names}
    assert [*met.words] == sorted(met.words, key=names.index)


def test_meet__shared_words_are_those_of_both_texts():
    met = meet(ARTICLE, f"{FURNITURE}. {ARTICLE}", Config())
    assert met.bands
    assert len(met.words) == len(met.hashes) > 10
    assert all(words in ARTICLE for words in met.words)
    counts, n = frequencies([text.encode([ARTICLE, "other words entirely"])], sorted_hashes(met.hashes), Config())
    assert n == 2
    assert counts.min() == 1


def sorted_hashes(hashes: object) -> object:
    return hashes[hashes.argsort()]


def test_parts__are_the_same_in_files_as_in_one_page(place, monkeypatch):
    found = load(place / "out", [str(place / "docs.jsonl")])
    (whole,) = report.build(found)
    monkeypatch.setattr(report, "INLINE_BYTES", 0)
    *parts, index = report.build(found)
    for name, content in parts:
        piece, packed = re.fullmatch(r'dedupPiece\("([a-z0-9-]+)","([A-Za-z0-9+/=]+)"\);\n', content.decode()).groups()
        assert name == f"data/{piece}.js"
        assert f'data-piece="{piece}">{packed}<' in whole[1].decode()
    assert index[0] == whole[0] == "index.html"
