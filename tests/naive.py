"""Slow, obvious twins of every fast path: plain Python, no arrays, written from the definitions."""

import json
import math
import re
import struct
import unicodedata
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import combinations, pairwise, product

from dedup.data.make_unicode import OPTIONAL_MARKS, UNSPACED


def clusters(edges, measured, truth, n_rows, config):
    """Stage 5. `edges` join, `measured` were compared, `truth` has the confidence of every pair; rank is the row."""
    floor, n_tries = config.member_floor, config.n_representative_tries
    group_of = linked({row for pair in edges for row in pair}, measured, config.mean_floor)
    edges = {(a, b): c for (a, b), c in edges.items() if group_of[a] == group_of[b]}

    def confidence(a, b):
        if a == b:
            return 1.0
        pair = min(a, b), max(a, b)
        if pair in measured:
            return min(measured[pair], truth[pair])
        return truth[pair] if truth[pair] >= config.unproposed_floor else 0.0

    def component(first, rows):
        reached = {first}
        for _ in rows:
            reached |= {b for a, b in [*edges, *((b, a) for a, b in edges)] if a in reached and b in rows}
        return reached

    def evidence(row, rows):
        return round(sum(c for (a, b), c in sorted(edges.items()) if row in (a, b) and a in rows and b in rows), 9)

    found, open_rows = [], [set(range(n_rows))]
    while open_rows:
        rows = open_rows.pop()
        while rows:
            part = component(min(rows), rows)
            rows -= part
            if len(part) == 1:
                continue
            center = max(part, key=lambda row: (evidence(row, part), -row))
            near = {row for row in part if confidence(row, center) >= floor}
            far = part - near

            def share(row, group, center=center):
                pairs = [(a, b) for a, b in edges if row in (a, b) and center not in (a, b)]
                return sum(edges[a, b] for a, b in pairs if a + b - row in group)

            loyalty = {r: round(share(r, near) + confidence(r, center) - share(r, far), 9) for r in near}
            members = {r for r in near if r == center or loyalty[r] >= 0}
            open_rows.append(part - members)
            if len(members) > 1:
                fit = [r for r in sorted(members)[:n_tries] if all(confidence(r, m) >= floor for m in members)]
                found.append((tuple(sorted(members)), fit[0] if fit else center))
    return sorted(found)


def linked(rows, measured, floor):
    """The group of each row, by its least row: the two groups with the highest mean between them join, and again."""
    groups = [{row} for row in sorted(rows)]
    while True:
        means = []
        for first in groups:
            for second in groups:
                between = [c for (a, b), c in measured.items() if {a, b} & first and {a, b} & second]
                if min(first) < min(second) and between:
                    means.append((-round(sum(between) / len(between), 9), min(first), min(second)))
        if not means or -min(means)[0] < floor:
            return {row: min(group) for group in groups for row in group}
        _, a, b = min(means)
        groups = [group for group in groups if a not in group and b not in group] + [
            next(group for group in groups if a in group) | next(group for group in groups if b in group)
        ]


def own_names(called):
    """Each name, or where it was given out before, it with the first free number behind it, from 2 on."""
    given, own = set(), []
    for name in called:
        found, number = name, 2
        while found in given:
            found, number = f"{name}#{number}", number + 1
        given.add(found)
        own.append(found)
    return own


def json_lines(data, name):
    """Documents of JSON lines as (id, text), in order, and how many lines are empty; only `id` and `text` count."""
    found, n_empty = [], 0
    for number, line in enumerate(data.split(b"\n"), start=1):
        content = line.removeprefix(b"\xef\xbb\xbf")
        if not content.strip():
            is_after_last_line_end = number == data.count(b"\n") + 1 and not line
            n_empty += not is_after_last_line_end
            continue
        try:
            value = json.loads(content.decode("utf-8"))
        except ValueError:
            continue
        if isinstance(value, dict) and isinstance(value.get("text"), str):
            id_ = value.get("id")
            own = id_ if isinstance(id_, str) else json.dumps(id_, ensure_ascii=False, separators=(",", ":"))
            found.append((f"{name}:{number}" if id_ in (None, "") else own, value["text"]))
    return found, n_empty


def kind(character):
    """Class of a character: "separator", "word", "character" (a token by itself), "ignored" or "mark"."""
    code, category = ord(character), unicodedata.category(character)
    if code == 0x0640 or category == "Cf":
        return "ignored"
    if category.startswith("M") or code in (0xFF9E, 0xFF9F):
        return "ignored" if any(low <= code <= high for low, high in OPTIONAL_MARKS) else "mark"
    if category[0] not in "LN" or code == 0x02BC:
        return "separator"
    return "character" if category != "Nd" and any(low <= code <= high for low, high in UNSPACED) else "word"


@cache
def short_forms():
    """Characters that hash as two bytes: the pieces of those whose canonical decomposition exceeds eight bytes."""
    pieces = set()
    for code in [*range(0xD800), *range(0xE000, 0x110000)]:
        decomposed = unicodedata.normalize("NFD", chr(code))
        if len(decomposed.encode()) > 8 and kind(decomposed[0]) != "separator":
            pieces.update(decomposed)
    return sorted(pieces)


