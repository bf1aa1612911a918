"""SemHash: embeddings of a model that it fetches, and their neighbors."""

from common import Trees, read
from semhash import SemHash

REQUIREMENTS = ("semhash", "orjson")
SETTINGS = "its defaults: potion-base-8M, threshold 0.9"


def clusters(path, _):
    ids, texts = read(path)
    row_of = {name: k for k, name in enumerate(ids)}
    records = [{"id": name, "text": text} for name, text in zip(ids, texts, strict=False)]
    try:
        index = SemHash.from_records(records, columns=["text"])
    except OSError:
        raise SystemExit("its model cannot be fetched from the hub of models, which is out of reach here") from None
    found = index.self_deduplicate()
    trees = Trees(len(ids))
    for record in found.filtered:
        for other, _ in record.duplicates:
            trees.join(row_of[record.record["id"]], row_of[other["id"]])
    return trees.named(ids)
