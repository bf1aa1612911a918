// Charts: bars that are rows of a table, and counts over time.

function bar(share, label) {
  const fill = el("span", { class: "fill" });
  fill.style.setProperty("width", `${Math.max(100 * share, share > 0 ? 1 : 0)}%`);
  return el("span", { class: "bar", title: label, "aria-hidden": "true" }, fill);
}

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

const counted = (_, n) => (n === null || n === undefined ? "" : number(n));

const DAY = 86400;
const STEPS = { day: DAY, month: 30 * DAY, year: 365 * DAY };
// Between two marks of the axis, never less than one step: a bar is no time of a day.
const MONTHS = [1, 2, 3, 4, 6].map((n) => 30 * n);
const YEARS = [1, 2, 5, 10, 25, 50, 100].map((n) => 365 * n);
const MARKS = [1, 2, 3, 5, 7, 10, 15, ...MONTHS, ...YEARS].map((n) => n * DAY);
const LETTERS = { day: 10, month: 7, year: 4 };
const unitOf = (apart) => (apart < STEPS.month ? "day" : apart < STEPS.year ? "month" : "year");

// Documents and copies by day, month or year; drag to look closer, double click to go back.
function timeChart(time) {
  const holder = el("div", { class: "chart", role: "img", "aria-label": timeWords(time) });
  const draw = () => {
    holder.replaceChildren();
    const steps = uPlot.paths.bars({ size: [0.8, 60] });
    const half = STEPS[time.unit] / 2;
    const axis = {
      stroke: color("--quiet"),
      grid: { stroke: color("--line"), width: 1 },
      ticks: { stroke: color("--line") },
    };
    new uPlot(
      {
        width: Math.max(holder.clientWidth, 260),
        height: 220,
        cursor: { y: false },
        legend: { live: true },
        tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
        // The first and the last bar stand on the ends, so half of a step more is shown beyond them.
        scales: {
          x: { range: (_, from, to) => [from - half, to + half] },
          y: { range: (_, __, most) => [0, Math.max(most, 1)] },
        },
        axes: [
          {
            ...axis,
            space: 90,
            incrs: MARKS.filter((mark) => mark >= STEPS[time.unit]),
            values: (_, marks, __, ___, apart) => marks.map((at) => day(at).slice(0, LETTERS[unitOf(apart)])),
          },
          {
            ...axis,
            size: 60,
            values: (_, marks) => marks.map((mark) => (Number.isInteger(mark) ? number(mark) : "")),
          },
        ],
        series: [
          {
            label: time.unit,
            value: (_, at) => (at === null ? "" : day(at).slice(0, LETTERS[time.unit])),
          },
          {
            label: "documents",
            value: counted,
            stroke: color("--accent"),
            fill: color("--accent-soft"),
            paths: steps,
            points: { show: false },
          },
          {
            label: "copies to drop",
            value: counted,
            stroke: color("--warn"),
            fill: color("--warn-soft"),
            paths: steps,
            points: { show: false },
          },
        ],
      },
      [time.at, time.documents, time.removed],
      holder,
    );
  };
  let width = 0;
  new ResizeObserver(() => {
    if (holder.clientWidth && Math.abs(holder.clientWidth - width) > 8) {
      width = holder.clientWidth;
      draw();
    }
  }).observe(holder);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  return holder;
}

function timeWords(time) {
  const most = time.documents.indexOf(Math.max(...time.documents));
  return `Documents and copies by ${time.unit}, ${day(time.at[0])} to ${day(time.at.at(-1))}; most documents, ${number(time.documents[most])}, at ${day(time.at[most])}`;
}
