"""The benchmark of reference texts, made of a mirror of tiny packages."""

import gzip
import hashlib
import io
import json
import lzma
import random
import re
import tarfile

import pytest

from benchmarks.quality import debian, manuals, markup
from benchmarks.quality.manuals import SUITES, main
from benchmarks.quality.releases import MOST_PAGES, meetings, resemblance, shingles
from tests.inputs import pack

WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in "lmnrst"]
HEAD = '.TH {0} 1 "2020-01-01"\n.SH NAME\n{0}\n'


def prose(seed, n_words=120):
    return random.Random(seed).choices(WORDS, k=n_words)


def page(title, words):
    return gzip.compress((HEAD.format(title) + "\n".join(words)).encode())


def deb(files, links=(), ending="xz"):
    """A package with these files, and links by their names and targets."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:xz" if ending == "xz" else "w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"./usr/share/man/man1/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for name, target in links:
            member = tarfile.TarInfo(f"./usr/share/man/man1/{name}")
            member.type, member.linkname = tarfile.SYMTYPE, target
            tar.addfile(member)
    content = data.getvalue() if ending == "xz" else pack(ending, data.getvalue())
    members = {"debian-binary": b"2.0\n", "control.tar.xz": b"odd", f"data.tar.{ending}": content}
    return b"!<arch>\n" + b"".join(_ar(name, content) for name, content in members.items())


def _ar(name, content):
    header = f"{name + '/':16}{0:<12}{0:<6}{0:<6}{'100644':8}{len(content):<10}`\n"
    return header.encode() + content + b"\n" * (len(content) % 2)


def publish(mirror, suite, packages, sha256=""):
    """Put packages into a mirror, which may state another hash."""
    stanzas = []
    for name, content in packages.items():
        path = f"pool/{suite}/{name}_1_all.deb"
        (mirror / path).parent.mkdir(parents=True, exist_ok=True)
        (mirror / path).write_bytes(content)
        said = sha256 or hashlib.sha256(content).hexdigest()
        stanzas.append(f"Package: {name}\nVersion: 1:{suite}-1\nFilename: {path}\nSize: 1\nSHA256: {said}\nTag: a\n")
    index = mirror / "dists" / suite / "main" / "binary-all" / "Packages.xz"
    index.parent.mkdir(parents=True)
    index.write_bytes(lzma.compress("\n".join(stanzas).encode()))


@pytest.fixture
def manpages(monkeypatch):
    """Nothing but one package of two suites is asked for."""
    monkeypatch.setattr(manuals, "SUITES", SUITES[:2])
    source = manuals._man("manpages", "manuals_en", suites=SUITES[:2])
    monkeypatch.setitem(manuals.KINDS, "manuals", (source,))


@pytest.fixture
def mirror(tmp_path, manpages):
    """Two suites: a page that changes a little, one that changes much, two of one form, and what is no page."""
    stays, changes, form = prose(1), prose(2), prose(3, 60)
    revised = [word if k % 24 else word * 2 for k, word in enumerate(changes)]
    for suite, kept, ending in ((SUITES[0], changes, "xz"), (SUITES[1], revised, "gz")):
        files = {
            "stays.1.gz": page("STAYS", stays),
            "grows.1.gz": page("GROWS", stays[:1] + prose(4, 2 if suite == SUITES[0] else 5) + prose(5)),
            "changes.1.gz": page("CHANGES", kept),
            "one.1.gz": page("ONE", form + prose(6, 60)),
            "two.1.gz": page("TWO", form + prose(7, 60)),
            "two.3.gz": page("TWO", form + prose(7, 60)),
            "same.1.gz": page("STAYS", stays),
            "short.1.gz": page("SHORT", ["word"]),
            "named.1.gz": gzip.compress(b".so man1/stays.1\n" + b"word " * 100),
            "latin.1.gz": gzip.compress("é".encode("latin-1") * 500),
            "readme.txt": b"no page " * 100,
        }
        publish(tmp_path / "mirror", suite, {"manpages": deb(files, [("link.1.gz", "stays.1.gz")], ending)})
    return (tmp_path / "mirror").as_uri()


def lines(path):
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def test_main__writes_pages_of_releases_and_what_they_are_to_one_another(tmp_path, mirror, capsys):
    main([str(tmp_path / "out"), "--mirror", mirror])
    rows = lines(tmp_path / "out" / "docs.jsonl.gz")
    docs = {row["id"]: row["text"] for row in rows}
    names = ("changes.1", "grows.1", "one.1", "same.1", "stays.1", "two.1", "two.3")
    assert list(docs) == [f"{suite}/manuals_en/{name}" for suite in SUITES[:2] for name in names]
    assert docs["bullseye/manuals_en/stays.1"].startswith("STAYS 1 2020-01-01\n\nNAME\nSTAYS ")
    assert {row["family"] for row in rows if "two" in row["id"]} == {"manuals_en/two"}
    pairs = {(row["a"], row["b"]): row["class"] for row in lines(tmp_path / "out" / "pairs.jsonl.gz")}
    versions = {
        (f"{SUITES[0]}/manuals_en/{name}", f"{SUITES[1]}/manuals_en/{name}"): kind
        for name, kind in (("grows.1", "copy"), ("changes.1", "light"))
    }
    forms = {
        (f"{suite}/manuals_en/one.1", f"{suite}/manuals_en/two.{section}"): "template"
        for suite in SUITES[:2]
        for section in (1, 3)
    }
    assert pairs == versions | forms
    said = capsys.readouterr().out
    assert "bookworm manpages             1:bookworm-1\n" in said
    assert said.endswith("documents 14  copy 1  light 1  template 4\nall            documents 14  pairs 6\n")


def test_main__makes_the_same_bytes_again_and_fetches_nothing(tmp_path, mirror):
    made = []
    for given in (mirror, (tmp_path / "nowhere").as_uri()):
        main([str(tmp_path / "out"), "--mirror", given])
        made.append([(tmp_path / "out" / f"{name}.jsonl.gz").read_bytes() for name in ("docs", "pairs")])
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("packages", "sha256", "said"),
    [
        (
            {"manpages": b"x"},
            "0" * 64,
            "manpages_1_all.deb must have the SHA256 0{64} of the index of bullseye, got 2d",
        ),
        ({"other": b"x"}, "", "^bullseye has no package manpages among the 1 of file:.*Packages.xz$"),
        ({"manpages": b"!<arch>\n"}, "", r"^pool/bullseye/manpages_1_all.deb must hold data.tar, got \[\]$"),
        ({}, "", "^bullseye has no package manpages"),
        (None, "", "^cannot fetch file:.*dists/bullseye/main/binary-all/Packages.xz: "),
    ],
)
def test_main__says_what_a_mirror_lacks(tmp_path, manpages, packages, sha256, said):
    if packages is not None:
        publish(tmp_path / "mirror", SUITES[0], packages, sha256)
    with pytest.raises(SystemExit, match=said) as ended:
        main([str(tmp_path / "out"), "--mirror", (tmp_path / "mirror").as_uri()])
    assert "\n" not in str(ended.value)
    assert not list((tmp_path / "out").rglob("*.part"))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('.TH LS "1" "May 2020" \\" who\n.SH NAME\nls \\- list\nfiles', "LS 1 May 2020\n\nNAME\nls - list files"),
        (".PP\nSee\n.BR fork (2),\n.B not\n.IR wait \\ (2).", "See fork(2), not wait (2)."),
        ("\\fBbold\\fP \\f[I]slanted\\f(CWfixed\\s-2small\\s0 \\m[blue]link\\m[]", "bold slantedfixedsmall link"),
        ("\\(lqa\\(rq \\*(lqb\\*(rq \\(co \\[u00E9] \\(:a \\['e] \\*(Aq\\e\\&", "“a” “b” © é ä é '\\"),
        (".IP \\(bu 2\nfirst\n.TP 8\n\\fB-a\\fR\nall\n.PD 0\n.RS 4", "• first\n\n-a all"),
        ("one\ntwo\n\nthree\n.br\nfour", "one two\n\nthree\nfour"),
        (".nf\nint x;\nint y;\n.fi\nand\nso", "int x;\nint y;\nand so"),
        (".de FN\n\\fI\\\\$1\\fP\n..\n.ie n \\{\\\n.ds C\\` \"\n'br\\}\n.el .nr x 1\nsaid", "said"),
        (".TS\ntab(:);\nl l\nl l.\na\tb\n_\nT{\nc\nT}\tT{\nd\nT}\n.TE\nafter", "a b\n\nc\n\nd\n\nafter"),
        (".Dd May 1\n.Sh NAME\n.Nm cat\n.Nd joins\n.Op Fl u Ar file", "May 1\n\nNAME\ncat joins u file"),
        (".so man1/ls.1\n", ""),
    ],
)
def test_man_page__keeps_the_sentences_and_drops_how_they_are_set(source, text):
    assert markup.man_page(source) == text


def test_mallard__keeps_the_help_and_drops_who_wrote_it():
    source = (
        '<?xml version="1.0"?><page><info><desc>Aside</desc></info><title>Sound &amp;\n  light</title><!-- x -->'
        "<steps><item><p>Press <gui>Play</gui>.</p></item><item><p>Wait.</p></item></steps></page>"
    )
    assert markup.mallard(source) == "Sound & light\n\nPress Play.\n\nWait."


def test_web_page__is_all_of_it_and_web_main_the_text_alone():
    source = f"<body><nav><a href='x'>Elsewhere</a></nav><main><p>{' '.join(prose(1))}</p></main></body>"
    assert "Elsewhere" in markup.web_page(source)
    assert markup.web_main(source) == " ".join(prose(1))


def test_meetings__are_all_pairs_that_share_a_shingle_which_not_too_many_hold():
    rng = random.Random(1)
    texts = [["standing", "paragraph", "on", "every", "page", *rng.choices(WORDS[:9], k=30)] for _ in range(80)]
    sets = shingles(texts)
    held = [{tuple(text[k : k + 5]) for k in range(len(text) - 4)} for text in texts]
    counts = {shingle: sum(shingle in own for own in held) for own in held for shingle in own}
    slow = [
        (a, b)
        for a in range(80)
        for b in range(a + 1, 80)
        if any(counts[shingle] <= MOST_PAGES for shingle in held[a] & held[b])
    ]
    assert meetings(sets) == slow
    assert slow
    for a, b in slow:
        assert resemblance(sets[a], sets[b]) == len(held[a] & held[b]) / len(held[a] | held[b])
    assert meetings([]) == meetings(sets[:1]) == meetings(shingles([[], []])) == []


@pytest.mark.parametrize("ending", ["xz", "gz", "zst"])
def test_files__are_read_of_packages_packed_in_any_way(ending):
    package = debian.Package(name="x", suite="y", version="1", path="pool/x.deb", sha256="")
    packed = deb({"a.1.gz": b"text", "b.txt": b"no"}, [("c.1.gz", "a.1.gz")], ending)
    found = debian.files(package, packed, re.compile(r"usr/share/man/man1/(?P<name>.+)\.gz"))
    assert [(path["name"], content) for path, content in found] == [("a.1", b"text")]


def test_pages__of_the_web_have_their_addresses_and_the_language_of_their_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(manuals, "SUITES", SUITES[:1])
    source = manuals.Source(
        package="help", corpus="gnome_{language}", read=str, url="https://help.example/{suite}/{language}/{name}",
        files=r"usr/share/man/man1/(?P<language>C|ja)/(?P<name>.+)",
    )  # fmt: skip
    files = {f"{language}/a.page": b"x" * 399 for language in ("C", "ja", "xx")} | {"C/b.page": b"x" * 400}
    publish(tmp_path, SUITES[0], {"help": deb(files)})
    found = {page.id: page.url for page in manuals.pages(tmp_path / "kept", (source,), tmp_path.as_uri())}
    assert found == {
        "bullseye/gnome_en/b.page": "https://help.example/bullseye/C/b.page",
        "bullseye/gnome_ja/a.page": "https://help.example/bullseye/ja/a.page",
    }
    assert capsys.readouterr().out == "bullseye help                 1:bullseye-1\n"


@pytest.mark.parametrize("kind", manuals.KINDS)
def test_sources__name_the_files_and_the_corpora_of_each(kind):
    for source in manuals.KINDS[kind]:
        assert "(?P<name>" in source.files
        assert ("{language}" in source.corpus) == ("(?P<language>" in source.files)
