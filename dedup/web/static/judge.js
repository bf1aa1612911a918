// Judging pairs, where a server on this machine takes the judgments: each is on its disk before the next pair is shown.

const JUDGMENTS = [
  ["same", "s", "Same"],
  ["different", "d", "Not the same"],
  ["unsure", "u", "Unsure"],
];

async function give(papers, judgment) {
  const answer = await fetch("/judge", {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ left: papers[0].id, right: papers[1].id, judgment }),
  });
  if (!answer.ok) throw new Error(`the judgment was not taken: ${await answer.text()}`);
}

// Buttons and keys for one pair; `done` hears of a judgment once it is on the disk.
function judgeBar(papers, current, done) {
  const said = el("span", { class: "note", role: "status" }, current ? `judged: ${current}` : "");
  const press = async (judgment) => {
    for (const button of bar.querySelectorAll("button")) button.disabled = true;
    try {
      await give(papers, judgment);
      said.textContent = `judged: ${judgment}`;
      announce(`Judged ${judgment}`);
      done(judgment);
    } catch (error) {
      said.textContent = plain(error.message);
    }
    for (const button of bar.querySelectorAll("button")) button.disabled = false;
  };
  const buttons = JUDGMENTS.map(([judgment, key, label]) =>
    el(
      "button",
      {
        type: "button",
        "aria-pressed": current === judgment ? "true" : "false",
        "aria-keyshortcuts": key,
        click: () => press(judgment),
      },
      `${label} `,
      el("kbd", {}, key),
    ),
  );
  const bar = el("div", { class: "tools judge" }, buttons, said);
  app.keys = Object.fromEntries(
    JUDGMENTS.map(([judgment, key]) => [
      key,
      () => {
        if (!bar.querySelector("button:disabled")) press(judgment);
      },
    ]),
  );
  return bar;
}

async function judgeView(params) {
  document.title = "Judge";
  const judged = await fromServer("/questions");
  if (!judged.length) return missing("There are no pairs to judge.");
  const first = judged.indexOf(null);
  const asked = params.has("at") ? Number(params.get("at")) : Math.max(first, 0);
  const holder = el("div", { class: "view" });
  let at = Number.isInteger(asked) && asked >= 0 && asked < judged.length ? asked : 0;
  const show = async (k) => {
    at = k;
    history.replaceState(null, "", `#/judge?at=${k}`);
    const pair = await recall(`question-${k}`).then((part) => ({
      ...part.pairs[0],
      papers: part.papers,
      texts: part.texts,
    }));
    if (at === k) holder.replaceChildren(...question(k, judged, pair, show, holder));
  };
  await show(at);
  return holder;
}

function finished(judged) {
  return [
    el("h1", {}, "All pairs are judged"),
    el(
      "p",
      {},
      `${number(judged.length)} judgments are saved. `,
      el("code", {}, "dedup audit OUT"),
      " turns them into an estimate of precision and recall.",
    ),
    el("p", {}, link("#/judge?at=0", "Look at them again")),
  ];
}

function question(k, judged, pair, show, holder) {
  const papers = [pair.left, pair.right].map((place) => withText(pair.papers[place], pair.texts));
  const panes = new Panes(papers[0], papers[1], pair.match);
  app.panes = panes;
  const nDone = judged.filter((judgment) => judgment !== null).length;
  const progress = el("progress", { max: judged.length, value: nDone, "aria-label": "pairs judged" });
  const bar = judgeBar(papers, judged[k], (judgment) => {
    judged[k] = judgment;
    // Until the next pair is there, a key would judge this one again.
    app.keys = {};
    const next = [...judged.keys()].map((i) => (k + 1 + i) % judged.length).find((i) => judged[i] === null);
    if (next !== undefined) show(next);
    else holder.replaceChildren(...finished(judged));
  });
  const step = (j, words) =>
    j >= 0 && j < judged.length
      ? el(
          "a",
          {
            href: `#/judge?at=${j}`,
            click: (event) => {
              event.preventDefault();
              show(j);
            },
          },
          words,
        )
      : el("span", {}, words);
  return [
    el(
      "nav",
      { class: "beside", "aria-label": "Neighboring pairs" },
      step(k - 1, "Previous pair"),
      step(k + 1, "Next pair"),
    ),
    el("h1", {}, "Are these the same article?"),
    el(
      "p",
      { class: "note" },
      `Pair ${number(k + 1)} of ${number(judged.length)}, ${number(nDone)} judged. The same: one is a copy or a rewrite of the other, or both of a third. `,
      progress,
    ),
    bar,
    el(
      "details",
      {},
      el("summary", {}, "What the scan says"),
      pair.match ? [relationTag(pair.match.relation), evidence(pair.match, papers)] : el("p", {}, "The same text."),
    ),
    pair.match ? passageTools(panes) : null,
    panes.element,
    legend(),
  ].filter(Boolean);
}

const JUDGE_KEYS = [
  ["j", "judge"],
  ["s d u", "same, not the same, unsure, where pairs are judged"],
];
