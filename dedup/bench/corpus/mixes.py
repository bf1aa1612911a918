"""What a collection is made of: how many of each kind, from how many sites, how long."""

from dataclasses import dataclass, replace
from math import exp
from statistics import NormalDist

import numpy as np

__all__ = ["KINDS", "MIXES", "Layout", "Mix", "layout"]

KINDS = ("original", "exact", "near", "syndicated", "excerpt", "rewrite", "quotation", "template")
N_QUANTILES = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Shares of the kinds, 0 to 1 of all texts; whatever is left is originals.

    Originals are of `median_words`, spread by `spread` (sigma of the log-normal). `first_site` is the share of texts
    that one site has beyond its due; `most_edits` the most words in a thousand that near copies change.
    """

    exact: float = 0.03
    near: float = 0.03
    syndicated: float = 0.025
    excerpt: float = 0.0125
    rewrite: float = 0.0125
    quotation: float = 0.0125
    template: float = 0.0125
    median_words: int = 435
    spread: float = 0.6
    first_site: float = 0.0
    most_edits: int = 60
    texts_a_template: int = 50


def _only(*, exact: float = 0.0, near: float = 0.0, template: float = 0.0) -> Mix:
    return Mix(exact=exact, near=near, syndicated=0, excerpt=0, rewrite=0, quotation=0, template=template)


MIXES = {
    "ordinary": Mix(),
    "short": Mix(median_words=115),
    "one-host": Mix(first_site=0.9),
    "repeated": _only(exact=1.0),
    "near-copies": replace(_only(near=1.0), most_edits=20),
    "template": replace(_only(template=1.0), texts_a_template=1 << 40),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A mix for so many texts: numbers from `firsts[kind]` up to `firsts[kind + 1]` are of that kind.

    `firsts` int64 (n_kinds + 1,); `n_words` int64 (N_QUANTILES,), each as likely as the others; `limits` int64:
    sites, texts a thousand of the first site, most edits a thousand, texts a template.
    """

    firsts: np.ndarray
    n_words: np.ndarray
    limits: np.ndarray


def layout(mix: Mix, n_texts: int) -> Layout:
    """How many texts of each kind; at least one original."""
    counts = [int(getattr(mix, kind) * n_texts) for kind in KINDS[1:]]
    n_originals = max(1, n_texts - sum(counts))
    firsts = np.minimum(np.cumsum([0, n_originals, *counts]), n_texts)
    normal = NormalDist()
    places = [normal.inv_cdf((k + 0.5) / N_QUANTILES) for k in range(N_QUANTILES)]
    n_words = np.array([max(12, round(mix.median_words * exp(mix.spread * place))) for place in places])
    n_sites = max(4, min(5000, n_texts // 200))
    limits = np.array([n_sites, round(1000 * mix.first_site), mix.most_edits, mix.texts_a_template])
    return Layout(firsts=firsts.astype(np.int64), n_words=n_words.astype(np.int64), limits=limits.astype(np.int64))
