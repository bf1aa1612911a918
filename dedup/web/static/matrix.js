// Who copies whom: texts that were first at the site of the row and then at the site of the column.

function matrixView(params) {
  document.title = "Who copies whom";
  const { sites, cells, n_sites: nSites } = data.overview.matrix;
  if (!cells.length)
    return missing(
      "No copies between sites are known: documents need a source or an address, and a date or a credit line.",
    );
  const grid = new Grid(sites, cells, params.get("by") ?? "total");
  const flows = new Table({
    caption: "Copies between sites",
    rows: [...cells],
    file: "copies",
    perPage: 20,
    sort: 2,
    descending: true,
    columns: [
      { label: "from", first: true, cell: (cell) => name(sites[cell[0]]), sort: (cell) => sites[cell[0]] },
      { label: "to", cell: (cell) => name(sites[cell[1]]), sort: (cell) => sites[cell[1]] },
      {
        label: "copies",
        numeric: true,
        cell: (cell) =>
          link(`#/clusters?q=${encodeURIComponent(`${sites[cell[0]]} ${sites[cell[1]]}`)}`, number(cell[2])),
        sort: (cell) => cell[2],
      },
      {
        label: "median lag",
        numeric: true,
        cell: (cell) => (cell[3] === null ? "" : lag(cell[3])),
        sort: (cell) => cell[3],
      },
    ],
  });
  return el(
    "div",
    { class: "view" },
    el("h1", {}, "Who copies whom"),
    el(
      "p",
      { class: "note" },
      "A copy counts once, from the site that had the text first, by credit lines and dates, to the site that has it too.",
      nSites > sites.length ? ` The ${sites.length} busiest of ${number(nSites)} sites.` : "",
    ),
    grid.element,
    block("As a list", flows.element),
  );
}

class Grid {
  constructor(sites, cells, by) {
    Object.assign(this, { sites, by });
    this.cell = new Map(cells.map(([from, to, n, median]) => [from * sites.length + to, { n, median }]));
    this.most = Math.max(...cells.map((cell) => cell[2]));
    this.given = this.sums(cells, 0);
    this.taken = this.sums(cells, 1);
    this.select = el(
      "select",
      { id: "matrix-order", change: () => this.order(this.select.value) },
      ["total", "given", "taken", "name"].map((key) => el("option", { value: key, selected: key === by }, key)),
    );
    this.holder = el("div", {
      class: "wide matrix",
      tabindex: "0",
      role: "region",
      "aria-label": "Matrix of sites, scrollable",
    });
    this.element = el(
      "div",
      {},
      el(
        "form",
        { class: "filters", submit: (event) => event.preventDefault() },
        el("label", { for: "matrix-order" }, "Order by"),
        this.select,
        el("span", { class: "note" }, "or by any site: choose its name"),
      ),
      this.holder,
    );
    this.order(by);
  }

  sums(cells, side) {
    const found = this.sites.map(() => 0);
    for (const cell of cells) found[cell[side]] += cell[2];
    return found;
  }

  at(from, to) {
    return this.cell.get(from * this.sites.length + to);
  }

  order(by) {
    const keys = {
      total: (k) => -(this.given[k] + this.taken[k]),
      given: (k) => -this.given[k],
      taken: (k) => -this.taken[k],
    };
    const all = this.sites.map((_, k) => k);
    const byName = (p, q) => (this.sites[p] < this.sites[q] ? -1 : 1);
    const sorted = (key) => [...all].sort((p, q) => (key ? key(p) - key(q) : 0) || byName(p, q));
    const [kind, k] = by.split(":");
    const column = (row) => -(this.at(row, Number(k))?.n ?? 0);
    const across = (to) => -(this.at(Number(k), to)?.n ?? 0);
    this.rows = kind === "to" ? sorted(column) : sorted(keys[kind] ?? (kind === "from" ? keys.total : null));
    this.columns = kind === "from" ? sorted(across) : sorted(keys[kind] ?? (kind === "to" ? keys.total : null));
    // Only rows that gave and columns that took have anything to show.
    this.rows = this.rows.filter((row) => this.given[row]);
    this.columns = this.columns.filter((to) => this.taken[to]);
    this.by = by;
    history.replaceState(null, "", `#/matrix?by=${by}`);
    this.draw();
  }

  draw() {
    const head = (k, kind) => {
      const by = `${kind}:${k}`;
      const title = plain(this.sites[k]);
      const words =
        kind === "to"
          ? `Sort rows by copies to ${title}`
          : `Sort columns by copies from ${title}`;
      return el(
        "button",
        { type: "button", class: "sort", title, "aria-label": words, "data-by": by, click: () => this.pressed(by) },
        name(this.sites[k]),
      );
    };
    const top = this.columns.map((k) =>
      el(
        "th",
        { scope: "col", class: "across", "aria-sort": this.by === `to:${k}` ? "descending" : "none" },
        el("span", {}, head(k, "to")),
      ),
    );
    const body = this.rows.map((from) =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, head(from, "from")),
        this.columns.map((to) => this.drawn(from, to)),
      ),
    );
    this.holder.replaceChildren(
      el(
        "table",
        {},
        el("caption", { class: "unseen" }, "Copies from the site of the row to the site of the column"),
        el("thead", {}, el("tr", {}, el("td", { class: "corner" }, "from ↓ to →"), top)),
        el("tbody", {}, body),
      ),
    );
  }

  pressed(by) {
    this.order(by);
    this.holder.querySelector(`[data-by="${by}"]`).focus();
    announce(`Sorted by ${by.startsWith("to") ? "column" : "row"} ${plain(this.sites[Number(by.split(":")[1])])}`);
  }

  drawn(from, to) {
    const found = this.at(from, to);
    if (!found) return el("td", { class: from === to ? "self" : null });
    const when = found.median === null ? "" : `, median lag ${lag(found.median)}`;
    const cell = el(
      "td",
      { class: "cell", title: `${plain(this.sites[from])} to ${plain(this.sites[to])}: ${number(found.n)}${when}` },
      number(found.n),
      found.median === null ? null : el("small", {}, shortLag(found.median)),
    );
    cell.style.setProperty("--heat", `${Math.round(8 + 40 * Math.sqrt(found.n / this.most))}%`);
    return cell;
  }
}

function shortLag(seconds) {
  const size = Math.abs(seconds);
  if (size < 60) return "at once";
  const [unit, length] = [
    ["y", 31557600],
    ["d", 86400],
    ["h", 3600],
    ["m", 60],
  ].find(([, s]) => size >= s);
  return `${seconds < 0 ? "-" : ""}${Math.round(size / length)} ${unit}`;
}
