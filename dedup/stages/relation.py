"""Stage 4b: alignments to relations, with a confidence and reasons in words. Every threshold lives here.

Whether two texts are one article is decided by a scorecard, `dedup/data/scorecard.json`: each of a few features gives
points by a table that only rises, and the points add up to log-odds. `benchmarks/quality/train.py` writes the tables.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Positions, Rows, Scores
from dedup.config import RelationConfig
from dedup.kernels.rarity import UNITS
from dedup.kernels.text import QUOTED
from dedup.records import EQUAL, RELATIONS, Alignments, Match, Passages, Tokens

__all__ = ["Verdicts", "classify", "describe", "features"]

EXACT, SAME_TEXT, NEAR, SYNDICATED, REWRITE, EXCERPT, QUOTE, TEMPLATE, NONE = range(len(RELATIONS))

Columns = Mapping[str, Scores]

PART_DISCOUNT = 0.1
"""What is left of the confidence in two texts of which one took a part from the other."""
UNDISPUTED = 0.9
"""The least confidence in two texts of which nearly all is shared while nothing in between contradicts."""
TYPICAL_WORD = 5 * UNITS
"""What a content word weighs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What each pair is: `relations` uint8 (n_pairs,) are places in `RELATIONS`, `confidence` (n_pairs,) in 0..1."""

    relations: NDArray[np.uint8]
    confidence: Scores

    def __len__(self) -> int:
        """How many pairs."""
        return len(self.relations)


def classify(alignments: Alignments, same_characters: NDArray[np.bool_], config: RelationConfig) -> Verdicts:
    """Decide each pair; `same_characters` (n_pairs,) says which texts are equal to the character."""
    scores = alignments.scores
    same_tokens = (scores["same_tokens"] > 0) & (scores["n_tokens_left"] > 0)
    confidence = np.maximum(_confidence(scores), UNDISPUTED * _is_undisputed(scores, config))
    confidence[scores["passage_weight"] < config.least_weight * UNITS] = 0.0
    confidence[_is_part(scores, config)] *= PART_DISCOUNT
    confidence[same_tokens | same_characters] = 1.0
    joined = confidence >= config.cluster_confidence
    held, is_excerpt = _held(scores), _is_excerpt(scores, config)
    is_excerpt_first = is_excerpt & (scores["longest_unquoted"] >= 2 * config.excerpt_run)
    is_excerpt_first &= (scores["inner_numbers"] + scores["inner_names"] < 2) | (scores["same_site"] == 0)
    choices = (
        (same_characters, EXACT),
        (same_tokens, SAME_TEXT),
        (joined & (_jaccard(scores, "shingles") >= config.near_resemblance), NEAR),
        (joined & (held >= config.syndicated_share), SYNDICATED),
        (joined, REWRITE),
        (is_excerpt_first, EXCERPT),
        (_is_form(scores, config), TEMPLATE),
        (is_excerpt, EXCERPT),
        (scores["longest"] >= config.quote_run, QUOTE),
    )
    relations = np.select([c for c, _ in choices], [np.uint8(r) for _, r in choices], np.uint8(NONE))
    return Verdicts(relations=relations.astype(np.uint8), confidence=confidence)


def describe(
    alignments: Alignments, verdicts: Verdicts, chosen: Rows, tokens: Tokens, ids: Sequence[str]
) -> list[Match]:
    """Matches for the pairs in `chosen`; `ids` (n_texts,) name the texts in `tokens`."""
    scores = {name: column[chosen] for name, column in alignments.scores.items()}
    left_in_right = _share(scores["in_passages"], scores["n_tokens_left"])
    right_in_left = _share(scores["in_passages"], scores["n_tokens_right"])
    passages, begins = _passages(alignments, chosen, tokens)
    counts = np.stack(list(scores.values()), axis=1).astype(np.int64).tolist()
    columns = (
        alignments.left[chosen], alignments.right[chosen], verdicts.relations[chosen], _jaccard(scores, "shingles"),
        left_in_right, right_in_left, np.maximum(left_in_right, right_in_left), verdicts.confidence[chosen],
        begins[:-1], begins[1:],
    )  # fmt: skip
    matches = []
    for count, values in zip(counts, zip(*(column.tolist() for column in columns), strict=True), strict=True):
        left, right, relation, resemblance, in_right, in_left, coverage, confidence, begin, end = values
        shared = passages[begin:end]
        if relation in (EXACT, SAME_TEXT):
            resemblance = in_right = in_left = coverage = 1.0
            shared = _whole(tokens, left, right)
        matches.append(
            Match(
                left=ids[left],
                right=ids[right],
                relation=RELATIONS[relation],
                resemblance=resemblance,
                left_in_right=in_right,
                right_in_left=in_left,
                coverage=coverage,
                confidence=confidence,
                passages=Passages(shared),
                reasons=_reasons(relation, dict(zip(scores, count, strict=True))),
            )
        )
    return matches


def features(scores: Columns) -> dict[str, Scores]:
    """What the scorecard looks at; the more of each, the likelier the two are one article.

    `strength`: log-odds of the share of rare pairs of neighboring words that both hold, which copies, rewrites and
    independent articles differ in most. `containment`: whether one text holds all but nothing of its own. `fineness`:
    how short the passages are: rewrites share many short ones, and texts that took over a block or a quotation few long
    ones. `wording`: whether it is words that differ, as in rewrites, or names and numbers, as in forms filled in with
    other facts. `numbers`: the share of numbers that agree. `inner_numbers`: those that clash between two passages.
    `outer_facts`: names and numbers that clash before the first passage and behind the last.
    """
    strength = _jaccard(scores, "pairs")
    bodies = [scores[f"n_tokens_{side}"] - scores[f"furniture_{side}"] for side in ("left", "right")]
    clashing = _clashing(scores, "names") + 2 * _clashing(scores, "numbers")
    numbers = scores["numbers_left"] + scores["numbers_right"] + scores["numbers_both"]
    return {
        "strength": np.log((strength + 0.02) / (1.02 - strength)),
        "containment": np.clip((_share(scores["in_passages"], np.minimum(*bodies)) - 0.75) / 0.22, 0, 1),
        "fineness": -np.log1p(_share(scores["in_passages"], scores["n_passages"])),
        "wording": np.log((_clashing(scores, "words") / TYPICAL_WORD + 10) / (clashing + 0.8)),
        "numbers": (scores["numbers_both"] + 0.7) / (numbers + 1),
        "inner_numbers": -np.log1p(scores["inner_numbers"]),
        "outer_facts": -np.log1p(scores["outer_names"] + 2 * scores["outer_numbers"]),
    }


@cache
def _scorecard() -> dict[str, dict[str, list[float]]]:
    """For each feature, points `points` at the values `at`, straight lines between; "base" has the points of all."""
    stored = json.loads(files("dedup.data").joinpath("scorecard.json").read_text("utf-8"))
    tables: dict[str, dict[str, list[float]]] = stored["features"]
    return tables


def _confidence(scores: Columns) -> Scores:
    """Probability that a pair is one article, where as many are as are not."""
    points = np.zeros(len(scores["pairs_both"]))
    values = features(scores)
    for name, table in _scorecard().items():
        points += np.interp(values[name], table["at"], table["points"])
    return np.asarray(np.round(1.0 / (1.0 + np.exp(-points)), 6), np.float64)


def _is_undisputed(scores: Columns, config: RelationConfig) -> NDArray[np.bool_]:
    """Whether long passages fill most of both texts, or all of one, and hardly a name or number clashes between them.

    Before and behind the passages each site has its own dates and telephone numbers; two texts of one site have not.
    """
    lengths = scores["n_tokens_left"], scores["n_tokens_right"]
    of_longer, of_shorter = (_share(scores["in_passages"], side(*lengths)) for side in (np.maximum, np.minimum))
    clashing = scores["inner_names"] + 2 * scores["inner_numbers"]
    clashing += scores["same_site"] * (scores["outer_names"] + 2 * scores["outer_numbers"])
    is_filled = (of_longer >= 0.7) | ((of_longer >= 0.3) & (of_shorter >= 0.9))
    is_long = _share(scores["in_passages"], scores["n_passages"]) >= 3 * config.part_length
    return np.asarray(is_filled & is_long & (clashing <= scores["in_passages"] / 200))


def _is_part(scores: Columns, config: RelationConfig) -> NDArray[np.bool_]:
    """Whether blocks were taken word for word from one text into another: each goes on for long without the other.

    The longer the blocks, the less must be left without; least where both are of one site, which says again and again
    who it is.
    """
    gaps = [_share(scores[f"gap_{side}"], scores[f"n_tokens_{side}"]) for side in ("left", "right")]
    length = _share(scores["in_passages"], scores["n_passages"])
    bound = np.where(scores["same_site"] > 0, 1 / 2, np.where(length >= 3 * config.part_length, 2 / 3, 1))
    return np.asarray((np.minimum(*gaps) >= bound * config.part_gap) & (length >= config.part_length))


def _is_excerpt(scores: Columns, config: RelationConfig) -> NDArray[np.bool_]:
    """Whether one text holds a part of the other that it does not quote, and that few others hold.

    What two texts of one site share is most often the site's own, so it must be most of one of them.
    """
    tokens = scores["in_passages"] - scores["quoted"]
    share = _share(tokens, np.minimum(scores["n_tokens_left"], scores["n_tokens_right"]))
    run = scores["longest_unquoted"]
    is_large = (share >= config.excerpt_share) & (run >= config.excerpt_run / 2)
    is_large |= (share >= config.excerpt_share / 2) & (run >= config.excerpt_run)
    is_rare = scores["unquoted_weight"] >= config.excerpt_rarity * UNITS * tokens
    return np.asarray(is_large & is_rare & ((scores["same_site"] == 0) | (share >= 0.5)))


def _is_form(scores: Columns, config: RelationConfig) -> NDArray[np.bool_]:
    """Whether much of both texts is the same, and the facts in it are others."""
    unquoted = scores["in_passages"] - scores["quoted"]
    covered = _share(unquoted, np.maximum(scores["n_tokens_left"], scores["n_tokens_right"]))
    clashing = _clashing(scores, "numbers") + _clashing(scores, "names")
    agreeing = scores["numbers_both"] + scores["names_both"]
    swapped = scores["inner_numbers"] + scores["inner_names"]
    contradicts = (swapped >= 2) | (clashing >= config.form_contradiction * (clashing + agreeing))
    # Where nearly all is the same and the two are not one article, the facts are what keeps them apart.
    contradicts |= covered >= 2 * config.form_share
    return np.asarray((covered >= config.form_share) & contradicts & (clashing > 0))


def _held(scores: Columns) -> Scores:
    """Share of the shorter text that stands in passages."""
    return _share(scores["in_passages"], np.minimum(scores["n_tokens_left"], scores["n_tokens_right"]))


def _clashing(scores: Columns, what: str) -> Scores:
    """How much of a kind each text has that the other has not."""
    return np.minimum(scores[f"{what}_left"], scores[f"{what}_right"])


def _share(part: Scores, whole: Scores) -> Scores:
    return part / np.maximum(whole, 1.0)


def _jaccard(scores: Columns, what: str) -> Scores:
    both = scores[f"{what}_both"]
    return _share(both, scores[f"{what}_left"] + scores[f"{what}_right"] + both)


def _passages(alignments: Alignments, chosen: Rows, tokens: Tokens) -> tuple[Positions, Rows]:
    """Token runs of the chosen pairs to rows of `records.Passages`, and where each pair's begin (n_chosen + 1,)."""
    sizes = alignments.offsets[chosen + 1] - alignments.offsets[chosen]
    begins = np.append(0, np.cumsum(sizes))
    places = np.repeat(alignments.offsets[chosen] - begins[:-1], sizes) + np.arange(begins[-1])
    found = alignments.passages[places].astype(np.int64)
    left, left_end = (found[:, side] + np.repeat(tokens.offsets[alignments.left[chosen]], sizes) for side in (0, 1))
    right, right_end = (found[:, side] + np.repeat(tokens.offsets[alignments.right[chosen]], sizes) for side in (2, 3))
    n_tokens = left_end - left
    quotes = np.append(0, np.cumsum(tokens.flags & QUOTED != 0))
    n_quoted = np.maximum(quotes[left_end] - quotes[left], quotes[right_end] - quotes[right])
    columns = (
        tokens.starts[left], tokens.ends[left_end - 1], tokens.starts[right], tokens.ends[right_end - 1],
        n_tokens, 2 * n_quoted >= n_tokens,
    )  # fmt: skip
    return np.stack(columns, axis=1).astype(np.int32), begins


