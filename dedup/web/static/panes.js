// Two texts side by side, what they share marked and numbered alike.

const N_COLORS = 8;
const BLOCK_CHARACTERS = 4000;

function pairs(flat) {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
}

// Passages of both texts in units of JavaScript strings, the words within that differ, numbered in the left order.
function measured(match, left, right) {
  const rows = [];
  for (let i = 0; i < match.passages.length; i += 6) rows.push(match.passages.slice(i, i + 6));
  const onLeft = toUnits(
    left,
    rows.flatMap((row) => [row[0], row[1]]),
  );
  const onRight = toUnits(
    right,
    rows.flatMap((row) => [row[2], row[3]]),
  );
  return rows.map((row, i) => {
    const [a, b, c, d] = [onLeft[2 * i], onLeft[2 * i + 1], onRight[2 * i], onRight[2 * i + 1]];
    const isSame = left.slice(a, b) === right.slice(c, d);
    const [leftDiff, rightDiff] = isSame ? [[], []] : differences(words(left, a, b), words(right, c, d));
    return { left: [a, b], right: [c, d], leftDiff, rightDiff, nTokens: row[4], quoted: row[5] === 1 };
  });
}

// Sorted ranges [start, end, value], asked for in ascending order.
function layer(ranges) {
  const sorted = ranges.filter((range) => range[1] > range[0]).sort((p, q) => p[0] - q[0]);
  let at = 0;
  return {
    edges: sorted.flatMap((range) => [range[0], range[1]]),
    covering(place) {
      while (at < sorted.length && sorted[at][1] <= place) at++;
      return at < sorted.length && sorted[at][0] <= place ? sorted[at] : null;
    },
  };
}

// Places where a long text may be cut into blocks: after a line end.
function cuts(text) {
  const found = [];
  for (let at = text.indexOf("\n", BLOCK_CHARACTERS); at >= 0; at = text.indexOf("\n", at + BLOCK_CHARACTERS))
    found.push(at + 1);
  return found;
}

function body(text, paper, passages, side) {
  const layers = {
    passage: layer(passages.map((passage, i) => [...passage[side], i])),
    diff: layer(passages.flatMap((passage) => passage[`${side}Diff`])),
    quote: layer(quotations(text)),
    furniture: layer(pairs(toUnits(text, paper.furniture ?? []))),
    credit: layer(pairs(toUnits(text, paper.credits ?? []))),
  };
  const blocks = cuts(text);
  const edges = [...new Set([0, text.length, ...blocks, ...Object.values(layers).flatMap((l) => l.edges)])];
  edges.sort((p, q) => p - q);
  const isCut = new Set(blocks);
  const whole = el("div", { class: "text", dir: "auto" });
  let block = el("div", { class: "block", dir: "auto" });
  let mark = null;
  whole.append(block);
  for (let i = 0; i + 1 < edges.length; i++) {
    const [start, end] = [edges[i], edges[i + 1]];
    if (isCut.has(start)) {
      block = el("div", { class: "block", dir: "auto" });
      whole.append(block);
      mark = null;
    }
    const passage = layers.passage.covering(start);
    if (!passage) mark = null;
    else if (!mark || mark.dataset.passage !== String(passage[2])) {
      mark = passageMark(passage[2], side, start === passage[0]);
      block.append(mark);
    }
    (mark ?? block).append(piece(text.slice(start, end), layers, start));
  }
  return whole;
}

function piece(text, layers, start) {
  const kinds = ["diff", "quote", "furniture", "credit"].filter((kind) => layers[kind].covering(start));
  if (!kinds.length) return shown(text);
  const titles = {
    diff: "differs from the other text",
    quote: "quoted",
    furniture: "stands on many pages of this site",
    credit: "a credit line",
  };
  return el("span", { class: kinds.join(" "), title: kinds.map((kind) => titles[kind]).join(", ") }, shown(text));
}

function passageMark(number, side, isStart) {
  const other = side === "left" ? "right" : "left";
  const mark = el("mark", { class: `passage c${number % N_COLORS}`, "data-passage": number });
  if (isStart)
    mark.append(
      el("button", {
        type: "button",
        class: "badge",
        "data-number": number + 1,
        "aria-label": `Passage ${number + 1}, go to it in the ${other} text`,
      }),
    );
  return mark;
}

class Panes {
  constructor(left, right, match) {
    const texts = [left.text ?? "", right.text ?? ""];
    this.passages = match ? measured(match, ...texts) : [];
    this.isChanged = match?.changed === true;
    this.sides = ["left", "right"].map((side, i) => this.pane(side, [left, right][i], texts[i]));
    this.together = true;
    this.current = -1;
    this.quietUntil = 0;
    this.element = el("div", { class: "panes" }, this.sides);
    this.sides.forEach((pane, i) => {
      const area = pane.querySelector(".scroll");
      area.addEventListener("scroll", () => this.follow(i), { passive: true });
      area.addEventListener("click", (event) => this.clicked(event, i));
    });
    new ResizeObserver(() => {
      if (!this.tops && this.element.clientHeight) this.begin();
      this.tops = null;
    }).observe(this.element);
  }

