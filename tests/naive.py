"""Slow, obvious twins of every fast path: plain Python, no arrays, written from the definitions."""

import json


def clusters(edges, truth, n_rows, floor, n_tries):
    """Stage 5. `edges` are the matches that join, `truth` the confidence of every pair; rank is the row number."""

    def confidence(a, b):
        return 1.0 if a == b else truth[min(a, b), max(a, b)]

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
