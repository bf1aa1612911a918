"""What a scan would find to do, and take, before it is run: measured on samples of the collection, and grown.

Two processes of their own run over samples by content, one within the other: a scan of the small one, and of the large
one everything but verification, of which runs of pairs are taken. Nothing about the machine is assumed.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import ceil, comb

from dedup.config import Config
from dedup.errors import ConfigError

__all__ = ["Plan", "Trial", "Whole", "beside", "grown", "recall", "refusal"]

RESEMBLANCES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
LEAST_RECALL = 0.5
"""Of pairs of resemblance 0.8; less is not what anybody scans for."""
MOST_CANDIDATES = 1000
"""A document; more are a setting that pairs everything with everything."""
_NO_BOUND = 1 << 62
BY_PAIR = ("verify", "cluster")
"""Stages whose time goes with the pairs; that of all others goes with the documents."""
FAR_MORE = 4
"""Through two points of which the second is not so many times as far a line says nothing of what lies behind them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """How much there is."""

    n_documents: int
    text_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What one sample took: seconds by stage, those of BY_PAIR for `n_measured` of its `n_candidates`.

    A match takes `match_bytes` as JSON and `held_bytes` as columns.
    """

    n_documents: int
    n_candidates: int
    n_measured: int
    n_matches: int
    n_copies: int
    match_bytes: float
    held_bytes: float
    timings: Mapping[str, float]
    memory_bytes: int
    disk_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is expected of a whole run; `recall` is the chance of a pair to be proposed, by its resemblance."""

    settings_digest: str
    documents: int
    text_bytes: int
    sampled: int
    recall: Mapping[str, float]
    candidates: int
    candidates_a_document: float
    matches: int
    seconds: float
    stages: Mapping[str, float]
    memory_bytes: int
    disk_bytes: int
    output_bytes: int

    def json(self) -> dict[str, object]:
        """As it stands in `plan.json`."""
        return asdict(self)


def recall(config: Config, resemblance: float) -> float:
    """The chance that bands propose a pair of that resemblance, as if the places of signatures were independent.

    One band must agree in all of its rows, 1 - (1 - J^r)^b [Leskovec et al., ch. 3.4], and `min_agreement` of all
    places besides. Passages propose many more of low resemblance.
    """
    bands, n_places = config.candidates, config.sketch.n_hashes
    n_bands = _n_bands(config)
    band = _agreeing(bands.n_rows, resemblance)
    # By how many places agree: while no band does as a whole, and once one has.
    apart, met = [1.0], [0.0]
    for _ in range(n_bands):
        met = _sums(met, band)
        met[bands.n_rows :] = [x + y * band[-1] for x, y in zip(met[bands.n_rows :], apart, strict=True)]
        apart = _sums(apart, [*band[:-1], 0.0])
    met = _sums(met, _agreeing(n_places - n_bands * bands.n_rows, resemblance))
    return min(1.0, sum(met[ceil(bands.min_agreement * n_places) :]))


