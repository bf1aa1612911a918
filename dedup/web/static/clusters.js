// The table of clusters: searched, narrowed and sorted.

function clusterTable(rows, options = {}) {
  const at = data.rows;
  return new Table({
    caption: "Clusters",
    rows,
    file: "clusters",
    ...options,
    open: (row) => {
      location.hash = `#/cluster/${at.id[row]}`;
    },
    columns: [
      {
        label: "cluster",
        first: true,
        class: "title",
        cell: (row) => link(`#/cluster/${at.id[row]}`, name(at.title[row] || at.representative[row])),
        text: (row) => at.representative[row],
        sort: (row) => (at.title[row] || at.representative[row]).toLowerCase(),
      },
      { label: "size", numeric: true, cell: (row) => number(at.size[row]), sort: (row) => at.size[row] },
      {
        label: "relations",
        cell: (row) => relationsOf(at.relations[row]).map(relationTag),
        sort: (row) => at.relations[row],
      },
      { label: "weakest", numeric: true, cell: (row) => at.weakest[row].toFixed(2), sort: (row) => at.weakest[row] },
      {
        label: "sites",
        class: "sites",
        cell: (row) => sitesOf(at.sites[row]),
        sort: (row) => at.sites[row].join("\n").toLowerCase() || null,
      },
      { label: "first seen", class: "date", cell: (row) => day(at.start[row]), sort: (row) => at.start[row] },
    ],
  });
}

function relationsOf(bits) {
  return RELATIONS.filter((_, i) => bits & (1 << i));
}

function sitesOf(sites) {
  const more = sites.length > 3 ? ` and ${sites.length - 3} more` : "";
  return [...sites.slice(0, 3).flatMap((site, i) => [i ? ", " : "", name(site)]), more];
}

function clustersView(params) {
  document.title = "Clusters";
  const wanted = { q: params.get("q") ?? "", relation: params.get("relation") ?? "", least: params.get("least") ?? "" };
  const search = el("input", {
    type: "search",
    id: "search",
    value: wanted.q,
    placeholder: "title, id or site",
    autocomplete: "off",
    spellcheck: "false",
  });
  const relation = el(
    "select",
    { id: "relation" },
    el("option", { value: "" }, "any"),
    data.overview.relations.map((r) => el("option", { value: r.name, selected: r.name === wanted.relation }, r.name)),
  );
  const least = el("input", { type: "number", id: "least", min: "2", value: wanted.least, placeholder: "2" });
  const tally = el("p", { class: "note", role: "status" });
  const table = clusterTable([], {
    sort: params.has("by") ? Number(params.get("by")) : -1,
    descending: params.get("down") === "1",
    changed: () => remember(),
  });
  const remember = () => {
    const to = new URLSearchParams();
    for (const [key, value] of [
      ["q", search.value],
      ["relation", relation.value],
      ["least", least.value],
    ])
      if (value) to.set(key, value);
    if (table.sort >= 0) {
      to.set("by", table.sort);
      to.set("down", table.descending ? "1" : "0");
    }
    history.replaceState(null, "", `#/clusters${to.size ? `?${to}` : ""}`);
  };
  const update = () => {
    const rows = chosen(search.value, relation.value, Number(least.value) || 0);
    table.show(rows);
    const all = data.overview.clusters;
    tally.textContent = `${count(rows.length, "cluster")}${data.nRows < all ? `, ${number(data.nRows)} of ${number(all)} loaded` : rows.length < all ? ` of ${number(all)}` : ""}`;
  };
  let pause;
  const soon = () => {
    clearTimeout(pause);
    pause = setTimeout(() => {
      update();
      remember();
    }, 120);
  };
  for (const input of [search, relation, least]) input.addEventListener("input", soon);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      clearTimeout(pause);
      update();
      remember();
      table.body.querySelector("a")?.focus();
    }
  });
  update();
  app.hearRows(update);
  return el(
    "div",
    { class: "view" },
    el("h1", {}, "Clusters"),
    el(
      "form",
      { class: "filters", role: "search", submit: (event) => event.preventDefault() },
      el("span", { class: "field" }, el("label", { for: "search" }, "Search"), search),
      el("span", { class: "field" }, el("label", { for: "relation" }, "Relation"), relation),
      el("span", { class: "field" }, el("label", { for: "least" }, "At least"), least),
    ),
    tally,
    table.element,
  );
}

// Rows that hold every word of the search; rows are in the order of size.
function chosen(text, relation, least) {
  const wordsOf = text.toLowerCase().split(/\s+/).filter(Boolean);
  const bit = relation ? 1 << RELATIONS.indexOf(relation) : 0;
  const found = [];
  for (let row = 0; row < data.nRows; row++) {
    if (data.rows.size[row] < least || (bit && !(data.rows.relations[row] & bit))) continue;
    if (wordsOf.length && !wordsOf.every((word) => data.key(row).includes(word))) continue;
    found.push(row);
  }
  return found;
}
