"""Texts of pages in roff (`man` and `mdoc`), Mallard and HTML.

Roff is not run: a page keeps its sentences in their order and paragraphs, which is what a comparison of texts reads.
Of `mdoc` the marks that its macros set are missing, as the dash before an option.
"""

import html
import re
import unicodedata
from collections.abc import Callable

from dedup.errors import InputError


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_STUB = re.compile(r"^[.']\s*so\s", re.MULTILINE)
_COMMENT = re.compile(r'(?<!\\)\\["#].*')
_DEFINITION = re.compile(r"^[.'][ \t]*(?:de1?|am1?|ig)\b.*?^[.']\.[^\n]*$", re.MULTILINE | re.DOTALL)
_TABLE_FORMAT = re.compile(r"^([.']TS|[.']T&).*?\.[ \t]*$", re.MULTILINE | re.DOTALL)
_TABLE_RULE, _TABLE_BLOCK = re.compile(r"[_=\s]+"), re.compile(r"^T\}|(?<![\w$%])T\{$")
_CONTROL = re.compile(r"[.'][ \t]*([A-Za-z0-9]*)[ \t]*(.*)")
_ARGUMENT = re.compile(r'"((?:[^"]|"")*)"?|((?:\\.|\S)+)')
_NEW_PARAGRAPH = _names("SH SS Sh Ss PP P LP Pp TP IP HP It sp Sp SY Dl")
_NEW_LINE = _names("br TQ SH SS Sh Ss TH EX nf Vb TS Bd")
_UNFILLED, _FILLED = _names("nf EX Vb TS Bd"), _names("fi EE Ve TE Ed")
_SILENT = _names("PP P LP Pp TP TQ HP RS RE PD IX Vb Ve Sp EX EE TS TE Bl El Bd Ed Sm DT UC YS T LINKSTYLE")
_JOINED = _names("BR RB IR RI BI IB")
_MDOC = re.compile(r"[A-Z][a-z]")
_CALLED = _names(
    "Ac Ad An Ao Ap Aq Ar Bc Bo Bq Cd Cm Dc Do Dq Dv Em Er Ev Fa Fl Fn Ft Ic Li Nm No Ns Oc Oo Op Pa Pc Pf Po Pq Qc Ql"
    " Qo Qq Sc So Sq Sx Sy Tn Ux Va Vt Xc Xo Xr"
)
_ESCAPE = re.compile(
    r"""\\(?:
        [fFmMn*sgkV](?:[+-])?(?P<set>\[[^\]]*\]|\(..|'[^']*'|(?<=s)[1-3]\d|(?<=s[+-])\d|.)
      | [hvwlLDoXZNbxHSARB]'[^']*'
      | \((?P<two>..) | \[(?P<named>[^\]]*)\]
      | (?P<one>.)
    )""",
    re.VERBOSE,
)
_STRINGS = {
    "lq": "“", "rq": "”", "Lq": "“", "Rq": "”", 'L"': "“", 'R"': "”", "--": "—", "Aq": "'", "Gt": ">", "Lt": "<",
    "Am": "&", "q": '"', "``": "“", "''": "”", "R": "®", "Tm": "™",
}  # fmt: skip
_CHARACTERS = {
    "bu": "•", "aq": "'", "dq": '"', "co": "©", "rg": "®", "em": "—", "en": "–", "lq": "“", "rq": "”", "oq": "‘",
    "cq": "’", "mi": "−", "hy": "-", "ha": "^", "ti": "~", "ga": "`", "rs": "\\", "bv": "|", "br": "|", "or": "|",
    "ul": "_", "sl": "/", "at": "@", "sh": "#", "Do": "$", "de": "°", "+-": "±", "mu": "×", "**": "*", "pl": "+",
    "<=": "≤", ">=": "≥", "->": "→", "<-": "←", "la": "⟨", "ra": "⟩", "lB": "[", "rB": "]", "lC": "{", "rC": "}",
    "ss": "ß", "/o": "ø", "/O": "Ø", "ae": "æ", "AE": "Æ", "if": "∞", "Fo": "«", "Fc": "»", "Bq": "„", "sc": "§",
    "12": "½", "pc": "·", "ps": "¶", "dg": "†", "Eu": "€", "Po": "£", "eu": "€", "lh": "☜", "rh": "☞", "==": "≡",
}  # fmt: skip
_ACCENTS = {"'": "\u0301", "`": "\u0300", "^": "\u0302", ":": "\u0308", "~": "\u0303", ",": "\u0327", "o": "\u030a"}
_ONE = {
    "-": "-", " ": " ", "~": " ", "0": " ", "t": " ", "e": "\\", "E": "\\", "\\": "\\", "'": "'", "`": "`", ".": ".",
}  # fmt: skip
_MALLARD_ASIDE = re.compile(r"<info\b.*?</info>|<!--.*?-->|<\?.*?\?>", re.DOTALL)
_MALLARD_BLOCK = re.compile(r"</(?:p|title|desc|item|note|section|list|steps|terms|table|tr|code|screen)>")


