"""HTML: the text of a page without its furniture, its title, and the address and date that it gives itself."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from dedup import dates
from dedup.config import InputConfig
from dedup.errors import InputError
from dedup.io.text_files import whole
from dedup.records import Document

if TYPE_CHECKING:
    from resiliparse.parse.html import HTMLTree

__all__ = ["Page", "check_installed", "decoded", "documents", "page"]

# The main text of a page costs its size times its depth: 0.2 s a megabyte where all is nested 128 deep, over a minute
# for one megabyte nested 100,000 deep. The indents of nested lists grow in the same way. Few pages pass a depth of 60.
_MAX_DEPTH = 128
_TOO_DEEP = " > ".join("*" * (_MAX_DEPTH + 1))
_MAX_MAIN_BYTES = 8 << 20
_CROWDED = f"nested more than {_MAX_DEPTH} deep, or longer than {_MAX_MAIN_BYTES:,} bytes: all of its text is taken"

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Between the headline and the names of section and site.
_SEPARATORS = re.compile(r"\s[-–—·•:]\s|\s*[|»]\s*")


# How pages say when they were published, those that say it of the article first.
_PUBLISHED = ("article:published_time", "datepublished", "pubdate", "publishdate", "dc.date.issued", "date")
_PUBLISHED_TIME = 'time[itemprop="datePublished" i][datetime], time[pubdate][datetime]'
_PUBLISHED_DATA = re.compile(r'"datePublished"\s*:\s*"([^"\\]{4,40})"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is read from a page: its text, the address and date that it gives itself, a note where not all was done."""

    text: str
    url: str = ""
    date: str = ""
    note: str = ""


def documents(chunks: Iterator[bytes], name: str, config: InputConfig) -> Iterator[tuple[int, Document | str]]:
    """The file's one document or why there is none, and a note if its main text could not be told from the rest."""
    check_installed()
    data = whole(chunks, config.max_document_bytes)
    found = data if isinstance(data, str) else page(data, config)
    if isinstance(found, str):
        yield 0, found
        return
    yield 0, Document(id=name, text=found.text, url=found.url, date=found.date)
    if found.note:
        yield 0, found.note


def check_installed() -> None:
    """InputError, naming the extra, where the package that reads HTML is missing."""
    try:
        import resiliparse.parse.html  # noqa: F401
    except ImportError:
        raise InputError('HTML needs an extra: pip install "dedup[html]"') from None


def page(data: bytes, config: InputConfig, charset: str = "", address: str = "") -> Page | str:
    """The text of a page that was sent as `charset` from `address`, or why there is none."""
    from resiliparse.parse.html import HTMLTree

    source = decoded(data, charset)
    if "\0" in source:
        return "binary, not HTML"
    tree = HTMLTree.parse(source)
    is_crowded = len(data) > _MAX_MAIN_BYTES or _is_deep(tree)
    text = _all_text(tree, formatted=False) if is_crowded else _text(tree, config)
    return Page(
        text=_with_title(text, " ".join((tree.title or "").split())),
        url=_canonical(tree, address),
        date=_published(tree, source),
        note=_CROWDED if is_crowded else "",
    )


def decoded(data: bytes, charset: str) -> str:
    """Characters of a page or a text of the web that was sent as `charset`; what does not fit is replaced."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace").removeprefix("\ufeff")
    # Servers and pages are often wrong about themselves, and what is valid UTF-8 is hardly ever anything else;
    # but the encodings that switch by an escape are.
    if b"\x1b" not in data:
        try:
            return data.decode()
        except UnicodeDecodeError:
            pass
    return data.decode(_encoding(data, charset), "replace")


def _encoding(data: bytes, charset: str) -> str:
    from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

    sent = map_encoding_to_html5(charset, False) if charset else None
    found = sent or detect_encoding(data, from_html_meta=True) or "utf-8"
    # A tag that could be read as ASCII was no UTF-16, whatever it says.
    if found.startswith("utf-16") and b"\0" not in data:
        found = detect_encoding(data) or "utf-8"
    try:
        codecs.lookup(found)
    except LookupError:
        return "utf-8"
    return found


def _is_deep(tree: "HTMLTree") -> bool:
    return tree.document is not None and tree.document.query_selector(_TOO_DEEP) is not None


def _text(tree: "HTMLTree", config: InputConfig) -> str:
    """The main text if wanted; all visible text if not, and of a page that is nothing but furniture."""
    from resiliparse.extract.html2text import extract_plain_text

    main = ""
    if config.html == "main":
        main = extract_plain_text(tree, main_content=True, list_bullets=False, alt_texts=False)
    return main if main.strip() else _all_text(tree, formatted=True)


def _all_text(tree: "HTMLTree", *, formatted: bool) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    return extract_plain_text(tree, preserve_formatting=formatted, list_bullets=False, alt_texts=False)


def _with_title(text: str, title: str) -> str:
    """The title before the text, unless it stands there, with or without the names of section and site."""
    headline = max(_SEPARATORS.split(title), key=len).casefold()
    if not title or headline in " ".join(text.split()).casefold():
        return text
    return f"{title}\n\n{text}" if text else title


def _canonical(tree: "HTMLTree", address: str) -> str:
    """Where the page says that it belongs; "" unless that is a whole address."""
    head = tree.head
    link = head.query_selector('link[rel~="canonical" i][href]') if head else None
    if link is None:
        return ""
    try:
        url = urljoin(address, (link.getattr("href") or "").strip())
        is_whole = urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).netloc)
    except ValueError:
        return ""
    return url if is_whole else ""


def _published(tree: "HTMLTree", source: str) -> str:
    """When the page says that it was published; "" where it does not, or not as a date that is known."""
    said, metas, document = list[str](), dict[str, str](), tree.document
    if document is not None:
        for meta in document.query_selector_all("meta[content]"):
            metas.setdefault(_key(meta), _attribute(meta, "content"))
        said += [metas[key] for key in _PUBLISHED if key in metas]
        said += [_attribute(time, "datetime") for time in document.query_selector_all(_PUBLISHED_TIME)]
    # Last, as a page may have such data of other articles too.
    said += [found[1] for found in _PUBLISHED_DATA.finditer(source)]
    return next((date.strip() for date in said if dates.seconds(date) is not None), "")


def _key(meta: Any) -> str:
    """What a tag of metadata speaks of."""
    return next(filter(None, (_attribute(meta, name) for name in ("property", "itemprop", "name"))), "").lower()


def _attribute(element: Any, name: str) -> str:
    return element.getattr(name) or ""
