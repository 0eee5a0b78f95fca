// Charts of the answers: what to draw comes from Python as small specifications (DATA.answers), and is drawn here as SVG in the
// colours of the page. Names go in as text only. Each chart can be walked through with the arrow keys; a table stands beside it.
const PLOT_FONT = `11px ${FONT}`;
const variantOf = new WeakMap();
const LINE_TONES = ["tone1", "tone0", "tone2", "tone3", "tone4", "tone5", "tone6", "tone7"];

const amountText = (value) => missing(value) ? "–" : grouped(String(Number(value.toPrecision(Math.abs(value) >= 1000 ? 5 : 3))).replace("-", "−"));
const boundsText = (low, high) => missing(low) || missing(high) ? "" : ` [${amountText(low)}, ${amountText(high)}]`;
const lineTone = (series, i) => color(series.c || LINE_TONES[i % LINE_TONES.length]);

// Draws every chart of an unfolded section; a list of variants gets a choice above the chart.
function drawAnswers(section) {
  for (const box of section.querySelectorAll(".answer-figure")) drawFigure(box);
}

function drawFigure(box) {
  const variants = DATA.answers[box.dataset.of][box.dataset.figure];
  if (!variants || !box.clientWidth) return;
  const at = Math.min(variantOf.get(box) || 0, variants.length - 1), spec = variants[at][1];
  const plot = h("div", { class: "drawn" });
  fill(box, variants.length > 1 ? choiceOf(box, variants, at) : null, plot);
  PLOTS[spec.k](plot, spec, box.getAttribute("aria-label"));
  if (plot.querySelector(":scope > svg")) plot.after(downloads(drawing(plot), box.dataset.figure));
}

function choiceOf(box, variants, at) {
  const pick = h("select", { onchange: (event) => { variantOf.set(box, Number(event.target.value)); drawFigure(box); box.querySelector("select").focus(); } });
  options(pick, variants.map(([words]) => words), at);
  return h("div", { class: "bar-of-controls" }, h("label", {}, box.dataset.choose, pick));
}

// Round values between two ends, about `count` of them.
function ticksBetween(low, high, count) {
  const rough = (high - low) / Math.max(count, 1) || 1, size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((part) => part * size).find((part) => part >= rough * 0.999) || size;
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i += 1) found.push(Number((i * step).toPrecision(12)));
  return found;
}

// The plane of a chart: scales, grid, axis titles, legend. A null on the x axis ("no floor") has a place of its own at the left.
function plane(box, spec, { xs, ys, legend = [], height = 250 }) {
  const width = Math.max(Math.floor(box.clientWidth), 200), known = xs.filter((x) => !missing(x)), hasNone = xs.length > known.length;
  const [low, high] = extent(ys, spec.zero), levels = ticksBetween(low, high, 5);
  const left = 14 + Math.max(...levels.map((value) => textSize(amountText(value), PLOT_FONT))), none = hasNone ? 46 : 0;
  const right = 8 + Math.max(0, ...known.map((value) => textSize(amountText(value), PLOT_FONT))) / 2;
  const rows = legendRows(legend, width - left), top = 22 + 18 * rows.length, bottom = top + height;
  const [from, to] = known.length ? [Math.min(...known), Math.max(...known)] : [0, 0], room = width - left - none - right;
  const x = (value) => missing(value) ? left + 18 : left + none + 8 + (to === from ? (room - 8) / 2 : (value - from) / (to - from) * (room - 8));
  const y = (value) => bottom - (value - low) / (high - low || 1) * height;
  const svg = s("svg", { width, height: bottom + 40, viewBox: `0 0 ${width} ${bottom + 40}`, "font-family": FONT, "font-size": 11, fill: color("soft"), role: "img" });
  legendInto(svg, rows, left);
  svg.append(s("text", { x: 0, y: top - 10 }, shortened(spec.y, width - 8, PLOT_FONT)));
  for (const level of levels) svg.append(s("path", { d: `M${left} ${y(level)}H${width - right}`, stroke: color("line") }), s("text", { x: left - 6, y: y(level) + 4, "text-anchor": "end" }, amountText(level)));
  for (const value of xTicks(spec, known, from, to, room)) svg.append(s("path", { d: `M${x(value)} ${bottom}v4`, stroke: color("soft") }), s("text", { x: x(value), y: bottom + 17, "text-anchor": "middle" }, amountText(value)));
  if (hasNone) svg.append(s("text", { x: x(null), y: bottom + 17, "text-anchor": "middle" }, "none"));
  svg.append(s("text", { x: left + none + room / 2, y: bottom + 34, "text-anchor": "middle" }, shortened(spec.x, room, PLOT_FONT)));
  box.replaceChildren(svg);
  return { svg, x, y, left, top, bottom, width, right: width - right };
}

