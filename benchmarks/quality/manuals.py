"""Labelled pairs of real reference texts, made anew by anybody: pages that stand in several releases of Debian.

    python -m benchmarks.quality.manuals OUT [--kind manuals|guides|handbooks] [--mirror URL]

Writes OUT/docs.jsonl.gz and OUT/pairs.jsonl.gz, the same of the same packages, and keeps those in OUT/packages, so that
a second run fetches nothing. `manuals` are manual pages in eight languages, and those of Perl, git and Python; `guides`
are the help of GNOME in fourteen languages and of Apache in five, and that of SQLite, PostgreSQL and CMake; `handbooks`
are the help of LibreOffice in nine languages and of LilyPond in six, and that of Django, Octave, Postfix and Vim. The
labels are by rule, which `releases` holds: nobody read them.
"""

import argparse
import gzip
import json
import re
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from benchmarks.quality import debian, markup
from benchmarks.quality.releases import Page, Row, labels
from dedup.errors import DedupError, InputError, OutputError

SUITES = ("bullseye", "bookworm", "trixie")
"""In the order of their release. They stay as they are, which `sid` does not."""
SEED = 7
LEAST_CHARACTERS = 400
LEAST_CHARACTERS_DENSE = 150
"""Of pages of help in scripts that need fewer."""
RENAMED = {"gnome_C": "gnome_en"}
DENSE = frozenset({"gnome_ja", "gnome_ko", "gnome_zh_CN", "office_ja", "office_zh", "lilypond_ja"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Pages of a package: which files they are, whose `name` is the same in each release, and how they are read.

    `corpus` and `url` may hold what `files` names, and `suite`.
    """

    package: str
    corpus: str
    files: str
    read: Callable[[str], str]
    suites: tuple[str, ...] = SUITES
    url: str = ""


def _man(package: str, corpus: str, folder: str = "man", suites: tuple[str, ...] = SUITES) -> Source:
    files = rf"usr/share/{folder}/man\d\w*/(?P<name>.+)\.gz"
    return Source(package=package, corpus=corpus, files=files, read=markup.man_page, suites=suites)


MANUALS = (
    _man("manpages", "manuals_en"),
    _man("manpages-dev", "manuals_en"),
    *(_man(f"manpages-{name}", f"manuals_{name}", f"man/{name}") for name in ("de", "fr", "pl", "ja", "es")),
    _man("manpages-zh", "manuals_zh", "man/zh_CN"),
    _man("manpages-ru", "manuals_ru", "man/ru", SUITES[1:]),
    _man("perl-doc", "perl"),
    Source(package="git-doc", corpus="git", files=r"usr/share/doc/git-doc/(?P<name>.+\.html)", read=markup.web_page),
    *(
        Source(
            package=f"python{version}-doc", corpus="python", read=markup.web_main, suites=(suite,),
            files=rf"usr/share/doc/python{re.escape(version)}/html/(?P<name>.+\.html)",
        )
        for suite, version in zip(SUITES, ("3.9", "3.11", "3.13"), strict=True)
    ),
)  # fmt: skip
GUIDES = (
    Source(
        package="gnome-user-docs", corpus="gnome_{language}", read=markup.mallard,
        files="usr/share/help/(?P<language>C|cs|de|es|fr|hu|ja|ko|pl|pt_BR|ru|sv|uk|zh_CN)/gnome-help/"
        r"(?P<name>.+\.page)",
    ),
    Source(
        package="apache2-doc", corpus="apache_{language}", read=markup.web_main,
        files=r"usr/share/doc/apache2-doc/manual/(?P<language>en|fr|de|ja|tr)/(?P<name>.+\.html)",
        url="https://apache.example/{suite}/{language}/{name}",
    ),
    Source(package="sqlite3-doc", corpus="sqlite", files=r"usr/share/doc/sqlite3/(?P<name>.+\.html)",
           read=markup.web_main),
    *(
        Source(
            package=f"postgresql-doc-{version}", corpus="postgres", read=markup.web_main, suites=(suite,),
            files=rf"usr/share/doc/postgresql-doc-{version}/html/(?P<name>.+\.html)",
            url="https://postgres.example/{suite}/{name}",
        )
        for suite, version in zip(SUITES, (13, 15, 17), strict=True)
    ),
    Source(package="cmake-doc", corpus="cmake", files=r"usr/share/doc/cmake-data/html/(?P<name>.+\.html)",
           read=markup.web_main),
)  # fmt: skip
HANDBOOKS = (
    *(
        Source(
            package=f"libreoffice-help-{language.lower()}", corpus=f"office_{language[:2]}", read=markup.web_main,
            files=rf"usr/share/libreoffice/help/{language}/text/(?P<name>.+\.html)",
        )
        for language in ("en-US", "de", "es", "fr", "it", "ja", "pl", "ru", "zh-CN")
    ),
    Source(package="lilypond-doc-html", corpus="lilypond_en", read=markup.web_main,
           files=r"usr/share/doc/lilypond/html/Documentation/(?P<name>[^.]+\.html)"),
    *(
        Source(
            package=f"lilypond-doc-html-{language}", corpus=f"lilypond_{language}", read=markup.web_main,
            files=rf"usr/share/doc/lilypond/html/Documentation/(?P<name>[^.]+\.{language}\.html)",
        )
        for language in ("de", "es", "fr", "it", "ja")
    ),
    Source(package="python-django-doc", corpus="django", read=markup.web_main,
           files=r"usr/share/doc/python-django-doc/html/(?P<name>(?!_modules/).+\.html)"),
    *(
        Source(package=f"{name}-doc", corpus=name, read=markup.web_main,
               files=rf"usr/share/doc/{name}/(?P<name>.+\.html)")
        for name in ("octave", "postfix", "vim")
    ),
)  # fmt: skip
KINDS = {"manuals": MANUALS, "guides": GUIDES, "handbooks": HANDBOOKS}


def main(arguments: list[str] | None = None) -> None:
    """Fetch, write, print what there is."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path, metavar="OUT", help="the folder of what is written and fetched")
    parser.add_argument("--kind", choices=KINDS, default="manuals")
    parser.add_argument("--mirror", default=debian.MIRROR, help=f"of Debian's archive, by default {debian.MIRROR}")
    options = parser.parse_args(arguments)
    try:
        build(options.out, KINDS[options.kind], options.mirror.rstrip("/"))
    except DedupError as error:
        sys.exit(str(error))


def build(out: Path, sources: tuple[Source, ...], mirror: str) -> None:
    """Write documents and pairs of what the sources hold, and print what these are."""
    found = {page.id: page for page in pages(out / "packages", sources, mirror)}
    listed = sorted(found.values(), key=lambda page: (page.corpus, SUITES.index(page.suite), page.name))
    rows = [row for _, own in groupby(listed, lambda page: page.corpus) for row in labels(list(own), SUITES, SEED)]
    _write(out / "docs.jsonl.gz", map(_document, listed))
    _write(out / "pairs.jsonl.gz", map(_labelled, rows))
    n_pages, n_pairs = Counter(page.corpus for page in listed), Counter((row.corpus, row.kind) for row in rows)
    for corpus, n in n_pages.items():
        counted = "  ".join(f"{kind} {n_pairs[corpus, kind]}" for kind in ("copy", "light", "template"))
        print(f"{corpus:14} documents {n}  {counted}")
    print(f"{'all':14} documents {len(listed)}  pairs {len(rows)}")


def pages(folder: Path, sources: tuple[Source, ...], mirror: str) -> Iterator[Page]:
    """Every page that is long enough to be compared; prints what is read, since versions say what the texts are."""
    for suite in SUITES:
        there = [source for source in sources if suite in source.suites]
        packages = debian.find(mirror, suite, [source.package for source in there], folder)
        for source, package in zip(there, packages, strict=True):
            print(f"{suite:8} {package.name:20} {package.version}", flush=True)
            yield from _read(source, package, debian.archive(mirror, package, folder))


def _read(source: Source, package: debian.Package, deb: bytes) -> Iterator[Page]:
    for path, content in debian.files(package, deb, re.compile(source.files)):
        values = path.groupdict() | {"suite": package.suite}
        corpus = source.corpus.format_map(values)
        text = source.read(decoded) if (decoded := _decoded(path[0], content)) else ""
        if len(text) >= (LEAST_CHARACTERS_DENSE if corpus in DENSE else LEAST_CHARACTERS):
            url = source.url.format_map(values)
            yield Page(suite=package.suite, corpus=RENAMED.get(corpus, corpus), name=values["name"], text=text, url=url)


def _decoded(name: str, content: bytes) -> str:
    """A page in UTF-8, unpacked; "" of the few in other encodings."""
    try:
        return (gzip.decompress(content) if name.endswith(".gz") else content).decode("utf-8")
    except UnicodeDecodeError:
        return ""
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"cannot read {name}: {error}") from None


def _document(page: Page) -> dict[str, str]:
    # Two releases of a page may share too little for a label, and are no negatives all the same.
    row = {"id": page.id, "text": page.text, "family": f"{page.corpus}/{page.stem}"}
    return row | ({"url": page.url} if page.url else {})


def _labelled(row: Row) -> dict[str, str]:
    return {"a": row.left, "b": row.right, "class": row.kind, "corpus": row.corpus}


def _write(path: Path, rows: Iterable[dict[str, str]]) -> None:
    """Without name and time, so that the same rows give the same bytes."""
    try:
        with path.open("wb") as file, gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
            packed.writelines(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None


if __name__ == "__main__":
    main()
