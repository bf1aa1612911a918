"""What several of them need: the input, and a union-find."""

import orjson


def read(path):
    """Ids and texts of JSON lines."""
    ids, texts = [], []
    with open(path, "rb") as lines:
        for line in lines:
            found = orjson.loads(line)
            ids.append(found["id"])
            texts.append(found["text"])
    return ids, texts


class Trees:
    """Disjoint sets of 0 to n - 1."""

    def __init__(self, n):
        self.parents = list(range(n))

    def root(self, k):
        while self.parents[k] != k:
            self.parents[k] = self.parents[self.parents[k]]
            k = self.parents[k]
        return k

    def join(self, left, right):
        left, right = self.root(left), self.root(right)
        if left != right:
            self.parents[max(left, right)] = min(left, right)

    def named(self, ids):
        """Each id, and the first of its set."""
        return [(name, ids[self.root(k)]) for k, name in enumerate(ids)]
