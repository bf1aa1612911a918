// One cluster: its members, when they appeared, and any two of them side by side.

async function clusterView(id, params) {
  const cluster = await data.cluster(id);
  if (!cluster) return missing(`There is no cluster ${plain(id)} in this report.`);
  const papers = cluster.members.map((at) => cluster.papers[at]);
  const byPair = new Map(cluster.meetings.map((meeting) => [pairKey(meeting.left, meeting.right), meeting]));
  const comparison = el("div", { class: "comparison" });
  const choose = (a, b, focus) => {
    comparison.replaceChildren(comparisonOf(cluster, byPair, a, b, choose));
    history.replaceState(null, "", `#/cluster/${id}?a=${a}&b=${b}`);
    if (focus) comparison.querySelector("h2").focus();
  };
  const [a, b] = [Number(params.get("a") ?? 0), Number(params.get("b") ?? 1)];
  const isThere = (k) => Number.isInteger(k) && k >= 0 && k < papers.length;
  choose(isThere(a) ? a : 0, isThere(b) ? b : Math.min(1, papers.length - 1), false);
  document.title = `Cluster ${id}`;
  const title = data.rows.title[cluster.row];
  return el(
    "div",
    { class: "view" },
    el(
      "nav",
      { class: "beside", "aria-label": "Neighboring clusters" },
      neighbor(cluster.row - 1, "Previous cluster"),
      neighbor(cluster.row + 1, "Next cluster"),
    ),
    el("h1", {}, name(title || papers[0].id)),
    el(
      "p",
      { class: "note" },
      `Cluster ${id} · ${count(papers.length, "document")} · weakest link ${cluster.weakest.toFixed(2)}`,
    ),
    membersBlock(cluster, papers, byPair, choose),
    timeline(cluster, papers),
    comparison,
  );
}

function missing(words) {
  return el(
    "div",
    { class: "view" },
    el("h1", {}, "Not here"),
    el("p", { class: "empty" }, words),
    el("p", {}, link("#/clusters", "All clusters")),
  );
}

function pairKey(a, b) {
  return a < b ? `${a}-${b}` : `${b}-${a}`;
}

function neighbor(row, words) {
  return row >= 0 && row < data.nRows ? link(`#/cluster/${data.rows.id[row]}`, words) : el("span", {}, words);
}

function membersBlock(cluster, papers, byPair, choose) {
  const rows = papers.map((paper, k) => ({
    paper,
    k,
    relation: RELATIONS[cluster.relations[k]],
    resemblance: cluster.resemblances[k],
    match: (
      byPair.get(pairKey(cluster.members[0], cluster.members[k])) ??
      ofTwins(cluster, byPair, cluster.members[0], cluster.members[k])
    )?.match,
  }));
  const compare = (row) => choose(0, row.k || Math.min(1, papers.length - 1), true);
  const table = new Table({
    caption: "Members of the cluster",
    rows,
    perPage: 20,
    file: `cluster-${cluster.id}`,
    open: compare,
    columns: [
      {
        label: "document",
        first: true,
        class: "title",
        cell: (row) => [
          name(row.paper.id),
          row.k === 0 ? el("span", { class: "kept" }, "kept") : null,
          ...signs(cluster, row.k),
        ],
        sort: (row) => row.paper.id,
      },
      {
        label: "relation",
        cell: (row) => (row.k === 0 ? "" : relationTag(row.relation)),
        sort: (row) => (row.k === 0 ? -1 : RELATIONS.indexOf(row.relation)),
      },
      {
        label: "confidence",
        numeric: true,
        cell: (row) => row.match?.confidence.toFixed(2) ?? "",
        sort: (row) => row.match?.confidence,
      },
      {
        label: "resemblance",
        numeric: true,
        cell: (row) => (row.k === 0 ? "" : row.resemblance.toFixed(3)),
        sort: (row) => (row.k === 0 ? null : row.resemblance),
      },
      { label: "site", class: "sites", cell: (row) => name(row.paper.site, ""), sort: (row) => row.paper.site || null },
      {
        label: "date",
        class: "date",
        cell: (row) => day(row.paper.at) || name(row.paper.date, ""),
        sort: (row) => row.paper.at,
      },
      { label: "characters", numeric: true, cell: (row) => number(row.paper.length), sort: (row) => row.paper.length },
      {
        label: "compare",
        text: () => "",
        cell: (row) =>
          row.k === 0
            ? ""
            : el(
                "button",
                {
                  type: "button",
                  "aria-label": `Compare ${plain(row.paper.id)} with the kept text`,
                  click: () => compare(row),
                },
                "Compare",
              ),
      },
    ],
  });
  return block("Members", table.element);
}