@cache
def folded(character):
    """What a character of a token counts as, in bytes."""
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.decimal(character)).encode()
    for form in ("NFKD", "NFD"):
        lowered = _bare(unicodedata.normalize(form, character)).casefold()
        text = _bare(unicodedata.normalize(form, lowered))
        text = text.translate({0x6CC: 0x64A, 0x649: 0x64A, 0x6A9: 0x643, 0x6C1: 0x647})
        written = b"".join(_bytes(c) for c in text)
        kinds = [kind(c) for c in text]
        if kinds and kinds[0] == kind(character) and set(kinds) <= {kinds[0], "mark"} and len(written) <= 8:
            break
    return written


def digits(text):
    """The digits among the folded characters of a token."""
    characters = re.sub(b"\xff.", b"", b"".join(map(folded, text)), flags=re.DOTALL)
    return "".join(c for c in map(chr, characters) if c in "0123456789")


def _bare(text):
    return "".join(c for c in text if kind(c) != "ignored")


def _bytes(character):
    if character in short_forms():
        return bytes((0xFF, short_forms().index(character) or len(short_forms())))
    return character.encode("utf-8", "surrogatepass")


def token_hash(content):
    """Hash of a token's folded bytes: blocks of 16 bytes, zeros behind, each multiplied and folded."""
    value = 0
    for at in range(0, len(content), 16):
        low, high = struct.unpack("<QQ", content[at : at + 16].ljust(16, b"\0"))
        product = (low ^ 0x9E3779B97F4A7C15) * (high ^ 0xD1B54A32D192ED03 ^ value)
        value = product % 2**64 ^ product >> 64
    return value


def tokens(text):
    """Tokens of a text as (hash, start, end, set of flag names)."""
    found = []
    previous = "separator"
    for i, character in enumerate(text):
        base = kind(character)
        if base in ("word", "character", "mark"):
            alone = found and found[-1]["alone"]
            if previous == "separator" or base == "character" or (base == "word" and alone):
                found.append({"start": i, "content": b"", "alone": base == "character", "flags": set()})
                if base == "character":
                    found[-1]["flags"].add("CHARACTER_TOKEN")
                if unicodedata.category(character) in ("Lu", "Lt"):
                    found[-1]["flags"].add("CAPITAL")
                gap = text[found[-2]["end"] if len(found) > 1 else 0 : i]
                if len(found) == 1 or any(c in ".!?:\n…。！？؟۔।" and kind(c) == "separator" for c in gap):
                    found[-1]["flags"].add("SENTENCE_START")
            if unicodedata.category(character)[0] == "N":
                found[-1]["flags"].add("NUMBER")
            found[-1]["content"] += folded(character)
            found[-1]["end"] = i + 1
        if base != "ignored":
            previous = base
    for start, end in quotations(text):
        for token in found:
            if start < token["start"] < end:
                token["flags"].add("QUOTED")
    return [(token_hash(t["content"]), t["start"], t["end"], t["flags"]) for t in found]


