// Pairs that are related and in no cluster together.

async function pairsView(params) {
  document.title = "Related pairs";
  if (!data.overview.layout.pairParts) return missing("No related pairs between clusters were found.");
  const rows = await data.pairRows();
  const relations = RELATIONS.filter((relation) => rows.found[relation]);
  const wanted = params.get("relation") ?? "";
  const list = () => rows.relation.map((_, i) => i).filter((i) => !select.value || rows.relation[i] === select.value);
  const select = el(
    "select",
    {
      id: "pair-relation",
      change: () => {
        table.show(list());
        history.replaceState(null, "", select.value ? `#/pairs?relation=${select.value}` : "#/pairs");
      },
    },
    el("option", { value: "" }, "any"),
    relations.map((relation) => el("option", { value: relation, selected: relation === wanted }, relation)),
  );
  const table = new Table({
    caption: "Related pairs",
    rows: list(),
    file: "pairs",
    open: (i) => {
      location.hash = `#/pair/${i}`;
    },
    columns: [
      {
        label: "one",
        first: true,
        class: "title",
        cell: (i) => link(`#/pair/${i}`, name(rows.left[i])),
        sort: (i) => rows.left[i],
      },
      { label: "the other", class: "title", cell: (i) => name(rows.right[i]), sort: (i) => rows.right[i] },
      {
        label: "relation",
        cell: (i) => relationTag(rows.relation[i]),
        sort: (i) => RELATIONS.indexOf(rows.relation[i]),
      },
      { label: "shared", numeric: true, cell: (i) => percent(rows.coverage[i]), sort: (i) => rows.coverage[i] },
      {
        label: "confidence",
        numeric: true,
        cell: (i) => rows.confidence[i].toFixed(2),
        sort: (i) => rows.confidence[i],
      },
    ],
  });
  const all = Object.values(rows.found).reduce((sum, n) => sum + n, 0);
  return el(
    "div",
    { class: "view" },
    el("h1", {}, "Related, but not one cluster"),
    el(
      "p",
      { class: "note" },
      `${count(all, "match")} between clusters or with documents outside; of those between the same two the one that shares most, ${number(rows.left.length)} in all.`.replace(
        "matchs",
        "matches",
      ),
    ),
    el(
      "form",
      { class: "filters", submit: (event) => event.preventDefault() },
      el("label", { for: "pair-relation" }, "Relation"),
      select,
    ),
    table.element,
  );
}

async function pairView(at) {
  if (!data.overview.layout.pairParts) return missing("No related pairs between clusters were found.");
  const rows = await data.pairRows();
  const k = Number(at);
  if (!Number.isInteger(k) || k < 0 || k >= rows.left.length)
    return missing(`There is no pair ${plain(at)} in this report.`);
  const pair = await data.pair(k);
  document.title = `Pair ${k + 1}`;
  const papers = [pair.left, pair.right].map((place) => withText(pair.papers[place], pair.texts));
  const clusters = [rows.leftCluster[k], rows.rightCluster[k]].map((row, i) =>
    row >= 0 && row < data.nRows
      ? el("li", {}, link(`#/cluster/${data.rows.id[row]}`, `cluster of the ${["left", "right"][i]} text`))
      : null,
  );
  const beside = (j, label) => (j >= 0 && j < rows.left.length ? link(`#/pair/${j}`, label) : el("span", {}, label));
  return el(
    "div",
    { class: "view" },
    el(
      "nav",
      { class: "beside", "aria-label": "Neighboring pairs" },
      beside(k - 1, "Previous pair"),
      beside(k + 1, "Next pair"),
    ),
    el("h1", {}, name(rows.left[k]), " and ", name(rows.right[k])),
    el("ul", { class: "inline" }, clusters),
    comparisonBlock(papers, pair.match),
  );
}
