"""What alignment measures of a pair: the columns of its result, and those that passages and lengths fill."""

import numpy as np

from dedup.kernels.compile import inner, kernel
from dedup.kernels.furniture import FURNITURE
from dedup.kernels.profiles import ALL_CAPITALS, ALL_FURNITURE, ALL_NAMED, IS_NAME, IS_NUMBER
from dedup.kernels.slots import place
from dedup.kernels.text import NUMBER, QUOTED

__all__ = ["MEASURES", "measure_passages", "measure_subjects", "measure_texts", "share_written_otherwise"]

MEASURES = (
    "n_tokens_left", "n_tokens_right", "shingles_left", "shingles_right", "shingles_both",
    "words_left", "words_right", "words_both", "rare_left", "rare_right", "rare_both",
    "numbers_left", "numbers_right", "numbers_both", "names_left", "names_right", "names_both",
    "pairs_left", "pairs_right", "pairs_both", "furniture_left", "furniture_right", "spread_left", "spread_right",
    "gap_left", "gap_right", "same_tokens", "n_passages", "longest", "in_passages", "passage_weight", "quoted",
    "in_order", "inner_numbers", "inner_names", "outer_numbers", "outer_names",
    "longest_unquoted", "unquoted_weight", "swapped_numbers",
    "capitals_left", "capitals_right", "named_left", "named_right", "filled_gaps", "disputed_gaps",
    "subjects_left", "subjects_right", "met_left", "met_right",
)  # fmt: skip
"""What is measured of a pair, in the order of the columns.

`words`, `pairs` of neighbors, `rare` (words of at least the rare weight), `passage_weight`, `unquoted_weight`,
`subjects` and `met` are weights in `rarity.UNITS`, a word counted once in the first three; all else is counted in
tokens, `gap` being the most of them in a row that no passage touches and that are no furniture. Where there is a
`_both`, `_left` and `_right` are what only one of the texts holds. `inner` numbers and names stand against one another
between two passages, each unknown to the other text; `outer` ones stand before the first passage or behind the last,
where copies differ too. Numbers between two passages whose digits, run together, are those of the other text between
them are held by both. `longest_unquoted` is the longest run within a passage that neither text quotes,
`unquoted_weight` what the pairs in all such runs weigh. `swapped_numbers` stand in a gap of at most `SHORT_GAP` tokens
on both sides, where the other text has other ones. `capitals` are tokens of the text itself, no furniture, that have
one, `named` those of them where no sentence begins. `filled_gaps` are those between two passages that have tokens on
both sides, `disputed_gaps` those of them in which a number or a name clashes, however many do. `subjects` are what the
words weigh that a text is about, each as often as it stands there, and `met` what the other text has of that.
"""
N_TOKENS, SHINGLES, WORDS, RARE, NUMBERS, NAMES, PAIRS, FURNITURE_TOKENS, SPREAD = 0, 2, 5, 8, 11, 14, 17, 20, 22
GAPS, SAME_TOKENS, N_PASSAGES, LONGEST, IN_PASSAGES, PASSAGE_WEIGHT, QUOTED_TOKENS, IN_ORDER = 24, *range(26, 33)
INNER, OUTER = 33, 35
"""Numbers, and names in the next column."""
LONGEST_UNQUOTED, UNQUOTED_WEIGHT, SWAPPED_NUMBERS, CAPITALS, NAMED, FILLED_GAPS, DISPUTED_GAPS, SUBJECTS, MET = (
    37, 38, 39, 40, 42, 44, 45, 46, 48,
)  # fmt: skip
SIDED = (
    N_TOKENS, SHINGLES, WORDS, RARE, NUMBERS, NAMES, PAIRS, FURNITURE_TOKENS, SPREAD, GAPS, CAPITALS, NAMED, SUBJECTS,
    MET,
)  # fmt: skip
"""Columns whose next is the same of the right text."""

