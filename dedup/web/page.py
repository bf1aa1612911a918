"""The page itself: one HTML file with its style, script and first data, and a policy that lets nothing else in."""

import base64
import gzip
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

__all__ = ["inert", "policy", "render", "script", "style"]

SCRIPTS = (
    "uplot.min.js", "dom.js", "data.js", "diff.js", "panes.js", "charts.js", "tables.js", "overview.js", "clusters.js",
    "cluster.js", "pairs.js", "matrix.js", "judge.js", "app.js",
)  # fmt: skip
STYLES = ("uplot.min.css", "app.css")
PACK_LEVEL = 3


def render(pieces: Mapping[str, str], *, title: str, connect: bool) -> str:
    """The page with `pieces` of packed JSON by name; `connect` where a server on this machine gives the rest."""
    template = _environment().get_template("page.html")
    known = dict(pieces)
    return template.render(title=title, policy=policy(connect=connect), style=style(), script=script(), pieces=known)


def policy(*, connect: bool) -> str:
    """The content-security policy: only our own script and style, known by their hashes.

    `strict-dynamic` lets our script load the data files beside a page that was opened from disk.
    """
    more = ["connect-src 'self'"] if connect else []
    return "; ".join(
        [
            "default-src 'none'", f"script-src '{_hash(script())}' 'strict-dynamic'", f"style-src '{_hash(style())}'",
            "img-src data:", "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'",
            "trusted-types data", *more,
        ]
    )  # fmt: skip


def inert(content: bytes) -> str:
    """JSON packed in letters and digits, so that nothing in it can be taken for markup or script."""
    return base64.b64encode(gzip.compress(content, PACK_LEVEL, mtime=0)).decode()


@cache
def script() -> str:
    """All our script, in one."""
    return "\n".join(_asset(name) for name in SCRIPTS)


@cache
def style() -> str:
    """All our style, in one."""
    return "\n".join(_asset(name) for name in STYLES)


def _asset(name: str) -> str:
    return (files("dedup.web") / "static" / name).read_text("utf-8")


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


@cache
def _environment() -> Environment:
    return Environment(loader=PackageLoader("dedup.web"), autoescape=True, undefined=StrictUndefined)