def _whole(tokens: Tokens, left: int, right: int) -> Positions:
    """All tokens of two equal texts as one passage, however short they are; none where there is no token."""
    (a, a_end), (b, b_end) = tokens.offsets[left : left + 2].tolist(), tokens.offsets[right : right + 2].tolist()
    if a == a_end or b == b_end:
        return np.empty((0, 6), np.int32)
    spans = tokens.starts[a], tokens.ends[a_end - 1], tokens.starts[b], tokens.ends[b_end - 1]
    return np.array([[*spans, a_end - a, 0]], np.int32)


def _reasons(relation: int, score: Mapping[str, int]) -> tuple[str, ...]:
    """The evidence in words, most telling first."""
    if relation == EXACT:
        return (EQUAL["exact"],)
    if relation == SAME_TEXT:
        return (EQUAL["same_text"],)
    if score["n_passages"] == 0:
        return ("no passage in common",)
    said = (_extent(score), _order(score), _facts(score, "numbers"), _facts(score, "names"), _quotation(score))
    return tuple(reason for reason in (*said, _furniture(score)) if reason)


def _extent(score: Mapping[str, int]) -> str:
    passages = "1 shared passage" if score["n_passages"] == 1 else f"{score['n_passages']} shared passages"
    held = round(100 * score["in_passages"] / min(score["n_tokens_left"], score["n_tokens_right"]))
    spread = min(score["spread_left"], score["spread_right"])
    words = f"{score['in_passages']} words, the longest {score['longest']}"
    return f"{passages} ({words}) over {spread} of 10 parts of both texts; {held} % of the shorter text"


def _order(score: Mapping[str, int]) -> str:
    steps = score["n_passages"] - 1
    if steps < 2:
        return ""
    if score["in_order"] == steps:
        return "all in the same order"
    return f"{score['in_order']} of {steps} follow one another as in the other text"


def _facts(score: Mapping[str, int], what: str) -> str:
    agreeing = score[f"{what}_both"]
    clashing = min(score[f"{what}_left"], score[f"{what}_right"])
    if agreeing + clashing == 0:
        return ""
    if clashing == 0:
        return f"{what} agree ({agreeing} of {agreeing})"
    return f"{what}: {agreeing} agree, at least {clashing} in each text are not in the other"


def _quotation(score: Mapping[str, int]) -> str:
    share = round(100 * score["quoted"] / max(score["in_passages"], 1))
    return f"{share} % of what they share is quoted" if share >= 10 else ""


def _furniture(score: Mapping[str, int]) -> str:
    n_words = score["furniture_left"] + score["furniture_right"]
    return f"{n_words} words of site furniture left out of account" if n_words else ""