PARTS = 10
SHORT_GAP = 6
ZERO, ELEVEN = np.uint64(0), np.uint64(11)


@kernel
def measure_texts(left, right, room, out):
    """Fill the columns of one side: its length, furniture and capitals, and its longest stretch without a passage."""
    out[N_TOKENS], out[N_TOKENS + 1] = len(left.marks), len(right.marks)
    out[FURNITURE_TOKENS], out[FURNITURE_TOKENS + 1] = left.totals[ALL_FURNITURE], right.totals[ALL_FURNITURE]
    out[CAPITALS], out[CAPITALS + 1] = left.totals[ALL_CAPITALS], right.totals[ALL_CAPITALS]
    out[NAMED], out[NAMED + 1] = left.totals[ALL_NAMED], right.totals[ALL_NAMED]
    out[GAPS], out[GAPS + 1] = _longest_gap(left.marks, room.owner), _longest_gap(right.marks, room.owned)


@kernel
def measure_subjects(left, right, room, out):
    """Fill the columns that say how far each text is about what the other is; `room` knows which words are shared."""
    out[SUBJECTS], out[MET] = _meet(left, right, room.shared_left)
    out[SUBJECTS + 1], out[MET + 1] = _meet(right, left, room.shared_right)


@inner
def _meet(text, other, shared):
    """What the subjects of a text weigh, and what they weigh as often as the other text has them too."""
    total, met = np.int64(0), np.int64(0)
    for subject in text.subjects:
        if subject < 0:
            break
        weight, count = np.int64(text.word_weights[subject]), np.int64(text.word_counts[subject])
        total += weight * count
        if shared[subject]:
            at = place(text.words.values[subject], other.words.values, other.words.slots)
            met += weight * min(count, np.int64(other.word_counts[at]))
    return total, met


@inner
def _longest_gap(marks, owner):
    """The most tokens in a row that belong to no passage, furniture not counted."""
    gap, longest = 0, 0
    for i in range(len(marks)):
        gap = 0 if owner[i] != 0 else gap + (marks[i] & FURNITURE == 0)
        longest = max(longest, gap)
    return longest


@inner
def _count_own(text, shared, begin, end):
    """Numbers, and names, between two positions of tokens that the other text does not hold. No branch is guessed."""
    n_numbers, n_names = 0, 0
    for fact in range(text.facts_before[begin], text.facts_before[end]):
        is_own = not shared[text.fact_words[fact]]
        n_numbers += is_own & (text.fact_kinds[fact] & IS_NUMBER != 0)
        n_names += is_own & (text.fact_kinds[fact] & IS_NAME != 0)
    return n_numbers, n_names


@inner
def _digits_between(text, begin, end):
    """The digits of all numbers between two positions of tokens, run together; 0 where a number tells none.

    A number of one digit is not run into the one before, as no number is grouped so: 1.4 is not 14. Of more digits than
    64 bits hold these are a hash.
    """
    run = ZERO
    for fact in range(text.facts_before[begin], text.facts_before[end]):
        if text.fact_kinds[fact] & IS_NUMBER:
            digits, scale = text.fact_digits[fact], ELEVEN
            if digits == ZERO:
                return ZERO
            while scale <= digits:
                scale *= ELEVEN
            run = (run * ELEVEN if digits < ELEVEN else run) * scale + digits
    return run


@inner
def _agrees(left, right, gap):
    """Whether both sides of a gap write the same digits, as in 12,500 and 12500."""
    if gap[0] == gap[1] or gap[2] == gap[3]:
        return False
    digits = _digits_between(left, gap[0], gap[1])
    return digits != ZERO and digits == _digits_between(right, gap[2], gap[3])


@inner
def _share_numbers(text, begin, end, shared):
    """Take the numbers between two positions for ones that the other text holds; how many it was not known to hold."""
    n = 0
    for fact in range(text.facts_before[begin], text.facts_before[end]):
        word = text.fact_words[fact]
        if text.fact_kinds[fact] & IS_NUMBER and text.kinds[word] & IS_NUMBER and not shared[word]:
            shared[word] = True
            n += 1
    return n


