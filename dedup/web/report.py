"""The report as files: one page where that is small, else a page and its data beside it, in parts."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice

from dedup.engines import local
from dedup.io.results import dump
from dedup.web import page, payloads
from dedup.web.overview import overview
from dedup.web.results import Results

__all__ = ["build"]

INLINE_BYTES = 4_000_000
"""A report of no more packed data than this is a single file."""
TITLE = "Duplicates report"

Piece = tuple[str, Callable[[], bytes]]


def build(results: Results, tell: Callable[[str, int, int], None] = lambda *_: None) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files, `index.html` the last."""
    whole = payloads.parts(results)
    n_parts = -(-len(results.pairs) // payloads.PAIRS_EACH)
    told = {"parts": len(whole), "rows": payloads.ROWS_EACH, "pairs": payloads.PAIRS_EACH, "pairParts": n_parts}
    first = {"overview": dump({**overview(results), "layout": told})}
    packed = _packed(results, whole)
    small, size = [], 0
    for name, content in packed:
        small.append((name, content))
        size += len(content)
        if size > INLINE_BYTES:
            break
    else:
        yield "index.html", _page(first, small)
        return
    n_all = len(whole) + n_parts
    for n, (name, content) in enumerate(chain(small, packed)):
        yield f"data/{name}.js", f'dedupPiece("{name}","{content}");\n'.encode()
        tell("pages", n, n_all)
    yield "index.html", _page(first, [])


def _page(first: dict[str, bytes], rest: Iterable[tuple[str, str]]) -> bytes:
    pieces = {name: page.inert(content) for name, content in first.items()} | dict(rest)
    return page.render(pieces, title=TITLE, connect=False).encode()


def _packed(results: Results, whole: list[payloads.Part]) -> Iterator[tuple[str, str]]:
    """Every piece by name; packed in threads, but made in one, for making it is Python that threads would not share."""
    made = ((name, make()) for name, make in _pieces(results, whole))
    return local.ordered_map(lambda piece: (piece[0], page.inert(piece[1])), made)


def _pieces(results: Results, whole: list[payloads.Part]) -> Iterator[Piece]:
    for k, first in enumerate(range(0, len(results.clusters), payloads.ROWS_EACH)):
        yield f"rows-{k}", partial(payloads.rows, results, whole, first, first + payloads.ROWS_EACH)
    for k, part in enumerate(whole):
        yield f"part-{k}", partial(payloads.cluster_part, results, part)
    if results.pairs:
        yield "pair-rows", partial(payloads.pair_rows, results)
    pairs = iter(results.pairs)
    for k in range(-(-len(results.pairs) // payloads.PAIRS_EACH)):
        yield f"pairs-{k}", partial(payloads.pair_part, results, list(islice(pairs, payloads.PAIRS_EACH)))
