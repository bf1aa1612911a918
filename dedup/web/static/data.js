// Where data comes from: packed within the page, from files beside it, or from the server that gave the page.

const waiting = new Map();
const kept = new Map();
const MOST_KEPT = 4;
const trusted = window.trustedTypes?.createPolicy("data", { createScriptURL: fileOf });

function fileOf(piece) {
  if (!/^[a-z]+(-[a-z0-9]+)*$/.test(piece)) throw new Error(`no such piece: ${piece}`);
  return `data/${piece}.js`;
}

// Called by the data files, which hold nothing but their name and packed letters.
window.dedupPiece = (piece, packed) => waiting.get(piece)?.(packed);

async function unpacked(packed) {
  const letters = atob(packed);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

function fromFile(piece) {
  return new Promise((resolve, reject) => {
    const file = document.createElement("script");
    const done = () => {
      waiting.delete(piece);
      file.remove();
    };
    waiting.set(piece, (packed) => {
      done();
      resolve(packed);
    });
    file.onerror = () => {
      done();
      reject(new Error(`cannot read data/${piece}.js beside this page`));
    };
    file.src = trusted ? trusted.createScriptURL(piece) : fileOf(piece);
    document.head.append(file);
  });
}

async function fromServer(path) {
  const answer = await fetch(path, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return answer.json();
}

async function read(piece) {
  const inside = document.querySelector(`script[data-piece="${piece}"]`);
  if (inside) return unpacked(inside.textContent);
  return data.overview.layout.server ? fromServer(`/piece/${piece}`) : unpacked(await fromFile(piece));
}

// The last few pieces are kept, as neighbors in a table often lie in one.
function recall(piece) {
  const found = kept.get(piece) ?? read(piece);
  kept.delete(piece);
  kept.set(piece, found);
  found.catch(() => kept.delete(piece));
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
  return found;
}

const COLUMNS = [
  "id",
  "representative",
  "size",
  "weakest",
  "relations",
  "sites",
  "start",
  "end",
  "title",
  "part",
  "others",
];

const data = {
  overview: null,
  rows: Object.fromEntries(COLUMNS.map((column) => [column, []])),
  keys: [],
  byId: new Map(),
  nRows: 0,
  onRows: () => {},

  async start() {
    this.overview = await unpacked(document.querySelector('script[data-piece="overview"]').textContent);
  },

  // The table of clusters, largest first, arrives in runs; `onRows` hears of each.
  async loadRows() {
    const total = this.overview.clusters;
    for (let k = 0; this.nRows < total; k++) {
      const run = await read(`rows-${k}`);
      for (const column of COLUMNS) for (const value of run[column]) this.rows[column].push(value);
      for (const id of run.id) this.byId.set(id, this.nRows++);
      this.onRows();
      if (!run.id.length) break;
      await new Promise((resolve) => setTimeout(resolve));
    }
  },

  // What a search looks through, made when first asked for.
  key(row) {
    this.keys[row] ??= [
      this.rows.id[row],
      this.rows.title[row],
      this.rows.sites[row].join("\n"),
      this.rows.representative[row],
      this.rows.others[row],
    ]
      .join("\n")
      .toLowerCase();
    return this.keys[row];
  },

  async cluster(id) {
    while (!this.byId.has(id)) {
      if (this.nRows >= this.overview.clusters) return null;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const row = this.byId.get(id);
    const part = await recall(`part-${this.rows.part[row]}`);
    return { ...part.clusters[row - part.first], papers: part.papers, texts: part.texts, row };
  },

  pairRows: () => recall("pair-rows"),

  async pair(at) {
    const each = data.overview.layout.pairs;
    const part = await recall(`pairs-${Math.floor(at / each)}`);
    return { ...part.pairs[at % each], papers: part.papers, texts: part.texts };
  },
};
