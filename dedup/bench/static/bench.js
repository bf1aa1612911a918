// Draws the curves; everything else of the page is there without it.
(() => {
  const curves = JSON.parse(document.getElementById("curves").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const printed = matchMedia("print");
  // What a page of A4 or Letter has room for; while a chart is drawn anew the layout still is that of the screen.
  const PAPER = 640;
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

  // 1, 2 and 5 of each power of ten within the range, fewer where the range is wide.
  function powers(least, most) {
    const wide = Math.log10(most / least);
    const steps = wide < 2 ? [1, 2, 5] : [1];
    const found = [];
    for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power++)
      for (const step of steps) found.push(+(step * 10 ** power).toPrecision(3));
    return found.filter((value) => value >= least && value <= most);
  }

  function ranges(curve) {
    const values = Object.values(curve.lines).flat().filter((value) => value !== null && (!curve.yLog || value > 0));
    const most = Math.max(...values);
    const least = Math.min(...values);
    return {
      x: curve.xLog ? [curve.x[0] / 1.3, curve.x.at(-1) * 1.3] : null,
      y: curve.yLog ? [least / 1.6, most * 1.6] : [0, most * 1.08 || 1],
    };
  }

  function draw(holder, curve) {
    holder.replaceChildren();
    const labels = Object.keys(curve.lines);
    const { x, y } = ranges(curve);
    const logX = x ? { splits: () => curve.x, filter: (_, marks) => marks } : {};
    const logY = curve.yLog ? { splits: () => powers(...y), filter: (_, marks) => marks } : {};
    new uPlot(
      {
        width: Math.max(printed.matches ? Math.min(holder.clientWidth, PAPER) : holder.clientWidth, 240),
        height: 260,
        padding: [10, 22, 0, 0],
        cursor: { drag: { x: false, y: false } },
        legend: { show: labels.length > 1, live: false },
        scales: {
          x: { time: false, distr: x ? 3 : 1, ...(x ? { range: () => x } : {}) },
          y: { distr: curve.yLog ? 3 : 1, range: () => y },
        },
        axes: [axis(curve.xTitle, logX), axis(curve.yTitle, { size: 58, ...logY })],
        series: [
          { label: curve.xTitle, value: (_, value) => short(value) },
          ...labels.map((label, k) => ({
            label,
            stroke: color(`--c${k % 8}`),
            width: k ? 1.5 : 2.5,
            dash: k ? [[6, 4], [2, 3], [10, 4], [8, 3, 2, 3]][(k - 1) % 4] : undefined,
            points: { show: true, size: k ? 5 : 7 },
            spanGaps: true,
            value: (_, value) => short(value),
          })),
        ],
      },
      [curve.x, ...labels.map((label) => curve.lines[label])],
      holder,
    );
  }

  const again = [];
  for (const holder of document.querySelectorAll("[data-curve]")) {
    const curve = curves[+holder.dataset.curve];
    let width = 0;
    again.push(() => draw(holder, curve));
    new ResizeObserver(() => {
      if (holder.clientWidth && Math.abs(holder.clientWidth - width) > 8) {
        width = holder.clientWidth;
        draw(holder, curve);
      }
    }).observe(holder);
  }
  for (const change of [dark, printed]) change.addEventListener("change", () => again.forEach((one) => one()));
})();
