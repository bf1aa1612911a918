"""Connected components on an engine, by alternating stars [Kiveris et al. 2014, Connected Components in MapReduce].

A round links each node's larger neighbors to its least one, then its lesser neighbors to their least one. The number
of rounds grows with the logarithm of the longest path; what is left are stars around each component's least node.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import numpy as np
import pyarrow as pa

from dedup.arrays import Rows
from dedup.engines.protocol import Batches, Engine

__all__ = ["components"]

EDGES = {"key": "bigint", "u": "bigint", "v": "bigint"}
CHECKS = {"n": "bigint", "total": "bigint"}
MIXER = np.uint64(0x9E3779B97F4A7C15)
OTHER_MIXER = np.uint64(0xC2B2AE3D27D4EB4F)
MOST_ROUNDS = 64

F = TypeVar("F")
Links = tuple[Rows, Rows]
"""From and to; both (n_links,)."""


def components(engine: Engine[F], left: Rows, right: Rows) -> Links:
    """Nodes that stand in a pair (left, right), ascending, and the least node of the component of each."""
    edges = engine.rows(_table(left, right))
    edges = engine.map(edges, partial(_links, keyed_twice), EDGES)
    before: tuple[int, int] | None = None
    for turn in range(MOST_ROUNDS):
        edges = engine.group(edges, partial(_links, large_star), EDGES)
        edges = engine.group(edges, partial(_links, small_star), EDGES)
        # Without this each round would work out all rounds before it anew; a lost worker would lose them.
        edges = engine.keep(edges, f"components-{turn:02}")
        checks = engine.collect(engine.map(edges, _check, CHECKS))
        now = sum(checks["n"].to_pylist()), sum(checks["total"].to_pylist())
        if now == before:
            break
        before = now
    stars = engine.collect(edges)
    node, least = stars["u"].to_numpy(), stars["v"].to_numpy()
    found = np.unique(np.stack([np.maximum(node, least), np.minimum(node, least)], axis=1), axis=0)
    centers = np.unique(found[:, 1])
    nodes, leasts = np.append(found[:, 0], centers), np.append(found[:, 1], centers)
    order = np.argsort(nodes)
    return nodes[order], leasts[order]


def keyed_twice(u: Rows, v: Rows) -> Links:
    """Each pair under both of its nodes, less those of a node with itself."""
    differ = u != v
    return np.append(u[differ], v[differ]), np.append(v[differ], u[differ])


def large_star(u: Rows, v: Rows) -> Links:
    """Of each node u with neighbors v: its larger neighbors to the least of all, under the larger node."""
    u, v, least = _with_least(u, v)
    larger = v > u
    return v[larger], least[larger]


def small_star(u: Rows, v: Rows) -> Links:
    """Of each node u with lesser neighbors v: these and u to the least of them, under both nodes."""
    u, v, least = _with_least(u, v)
    links = np.unique(np.concatenate([np.stack([v, least], 1), np.stack([u, least], 1)]), axis=0)
    return keyed_twice(links[:, 0], links[:, 1])


def _with_least(u: Rows, v: Rows) -> tuple[Rows, Rows, Rows]:
    """Pairs by u, each once, and with each the least of u and its neighbors."""
    pairs = np.unique(np.stack([u, v], axis=1), axis=0)
    u, v = pairs[:, 0], pairs[:, 1]
    begins = np.flatnonzero(np.append(True, u[1:] != u[:-1])) if len(u) else np.empty(0, np.int64)
    sizes = np.diff(np.append(begins, len(u)))
    # Neighbors stand in order, so the first is the least.
    return u, v, np.minimum(np.repeat(v[begins], sizes), u)


def _links(star: Callable[[Rows, Rows], Links], batches: Batches) -> Batches:
    parts = [(batch["u"].to_numpy(), batch["v"].to_numpy()) for batch in batches]
    if parts:
        u, v = (np.concatenate(side) for side in zip(*parts, strict=True))
        yield _batch(*star(u, v))


def _check(batches: Batches) -> Batches:
    for batch in batches:
        u, v = (batch[name].to_numpy().astype(np.uint64) for name in ("u", "v"))
        total = int((((u * MIXER) ^ v * OTHER_MIXER) >> np.uint64(24)).sum())
        yield pa.RecordBatch.from_pydict({"n": pa.array([len(u)]), "total": pa.array([total])})


def _table(u: Rows, v: Rows) -> pa.Table:
    return pa.Table.from_batches([_batch(u, v)])


def _batch(u: Rows, v: Rows) -> pa.RecordBatch:
    key = ((u.astype(np.uint64) * MIXER) >> np.uint64(40)).astype(np.int64)
    return pa.RecordBatch.from_pydict({"key": pa.array(key), "u": pa.array(u), "v": pa.array(v)})
