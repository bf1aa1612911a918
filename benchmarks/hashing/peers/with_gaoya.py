"""gaoya (Rust), which splits words itself; one band of 128 places, so that it does little beside the signature."""

from gaoya.minhash import MinHashStringIndex

REQUIREMENTS = ("gaoya",)


def prepare(texts):
    def run():
        index = MinHashStringIndex(32, 0.5, 1, 128, None, "word", True, (5, 5))
        for i, text in enumerate(texts):
            index.insert_document(i, text)

    return run
