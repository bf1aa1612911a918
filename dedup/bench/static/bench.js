// Draws the curves; everything else of the page is there without it.
(() => {
  const curves = JSON.parse(document.getElementById("curves").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const short = (value) =>
    value === null || value === undefined
      ? ""
      : value >= 1e6
        ? `${+(value / 1e6).toPrecision(3)}M`
        : value >= 1e4
          ? `${+(value / 1e3).toPrecision(3)}k`
          : `${+value.toPrecision(3)}`;

  const axis = (label, more) => ({
    stroke: color("--quiet"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { stroke: color("--line") },
    values: (_, marks) => marks.map((mark) => (mark === null ? "" : short(mark))),
    label,
    labelSize: 22,
    ...more,
  });

  function draw(holder, curve) {
    holder.replaceChildren();
    const labels = Object.keys(curve.lines);
    const most = Math.max(...labels.flatMap((label) => curve.lines[label].filter((value) => value !== null)));
    new uPlot(
      {
        width: Math.max(holder.clientWidth, 240),
        height: 260,
        padding: [10, 18, 0, 0],
        cursor: { drag: { x: false, y: false } },
        legend: { show: labels.length > 1, live: false },
        scales: {
          x: { time: false, distr: curve.xLog ? 3 : 1, ...(curve.xLog ? { range: () => [curve.x[0] / 1.3, curve.x.at(-1) * 1.3] } : {}) },
          y: curve.yLog ? { distr: 3 } : { range: () => [0, most * 1.08 || 1] },
        },
        axes: [axis(curve.xTitle, curve.xLog ? { splits: () => curve.x, filter: (_, marks) => marks } : {}), axis(curve.yTitle, { size: 56 })],
        series: [
          { label: curve.xTitle, value: (_, value) => short(value) },
          ...labels.map((label, k) => ({
            label,
            stroke: color(`--c${k % 4}`),
            width: 2,
            dash: k ? [6, 4] : undefined,
            points: { show: true, size: 6 },
            value: (_, value) => short(value),
          })),
        ],
      },
      [curve.x, ...labels.map((label) => curve.lines[label])],
      holder,
    );
  }

  for (const holder of document.querySelectorAll("[data-curve]")) {
    const curve = curves[+holder.dataset.curve];
    let width = 0;
    new ResizeObserver(() => {
      if (holder.clientWidth && Math.abs(holder.clientWidth - width) > 8) {
        width = holder.clientWidth;
        draw(holder, curve);
      }
    }).observe(holder);
    dark.addEventListener("change", () => draw(holder, curve));
  }
})();