def man_page(source: str) -> str:
    """The text of a manual page; "" of one that only names the file with the page."""
    if _STUB.search(source):
        return ""
    source = _DEFINITION.sub("", _COMMENT.sub("", source).replace("\\\n", ""))
    is_filled, pieces = True, list[str]()
    for line in _TABLE_FORMAT.sub(r"\1", source).split("\n"):
        control = _CONTROL.fullmatch(line)
        name = control[1] if control else "" if line.strip() else "sp"
        is_filled = name in _FILLED or (is_filled and name not in _UNFILLED)
        said = _said(name, control[2]) if control else "" if _TABLE_RULE.fullmatch(line) else _TABLE_BLOCK.sub("", line)
        before = "\n\n" if name in _NEW_PARAGRAPH else ""
        pieces.append(before + _unescaped(said) + ("\n" if name in _NEW_LINE or not is_filled else " "))
    return _tidy("".join(pieces))


def mallard(source: str) -> str:
    """The text of a page of GNOME's help, without who wrote and translated it."""
    flat = " ".join(_MALLARD_ASIDE.sub("", source).split())
    return _tidy(html.unescape(re.sub(r"<[^>]+>", "", _MALLARD_BLOCK.sub("\n\n", flat))))


def web_page(source: str) -> str:
    """All of the text of a page in HTML."""
    return str(_extractor()(source, main_content=False))


def web_main(source: str) -> str:
    """The main text of a page in HTML, without what leads to other pages."""
    return str(_extractor()(source, main_content=True))


def _extractor() -> Callable[..., str]:
    try:
        from resiliparse.extract.html2text import extract_plain_text
    except ImportError:
        raise InputError('pages in HTML need an extra: pip install "dedup[html]"') from None
    return extract_plain_text


def _said(name: str, rest: str) -> str:
    """What a macro says of its arguments; requests, whose names are in small letters, say nothing."""
    if name in _SILENT or not name[:1].isupper():
        return ""
    arguments = [quoted.replace('""', '"') or plain for quoted, plain in _ARGUMENT.findall(rest)]
    if name == "IP":
        return " ".join(arguments[:1])
    if _MDOC.fullmatch(name):
        return " ".join(word for word in arguments if word not in _CALLED)
    return ("" if name in _JOINED else " ").join(arguments)


def _unescaped(line: str) -> str:
    return unicodedata.normalize("NFC", _ESCAPE.sub(_escape, line)) if "\\" in line else line


def _escape(found: re.Match[str]) -> str:
    if found["set"]:
        # Strings that a page defines itself are left out, and so are fonts, sizes, colors and registers.
        return _STRINGS.get(found["set"].strip("[]").removeprefix("("), "") if found[0][1] == "*" else ""
    if found["one"]:
        return _ONE.get(found["one"], "")
    name = found["two"] or found["named"] or ""
    if re.fullmatch(r"u[0-9A-F]{4,5}", name):
        return chr(int(name[1:], 16))
    if len(name) == 2 and name[0] in _ACCENTS and name[1].isalpha():
        return _CHARACTERS.get(name) or name[1] + _ACCENTS[name[0]]
    return _CHARACTERS.get(name, "")


def _tidy(text: str) -> str:
    text = re.sub(r"[ \t\u00a0]+", " ", text)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" ?\n ?", "\n", text)).strip()
