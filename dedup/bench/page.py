"""A report as one HTML file that asks nothing of any server; its tables are there without its script."""

import base64
import hashlib
import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files

from dedup.bench.measures import Curve, Results
from dedup.bench.sections import (
    Bar,
    Table,
    alternative,
    bars,
    curve_table,
    headlines,
    measure_table,
    number,
    place,
)

__all__ = ["render"]

WEB, OWN = files("dedup.web") / "static", files("dedup.bench") / "static"


def render(results: Results, more: Sequence[Table] = ()) -> str:
    """The page; `more` are tables that stand first."""
    style = "\n".join([(WEB / "uplot.min.css").read_text("utf-8"), (OWN / "bench.css").read_text("utf-8")])
    script = "\n".join([(WEB / "uplot.min.js").read_text("utf-8"), (OWN / "bench.js").read_text("utf-8")])
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    curves = [_figure(k, curve) for k, curve in enumerate(results.curves)]
    parts = [
        "<h1>Benchmark of dedup</h1>",
        *(f'<p class="note">{escape(line)}</p>' for line in place(results)),
        f'<dl class="cards">{"".join(_card(*one) for one in headlines(results))}</dl>',
        *(f"<section>{_table(one)}</section>" for one in more),
        f"<section><h2>The hot loop</h2>{''.join(_bar(bar) for bar in _scaled(bars(results)))}</section>",
        f'<section><h2>Size and resemblance</h2><div class="charts">{"".join(curves)}</div></section>',
        f"<section>{_table(measure_table(results))}</section>",
    ]
    data = json.dumps([_drawn(curve) for curve in results.curves]).replace("<", "\\u003c")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><title>Benchmark of dedup</title>'
        f'<link rel="icon" href="data:,"><style>{style}</style></head>\n<body><main>{chr(10).join(parts)}</main>\n'
        f'<script type="application/json" id="curves">{data}</script><script>{script}</script></body></html>\n'
    )


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def _card(title: str, value: str, unit: str) -> str:
    return f'<div class="card"><dt>{escape(title)}</dt><dd><strong>{value}</strong> {escape(unit)}</dd></div>'


def _table(one: Table, level: str = "h2") -> str:
    title = f"<{level}>{escape(one.title)}</{level}>" if level else ""
    note = f'<p class="note">{escape(one.note)}</p>' if one.note else ""
    head = "".join(f'<th scope="col"{_class(one, k)}>{escape(cell)}</th>' for k, cell in enumerate(one.head))
    rows = "".join(
        "<tr>" + "".join(f"<td{_class(one, k)}>{escape(cell)}</td>" for k, cell in enumerate(row)) + "</tr>"
        for row in one.rows
    )
    drawn = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'{title}{note}<div class="wide" tabindex="0" role="region" aria-label="{escape(one.title)}">{drawn}</div>'


def _class(table: Table, column: int) -> str:
    cells = [row[column].replace(",", "").rstrip(" %") for row in table.rows if row[column]]
    return ' class="numeric"' if column and cells and all(_is_number(cell) for cell in cells) else ""


def _is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).replace("e-", "", 1).replace("e+", "", 1).lstrip("+-").isdigit() or cell == "exact"


def _figure(k: int, curve: Curve) -> str:
    data = f"<details><summary>Data</summary>{_table(curve_table(curve), '')}</details>"
    chart = f'<div class="chart" data-curve="{k}" role="img" aria-label="{escape(alternative(curve))}"></div>'
    return f"<figure><figcaption>{escape(curve.title)}</figcaption>{chart}{data}</figure>"


def _scaled(found: list[Bar]) -> list[tuple[Bar, float]]:
    most = max((sum(bar.parts.values()) for bar in found), default=1.0)
    return [(bar, most) for bar in found]


def _bar(one: tuple[Bar, float]) -> str:
    """A stacked bar as SVG, which needs no script; the numbers stand beside it."""
    bar, most = one
    at, drawn = 0.0, []
    for k, (name, value) in enumerate(bar.parts.items()):
        width = 1000 * value / most
        title = f"<title>{escape(name)}: {number(value)} {escape(bar.unit)}</title>"
        drawn.append(f'<rect class="part{k}" x="{at:.1f}" width="{width:.1f}" height="26">{title}</rect>')
        at += width
    said = ", ".join(f"{name} {number(value)}" for name, value in bar.parts.items())
    keys = "".join(
        f'<li class="key{k}">{escape(name)} {number(value)}</li>' for k, (name, value) in enumerate(bar.parts.items())
    )
    whole = f"{number(sum(bar.parts.values()))} {escape(bar.unit)}"
    picture = (
        f'<svg viewBox="0 0 1000 26" preserveAspectRatio="none" role="img" aria-label="{escape(bar.title)}: '
        f'{escape(said)} {escape(bar.unit)}">{"".join(drawn)}</svg>'
    )
    return f'<div class="bar"><p>{escape(bar.title)}: {whole}</p>{picture}<ul class="keys">{keys}</ul></div>'


def _drawn(curve: Curve) -> dict[str, object]:
    return {
        "x": curve.x, "lines": curve.lines, "xTitle": curve.x_title, "yTitle": curve.y_title, "xLog": curve.x_log,
        "yLog": curve.y_log,
    }  # fmt: skip