function extent(values, zero) {
  const known = values.filter((value) => !missing(value));
  let low = Math.min(...known, ...(zero ? [0] : [])), high = Math.max(...known, ...(zero ? [0] : []));
  if (!Number.isFinite(low)) return [0, 1];
  if (low === high) [low, high] = zero && low === 0 ? [0, 1] : [low - Math.abs(low || 1) * 0.1, high + Math.abs(high || 1) * 0.1];
  const pad = (high - low) * 0.05;
  return [zero && low === 0 ? 0 : low - pad, zero && high === 0 ? 0 : high + pad];
}

function xTicks(spec, known, from, to, room) {
  const own = [...new Set(known)].sort((a, b) => a - b), widest = Math.max(0, ...own.map((value) => textSize(amountText(value), PLOT_FONT))) + 14;
  if (own.length * widest <= room && own.every((value, i) => !i || (value - own[i - 1]) / (to - from || 1) * room >= widest)) return own;
  const found = ticksBetween(from, to, Math.max(1, Math.floor(room / Math.max(widest, 50))));
  return spec.whole ? found.filter(Number.isInteger) : found;
}

function legendRows(items, room) {
  const rows = [];
  let used = Infinity;
  for (const item of items) {
    const words = shortened(item.n, room - 34, `12px ${FONT}`), width = textSize(words, `12px ${FONT}`) + 40;
    if (used + width > room) { rows.push([]); used = 0; }
    rows.at(-1).push({ ...item, words, at: used });
    used += width;
  }
  return rows;
}

function legendInto(svg, rows, left) {
  rows.forEach((row, place) => row.forEach((item) => {
    const y = 8 + place * 18, paint = item.paint;
    svg.append(item.block ? s("rect", { x: left + item.at, y: y - 5, width: 14, height: 10, fill: paint })
      : s("path", { d: `M${left + item.at} ${y}h20`, stroke: paint, "stroke-width": 2.2, "stroke-dasharray": item.d ? "4 3" : null }),
    s("text", { x: left + item.at + 26, y: y + 4, fill: color("ink"), "font-size": 12 }, item.words));
  }));
}

// Walks a chart by mouse or arrow keys: `stops` are [x, y, words].
function walk(at, stops, near) {
  const cursor = s("path", { stroke: color("soft"), "stroke-dasharray": "2 3", "pointer-events": "none", visibility: "hidden" });
  const said = h("p", { class: "said", "aria-live": "polite" });
  let place = -1;
  const go = (i, event) => {
    place = i;
    const [x, , words] = stops[i], box = at.svg.getBoundingClientRect();
    filled(cursor, { d: near ? "" : `M${x} ${at.top}V${at.bottom}`, visibility: "visible" }, []);
    showTip(words, event || { clientX: box.left + x, clientY: box.top + stops[i][1] });
  };
  const leave = () => { cursor.setAttribute("visibility", "hidden"); hideTip(); };
  if (!stops.length) return;
  at.svg.append(cursor);
  at.svg.after(said);
  at.svg.setAttribute("tabindex", "0");
  at.svg.addEventListener("mousemove", (event) => {
    const box = at.svg.getBoundingClientRect(), away = (stop) => Math.abs(stop[0] - event.clientX + box.left) + (near ? Math.abs(stop[1] - event.clientY + box.top) : 0);
    go(stops.reduce((best, stop, i) => away(stop) < away(stops[best]) ? i : best, 0), event);
  });
  at.svg.addEventListener("mouseleave", leave);
  at.svg.addEventListener("blur", leave);
  at.svg.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    go(Math.max(0, Math.min(stops.length - 1, place + step)));
    said.textContent = stops[place][2];
  });
}