// Whether a member was there before the scan, and whether it was first.
function signs(cluster, k) {
  return [
    cluster.older.includes(k) ? el("span", { class: "older", title: "of the older collection" }, "older") : null,
    cluster.first === cluster.members[k] ? el("span", { class: "source" }, "source") : null,
  ];
}

// Members in the order of their dates, each placed between the first and the last.
function timeline(cluster, papers) {
  const dated = papers
    .map((paper, k) => ({ paper, k }))
    .filter(({ paper }) => paper.at !== null)
    .sort((p, q) => p.paper.at - q.paper.at || p.k - q.k);
  if (dated.length < 2) return null;
  const [from, to] = [dated[0].paper.at, dated.at(-1).paper.at];
  const items = dated.slice(0, 200).map(({ paper, k }) => {
    const dot = el("span", { class: k === 0 ? "dot is-kept" : "dot" });
    dot.style.setProperty("left", `${to > from ? (100 * (paper.at - from)) / (to - from) : 0}%`);
    const later = paper.at - from;
    return el(
      "li",
      {},
      el(
        "span",
        { class: "when" },
        el("time", { datetime: new Date(paper.at * 1000).toISOString() }, day(paper.at)),
        el("span", { class: "later" }, later > 0 ? `+ ${lag(later)}` : "first"),
      ),
      el("span", { class: "track", "aria-hidden": "true" }, dot),
      el(
        "span",
        { class: "who" },
        name(paper.site || paper.id),
        ...signs(cluster, k),
      ),
    );
  });
  const rest = [
    [papers.length - dated.length, "without a date"],
    [dated.length - items.length, "after these"],
  ];
  const words = rest.filter(([n]) => n).map(([n, which]) => `${count(n, "more document")} ${which}`);
  return block(
    "Timeline",
    el("ol", { class: "timeline" }, items),
    words.length ? el("p", { class: "note" }, words.join(", ")) : null,
  );
}

function comparisonOf(cluster, byPair, a, b, choose) {
  const places = cluster.members;
  const found = byPair.get(pairKey(places[a], places[b])) ?? ofTwins(cluster, byPair, places[a], places[b]);
  const match = found && (found.left === places[b] ? turned(found.match) : found.match);
  const sides = [a, b];
  const papers = sides.map((k) => withText(cluster.papers[places[k]], cluster.texts));
  const choices = (label, own, other) => {
    const options = places
      .slice(0, 500)
      .map((at, k) => el("option", { value: k, selected: k === own }, plain(cluster.papers[at].id)));
    return el(
      "label",
      {},
      `${label} `,
      el(
        "select",
        {
          change: (event) =>
            label === "Left"
              ? choose(Number(event.target.value), other, false)
              : choose(other, Number(event.target.value), false),
        },
        options,
      ),
    );
  };
  const chooser =
    places.length > 2
      ? el("p", { class: "choose" }, choices("Left", sides[0], sides[1]), choices("Right", sides[1], sides[0]))
      : null;
  const same = papers[0].text !== null && papers[0].text === papers[1].text;
  const why = found?.twins
    ? el("p", { class: "note" }, "Measured on documents with exactly these texts.")
    : found
      ? null
      : el(
          "p",
          { class: "note" },
          same
            ? "The same to the character."
            : "The match of these two is not in this report: they were not compared with one another, or documents with the same words were.",
        );
  return comparisonBlock(papers, match, [chooser, why]);
}