@kernel
def share_written_otherwise(left, right, room, out):
    """Numbers between passages that both texts hold but write otherwise are held by both: in `room` and `NUMBERS`."""
    if min(out[NUMBERS], out[NUMBERS + 1]) == 0:
        return
    gap, i, to_j, n_passages = room.gap, 0, 0, 0
    while i < len(left.hashes):
        if room.owner[i] == 0:
            i += 1
            continue
        begin, j = i, np.int64(room.owner[i]) - 1
        while i < len(left.hashes) and room.owner[i] == j + i - begin + 1:
            i += 1
        if n_passages > 0 and j >= to_j:
            gap[1], gap[3] = begin, j
            if _agrees(left, right, gap):
                n_left = _share_numbers(left, gap[0], gap[1], room.shared_left)
                n_right = _share_numbers(right, gap[2], gap[3], room.shared_right)
                out[NUMBERS] -= n_left
                out[NUMBERS + 1] -= n_right
                out[NUMBERS + 2] += min(n_left, n_right)
        n_passages += 1
        to_j = j + i - begin
        gap[0], gap[2] = i, to_j


@inner
def _count_clashes(left, right, room, out):
    """Add to `out` (2,) the numbers and names that each side of a gap has and the other text has not.

    `room.gap` has the gap's begin and end on the left, then on the right, as positions of tokens.
    """
    gap = room.gap
    if gap[0] < gap[1] and gap[2] < gap[3]:
        own = _count_own(left, room.shared_left, gap[0], gap[1])
        others = _count_own(right, room.shared_right, gap[2], gap[3])
        out[0] += min(own[0], others[0])
        out[1] += min(own[1], others[1])


@inner
def _count_missing(text, begin, end, other, other_begin, other_end):
    """Numbers between two positions of a text that do not stand between two of the other."""
    n = 0
    for i in range(begin, end):
        is_there = text.marks[i] & NUMBER == 0 or text.marks[i] & FURNITURE != 0
        for j in range(other_begin, other_end):
            is_there = is_there or text.hashes[i] == other.hashes[j]
        n += not is_there
    return n


@inner
def _count_swapped(left, right, gap):
    """Numbers in a short gap that stand there instead of others."""
    n_left, n_right = gap[1] - gap[0], gap[3] - gap[2]
    if min(n_left, n_right) == 0 or max(n_left, n_right) > SHORT_GAP or _agrees(left, right, gap):
        return 0
    own = _count_missing(left, gap[0], gap[1], right, gap[2], gap[3])
    return min(own, _count_missing(right, gap[2], gap[3], left, gap[0], gap[1]))


@inner
def _measure_gap(left, right, room, out):
    """Fill the columns of one gap between two passages that follow one another, which `room.gap` has."""
    n_clashing = out[INNER] + out[INNER + 1]
    _count_clashes(left, right, room, out[INNER:])
    out[FILLED_GAPS] += (room.gap[0] < room.gap[1]) & (room.gap[2] < room.gap[3])
    out[DISPUTED_GAPS] += out[INNER] + out[INNER + 1] > n_clashing
    out[SWAPPED_NUMBERS] += _count_swapped(left, right, room.gap)


@kernel
def _measure_ends(left, right, room, out):
    """Count into `out` (2,) what clashes before the first passage and behind the last, if any."""
    gap, n_left, n_right = room.gap, len(left.hashes), len(right.hashes)
    i, j = 0, 0
    while i < n_left and room.owner[i] == 0:
        i += 1
    while j < n_right and room.owned[j] == 0:
        j += 1
    gap[0], gap[1], gap[2], gap[3] = 0, i, 0, j
    _count_clashes(left, right, room, out)
    if i == n_left:
        return
    i, j = n_left, n_right
    while room.owner[i - 1] == 0:
        i -= 1
    while room.owned[j - 1] == 0:
        j -= 1
    gap[0], gap[1], gap[2], gap[3] = i, n_left, j, n_right
    _count_clashes(left, right, room, out)


