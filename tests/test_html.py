"""HTML: the text, title, address and encoding of a page, whatever its tags."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.config import InputConfig
from dedup.errors import ConfigError
from tests.inputs import BODY, BODY_TEXT, faults, found, page, put, read


def test_html__main_text_or_all_of_it(tmp_path):
    path = put(tmp_path / "a.html", page(BODY))
    assert found(read(path)) == {"a.html": BODY_TEXT}
    everything = found(read(path, html="all"))["a.html"]
    assert everything.endswith(BODY_TEXT)
    assert everything.split()[:2] == ["Home", "News"]
    with pytest.raises(ConfigError, match="html must be one of main, all"):
        InputConfig(html="some")


@pytest.mark.parametrize(
    ("title", "first"),
    [
        ("The bridge is gone", "The bridge is gone"),
        ("What\n happened &amp; why - The Site", "What happened & why - The Site"),
        ("Paragraph 0 of the ARTICLE | The Site", BODY_TEXT[:11]),
        ("", BODY_TEXT[:11]),
    ],
)
def test_html__the_title_comes_first_unless_it_stands_in_the_text(tmp_path, title, first):
    text = found(read(put(tmp_path / "a.htm", page(BODY, f"<title>{title}</title>"))))["a.htm"]
    assert text.startswith(first)
    assert text.endswith(BODY_TEXT)


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ('<link rel="canonical" href="https://x.org/a?b=1&amp;c=2">', "https://x.org/a?b=1&c=2"),
        ("<link href=' https://x.org/a ' rel='nofollow Canonical'>", "https://x.org/a"),
        ('<link rel="canonical" href="/a">', ""),
        ('<link rel="canonical" href="javascript:alert(1)">', ""),
        ('<link rel="canonical" href="http://[x">', ""),
        ('<link rel="canonical">', ""),
        ("", ""),
    ],
)
def test_html__the_canonical_link_is_the_url(tmp_path, link, url):
    assert read(put(tmp_path / "a.html", page(BODY, link)))[0].url == url


@pytest.mark.parametrize(
    ("head", "date"),
    [
        ('<meta property="article:published_time" content="2015-06-12T08:00:00Z">', "2015-06-12T08:00:00Z"),
        ('<meta name="DATE" content=" 2015-06-12 ">', "2015-06-12"),
        ('<meta name="date" content="soon"><meta name="pubdate" content="June 12, 2015">', "June 12, 2015"),
        ('<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2015-06-12"}</script>',
         "2015-06-12"),
        ('<meta name="date" content="2016-01-01"><meta itemprop="datePublished" content="2015-06-12">', "2015-06-12"),
        ('<meta property="article:modified_time" content="2015-06-12T08:00:00Z">', ""),
        ('<meta name="date" content="last week">', ""),
        ("", ""),
    ],
)  # fmt: skip
def test_html__the_date_is_that_on_which_the_page_says_that_it_was_published(tmp_path, head, date):
    assert read(put(tmp_path / "a.html", page(BODY, head)))[0].date == date


@pytest.mark.parametrize(
    ("encoding", "declared", "text"),
    [
        ("utf-8", "", "Straße"),
        ("utf-8", "<meta charset=latin1>", "Straße"),
        ("cp1252", "<meta charset=iso-8859-1>", "Straße “so”"),
        ("cp1251", '<meta http-equiv=content-type content="text/html; charset=windows-1251">', "Улица была пуста"),
        ("gb18030", "<meta charset=gb2312>", "街道空无一人"),
        ("iso2022_jp", "<meta charset=iso-2022-jp>", "通りは空だった"),
        ("utf-16", "", "Straße"),
        ("cp1252", "", "Die Straße war leer, und Füße hörte man auch über Nacht nicht."),
        ("cp1252", "<meta charset=utf-16>", "Die Straße war leer, und Füße hörte man auch über Nacht nicht."),
    ],
)
def test_html__in_the_encoding_that_it_has(tmp_path, encoding, declared, text):
    path = put(tmp_path / "a.html", page(f"<p>{text}</p>", declared).encode(encoding))
    assert text in found(read(path))["a.html"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "words",
        "<p",
        "<frameset><frame src=a></frameset>",
        "</html>",
        "<!--",
        "\ud800".encode("utf-8", "surrogatepass"),
    ],
)
def test_html__anything_is_a_page(tmp_path, content):
    assert len(found(read(put(tmp_path / "a.html", content)))) == 1


def test_html__what_is_only_furniture_is_taken_as_it_is(tmp_path):
    content = "<nav>" + "<ul><li>Home<li>News</ul>" + "</nav>"
    assert found(read(put(tmp_path / "a.html", content)))["a.html"].split() == ["Home", "News"]


def test_html__binary_or_too_long_is_skipped(tmp_path):
    put(tmp_path / "a.html", b"<html>\0\0")
    put(tmp_path / "b.html", page(BODY * 9))
    put(tmp_path / "c.html", page(BODY))
    items = read(tmp_path, max_document_bytes=2000)
    assert list(found(items)) == ["c.html"]
    assert faults(items) == [("a.html", "binary, not HTML"), ("b.html", "longer than 2,000 bytes")]


@pytest.mark.parametrize("nested", ["<div>", "<div><p>text", "<ul><li>a", "<blockquote>", "<table><tr><td>a"])
def test_html__nested_without_end_costs_no_time(tmp_path, nested):
    path = put(tmp_path / "a.html", page(nested * 100_000 + "words at the end"))
    start = time.process_time()
    items = read(path)
    assert time.process_time() - start < 5
    assert found(items)["a.html"].endswith("words at the end")
    assert "nested more than 128 deep" in faults(items)[0][1]


@given(
    content=st.lists(
        st.sampled_from(
            [
                "<div>",
                "</div>",
                "<p>",
                "<title>",
                "<",
                ">",
                "x",
                "\r",
                "&#0;",
                "&#xd800;",
                "<svg>",
                "<link rel=canonical href=http://a>",
                "<!--",
                "é",
                "<template>",
                "<head>",
                "<plaintext>",
            ]
        )
    ).map("".join),
    way=st.sampled_from(["main", "all"]),
)
def test_html__any_tags_give_one_document(tmp_path_factory, content, way):
    path = put(tmp_path_factory.mktemp("fuzz") / "a.html", content)
    assert len(found(read(path, html=way))) == 1