// The match of two other documents that have these very texts: equal texts are measured once.
function ofTwins(cluster, byPair, a, b) {
  const twins = (place) =>
    cluster.members.filter(
      (other) => cluster.papers[other].text !== null && cluster.papers[other].text === cluster.papers[place].text,
    );
  for (const p of twins(a)) {
    for (const q of twins(b)) {
      const found = byPair.get(pairKey(p, q));
      if (found && p !== q)
        return { left: found.left === p ? a : b, right: found.left === p ? b : a, match: found.match, twins: true };
    }
  }
  return null;
}

function withText(paper, texts) {
  return { ...paper, text: paper.text === null ? null : texts[paper.text] };
}

const OTHER = { left: "right", right: "left" };
const SIDES = /^the (left|right)(?= text )|(?<= carries the agency tag of the )(left|right)$/g;

// The same match seen from its other side; passages stay in the order of what is now the left text.
function turned(match) {
  const rows = [];
  for (let i = 0; i < match.passages.length; i += 6) {
    const [a, b, c, d, n, quoted] = match.passages.slice(i, i + 6);
    rows.push([c, d, a, b, n, quoted]);
  }
  rows.sort((p, q) => p[0] - q[0]);
  const source = OTHER[match.source] ?? match.source;
  const reasons = match.reasons.map((reason) =>
    reason.replace(SIDES, (side) => side.replace(/left|right/, (own) => OTHER[own])),
  );
  return {
    ...match,
    source,
    reasons,
    left_in_right: match.right_in_left,
    right_in_left: match.left_in_right,
    passages: rows.flat(),
  };
}

// The verdict on two texts, its reasons, and both texts.
function comparisonBlock(papers, match, extra = []) {
  const panes = new Panes(papers[0], papers[1], match);
  app.panes = panes;
  return el(
    "section",
    { class: "block-section compare" },
    el("h2", { tabindex: "-1" }, "Side by side ", match ? relationTag(match.relation) : null),
    ...extra,
    match ? evidence(match, papers) : null,
    match ? passageTools(panes) : null,
    data.overview.layout.server ? judgeBar(papers, null, () => {}) : null,
    panes.element,
    legend(),
  );
}

function evidence(match, papers) {
  const source = { left: papers[0].id, right: papers[1].id }[match.source];
  return el(
    "div",
    { class: "evidence" },
    el(
      "ul",
      {},
      match.reasons.map((reason) => el("li", {}, shown(reason))),
      source ? el("li", {}, "Source: ", name(source)) : null,
    ),
    el(
      "dl",
      { class: "scores" },
      [
        ["confidence", match.confidence.toFixed(2)],
        ["resemblance", match.resemblance.toFixed(3)],
        ["of the left in the right", percent(match.left_in_right)],
        ["of the right in the left", percent(match.right_in_left)],
      ].map(([label, value]) => el("div", {}, el("dt", {}, label), el("dd", {}, value))),
    ),
  );
}

function passageTools(panes) {
  if (panes.isChanged)
    return el(
      "p",
      { class: "note" },
      "At least one of these texts has changed since the scan: what they shared cannot be marked.",
    );
  const n = panes.passages.length;
  if (!n) return el("p", { class: "note" }, "No shared passages.");
  const follow = el("input", {
    type: "checkbox",
    checked: true,
    change: (event) => {
      panes.together = event.target.checked;
    },
  });
  return el(
    "div",
    { class: "tools" },
    el("span", {}, count(n, "shared passage")),
    el("button", { type: "button", click: () => panes.step(-1) }, "Previous passage"),
    el("button", { type: "button", click: () => panes.step(1) }, "Next passage"),
    el("button", { type: "button", click: () => panes.across() }, "Other text"),
    el("label", {}, follow, " Scroll together"),
  );
}

function legend() {
  const sign = (kind, words) => el("li", {}, el("span", { class: kind }, words));
  return el(
    "ul",
    { class: "legend", "aria-label": "Signs" },
    el(
      "li",
      {},
      el("mark", { class: "passage c0" }, el("span", { class: "badge", "data-number": "1" }), "shared passage"),
      " numbered alike",
    ),
    sign("diff", "differs"),
    sign("quote", "quoted"),
    sign("furniture", "site furniture"),
    sign("credit", "credit line"),
  );
}