def stated_days(text, entries, n_tokens, most):
    """The first days that a text states among its first tokens, as (year, day of a leap year); 0 for no year.

    `entries` are the tokens of dates: how each is written, what it may be and its number.
    """
    known, found = {}, []
    for written, kinds, number in entries:
        known.setdefault(token_hash(b"".join(map(folded, written))), (kinds, number))
    listed = tokens(text)[:n_tokens]

    def read(at, kind):
        """The number of the token at a place if it is of that kind, else None."""
        kinds, number = known.get(listed[at][0], (set(), 0)) if 0 <= at < len(listed) else (set(), 0)
        is_allowed = "capitalized" not in kinds or "CAPITAL" in listed[at][3]
        return number if kind in kinds and is_allowed else None

    def gap(at):
        return listed[at + 1][1] - listed[at][2]

    def year_behind(at):
        for to in (at, at + 1) if read(at, "filler") is not None else (at,):
            if read(to, "year") is not None:
                return read(to, "year"), to + 1
        return 0, at

    def year_before(at):
        at -= 2 if read(at - 1, "filler") is not None or read(at - 1, "year sign") is not None else 1
        return read(at, "year") or 0

    def numeric(at):
        if at + 2 >= len(listed) or gap(at) != 1 or gap(at + 1) != 1:
            return []
        first, second, third = ([read(at + k, kind) for kind in ("numeral", "year")] for k in range(3))
        if first[1] and second[0] and third[0]:
            return [(first[1], second[0], third[0])]
        if first[0] and second[0] and third[1]:
            return [(third[1], second[0], first[0]), (third[1], first[0], second[0])][: 1 + (first[0] != second[0])]
        return []

    def named(at):
        day = read(at, "numeral") or read(at, "day")
        if day is None:
            return [], at + 1
        if read(at - 1, "month") and gap(at - 1) <= 3:
            year, behind = year_behind(at + 1)
            return [(year or year_before(at - 1), read(at - 1, "month"), day)], behind
        if read(at + 1, "month first") is not None and read(at + 2, "numeral"):
            return [(year_before(at), day, read(at + 2, "numeral"))], at + 3
        if read(at + 1, "month last") is not None and read(at + 2, "numeral"):
            year, behind = year_behind(at + 3)
            return [(year, read(at + 2, "numeral"), day)], behind
        month_at = at + 2 if read(at + 1, "filler") is not None else at + 1
        if read(month_at, "month") and gap(at) <= 3:
            year, behind = year_behind(month_at + 1)
            return [(year or year_before(at), read(month_at, "month"), day)], behind
        return [], at + 1

    at = 0
    while at < len(listed):
        dates, behind = ([], at + 1) if "NUMBER" not in listed[at][3] else (numeric(at), at + 3)
        dates = [(year, month, day) for year, month, day in dates if month <= 12]
        if not dates:
            dates, behind = named(at) if "NUMBER" in listed[at][3] else ([], at + 1)
        for year, month, day in dates:
            if month <= 12:
                before = sum((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[: month - 1])
                found.append((year, before + day))
        at = behind
    return found[:most]


def characters(text):
    """The folded characters of a text's tokens, each as the bytes that it hashes as."""
    content = b"".join(folded(c) for c in text if kind(c) in ("word", "character", "mark"))
    return re.findall(rb"\xff.|[\xf0-\xf7]...|[\xe0-\xef]..|[\xc0-\xdf].|.", content, re.DOTALL)


def paragraphs(text):
    """Where paragraphs begin and end: at an empty line, after a line of 100 characters or more, at the end."""
    begin, line = 0, 0
    for i in [*(i for i, c in enumerate(text) if c == "\n"), len(text)]:
        is_empty = line > 0 and set(_bare(text[line:i])) <= set(" \t\r")
        if is_empty or i - line >= 100 or i == len(text):
            yield begin, i
            begin = i + 1
        line = i + 1


def quotations(text):
    """Pairs of places of quotation marks, between which everything is quoted."""
    for begin, end in paragraphs(text):
        opened, family = None, ""
        for i in range(begin, end):
            marks = next((m for m in ('"＂', "“”„‟", "«»", "「」", "『』", "‘’") if text[i] in m), "")
            if marks == "‘’":
                before = _bare(text[:i])[-1:]
                if text[i] == "‘" and opened is None and (not before or kind(before) == "separator"):
                    opened, family = i, marks
                elif text[i] == "’" and family == marks and (i + 1 == len(text) or kind(text[i + 1]) == "separator"):
                    if i - opened <= 1000:
                        yield opened, i
                    opened, family = None, ""
            elif marks and family in ("", "‘’"):
                opened, family = i, marks
            elif marks and marks == family:
                yield opened, i
                opened, family = None, ""
        if (
            opened is not None
            and family != "‘’"
            and all(kind(c) in ("separator", "ignored") for c in text[begin:opened])
        ):
            yield opened, end


def shingles(hashes, size):
    """The set of shingle hashes of a text's token hashes, 32 bits each."""
    size = min(size, len(hashes))
    return {_shingle(hashes[i : i + size]) for i in range(len(hashes) - size + 1)} if size else set()


def _shingle(hashes):
    value = 0
    for j, token in enumerate(hashes):
        turn = 11 * j % 64
        value ^= (token << turn | token >> (64 - turn)) % 2**64
    return value % 2**32


def spread(value):
    """MurmurHash3's finalizer."""
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        value = (value ^ value >> shift) * factor % 2**32
    return value ^ value >> 16


def affine32(shingle_set, multipliers, summands):
    """MinHash of a set of 32-bit values."""
    values = [spread(s) for s in shingle_set]
    return [
        min([(int(a) * v + int(b)) % 2**32 for v in values], default=2**32 - 1)
        for a, b in zip(multipliers, summands, strict=True)
    ]


def fss32(shingle_set, multipliers, summands):
    """Fast similarity sketch of a set of 32-bit values: a throw into all places, then more into those still empty."""
    n = len(multipliers) // 2
    kept = {}
    for number in range(2 * n):
        landed = {}
        for value in shingle_set:
            hashed = (spread(value) * int(multipliers[number]) + int(summands[number])) % 2**64 >> 32
            place, rank = (divmod(hashed * n, 2**32)) if number < n else (number - n, hashed)
            landed[place] = min(rank, landed.get(place, rank))
        kept = landed | kept
        if not shingle_set or len(kept) == n:
            break
    return [kept.get(place, 2**32 - 1) for place in range(n)]


def groups(keys):
    """The places of every key that occurs twice or more."""
    places = {}
    for place, key in enumerate(keys):
        places.setdefault(key, []).append(place)
    return sorted(found for found in places.values() if len(found) > 1)


def banded(signatures, n_bands, n_rows, least):
    """Pairs of rows whose signatures are equal in a whole band, and in at least `least` places."""
    bands = [range(b * n_rows, (b + 1) * n_rows) for b in range(n_bands)]
    return {
        (a, b)
        for b, right in enumerate(signatures)
        for a, left in enumerate(signatures[:b])
        if sum(x == y for x, y in zip(left, right, strict=True)) >= least
        and any(all(left[i] == right[i] for i in band) for band in bands)
    }


def crowded(signatures, ranks, config, least):
    """The pairs of rows worth comparing, and whom a row of a crowd follows and how far that one is in 1 / 254.

    Of a bucket of more than `max_bucket` rows all follow the one of the least rank, and each is a pair with few others:
    a row and its neighbors in the order of the next band, up to `most_partners` of each kind of agreement.
    """
    n_places, rows = len(signatures[0]), range(len(signatures))
    leaders, found, begun = {}, set(), {}

    def equal(a, b):
        return sum(x == y for x, y in zip(signatures[a], signatures[b], strict=True))

    def far(a, b):
        return math.ceil(254 * (n_places - equal(a, b)) / n_places)

    def is_much_nearer(distance, other):
        return ((254 - distance) / 254) ** 2 > (254 - other) / 254

    def last(row):
        while row in leaders:
            row = leaders[row][0]
        return row

    def is_settled(a, b):
        led = a in leaders and b in leaders and leaders[a][0] != b and leaders[b][0] != a and last(a) == last(b)
        return led and not is_much_nearer(far(a, b), min(leaders[a][1], leaders[b][1]))

    def follow(row, leader):
        is_wanted = row not in leaders or is_much_nearer(far(row, leader), leaders[row][1])
        if row != leader and equal(row, leader) >= least and is_wanted:
            leaders[row] = leader, far(row, leader)

    def next_band(row, start):
        key = 0
        for place in range(start, start + config.n_rows):
            key = (key ^ signatures[row][place % n_places]) * 0x9E3779B97F4A7C15 % 2**64
            key ^= key >> 32
        return key * 0x9E3779B97F4A7C15 % 2**64 >> 32

    bands = [range(start, start + config.n_rows) for start in range(0, config.n_bands * config.n_rows, config.n_rows)]
    bands = [band for band in bands if band.stop <= n_places]
    for number, band in enumerate(bands):
        buckets, before = {}, dict(leaders)
        for row in rows:
            buckets.setdefault(tuple(signatures[row][place] for place in band), []).append(row)
        for bucket in buckets.values():
            is_large = len(bucket) > config.max_bucket
            if is_large:
                for row in bucket:
                    begun.setdefault(row, {"alike": 0, "half": 0, "other": 0})
                bucket.sort(key=lambda row, start=band.stop: next_band(row, start))
                leader = min(map(last, bucket), key=lambda row: (ranks[row], row))
                for row in bucket:
                    follow(last(row), leader)
                    follow(row, leader)
            for i, a in enumerate(bucket):
                for b in bucket[i + 1 : i + 1 + config.n_partners] if is_large else bucket[i + 1 :]:
                    share = equal(a, b) / n_places
                    kind = "alike" if share >= 3 / 4 else "half" if share >= 1 / 2 else "other"
                    both = a in begun and b in begun
                    is_new = not any(
                        all(signatures[a][place] == signatures[b][place] for place in earlier)
                        for earlier in bands[:number]
                    )
                    if equal(a, b) < least or (a in begun and begun[a][kind] >= config.most_partners):
                        continue
                    if (both and is_settled(a, b)) or not (both or is_new):
                        continue
                    found.add((min(a, b), max(a, b)))
                    if a in begun:
                        begun[a][kind] += 1
        found |= {(leaders[row][0], row) for row in leaders if leaders[row] != before.get(row)}
    for row in [*leaders]:
        if leaders[row][0] != last(row) and 2 * far(row, last(row)) <= 254:
            leaders[row] = last(row), far(row, last(row))
            found.add((last(row), row))
    return sorted({(min(pair), max(pair)) for pair in found if not is_settled(*pair)}), leaders


def fingerprints(hashes, size, window, n_least):
    """The least shingle of every window of a text's token hashes, or of all when there are fewer."""
    spread_shingles = []
    for i in range(len(hashes) - size + 1):
        value = 0
        for j, token in enumerate(hashes[i : i + size]):
            turn = 11 * j % 64
            value ^= (token << turn | token >> (64 - turn)) % 2**64
        value = (value ^ value >> 32) * 0x9E3779B97F4A7C15 % 2**64
        spread_shingles.append(value ^ value >> 29)
    n = len(spread_shingles)
    window = max(1, min(window, 2 * n // n_least - 1))
    return sorted({min(spread_shingles[i : i + window]) for i in range(max(1, n - window + 1) if n else 0)})


def with_words(hashes, size, window, n_least, n_per_word, common):
    """The same and some words as shingles by themselves: of each bin the least that is not `common`.

    Bins are told by the lower bits; there are at most 64, and at most one for every `n_per_word` of those shingles.
    """
    kept = fingerprints(hashes, size, window, n_least)
    n_most = min(len(kept) // n_per_word, 64) if n_per_word else 0
    words = {}
    for token in sorted({*hashes}.difference(common)) if n_most else ():
        words.setdefault(token % 2 ** (n_most.bit_length() - 1), token)
    return sorted({*kept, *(fingerprints([token], 1, 1, 1)[0] for token in words.values())})


def dealt(texts):
    """The fingerprints of a block of texts and who has them, by their upper 13 bits, those of equal ones by text."""
    held = [(fingerprint, owner) for owner, text in enumerate(texts) for fingerprint in sorted(text)]
    return sorted(held, key=lambda one: one[0] >> 51)


def shared_scores(texts, labels, most):
    """The score of every pair of `texts` (sets of fingerprints) that share one that stands in at most `most` texts.

    A fingerprint of more texts counts for the first of each label, when those are few enough.
    """
    scores = {}
    for fingerprint in sorted(set().union(*texts)):
        rows = [row for row, held in enumerate(texts) if fingerprint in held]
        if len(rows) > most:
            rows = [row for row in rows if all(labels[row] != labels[other] for other in rows if other < row)]
        if len(rows) > most:
            continue
        for b in rows:
            for a in rows:
                if a < b:
                    scores[a, b] = (
                        scores.get((a, b), 0) + round(4096 * math.log((len(texts) + 100_000) / len(rows))) / 4096
                    )
    return {(a, b): score / ((len(texts[a]) + 40) * (len(texts[b]) + 40)) ** 0.375 for (a, b), score in scores.items()}


def common_weight(weights, one_in, most, spread, n_enough):
    """The weight that one in `one_in` tokens does not exceed, in proportion below `n_enough` tokens.

    It is `most` at most, and by `spread` at least less than the weight that as many tokens reach, below nothing too.
    """
    if not weights:
        return 0
    n = math.ceil(len(weights) / one_in)
    least, heavy = sorted(weights)[n - 1], sorted(weights)[-n]
    return min(least, most, heavy - spread) * min(len(weights), n_enough) // n_enough


def overlap(left, right, counts_nothing):
    """Weight held by the left only, the right only, and both; `left` and `right` are (value, weight) in order.

    A value weighs what it weighs first; one that weighs nothing is held or not, as `counts_nothing` says.
    """
    left, right = ({v: w for v, w in reversed(side) if w or counts_nothing} for side in (left, right))
    both = left.keys() & right.keys()
    own = [sum(weight for value, weight in side.items() if value not in both) for side in (left, right)]
    return [*own, sum(min(left[value], right[value]) for value in both)]


def aligned(left, right, weights, seeds, seed_weight, floor):
    """Passages of two token lists as (left start, left end, right start, right end): greedy, heaviest run first.

    `weights` maps a token, `seeds` a pair of neighbors, to its weight, one of each for the left and one for the right
    text. A seed weighs enough in both. The shorter text, or the lesser, chooses, and what is chosen weighs what it
    weighs there.
    """
    if (len(left), left) > (len(right), right):
        turned = aligned(right, left, weights[::-1], seeds[::-1], seed_weight, floor)
        return sorted((c, d, a, b) for a, b, c, d in turned)
    weights, runs = weights[0], []
    for i in range(len(left)):
        for j in range(len(right)):
            if left[i] != right[j] or (i and j and left[i - 1] == right[j - 1]):
                continue
            n = 0
            while i + n < len(left) and j + n < len(right) and left[i + n] == right[j + n]:
                n += 1
            weight = sum(weights[token] for token in left[i : i + n])
            is_seeded = any(all(own[left[k], left[k + 1]] >= seed_weight for own in seeds) for k in range(i, i + n - 1))
            if is_seeded and weight >= floor:
                runs.append((-weight, i, j, n))
    owner, taken = {}, set()
    for _, i, j, n in sorted(runs):
        free = [i + k not in owner and j + k not in taken for k in range(n)] + [False]
        begin = 0
        for k, is_free in enumerate(free):
            if not is_free:
                part = range(begin, k)
                if len(part) >= 2 and sum(weights[left[i + m]] for m in part) >= floor:
                    owner |= {i + m: j + m for m in part}
                    taken |= {j + m for m in part}
                begin = k + 1
    passages = []
    for i, j in sorted(owner.items()):
        if passages and passages[-1][1] == i and passages[-1][3] == j:
            passages[-1] = (passages[-1][0], i + 1, passages[-1][2], j + 1)
        else:
            passages.append((i, i + 1, j, j + 1))
    return passages


def written_otherwise(passages, left, right, left_digits, right_digits):
    """The numbers that both texts hold but write otherwise: on the left, on the right, and how many agree.

    Digits are None for what is no number. All digits of a gap, run together, are those of the other side.
    """
    if (len(left), left) > (len(right), right):
        turned = [(c, d, a, b) for a, b, c, d in passages]
        own, others, n = written_otherwise(turned, right, left, right_digits, left_digits)
        return others, own, n
    numbers = [
        {t for t, d in zip(*side, strict=True) if d is not None}
        for side in ((left, left_digits), (right, right_digits))
    ]
    own, others, n = set(), set(), 0
    for (_, begin, _, other_begin), (end, _, other_end, _) in pairwise(sorted(passages)):
        gap = slice(begin, end), slice(other_begin, other_end)
        agree = other_end >= other_begin and same_digits(left_digits[gap[0]], right_digits[gap[1]])
        if agree and numbers[0] - set(right) and numbers[1] - set(left):
            new_own = numbers[0] & set(left[gap[0]]) - set(right) - own
            new_others = numbers[1] & set(right[gap[1]]) - set(left) - others
            own, others, n = own | new_own, others | new_others, n + min(len(new_own), len(new_others))
    return own, others, n


def same_digits(own, others):
    """Whether the numbers of both sides have the same digits, up to 15 each, run together but for single ones."""
    runs = [[digits for digits in side if digits is not None] for side in (own, others)]
    are_known = bool(runs[0]) and all(0 < len(digits) <= 15 for run in runs for digits in run)
    own, others = ("".join(d if at == 0 or len(d) > 1 else f" {d}" for at, d in enumerate(run)) for run in runs)
    return are_known and own == others


def clashes(passages, left, right, left_marks, right_marks):
    """How many marked tokens clash between passages, and how many before the first and behind the last.

    Both sides of a gap have them, and neither has them from the other text; `left_marks` and `right_marks` are true
    for marked tokens. Gaps are those between passages that follow one another in both texts, the shorter text's order.
    """
    if (len(left), left) > (len(right), right):
        turned = [(c, d, a, b) for a, b, c, d in passages]
        return clashes(turned, right, left, right_marks, left_marks)
    passages, shared = sorted(passages), set(left) & set(right)

    def clashing(begin, end, other_begin, other_end):
        own = [token not in shared and mark for token, mark in zip(left, left_marks, strict=True)]
        others = [token not in shared and mark for token, mark in zip(right, right_marks, strict=True)]
        return min(sum(own[begin:end]), sum(others[other_begin:other_end]))

    inner = sum(clashing(b, e, d, g) for (_, b, _, d), (e, _, g, _) in pairwise(passages) if g >= d)
    if not passages:
        return inner, clashing(0, len(left), 0, len(right))
    head = clashing(0, passages[0][0], 0, min(c for _, _, c, _ in passages))
    tail = clashing(passages[-1][1], len(left), max(d for _, _, _, d in passages), len(right))
    return inner, head + tail


def disputed(passages, left, right, kinds):
    """How many gaps between passages have tokens on both sides, and in how many of them some kind of token clashes.

    Gaps are those of `clashes`, and `kinds` are what it is given of each kind: marks of the left and the right text.
    """
    if (len(left), left) > (len(right), right):
        turned = [(c, d, a, b) for a, b, c, d in passages]
        return disputed(turned, right, left, [(others, own) for own, others in kinds])
    gaps = [(around, behind) for around, behind in pairwise(sorted(passages)) if behind[2] >= around[3]]
    filled = [pair for pair in gaps if pair[1][0] > pair[0][1] and pair[1][2] > pair[0][3]]
    return len(filled), sum(any(clashes(list(pair), left, right, *marks)[0] for marks in kinds) for pair in filled)


def subjects(text, other, most):
    """What the words weigh that a text is about, each as often as it stands there, and as often as the other has it.

    Both texts are (word, weight, is number) in order. A word weighs what it weighs first and is told first.
    """
    first = {word: (weight, is_number) for word, weight, is_number in reversed(text)}
    counts, others = (Counter(word for word, _, _ in side) for side in (text, other))
    told = [word for word in counts if counts[word] >= 2 and first[word][0] and not first[word][1]]
    told = sorted(told, key=lambda word: -counts[word] * first[word][0])[:most]
    total = sum(first[word][0] * counts[word] for word in told)
    return total, sum(first[word][0] * min(counts[word], others[word]) for word in told)


def swapped(passages, left, right, left_digits, right_digits, most):
    """How many numbers stand in a gap of at most `most` tokens instead of others; digits are None of what is none."""
    if (len(left), left) > (len(right), right):
        turned = [(c, d, a, b) for a, b, c, d in passages]
        return swapped(turned, right, left, right_digits, left_digits, most)
    n = 0
    left_marks, right_marks = ([d is not None for d in side] for side in (left_digits, right_digits))
    for (_, begin, _, other_begin), (end, _, other_end, _) in pairwise(sorted(passages)):
        if other_end >= other_begin and max(end - begin, other_end - other_begin) <= most:
            if same_digits(left_digits[begin:end], right_digits[other_begin:other_end]):
                continue
            own, others = left[begin:end], right[other_begin:other_end]
            n_own = sum(m and t not in others for t, m in zip(own, left_marks[begin:end], strict=True))
            marks = right_marks[other_begin:other_end]
            n += min(n_own, sum(m and t not in own for t, m in zip(others, marks, strict=True)))
    return n


# An index: who holds a key, and which keys a text has.


def holders(keys_of, removed, key, most, is_rare):
    """Numbers of the documents that hold a key, ascending; the first `most`, or none of a rare key of more."""
    found = [number for number, keys in enumerate(keys_of) if key in keys and number not in removed]
    return found if len(found) <= most else [] if is_rare else found[:most]


def short_key(value):
    """32 bits of a 64-bit hash, spread."""
    return (value ^ value >> 32) * 0x9E3779B97F4A7C15 % 2**64 >> 32


def index_keys(content, signature, n_bands, n_rows, fingerprints):
    """Keys of one text: of its content, of its bands, of its fingerprints."""
    keys = [short_key(content ^ 0xD6E8FEB86659FD93)]
    for band in range(n_bands):
        value = 0xA5A3564E27F8865B ^ band * n_rows
        for place in signature[band * n_rows : (band + 1) * n_rows]:
            value = (value ^ place) * 0x9E3779B97F4A7C15 % 2**64
            value ^= value >> 32
        keys.append(short_key(value))
    return keys + [short_key(fingerprint) for fingerprint in fingerprints]


# What pages show: differences word by word.


def longest_common_words(left, right):
    """How many words stand in both in the same order, at most."""
    before = [0] * (len(right) + 1)
    for word in left:
        row = [0]
        for k, other in enumerate(right):
            row.append(before[k] + 1 if word == other else max(before[k + 1], row[k]))
        before = row
    return before[-1]


def ranks(strings):
    """The place of each string when all are sorted."""
    order = sorted(strings)
    return [order.index(string) for string in strings]


# What `dedup bench` computes.


def rank_test(left, right):
    """Two-sided p of Mann and Whitney: the share of all arrangements of these values that are at least as one-sided."""
    values, n = [*left, *right], len(left)

    def above(chosen):
        rest = [k for k in range(len(values)) if k not in chosen]
        return sum(values[a] > values[b] for a in chosen for b in rest)

    n_pairs = n * len(right)
    seen = min(above(range(n)), n_pairs - above(range(n)))
    found = [above(chosen) for chosen in combinations(range(len(values)), n)]
    return min(1.0, sum(u <= seen or n_pairs - u <= seen for u in found) / len(found))


def sign_test(differences):
    """Two-sided p of Wilcoxon's signed ranks: the share of all signs whose sum of ranks is at least as one-sided."""
    known = [abs(one) for one in differences if one]
    ranks = [sum(b < a for b in known) + (1 + sum(b == a for b in known)) / 2 for a in known]

    def one_sided(signs):
        return abs(sum(sign * rank for sign, rank in zip(signs, ranks, strict=True)))

    seen = one_sided([1 if one > 0 else -1 for one in differences if one])
    found = [one_sided(signs) for signs in product((1, -1), repeat=len(known))]
    return sum(one >= seen for one in found) / len(found)


def pair_precision(cluster_of, links):
    """Of all pairs within clusters, the share whose ends are connected by links."""
    reached = {name: {name} for name in cluster_of}
    for _ in range(12):
        for left, right in links:
            for names in reached.values():
                if names & {str(left), str(right)}:
                    names |= {str(left), str(right)}
    pairs = [(a, b) for a, b in combinations(cluster_of, 2) if cluster_of[a] == cluster_of[b]]
    return sum(b in reached[a] for a, b in pairs) / len(pairs) if pairs else 1.0


def is_site_list(members, own, floors, least):
    """Whether documents of these sites, and the asker of site `own`, are pages of one site for the most part."""
    everyone = [*members, own]
    site = max(set(everyone), key=everyone.count)
    n = everyone.count(site)
    return len(everyone) >= 3 and site and n >= floors.get(site, least) and n >= 0.8 * len(everyone)


def meetings(askers, lists, floors, max_frequency, n_pseudo, units, least):
    """Whom each asker met: {(asker, number): [score, whether by a band]}.

    `askers`: number, site and keys of each, a key a pair of its name and whether it is rare; `lists`: for each key its
    count and its holders, pairs of number and site.
    """
    found = {}
    for asker, (number, site, keys) in enumerate(askers):
        for key, is_rare in keys:
            count, holders = lists[key, is_rare]
            sites = [other for _, other in holders]
            if is_rare and (count >= max_frequency or is_site_list(sites, site, floors, least)):
                continue
            for other, _ in holders:
                one = found.setdefault((asker, other), [0, False])
                one[0] += round(math.log((number + n_pseudo) / (count + 1)) * units) if is_rare else 0
                one[1] |= not is_rare
    return found


def near_one_another(pairs, n_rows):
    """Places of rows: next the one with the largest share of its pairs placed, of equal ones the one met last."""
    neighbors = {row: sorted(b if a == row else a for a, b in pairs if row in (a, b)) for row in range(n_rows)}
    order, met = [], []
    while len(order) < n_rows:
        waiting = [row for row in met if row not in order]
        order.append(
            max(waiting, key=lambda row: (Fraction(waiting.count(row), len(neighbors[row])), last(met, row)))
            if waiting
            else min(set(range(n_rows)) - set(order))
        )
        met += [row for row in neighbors[order[-1]] if row not in order]
    return [order.index(row) for row in range(n_rows)]


def last(values, value):
    """The last place at which a value stands."""
    return max(i for i, one in enumerate(values) if one == value)


def reasons(measures):
    """The evidence of a pair in words, most telling first; `measures` in the order of `phrases.SAID`."""
    (
        n_passages, in_passages, longest, n_tokens_left, n_tokens_right, spread_left, spread_right,
        in_order, numbers_both, numbers_left, numbers_right, names_both, names_left, names_right, quoted,
        furniture_left, furniture_right, stated_apart, filled_gaps, disputed_gaps,
        subjects_left, subjects_right, met_left, met_right,
    ) = measures  # fmt: skip
    if n_passages == 0:
        return ["no passage in common"]
    passages = "1 shared passage" if n_passages == 1 else f"{n_passages} shared passages"
    held = round(100 * in_passages / min(n_tokens_left, n_tokens_right))
    found = [
        f"{passages} ({in_passages} words, the longest {longest}) over {min(spread_left, spread_right)} of 10 parts of "
        f"both texts; {held} % of the shorter text"
    ]
    steps = n_passages - 1
    if steps >= 2:
        some = f"{in_order} of {steps} follow one another as in the other text"
        found.append("all in the same order" if in_order == steps else some)
    for what, both, own in (
        ("numbers", numbers_both, min(numbers_left, numbers_right)), ("names", names_both, min(names_left, names_right))
    ):  # fmt: skip
        if own:
            found.append(f"{what}: {both} agree, at least {own} in each text are not in the other")
        elif both:
            found.append(f"{what} agree ({both} of {both})")
    if disputed_gaps:
        found.append(
            f"{disputed_gaps} of {filled_gaps} gaps between passages that both texts fill differ in a number or a name"
        )
    if subjects_left and subjects_right:
        left, right = (round(100 * met / n) for met, n in ((met_left, subjects_left), (met_right, subjects_right)))
        said = f"the right text has {left} % of the left's as often, the left {right} % of the right's"
        found.append(f"words that come up most: {said}")
    if stated_apart:
        found.append(f"the days that they state at their beginning are {stated_apart} apart")
    share = round(100 * quoted / in_passages)
    if share >= 10:
        found.append(f"{share} % of what they share is quoted")
    if furniture_left + furniture_right:
        found.append(f"{furniture_left + furniture_right} words of site furniture left out of account")
    return found


def roundup_parts(pairs, held, lengths, related, ties=()):
    """Which of `pairs` are of a roundup and what it holds; `held` are their places whose shorter stands in the longer.

    Other pairs are where the shorter is one article with what the longer holds, or `ties`, which only connect.
    `related` are pairs of texts that have to do with one another though no pair connects them.
    """
    inside, shorter = {}, {}
    for place, pair in enumerate(pairs):
        whole, part = sorted(pair, key=lambda text: (-lengths[text], text))
        if lengths[part] <= 2 / 3 * lengths[whole]:
            shorter.setdefault(whole, []).append((part, place))
            if place not in ties:
                inside.setdefault(whole, []).append((place not in held, part))
    inside = {whole: sorted(parts) for whole, parts in inside.items() if len(parts) > 1 and not min(parts)[0]}
    group = {text: {text} for pair in pairs for text in pair}
    for pair in pairs:
        if not inside.keys() & {*pair}:
            both = group[pair[0]] | group[pair[1]]
            group.update(dict.fromkeys(both, both))
    found = []
    for whole, parts in inside.items():
        speakers = {}
        for _, part in sorted(parts, key=lambda one: (one[0], -lengths[one[1]], one[1])):
            speakers.setdefault(min(group[part]), part)
        first, *others = speakers.values()
        apart = [part for part in others if (min(first, part), max(first, part)) not in related]
        is_main = lengths[first] >= 2 * max((lengths[part] for part in apart), default=0)
        left_out = {min(group[part]) for part in apart}
        left_out |= set() if is_main else {min(group[part]) for is_reworded, part in parts if not is_reworded}
        found += [place for part, place in shorter[whole] if apart and min(group[part]) in left_out]
    return sorted(found)


def framed(texts, places, floor, *, frame_tokens, least, edge, shingle, most):
    """Which tokens of texts of no known site belong to the frame that they share; `places` are where shingles begin."""

    def at_edge(tokens, at):
        return at < edge or at >= len(tokens) - edge

    def ends(tokens):
        return (tokens[:frame_tokens], tokens[-frame_tokens:]) if len(tokens) >= least else None

    shown = [
        {tuple(t[at : at + shingle]) for at in own if at_edge(t, at)} for t, own in zip(texts, places, strict=True)
    ]
    found = []
    for tokens, own in zip(texts, places, strict=True):
        group = [
            grams for other, grams in zip(texts, shown, strict=True) if ends(tokens) and ends(other) == ends(tokens)
        ]
        if len(group) < floor:
            found.append([False] * len(tokens))
            continue
        common = {at: sum(tuple(tokens[at : at + shingle]) in grams for grams in group) >= floor for at in own}
        head = [at for at in own if at < edge and all(common[k] for k in own if k <= at)]
        tail = [at for at in own if at >= len(tokens) - edge and all(common[k] for k in own if k >= at)]
        tail = [at for at in tail if at not in head]
        marked = [
            (bool(head) and at < head[-1] + shingle) or (bool(tail) and at >= tail[0]) for at in range(len(tokens))
        ]
        found.append(marked if sum(marked) <= most * len(tokens) else [False] * len(tokens))
    return found


def lists(signatures, pages, *, least, versions, agrees):
    """Pages of which fewer texts than `versions` agree with the next one, of `least` and more."""
    found = []
    for page in sorted({*pages} - {0}):
        own = [signature for signature, other in zip(signatures, pages, strict=True) if other == page]
        alike = [sum(a == b for a, b in zip(one, other, strict=True)) for one, other in pairwise(own)]
        if len(own) >= least and sum(n >= agrees * len(own[0]) for n in alike) < versions * len(alike):
            found.append(page)
    return found


def date_trust(days, sites, places, nodes, sure, *, same_time, trusted):
    """How much dates say: by how many pairs of copies on different sites lie further apart than by chance."""
    known = [days[row] for rows in nodes for row in rows if days[row] is not None]
    chance = [abs(a - b) > same_time for a, b in combinations(known, 2)]
    if not any(chance):
        return 1.0
    pairs = [(nodes[a][0], nodes[b][0]) for a, b in sure]
    for rows in nodes:
        dated = sorted((row for row in rows if days[row] is not None), key=lambda row: places[row])
        pairs += [(dated[0], dated[-1])] if len(dated) > 1 else []
    apart = [
        abs(days[a] - days[b]) > same_time
        for a, b in pairs
        if None not in (days[a], days[b]) and not sites[a] == sites[b] != 0
    ]
    by_chance = Fraction(sum(chance), len(chance))
    return float(max(1 - sum(apart) / (len(apart) * by_chance + trusted), 0))


def old_first(groupings, is_old, ranks, scores, floor):
    """Groups by their best old member and who is a member of it, then by the next, and the rest by who had them all."""
    found = []
    for one in groupings:
        old, left, own = [m for m in one.members if is_old[m]], set(one.members), []
        if not old or is_old[one.representative]:
            found.append(one)
            continue
        while left:
            best = min(left & set(old), key=lambda m: ranks[m], default=one.representative)
            best = best if best in left else min(left, key=lambda m: ranks[m])
            held = {m: scores[min(m, best), max(m, best)] for m in left - {best}}
            held = {m: score for m, score in held.items() if score >= floor}
            if held and not {best, *held} <= set(old):
                own.append(
                    replace(one, representative=best, members=tuple(sorted({best, *held})), weakest=min(held.values()))
                )
            left -= {best, *held}
        found += own
    return sorted(found, key=lambda one: one.members)
