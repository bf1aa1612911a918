// Which view is shown, and the keys that work everywhere.

const VIEWS = [
  ["overview", "Overview"],
  ["clusters", "Clusters"],
  ["pairs", "Related"],
  ["matrix", "Who copies whom"],
];

const app = {
  panes: null,
  keys: {},
  turn: 0,
  listeners: [],

  hearRows(listener) {
    this.listeners.push(listener);
  },

  async show(isFirst = false) {
    const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
    const [view, id] = path.split("/").map(decoded);
    const params = new URLSearchParams(query ?? "");
    const turn = ++this.turn;
    this.panes = null;
    this.keys = {};
    this.listeners = [];
    this.drawNav(view || "overview");
    let made;
    try {
      made = await this.view(view || "overview", id, params);
    } catch (error) {
      made = el(
        "div",
        { class: "view" },
        el("h1", {}, "This cannot be shown"),
        el("p", { class: "empty" }, plain(error.message)),
      );
    }
    if (turn !== this.turn) return;
    const main = document.getElementById("main");
    main.replaceChildren(made);
    main.setAttribute("aria-busy", "false");
    if (!isFirst) {
      window.scrollTo(0, 0);
      main.focus({ preventScroll: true });
      announce(document.title);
    }
  },

  view(view, id, params) {
    if (view === "clusters") return clustersView(params);
    if (view === "cluster") return clusterView(id ?? "", params);
    if (view === "pairs") return pairsView(params);
    if (view === "pair") return pairView(id ?? "");
    if (view === "matrix") return matrixView(params);
    if (view === "judge" && data.overview.layout.server) return judgeView(params);
    return overviewView();
  },

  drawNav(view) {
    const own = { cluster: "clusters", pair: "pairs" }[view] ?? view;
    const all = data.overview.layout.server ? [...VIEWS, ["judge", "Judge"]] : VIEWS;
    document
      .getElementById("nav")
      .replaceChildren(
        ...all.map(([to, label]) => el("a", { href: `#/${to}`, "aria-current": to === own ? "page" : null }, label)),
        el("button", { type: "button", class: "help", "aria-label": "Keys", click: () => help() }, "?"),
      );
  },
};

// An address that is cut off or mistyped names nothing that is here, and says so as any other that does not.
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const KEYS = [
  ["/", "search"],
  ["o c r w", "overview, clusters, related, who copies whom"],
  ["n p", "next, previous passage"],
  ["x", "the same passage in the other text"],
  ["t", "scroll together or apart"],
  ["] [", "next, previous cluster or pair"],
  ["?", "this list"],
];

function help() {
  const close = el("button", { type: "button", autofocus: true, click: () => box.close() }, "Close");
  const box = el(
    "dialog",
    { "aria-label": "Keys", close: () => box.remove() },
    el("h2", {}, "Keys"),
    el(
      "dl",
      { class: "keys" },
      (data.overview.layout.server ? JUDGE_KEYS : [])
        .concat(KEYS)
        .flatMap(([key, what]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, what)]),
    ),
    close,
  );
  document.body.append(box);
  box.showModal();
}

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (event.target.closest?.("input, select, textarea")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const go = (to) => {
    location.hash = to;
  };
  const besides = document.querySelectorAll(".beside a, .beside span");
  const actions = {
    "/": () => (document.getElementById("search") ? document.getElementById("search").focus() : searchSoon()),
    "?": help,
    j: () => data.overview.layout.server && go("#/judge"),
    o: () => go("#/overview"),
    c: () => go("#/clusters"),
    r: () => go("#/pairs"),
    w: () => go("#/matrix"),
    n: () => app.panes?.step(1),
    p: () => app.panes?.step(-1),
    x: () => app.panes?.across(),
    t: () => document.querySelector(".tools input")?.click(),
    "[": () => besides[0]?.click(),
    "]": () => besides[1]?.click(),
  };
  if (app.keys[event.key]) {
    event.preventDefault();
    app.keys[event.key]();
    return;
  }
  if (actions[event.key]) {
    event.preventDefault();
    actions[event.key]();
  }
}

function searchSoon() {
  location.hash = "#/clusters";
  setTimeout(() => document.getElementById("search")?.focus(), 60);
}

async function begin() {
  await data.start();
  data.onRows = () => app.listeners.forEach((listener) => listener());
  const rows = data.loadRows().catch((error) => announce(error.message));
  await app.show(true);
  window.addEventListener("hashchange", () => app.show());
  document.addEventListener("keydown", onKey);
  document.documentElement.dataset.ready = "yes";
  await rows;
  document.documentElement.dataset.loaded = "yes";
}

begin().catch((error) => {
  document.getElementById("main").replaceChildren(el("p", { class: "empty" }, plain(error.message)));
});