def _n_bands(config: Config) -> int:
    """As many as fit into a signature."""
    return min(config.candidates.n_bands, config.sketch.n_hashes // config.candidates.n_rows)


def _agreeing(n_places: int, resemblance: float) -> list[float]:
    """The chance that 0, 1, ... n of so many places agree."""
    return [comb(n_places, k) * resemblance**k * (1 - resemblance) ** (n_places - k) for k in range(n_places + 1)]


def _sums(left: list[float], right: list[float]) -> list[float]:
    """The chances of the sums of two numbers that are independent of one another."""
    found = [0.0] * (len(left) + len(right) - 1)
    for at, chance in enumerate(left):
        for further, other in enumerate(right):
            found[at + further] += chance * other
    return found


def refusal(config: Config) -> None:
    """ConfigError, with the reason, where the settings cannot be meant."""
    n_bands, n_rows, found = _n_bands(config), config.candidates.n_rows, recall(config, 0.8)
    if found < LEAST_RECALL:
        raise ConfigError(
            f"{n_bands} bands of {n_rows} rows propose {found:.0%} of the pairs of resemblance 0.8: take more bands, "
            "or fewer rows"
        )


def grown(whole: Whole, small: Trial, large: Trial, config: Config) -> Plan:
    """The whole from two samples of it; ConfigError where it would be absurd."""
    n = whole.n_documents
    candidates = _candidates(whole, small, large)
    if candidates > MOST_CANDIDATES * n:
        raise ConfigError(
            f"{candidates:,} pairs would be compared, {candidates // n:,} a document: take fewer bands, or more rows"
        )
    stages = _stages(n, candidates, small, large)
    measured = candidates * large.n_matches / max(1, large.n_measured)
    matches = round(measured + large.n_copies * n / max(1, large.n_documents))
    return Plan(
        settings_digest=config.digest(), documents=n, text_bytes=whole.text_bytes, sampled=large.n_documents,
        recall={f"{j:.1f}": round(recall(config, j), 4) for j in RESEMBLANCES},
        candidates=candidates, candidates_a_document=round(candidates / max(1, n), 3), matches=matches,
        seconds=round(sum(stages.values()), 1), stages={name: round(s, 2) for name, s in stages.items()},
        memory_bytes=min(_memory(n, measured, small, large), config.memory_bytes or _NO_BOUND),
        disk_bytes=_disk(n, measured, small, large), output_bytes=round(matches * large.match_bytes + 60 * n),
    )  # fmt: skip


def _candidates(whole: Whole, small: Trial, large: Trial) -> int:
    """A part that grows with the documents and one that grows with their pairs, both at least 0."""
    if large.n_documents == whole.n_documents:
        return large.n_candidates
    n, m = small.n_documents, large.n_documents
    per_document = [small.n_candidates / max(1, n), large.n_candidates / max(1, m)]
    slope = max(0.0, (per_document[1] - per_document[0]) / max(1, m - n))
    slope = min(slope, per_document[1] / max(1, m))
    return ceil(whole.n_documents * (per_document[1] + slope * (whole.n_documents - m)))


def _stages(n_documents: int, n_candidates: int, small: Trial, large: Trial) -> dict[str, float]:
    found = {
        name: _line((small.n_documents, small.timings.get(name, 0.0)), (large.n_documents, seconds), n_documents)
        for name, seconds in large.timings.items()
        if name not in BY_PAIR
    }
    verify = _verify_s(small, large, n_candidates)
    share = small.timings["cluster"] / max(small.timings["verify"], 1e-3)
    return found | {"verify": verify, "cluster": verify * min(share, 1.0)}


def _verify_s(small: Trial, large: Trial, n_candidates: int) -> float:
    """Seconds to compare so many pairs: of two runs on about as many, both together tell how long one pair takes."""
    first, second = ((trial.n_measured, trial.timings["verify"]) for trial in (small, large))
    if second[0] >= FAR_MORE * first[0]:
        return _line(first, second, n_candidates)
    return n_candidates * (first[1] + second[1]) / max(1, first[0] + second[0])


def _line(first: tuple[int, float], second: tuple[int, float], at: int) -> float:
    """The value at a place of the line through two points, which neither falls nor begins below 0."""
    if second[0] <= first[0]:
        return second[1] * at / max(1, second[0])
    slope = max(0.0, (second[1] - first[1]) / (second[0] - first[0]))
    slope = min(slope, second[1] / second[0])
    return second[1] + slope * (at - second[0])


def _memory(n_documents: int, n_matches: float, small: Trial, large: Trial) -> int:
    measured = _line((small.n_documents, small.memory_bytes), (large.n_documents, large.memory_bytes), n_documents)
    return round(measured + (n_matches - large.n_matches) * large.held_bytes)


def _disk(n_documents: int, n_matches: float, small: Trial, large: Trial) -> int:
    """Work files, if there are any."""
    if not large.disk_bytes:
        return 0
    measured = _line((small.n_documents, small.disk_bytes), (large.n_documents, large.disk_bytes), n_documents)
    return round(measured + n_matches * large.held_bytes)


def beside(planned: Mapping[str, object], truth: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """What was planned and what came true, by name, for what is known of both."""
    return {name: {"planned": planned[name], "true": value} for name, value in truth.items() if name in planned}