const PLOTS = {
  lines(box, spec, words) {
    const points = spec.s.flatMap((series) => series.p);
    const legend = spec.s.length > 1 || spec.s[0]?.d ? spec.s.map((series, i) => ({ n: series.n, d: series.d, paint: lineTone(series, i) })) : [];
    const at = plane(box, spec, { xs: [...points.map(([x]) => x), ...(spec.v || []).map(([x]) => x)], ys: [...points.flatMap(([, y, low, high]) => [y, low, high]), ...(spec.h || []).map(([y]) => y)], legend, height: spec.height });
    at.svg.setAttribute("aria-label", words);
    for (const mark of spec.v || []) verticalMark(at, mark);
    for (const [value, text] of spec.h || []) at.svg.append(s("path", { d: `M${at.left} ${at.y(value)}H${at.right}`, stroke: color("ink"), "stroke-dasharray": "5 4", opacity: 0.7 }), s("text", { x: at.right, y: at.y(value) - 5, "text-anchor": "end", fill: color("ink") }, text));
    spec.s.forEach((series, i) => lineInto(at, series, lineTone(series, i)));
    walk(at, stopsOf(at, spec));
  },

  stack(box, spec, words) {
    const legend = spec.s.map((series, i) => ({ n: series.n, block: true, paint: lineTone(series, i) }));
    const at = plane(box, { ...spec, zero: true }, { xs: spec.xs, ys: [0, 1], legend, height: spec.height });
    at.svg.setAttribute("aria-label", words);
    const base = spec.xs.map(() => 0);
    spec.s.forEach((series, i) => {
      const top = base.map((value, at_) => value + (series.p[at_] ?? 0)), over = spec.xs.map((x, j) => `${at.x(x)} ${at.y(top[j])}`), under = spec.xs.map((x, j) => `${at.x(x)} ${at.y(base[j])}`).reverse();
      at.svg.append(s("path", { d: `M${[...over, ...under].join("L")}Z`, fill: lineTone(series, i), stroke: color("paper"), "stroke-width": 1 }));
      top.forEach((value, j) => { base[j] = value; });
    });
    for (const mark of spec.v || []) verticalMark(at, mark);
    walk(at, spec.xs.map((x, j) => [at.x(x), at.top + 20, [`${spec.x} ${amountText(x)}`, ...spec.s.map((series) => `${series.n}: ${amountText(series.p[j])}`)].join("\n")]));
  },
};

function verticalMark(at, [x, low, high, text]) {
  if (!missing(low) && !missing(high)) at.svg.append(s("rect", { x: Math.min(at.x(low), at.x(high)) - 1, y: at.top, width: Math.abs(at.x(high) - at.x(low)) + 2, height: at.bottom - at.top, fill: color("ink"), opacity: 0.1 }));
  at.svg.append(s("path", { d: `M${at.x(x)} ${at.top}V${at.bottom}`, stroke: color("ink"), "stroke-width": 1.4 }, s("title", {}, text)));
}

function lineInto(at, series, paint) {
  const line = series.p.filter(([x, y]) => !missing(x) && !missing(y)), banded = line.filter(([, , low, high]) => !missing(low) && !missing(high));
  if (banded.length > 1) at.svg.append(s("path", { d: `M${[...banded.map(([x, , , high]) => `${at.x(x)} ${at.y(high)}`), ...banded.map(([x, , low]) => `${at.x(x)} ${at.y(low)}`).reverse()].join("L")}Z`, fill: paint, opacity: series.d ? 0.1 : 0.16 }));
  if (line.length > 1) at.svg.append(s("path", { d: `M${line.map(([x, y]) => `${at.x(x)} ${at.y(y)}`).join("L")}`, fill: "none", stroke: paint, "stroke-width": series.d ? 1.5 : 2.2, "stroke-dasharray": series.d ? "4 3" : null, "stroke-linejoin": "round" }));
  const isSparse = line.length <= 40;
  for (const [x, y, low, high] of series.p) {
    if (missing(y)) continue;
    if (missing(x) || line.length === 1) { if (!missing(low) && !missing(high)) at.svg.append(s("path", { d: `M${at.x(x)} ${at.y(low)}V${at.y(high)}`, stroke: paint, "stroke-width": 1.6 })); }
    if (missing(x) || line.length === 1 || (isSparse && !series.d)) at.svg.append(s("circle", { cx: at.x(x), cy: at.y(y), r: missing(x) ? 4 : 3, fill: series.d ? color("paper") : paint, stroke: paint }));
  }
}

// One stop for each place on the x axis, with what every line says there.
function stopsOf(at, spec) {
  const places = [...new Set(spec.s.flatMap((series) => series.p.map(([x]) => x)))].sort((a, b) => missing(b) - missing(a) || a - b);
  const told = spec.s.map((series) => new Map(series.p.map((point) => [point[0], point])));
  return places.map((x) => {
    const found = spec.s.map((series, i) => [series.n, told[i].get(x)]).filter(([, point]) => point && !missing(point[1]));
    const marks = (spec.v || []).filter(([place]) => place === x).map(([, , , text]) => text);
    return [at.x(x), at.top + 30, [missing(x) ? "no floor" : `${spec.x} ${amountText(x)}`, ...found.map(([n, [, y, low, high]]) => `${n}: ${amountText(y)}${boundsText(low, high)}`), ...marks].join("\n")];
  });
}