@inner
def _lesser(left, right):
    """The sum of the lesser of two weights, place by place."""
    total = np.int64(0)
    for k in range(len(left)):
        total += np.int64(min(left[k], right[k]))
    return total


@inner
def _count_quoted(left, right):
    """How many places are quoted in either text."""
    n = 0
    for k in range(len(left)):
        n += (left[k] | right[k]) & QUOTED != 0
    return n


@inner
def _measure_passage(left, right, i, j, n, out):
    """Add a passage of `n` tokens to its columns; it begins at token `i` on the left and `j` on the right."""
    marks, other_marks = left.marks[i : i + n], right.marks[j : j + n]
    seeds, other_seeds = left.seeds[i : i + n], right.seeds[j : j + n]
    n_quoted = _count_quoted(marks, other_marks)
    begin = 0
    while begin < n:
        end = n
        if n_quoted > 0:
            while begin < n and (marks[begin] | other_marks[begin]) & QUOTED:
                begin += 1
            end = begin
            while end < n and not (marks[end] | other_marks[end]) & QUOTED:
                end += 1
        out[LONGEST_UNQUOTED] = max(out[LONGEST_UNQUOTED], end - begin)
        if begin < end:
            # A pair at the end of a run goes on in what is quoted, and counts unless the passage ends with it.
            last = min(end, n - 1)
            out[UNQUOTED_WEIGHT] += _lesser(seeds[begin:last], other_seeds[begin:last])
        begin = end
    out[PASSAGE_WEIGHT] += _lesser(left.token_weights[i : i + n], right.token_weights[j : j + n])
    out[QUOTED_TOKENS] += n_quoted
    out[N_PASSAGES] += 1
    out[IN_PASSAGES] += n
    out[LONGEST] = max(out[LONGEST], n)


@inner
def _parts(begin, end, n_tokens):
    """Which of `PARTS` equal parts of a text tokens `begin` to `end` lie in, as bits."""
    if n_tokens >= PARTS:
        return (2 << (end - 1) * PARTS // n_tokens) - (1 << begin * PARTS // n_tokens)
    # In so short a text some parts have no token.
    parts = 0
    for at in range(begin, end):
        parts |= 1 << at * PARTS // n_tokens
    return parts


@kernel
def _n_bits(parts):
    n = 0
    for part in range(PARTS):
        n += parts >> part & 1
    return n


@kernel
def measure_passages(left, right, room, out):
    """Fill the columns that speak of passages: how many, how much, how rare, how quoted, where, in which order."""
    n_left, n_right = len(left.hashes), len(right.hashes)
    gap = room.gap
    i, to_j, parts_left, parts_right = 0, 0, 0, 0
    while i < n_left:
        if room.owner[i] == 0:
            i += 1
            continue
        begin, j = i, np.int64(room.owner[i]) - 1
        while i < n_left and room.owner[i] == j + i - begin + 1:
            i += 1
        if out[N_PASSAGES] > 0 and j >= to_j:
            out[IN_ORDER] += 1
            gap[1], gap[3] = begin, j
            _measure_gap(left, right, room, out)
        _measure_passage(left, right, begin, j, i - begin, out)
        to_j = j + i - begin
        parts_left |= _parts(begin, i, n_left)
        parts_right |= _parts(j, to_j, n_right)
        gap[0], gap[2] = i, to_j
    _measure_ends(left, right, room, out[OUTER:])
    out[SPREAD], out[SPREAD + 1] = _n_bits(parts_left), _n_bits(parts_right)
    is_same, k = n_left == n_right, 0
    while is_same and k < n_left:
        is_same = left.hashes[k] == right.hashes[k]
        k += 1
    out[SAME_TOKENS] = is_same