  pane(side, paper, text) {
    const where = [paper.site, paper.date].filter(Boolean).map((word) => el("span", {}, name(word)));
    const content =
      paper.text === null
        ? el("p", { class: "empty" }, "The text is not in this report.")
        : body(text, paper, this.passages, side);
    return el(
      "section",
      { class: `pane ${side}`, "aria-label": `${side} text` },
      el(
        "header",
        {},
        el("h3", {}, name(paper.id)),
        el("p", { class: "where" }, where, paper.url ? address(paper.url) : null),
      ),
      el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${side} text, scrollable` }, content),
    );
  }

  area(i) {
    return this.sides[i].querySelector(".scroll");
  }

  badge(i, passage) {
    return this.sides[i].querySelector(`[data-passage="${passage}"] .badge`);
  }

  clicked(event, i) {
    const mark = event.target.closest("mark.passage");
    if (mark && (event.target.closest(".badge") || !String(getSelection())))
      this.go(Number(mark.dataset.passage), 1 - i);
  }

  // Where the first passage of either text lies below what is seen, both begin at it.
  begin() {
    if (this.begun) return;
    this.begun = true;
    const isBelow = [0, 1].some((i) => (this.badge(i, 0)?.offsetTop ?? 0) > this.area(i).clientHeight);
    if (isBelow) this.reveal(0);
  }

  reveal(passage) {
    this.quietUntil = performance.now() + 400;
    [0, 1].forEach((side) => {
      const badge = this.badge(side, passage);
      if (badge)
        this.area(side).scrollTop +=
          badge.getBoundingClientRect().top - this.area(side).getBoundingClientRect().top - 40;
    });
  }

  // Mark a passage on both sides, bring it into view, and put the focus on its number in text `i`.
  go(passage, i) {
    if (!this.passages[passage]) return;
    for (const mark of this.element.querySelectorAll("mark.current")) mark.classList.remove("current");
    for (const mark of this.element.querySelectorAll(`[data-passage="${passage}"]`)) mark.classList.add("current");
    this.current = passage;
    this.reveal(passage);
    this.badge(i, passage)?.focus({ preventScroll: true });
    if (this.element.scrollWidth > this.element.clientWidth || matchMedia("(max-width: 700px)").matches)
      this.sides[i].scrollIntoView({ block: "nearest" });
    announce(
      `Passage ${passage + 1} of ${this.passages.length}, ${this.passages[passage].nTokens} words, ${["left", "right"][i]} text`,
    );
  }

  step(by) {
    const n = this.passages.length;
    if (n) this.go(Math.min(Math.max(this.current + by, 0), n - 1), 0);
  }

  across() {
    const at = this.sides[1].contains(document.activeElement) ? 1 : 0;
    if (this.current >= 0) this.go(this.current, 1 - at);
  }

  // Heights at which the texts meet, ascending on both sides: passages that cross others cannot guide the scrolling.
  meetings() {
    if (this.tops) return this.tops;
    const found = [];
    this.passages.forEach((_, p) => {
      const [a, b] = [0, 1].map((i) => {
        const badge = this.badge(i, p);
        return badge
          ? badge.getBoundingClientRect().top - this.area(i).getBoundingClientRect().top + this.area(i).scrollTop
          : -1;
      });
      const last = found.at(-1) ?? [-1, -1];
      if (a > last[0] && b > last[1]) found.push([a, b]);
    });
    const ending = [0, 1].map((i) => this.area(i).scrollHeight);
    this.tops = [[0, 0], ...found.filter(([a, b]) => a > 0 && b > 0 && a < ending[0] && b < ending[1]), ending];
    return this.tops;
  }

  follow(i) {
    if (!this.together || performance.now() < this.quietUntil || this.leader === 1 - i) return;
    this.leader = i;
    clearTimeout(this.release);
    this.release = setTimeout(() => {
      this.leader = undefined;
    }, 120);
    const [from, to] = [this.area(i), this.area(1 - i)];
    const anchor = from.clientHeight / 3;
    const place = from.scrollTop + anchor;
    const tops = this.meetings();
    let k = 1;
    while (k < tops.length - 1 && tops[k][i] <= place) k++;
    const [p, q] = [tops[k - 1], tops[k]];
    const share = (place - p[i]) / Math.max(q[i] - p[i], 1);
    to.scrollTop = p[1 - i] + share * (q[1 - i] - p[1 - i]) - anchor;
  }
}
