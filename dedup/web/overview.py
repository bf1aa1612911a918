"""What the first view shows: how much is what, by relation, site and time, and who copies whom."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from dedup.io.results import readable
from dedup.records import RELATIONS
from dedup.web.origins import DAY_S, busiest, flows
from dedup.web.results import Results

__all__ = ["overview"]

N_SITES = 300
N_MATRIX = 40
N_SKIPPED = 500
MOST_STEPS = 400
"""A chart has no more points than this; then days become months, and months years."""
UNITS = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}

Value = object


def overview(results: Results) -> dict[str, Value]:
    """JSON of the first view; times are seconds since 1970."""
    summary = results.summary
    skipped = summary.get("skipped")
    notes = skipped if isinstance(skipped, list) else []
    return {
        **{name: summary.get(name) for name in ("documents", "clusters", "kept", "removed", "cut", "settings_digest")},
        "clustered": summary.get("clustered_documents"),
        "versions": summary.get("versions"),
        "settings": summary.get("settings"),
        "relations": _relations(results),
        "sites": _sites(results),
        "time": _time(results.by_day),
        "matrix": _matrix(results),
        "skipped": [_note(note) for note in notes[:N_SKIPPED]],
        "n_skipped": len(notes),
    }


def _relations(results: Results) -> list[Value]:
    """Each relation: pairs found, and the clustered documents that stand in it to their representative."""
    pairs = results.summary.get("matches")
    n_pairs = pairs if isinstance(pairs, dict) else {}
    n_members = Counter(
        member.relation
        for cluster in results.clusters
        for member in cluster.members
        if member.id != cluster.representative and member.id not in results.earlier
    )
    names = [name for name in RELATIONS if n_pairs.get(name) or n_members[name]]
    return [{"name": name, "pairs": n_pairs.get(name, 0), "members": n_members[name]} for name in names]


def _sites(results: Results) -> Sequence[Value]:
    """Site, documents, removed ones; the sites with most copies first."""
    found = sorted(results.by_site.items(), key=lambda item: (-item[1][1], -item[1][0], item[0]))
    return [[name, *counted] for name, counted in found if name][:N_SITES]


def _time(by_day: Mapping[int, Sequence[int]]) -> Value:
    """Documents and copies by the shortest unit that gives a chart few enough points."""
    charts = {unit: _steps(by_day, form) for unit, form in UNITS.items()}
    unit = next((unit for unit, steps in charts.items() if len(steps) <= MOST_STEPS), "year")
    steps = charts[unit]
    documents, removed = ([counted[k] for counted in steps.values()] for k in (0, 1))
    return {"unit": unit, "at": list(steps), "documents": documents, "removed": removed}


def _steps(by_day: Mapping[int, Sequence[int]], form: str) -> dict[int, list[int]]:
    steps: dict[int, list[int]] = {}
    for day, (n_documents, n_removed) in sorted(by_day.items()):
        start = _start(day, form)
        if start is not None:
            counted = steps.setdefault(start, [0, 0])
            counted[0] += n_documents
            counted[1] += n_removed
    return steps


def _start(day: int, form: str) -> int | None:
    """Seconds of the beginning of the day, month or year; `None` beyond what a calendar holds."""
    try:
        moment = datetime.fromtimestamp(day * DAY_S, UTC)
        return int(datetime.strptime(moment.strftime(form), form).replace(tzinfo=UTC).timestamp())
    except (ValueError, OverflowError, OSError):
        return None


def _matrix(results: Results) -> Value:
    papers = results.papers
    found = flows(results.members, results.firsts, results.meetings, papers.sites, papers.moments)
    sites = busiest(found, N_MATRIX)
    place = {name: k for k, name in enumerate(sites)}
    cells = [
        [place[giver], place[taker], flow.n_copies, flow.median_lag]
        for (giver, taker), flow in sorted(found.items())
        if giver in place and taker in place
    ]
    n_sites = len({name for pair in found for name in pair})
    return {"sites": sites, "cells": cells, "n_sites": n_sites}


def _note(note: Value) -> Value:
    if not isinstance(note, dict):
        return ["", readable(str(note))]
    return [readable(str(note.get("place", ""))), readable(str(note.get("reason", "")))]
