"""A report as one HTML file that asks nothing of any server; its bars and tables are there without its script."""

import base64
import hashlib
import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from itertools import groupby
from math import log

from dedup.bench.measures import Curve, Results
from dedup.bench.sections import (
    Bar,
    Bars,
    Block,
    Section,
    Table,
    alternative,
    bars_table,
    curve_table,
    headlines,
    number,
    place,
    said,
    sections,
)

__all__ = ["render"]

WEB, OWN = files("dedup.web") / "static", files("dedup.bench") / "static"
TITLE = "Benchmark of dedup"
MANY_COLUMNS = 5


def render(results: Results, more: Sequence[Section] = ()) -> str:
    """The page; `more` stands first."""
    style = "\n".join([(WEB / "uplot.min.css").read_text("utf-8"), (OWN / "bench.css").read_text("utf-8")])
    script = "\n".join([(WEB / "uplot.min.js").read_text("utf-8"), (OWN / "bench.js").read_text("utf-8")])
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    shown = [*more, *sections(results)]
    curves = [block for section in shown for block in section.blocks if isinstance(block, Curve)]
    data = json.dumps([_drawn(curve) for curve in curves]).replace("<", "\\u003c")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{TITLE}</title>'
        f'<link rel="icon" href="data:,"><style>{style}</style></head>\n<body>{_body(results, shown, curves)}\n'
        f'<script type="application/json" id="curves">{data}</script><script>{script}</script></body></html>\n'
    )


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def _body(results: Results, shown: Sequence[Section], curves: list[Curve]) -> str:
    links = "".join(f'<li><a href="#{_anchor(one.title)}">{escape(one.title)}</a></li>' for one in shown)
    cards = "".join(_card(*one) for one in headlines(results))
    parts = [
        f"<header><h1>{TITLE}</h1>",
        *(f'<p class="note">{escape(line)}</p>' for line in place(results)),
        f'<dl class="cards">{cards}</dl>',
        f'<nav aria-label="Sections"><ul>{links}</ul></nav></header><main>',
        *(_section(one, curves) for one in shown),
        "</main>",
    ]
    return "\n".join(parts)


def _anchor(title: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in title.lower())


def _card(title: str, value: str, unit: str) -> str:
    return f'<div class="card"><dt>{escape(title)}</dt><dd><strong>{value}</strong> {escape(unit)}</dd></div>'


def _section(one: Section, curves: list[Curve]) -> str:
    note = f'<p class="note">{_marked(one.note)}</p>' if one.note else ""
    body = ""
    for is_curve, group in groupby(one.blocks, lambda block: isinstance(block, Curve)):
        drawn = "".join(_block(block, one, curves) for block in group)
        body += f'<div class="charts">{drawn}</div>' if is_curve else drawn
    return f'<section id="{_anchor(one.title)}"><h2>{escape(one.title)}</h2>{note}{body}</section>'


def _marked(text: str) -> str:
    """Escaped, with code between back ticks."""
    return "".join(f"<code>{escape(part)}</code>" if k % 2 else escape(part) for k, part in enumerate(text.split("`")))


def _block(block: Block, section: Section, curves: list[Curve]) -> str:
    if isinstance(block, Curve):
        return _figure(curves.index(block), block)
    level = "" if block.title == section.title else "h3"
    return _bars(block, level) if isinstance(block, Bars) else _table(block, level)


def _heading(title: str, note: str, level: str) -> str:
    told = f'<p class="note">{_marked(note)}</p>' if note else ""
    return (f"<{level}>{escape(title)}</{level}>" if level else "") + told


def _table(one: Table, level: str = "") -> str:
    """A table; one of many columns names them in its cells too, for screens on which each row is shown as a card."""
    head = "".join(
        f'<th scope="col" role="columnheader"{_class(one, k)}>{escape(cell)}</th>' for k, cell in enumerate(one.head)
    )
    rows = "".join(f'<tr role="row">{_cells(one, row)}</tr>' for row in one.rows)
    many = ' class="many"' if len(one.head) > MANY_COLUMNS else ""
    drawn = (
        f'<table role="table"{many}><thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{rows}</tbody></table>'
    )
    label = escape(one.title)
    held = f'<div class="wide" tabindex="0" role="region" aria-label="{label}">{drawn}</div>'
    return _heading(one.title, one.note, level) + held


