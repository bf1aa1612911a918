"""gaoya (Rust), which splits words itself and checks candidates on their signatures."""

from common import Trees, read
from gaoya.minhash import MinHashStringIndex

REQUIREMENTS = ("gaoya", "orjson")
SETTINGS = "word 5-shingles, its default of 20 bands of 5 rows, candidates kept from an estimate of 0.8 on"
AT_ONCE = 10_000


def clusters(path, _):
    ids, texts = read(path)
    index = MinHashStringIndex(32, 0.8, 20, 5, None, "word", True, (5, 5), "vec")
    for first in range(0, len(ids), AT_ONCE):
        part = texts[first : first + AT_ONCE]
        index.par_bulk_insert_docs(list(range(first, first + len(part))), part)
    trees = Trees(len(ids))
    for first in range(0, len(ids), AT_ONCE):
        for k, found in enumerate(index.par_bulk_query(texts[first : first + AT_ONCE]), first):
            for other in found:
                trees.join(k, other)
    return trees.named(ids)
