// Tables that are sorted by their headers and shown a page at a time.

function textOf(cell) {
  return [cell]
    .flat()
    .filter((part) => part !== null && part !== undefined && part !== false)
    .map((part) => part.textContent ?? String(part))
    .join(" ");
}

// Spreadsheets take some beginnings for formulas, so those get an apostrophe before them.
function csvField(text) {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${plain(safe).replaceAll('"', '""')}"`;
}

class Table {
  // `columns`: {label, cell(row), sort(row), numeric, first}; `rows` is an array that is sorted in place.
  constructor({
    caption,
    columns,
    rows,
    sort = -1,
    descending = false,
    perPage = 50,
    open = null,
    changed = null,
    file = "",
  }) {
    Object.assign(this, { columns, rows, sort, descending, perPage, open, changed, file });
    this.page = 0;
    this.heads = columns.map((column, i) => this.head(column, i));
    this.body = el("tbody");
    this.pager = el("div", { class: "pager" });
    const table = el(
      "table",
      {},
      el("caption", { class: "unseen" }, caption),
      el("thead", {}, el("tr", {}, this.heads)),
      this.body,
    );
    this.element = el("div", { class: "table" }, el("div", { class: "wide" }, table), this.pager);
    if (sort >= 0) this.arrange();
    this.draw();
  }

  head(column, i) {
    const label = column.sort
      ? el("button", { type: "button", class: "sort", click: () => this.sortBy(i) }, column.label)
      : column.label;
    return el("th", { scope: "col", class: column.numeric ? "numeric" : null }, label);
  }

  sortBy(i) {
    this.descending = this.sort === i ? !this.descending : Boolean(this.columns[i].numeric);
    this.sort = i;
    this.page = 0;
    this.arrange();
    this.draw();
    this.changed?.();
    announce(`Sorted by ${this.columns[i].label}, ${this.descending ? "descending" : "ascending"}`);
  }

  arrange() {
    const { sort } = this.columns[this.sort];
    const keyed = this.rows.map((row, i) => [sort(row), i, row]);
    const sign = this.descending ? -1 : 1;
    keyed.sort(([a, i], [b, j]) => {
      if (a === b) return i - j;
      if (a === null || a === undefined) return 1;
      if (b === null || b === undefined) return -1;
      return (a < b ? -1 : 1) * sign;
    });
    keyed.forEach(([, , row], i) => {
      this.rows[i] = row;
    });
  }

  show(rows) {
    this.rows = rows;
    this.page = 0;
    if (this.sort >= 0) this.arrange();
    this.draw();
  }

  draw() {
    this.heads.forEach((head, i) => {
      if (this.columns[i].sort)
        head.setAttribute("aria-sort", i !== this.sort ? "none" : this.descending ? "descending" : "ascending");
    });
    const from = this.page * this.perPage;
    this.body.replaceChildren(...this.rows.slice(from, from + this.perPage).map((row) => this.row(row)));
    this.drawPager();
  }

  row(row) {
    const cells = this.columns.map((column) =>
      el(
        column.first ? "th" : "td",
        {
          scope: column.first ? "row" : null,
          class: [column.numeric ? "numeric" : "", column.class ?? ""].join(" ").trim() || null,
          "data-label": column.label,
        },
        column.cell(row),
      ),
    );
    const made = el("tr", {}, cells);
    if (this.open) {
      made.classList.add("opens");
      made.addEventListener("click", (event) => {
        if (!event.target.closest("a, button") && !String(getSelection())) this.open(row);
      });
    }
    return made;
  }

  drawPager() {
    const n = Math.ceil(this.rows.length / this.perPage);
    const save =
      this.file && this.rows.length
        ? el("button", { type: "button", class: "save", click: () => this.save() }, "Save as CSV")
        : null;
    if (n <= 1) {
      this.pager.replaceChildren(...(save ? [save] : []));
      return;
    }
    const button = (label, page, isOff) =>
      el("button", { type: "button", disabled: isOff, click: () => this.turn(page) }, label);
    this.pager.replaceChildren(
      button("Previous", this.page - 1, this.page === 0),
      el(
        "span",
        {},
        `${number(this.page * this.perPage + 1)}–${number(Math.min((this.page + 1) * this.perPage, this.rows.length))} of ${number(this.rows.length)}`,
      ),
      button("Next", this.page + 1, this.page >= n - 1),
      ...(save ? [save] : []),
    );
  }

  // All rows as they are sorted and narrowed now.
  save() {
    const columns = this.columns.filter((column) => column.label);
    const lines = this.rows.map((row) =>
      columns.map((column) => textOf(column.text ? column.text(row) : column.cell(row))),
    );
    const content = [columns.map((column) => column.label), ...lines]
      .map((line) => line.map(csvField).join(","))
      .join("\r\n");
    const address = URL.createObjectURL(new Blob(["\ufeff", content, "\r\n"], { type: "text/csv" }));
    el("a", { href: address, download: `${this.file}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
    announce(`${count(this.rows.length, "row")} saved`);
  }

  turn(page) {
    this.page = page;
    this.draw();
    this.changed?.();
    this.element.scrollIntoView({ block: "nearest" });
    announce(`Page ${page + 1}`);
  }
}