def _cells(one: Table, row: Sequence[str]) -> str:
    first = f'<th scope="row" role="rowheader">{escape(row[0])}</th>'
    rest = (
        f'<td role="cell" data-head="{escape(one.head[k])}"{_class(one, k)}>{escape(cell)}</td>'
        for k, cell in enumerate(row) if k
    )  # fmt: skip
    return first + "".join(rest)


def _class(table: Table, column: int) -> str:
    cells = [row[column].replace(",", "").rstrip(" %×x") for row in table.rows if row[column]]
    return ' class="numeric"' if column and cells and all(_is_number(cell) for cell in cells) else ""


def _is_number(cell: str) -> bool:
    bare = cell.replace(".", "", 1).replace("e-", "", 1).replace("e+", "", 1).lstrip("+-")
    return bare.isdigit() or cell in ("exact", "failed", "–")


def _figure(k: int, curve: Curve) -> str:
    chart = f'<div class="chart" data-curve="{k}" role="img" aria-label="{escape(alternative(curve))}"></div>'
    return f"<figure><figcaption>{escape(curve.title)}</figcaption>{chart}{_data(curve_table(curve))}</figure>"


def _data(table: Table) -> str:
    return f"<details><summary>Data</summary>{_table(table)}</details>"


def _bars(bars: Bars, level: str) -> str:
    """Bars as SVG beside their labels and numbers; they need no script, and wrap where there is little room."""
    most = bars.most or max((bar.whole for group in bars.groups.values() for bar in group), default=1.0) or 1.0
    groups = []
    for heading, group in bars.groups.items():
        title = f"<h4>{escape(heading)}</h4>" if heading else ""
        drawn = "".join(_bar(bar, bars, most) for bar in group)
        groups.append(f'<div class="group">{title}<ul class="bars">{drawn}</ul></div>')
    many = ' class="groups"' if len(groups) > 2 else ""
    return f"{_heading(bars.title, bars.note, level)}<div{many}>{''.join(groups)}</div>{_data(bars_table(bars))}"


def _bar(bar: Bar, bars: Bars, most: float) -> str:
    kind = " ours" if bar.is_ours else ""
    if bar.failed:
        return f'<li class="bar"><span class="label">{escape(bar.label)}</span><span class="note">failed</span></li>'
    at, drawn = 0.0, []
    for k, (name, value) in enumerate(bar.parts.items()):
        width = _width(value, bars, most)
        title = f"<title>{escape(name or bar.label)}: {number(value)} {escape(bars.unit)}</title>"
        part = f"part{k}" if len(bar.parts) > 1 else "whole"
        drawn.append(f'<rect class="{part}" x="{at:.1f}" width="{width:.1f}" height="10">{title}</rect>')
        at += width
    alt = escape(said(bar, bars.unit))
    picture = f'<svg viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label="{alt}">'
    whole = f'<span class="value">{number(bar.whole)} <small>{escape(bars.unit)}</small></span>'
    label = f'<span class="label">{escape(bar.label)}</span>'
    return f'<li class="bar{kind}">{label}{picture}{"".join(drawn)}</svg>{whole}{_keys(bar)}</li>'


def _width(value: float, bars: Bars, most: float) -> float:
    if bars.least is None:
        return 1000 * value / most
    return 1000 * max(0.0, log(max(value, bars.least) / bars.least) / log(most / bars.least))


def _keys(bar: Bar) -> str:
    if len(bar.parts) < 2:
        return ""
    keys = (
        f'<li class="key{k}">{escape(name)} {number(value)}</li>' for k, (name, value) in enumerate(bar.parts.items())
    )
    return f'<ul class="keys">{"".join(keys)}</ul>'


def _drawn(curve: Curve) -> dict[str, object]:
    return {
        "x": curve.x, "lines": curve.lines, "xTitle": curve.x_title, "yTitle": curve.y_title, "xLog": curve.x_log,
        "yLog": curve.y_log,
    }  # fmt: skip
