// The first view: how much is what.

function overviewView() {
  const told = data.overview;
  document.title = "Duplicates report";
  return el(
    "div",
    { class: "view" },
    el("h1", {}, "Duplicates report"),
    cards(told),
    el("div", { class: "columns" }, relationsBlock(told), sitesBlock(told)),
    timeBlock(told),
    largestBlock(told),
    skippedBlock(told),
    aboutBlock(told),
  );
}

function cards(told) {
  const card = (label, value, note) =>
    el(
      "div",
      { class: "card" },
      el("dt", {}, label),
      el("dd", {}, el("strong", {}, number(value)), note ? el("span", {}, note) : null),
    );
  return el(
    "dl",
    { class: "cards" },
    card("documents", told.documents),
    card("clusters", told.clusters, told.clustered ? `of ${count(told.clustered, "document")}` : null),
    card("to keep", told.kept, told.documents ? percent(told.kept / told.documents) : null),
    card("copies to drop", told.removed, told.documents ? percent(told.removed / told.documents) : null),
  );
}

function block(title, ...content) {
  return el("section", { class: "block-section" }, el("h2", {}, title), ...content);
}

function relationsBlock(told) {
  const most = Math.max(1, ...told.relations.map((relation) => relation.members));
  const rows = told.relations.map((relation) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, relationTag(relation.name)),
      el("td", { class: "grow" }, bar(relation.members / most, `${relation.members}`)),
      el("td", { class: "numeric" }, number(relation.members)),
      el("td", { class: "numeric" }, number(relation.pairs)),
    ),
  );
  if (!rows.length) return block("By relation", el("p", { class: "empty" }, "No two documents are related."));
  return block(
    "By relation",
    el(
      "div",
      { class: "table" },
      el(
        "table",
        {},
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            el("th", { scope: "col" }, "relation"),
            el("td"),
            el("th", { scope: "col", class: "numeric" }, "copies"),
            el("th", { scope: "col", class: "numeric" }, "pairs"),
          ),
        ),
        el("tbody", {}, rows),
      ),
    ),
    el(
      "p",
      { class: "note" },
      "Copies: documents by what they are to the kept text of their cluster. Pairs: all matches, also within and between clusters.",
    ),
  );
}

function sitesBlock(told) {
  if (!told.sites.length) return block("By site", el("p", { class: "empty" }, "No document says where it is from."));
  const table = new Table({
    caption: "Sites with their documents and copies",
    rows: [...told.sites],
    perPage: 10,
    sort: 2,
    descending: true,
    columns: [
      {
        label: "site",
        first: true,
        cell: (row) => link(`#/clusters?q=${encodeURIComponent(row[0])}`, name(row[0])),
        sort: (row) => row[0],
      },
      { label: "documents", numeric: true, cell: (row) => number(row[1]), sort: (row) => row[1] },
      { label: "copies to drop", numeric: true, cell: (row) => number(row[2]), sort: (row) => row[2] },
      { label: "share", numeric: true, cell: (row) => percent(row[2] / row[1]), sort: (row) => row[2] / row[1] },
    ],
  });
  return block("By site", table.element);
}

function timeBlock(told) {
  if (told.time.at.length < 2) return null;
  return block(
    "Over time",
    timeChart(told.time),
    el("p", { class: "note" }, "Drag to look closer, double click to go back."),
  );
}

function largestBlock(told) {
  const holder = el("div");
  const draw = () => {
    const rows = Array.from({ length: Math.min(10, data.nRows) }, (_, i) => i);
    holder.replaceChildren(
      rows.length
        ? clusterTable(rows, { perPage: 10, file: "" }).element
        : el(
            "p",
            { class: "empty" },
            told.clusters ? "Loading …" : "There are no clusters: no document is a copy of another.",
          ),
    );
  };
  draw();
  if (!data.nRows) app.hearRows(draw);
  return block(
    "Largest clusters",
    holder,
    told.clusters > 10 ? el("p", {}, link("#/clusters", `All ${number(told.clusters)} clusters`)) : null,
  );
}

// What a bound leaves out, in words; of a bound that is not named here its own name tells.
const BOUNDS = {
  "candidates.max_bucket": "texts that too many others resemble are compared with some of these only",
  "passages.max_frequency": "passages that stand in too many texts propose no pairs",
  "passages.n_most": "of texts that share passages with very many others only the best pairs are compared",
  "evidence.furniture_share": "passages that stand on many pages of one site propose no pairs of its pages",
};

function skippedBlock(told) {
  const cut = told.cut ?? [];
  if (!told.n_skipped && !cut.length) return null;
  const notes = told.n_skipped
    ? new Table({
        caption: "What was skipped",
        rows: told.skipped,
        perPage: 10,
        columns: [
          { label: "where", first: true, cell: (row) => name(row[0]), sort: (row) => row[0] },
          { label: "why", cell: (row) => name(row[1]), sort: (row) => row[1] },
        ],
      }).element
    : null;
  const cuts = cut.map((item) =>
    el(
      "li",
      {},
      BOUNDS[item.bound] ? `${BOUNDS[item.bound][0].toUpperCase()}${BOUNDS[item.bound].slice(1)} ` : "",
      el("code", {}, plain(item.bound)),
      `: ${count(item.times, "time")}, ${number(item.left_out)} left out`,
    ),
  );
  return block(
    "Skipped and cut",
    notes,
    told.n_skipped > told.skipped.length
      ? el("p", { class: "note" }, `${number(told.n_skipped - told.skipped.length)} more in summary.json`)
      : null,
    cuts.length ? el("ul", {}, cuts) : null,
  );
}

function aboutBlock(told) {
  const versions = Object.entries(told.versions ?? {})
    .map(([key, value]) => `${key} ${value}`)
    .join(", ");
  return block(
    "About this run",
    el("p", { class: "note" }, `Settings ${plain(told.settings_digest ?? "unknown")}; ${plain(versions)}`),
    el(
      "details",
      {},
      el("summary", {}, "All settings"),
      el("pre", {}, plainLines(JSON.stringify(told.settings, null, 1) ?? "")),
    ),
  );
}

function plainLines(text) {
  return text.split("\n").map(plain).join("\n");
}
