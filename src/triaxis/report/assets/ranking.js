// The live chart: one bar per model at the floor and budget of the sliders, with 95 % whiskers, reordered as they move.
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif";
const MOST_BARS = 20;
let showAll = false;
let bars = null;

const textSize = (() => {
  const context = document.createElement("canvas").getContext("2d");
  return (text, font) => { context.font = font; return context.measureText(text).width; };
})();

// Cut in the middle: names of one family differ at their ends.
function shortened(text, room, font) {
  let keep = text.length, cut = text;
  while (keep > 2 && textSize(cut, font) > room) {
    keep -= 1;
    cut = `${text.slice(0, Math.ceil(keep / 2))}…${text.slice(text.length - Math.floor(keep / 2))}`;
  }
  return cut;
}

// Where things stand: labels left of the bars, or above them when the page is narrow.
function layout(width) {
  const narrow = width < 560;
  const longest = Math.max(...gate().models.map((_, m) => textSize(label(m), `600 13px ${FONT}`)));
  const left = narrow ? 0 : Math.min(longest + 14, width * 0.4);
  const figure = textSize(show(largest()), `600 13px ${FONT}`);
  const right = narrow ? figure + 10 : Math.max(104, figure + 56);
  return { narrow, left, right, row: narrow ? 40 : 27, bar: 15, top: narrow ? 4 : 24, room: Math.max(width - left - right, 40) };
}

function largest() {
  let most = 0;
  for (let floor = 0; floor < gate().floors.length; floor += 1) {
    for (let model = 0; model < gate().models.length; model += 1) {
      const row = usable(model, floor);
      most = Math.max(most, row.value || 0, row.high || 0);
    }
  }
  return most || 1000;
}

function drawRanking() {
  const box = byId("bars");
  const width = Math.floor(box.clientWidth);
  if (!width) return;
  const rows = ranked().filter((row) => !missing(row.value));
  const shown = showAll ? rows : rows.slice(0, MOST_BARS);
  const at = layout(width), scale = at.room / largest();
  const height = at.top + shown.length * at.row + 6;
  bars = bars || s("svg", { role: "img" });
  if (bars.parentNode !== box) box.replaceChildren(bars);
  filled(bars, { width, height, viewBox: `0 0 ${width} ${height}`, "font-family": FONT, "font-size": 13, "aria-label": spoken(shown) }, []);
  placeRows(shown, at, scale);
  drawGrid(at, scale, height, width);
  more(box, rows.length - shown.length, rows.length);
}

const spoken = (rows) => `Ranking at ${floorWords(state.floor)}, ${draws(state.budget)}: ` +
  rows.slice(0, 5).map((row) => `${gate().models[row.model]} ${show(row.value)}`).join(", ");

function placeRows(rows, at, scale) {
  const known = new Map([...bars.querySelectorAll("g.row")].map((node) => [node.dataset.model, node]));
  rows.forEach((row, place) => {
    const key = `${state.gate}:${row.model}`;
    const node = known.get(key) || s("g", { class: "row", "data-model": key });
    known.delete(key);
    node.replaceChildren(...barParts(row, at, scale, place));
    node.style.transform = `translate(0px, ${at.top + place * at.row}px)`;
    node.setAttribute("transform", `translate(0 ${at.top + place * at.row})`);
    if (!node.parentNode) bars.append(node);
  });
  for (const node of known.values()) node.remove();
}

function barParts(row, at, scale, place) {
  const font = `600 13px ${FONT}`;
  const top = at.narrow ? 19 : (at.row - at.bar) / 2, middle = top + at.bar / 2;
  const end = at.left + row.value * scale;
  const weight = tone(row.model) >= 0 || place === 0 ? 600 : 400;
  const words = shortened(label(row.model), at.narrow ? at.room : at.left - 14, font);
  const parts = [
    s("rect", { x: 0, y: 0, width: at.left + at.room + at.right, height: at.row, fill: "transparent", ...tipped(described(row)) }),
    s("text", {
      x: at.narrow ? 0 : at.left - 10, y: at.narrow ? 13 : middle + 4.5, "text-anchor": at.narrow ? "start" : "end", "font-weight": weight,
      fill: tone(row.model) >= 0 ? toneColor(row.model) : color("ink"), "pointer-events": "none",
    }, words),
    s("rect", { x: at.left, y: top, width: Math.max(end - at.left, 1), height: at.bar, rx: 2, fill: toneColor(row.model), "pointer-events": "none" }),
  ];
  if (!missing(row.low)) parts.push(whisker(at.left + row.low * scale, at.left + row.high * scale, middle));
  const edge = Math.max(end, missing(row.high) ? 0 : at.left + row.high * scale);
  parts.push(s("text", { x: edge + 7, y: middle + 4.5, fill: color("ink"), "font-weight": weight, "pointer-events": "none" }, show(row.value)));
  const share = gate().floors[state.floor] === null ? "" : percent(row.share);
  if (!at.narrow) parts.push(s("text", { x: at.left + at.room + at.right, y: middle + 4.5, "text-anchor": "end", fill: color("soft"), "font-size": 12, "pointer-events": "none" }, share));
  return parts;
}

const whisker = (from, to, y) => s("path", {
  d: `M${from.toFixed(1)} ${y - 3.5}v7M${from.toFixed(1)} ${y}H${to.toFixed(1)}M${to.toFixed(1)} ${y - 3.5}v7`,
  stroke: color("ink"), "stroke-opacity": 0.62, fill: "none", "stroke-width": 1.2, "pointer-events": "none",
});

function described(row) {
  const share = gate().floors[state.floor] === null ? "" : `\n${percent(row.share)} of its samples are usable`;
  const warned = gate().warned[row.model] ? `\n† ${gate().warnings.join(" ")}` : "";
  return `${gate().models[row.model]}\n${show(row.value)} ${answerWords()} ${range(row.low, row.high)}${share}\n${plural(row.prompts, "prompt")}${warned}`;
}

function drawGrid(at, scale, height, width) {
  bars.querySelectorAll(".grid").forEach((node) => node.remove());
  if (at.narrow) return;
  const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((step) => at.room / (step * 1000 * scale) <= 8) || 10000;
  const grid = s("g", { class: "grid", "font-size": 11, fill: color("soft") });
  for (let value = 0; value * 1000 * scale <= at.room; value += steps) {
    const x = at.left + value * 1000 * scale;
    grid.append(s("path", { d: `M${x.toFixed(1)} ${at.top - 5}V${height}`, stroke: color("line") }),
      s("text", { x, y: 12, "text-anchor": "middle" }, String(+value.toFixed(2))));
  }
  if (gate().floors[state.floor] !== null) grid.append(s("text", { x: width, y: 12, "text-anchor": "end" }, "usable"));
  bars.prepend(grid);
}

function more(box, hidden, total) {
  box.querySelector("button")?.remove();
  if (total <= MOST_BARS) return;
  box.append(h("button", { type: "button", class: "quiet", onclick: () => { showAll = !showAll; drawRanking(); } },
    showAll ? `Show the first ${MOST_BARS}` : `Show ${plural(hidden, "more model")}`));
}

// Under the chart: what the data say about the lead right here, in words and with the warning of the leader.
function drawVerdict() {
  const found = duel(), line = byId("verdict"), rows = ranked().filter((row) => !missing(row.value));
  fill(line, verdictWords(found, rows));
  const counts = [...new Set(rows.map((row) => row.prompts))].sort((a, b) => a - b);
  const prompts = counts.length > 1 ? `each model on its own ${counts[0]} to ${counts.at(-1)} prompts` : plural(counts[0] ?? 0, "prompt");
  const some = gate().compared && gate().compared < gate().models.length ? `the ${gate().compared} compared of ${gate().models.length} models share` : "the compared models share";
  const isShared = found && (counts.length > 1 || some.includes(" of "));
  const shared = !isShared ? "" : isSet() ? ` The lead is judged on the sets of the domains that ${some}.` : ` The lead is judged on the ${plural(found.prompts, "prompt")} that ${some}.`;
  const whiskers = rows.some((row) => !missing(row.low)) ? "; whiskers are 95 % intervals" : "";
  byId("caption").textContent = `Bars: ${answerWords()} expected ${among()} ${draws(state.budget)}, ${isSet() ? setPrompts(counts) : prompts}${whiskers}.${shared}`;
}

const setPrompts = (counts) => `${counts.length > 1 ? `${counts[0]} to ` : ""}${plural(counts.at(-1) ?? 0, "prompt")} for each model${state.domain === 0 && gate().domains.length > 1 ? ", mean over its domains" : ""}`;
const atFloor = (floor) => gate().floors[floor] === null ? "With no floor" : `At floor ${gate().floorNames[floor]}`;
const lower = (text) => text.charAt(0).toLowerCase() + text.slice(1);

function verdictWords(found, rows) {
  if (!rows.length) return ["Nothing was measured here."];
  if (found) return [...judged(found, `${atFloor(state.floor)} `), decided(found)];
  if (rows.length < 2) return ["One model: nothing to compare."];
  const near = nearestDuel();
  if (!near) return [`${atFloor(state.floor)}, the lead was not tested; see what was not measured, below.`];
  if (near.budget !== state.budget) return [`No band at ${draws(state.budget)}; nearest, at ${draws(near.budget)}: `, ...judged(near, `${lower(atFloor(near.floor))} `)];
  return [missing(near.low) ? "Not tested at this floor; nearest: " : "No band at this floor; nearest: ", ...judged(near, `${lower(atFloor(near.floor))} `)];
}

function judged(found, start) {
  const gap = `${show(Math.abs(found.difference))} ${range(found.low, found.high)}`.trim();
  const warned = gate().warned[found.leader] ? [h("span", { class: "fine" }, ` † ${gate().warnings.join(" ")}`)] : [];
  if (found.verdict === "leads") return [start, name(found.leader), " leads ", name(found.second), ` by ${gap}.`, warned];
  if (found.verdict !== "same within delta" && found.low > 0) return [start, name(found.leader), " is ahead of ", name(found.second), ` by ${gap}, but not beyond doubt of every other model.`, warned];
  const why = found.verdict === "same within delta" ? "are the same within the stated margin" : found.difference === 0 ? "tie" : "cannot be told apart";
  return [start, name(found.leader), " and ", name(found.second), ` ${why}: difference ${gap}${missing(found.low) ? `, no band: ${withoutBand(found)}` : ""}.`, warned];
}

const FEWEST_PROMPTS = 10, FEWEST_SET_PROMPTS = 20, FEWEST_DIFFERING = 5;
const withoutBand = (found) => found.prompts < (isSet() ? FEWEST_SET_PROMPTS : FEWEST_PROMPTS)
  ? `${isSet() ? `${plural(found.prompts, "prompt")} in the smallest set` : plural(found.prompts, "shared prompt")} ${found.prompts === 1 ? "is" : "are"} too few` : `fewer than ${FEWEST_DIFFERING} prompts tell them apart`;

// How many more prompts would be expected to decide, where the comparisons on this page say so.
function decided(found) {
  const g = gate(), same = (a, b) => a === found.leader && b === found.second;
  if (found.verdict === "leads" || state.domain !== 0 || state.budget !== g.base[1]) return "";
  const row = g.pairs.find(([a, b, floor]) => floor === state.floor && (same(a, b) || same(b, a)));
  return row && row[8] ? ` Between the two alone, about ${plural(row[8], "more prompt")} would be expected to decide.` : "";
}

// Above the floor slider: who leads at this budget, in the model's colour; grey where the data cannot tell. Floors with a band
// are solid; each lends a paler colour to the floors around it, up to half way to the next.
function drawStrip() {
  const floors = gate().floors.length, box = byId("strip"), tested = floors > 1 ? testedFloors() : [];
  const strip = s("svg", { viewBox: "0 0 1000 8", preserveAspectRatio: "none" });
  const inset = 10 / (box.clientWidth || 600) * 1000, step = (1000 - 2 * inset) / Math.max(floors - 1, 1);
  const at = (floor) => Math.min(Math.max(inset + floor * step, 0), 1000);
  tested.forEach((floor, i) => {
    const found = duel(floor), clear = found.verdict === "leads";
    const from = at(i ? (tested[i - 1] + floor) / 2 : floor - 0.5), to = at(i + 1 < tested.length ? (tested[i + 1] + floor) / 2 : floor + 0.5);
    const paint = clear ? toneColor(found.leader, "soft") : color("unsure");
    const words = tipped(`${floorWords(floor)}: ${clear ? `${label(found.leader)} leads` : "the data cannot tell"}`);
    const own = [at(floor - 0.5), at(floor + 0.5)], isWide = to - from > own[1] - own[0] + 1;
    if (isWide) strip.append(s("rect", { x: from, y: 1, width: Math.max(to - from, 1), height: 6, fill: paint, opacity: 0.45, ...words }));
    strip.append(s("rect", { x: own[0], y: 1, width: Math.max(own[1] - own[0] - (isWide ? 0 : 2), 2), height: 6, fill: paint, ...words }));
  });
  fill(box, strip);
}

function ticks(box, names) {
  const isLong = names.some((text) => text.length > 4);
  const few = isLong ? [...new Set([0, Math.floor((names.length - 1) / 2), names.length - 1])] : names.length <= 12 ? names.map((_, i) => i) : [0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(part * (names.length - 1)));
  box.replaceChildren(...few.map((i) => {
    const tick = h("span", {}, names[i].length > 5 && Number(names[i]) ? String(Number(Number(names[i]).toPrecision(3))) : names[i]);
    if (names[i].length > 4 && (i === 0 || i === names.length - 1)) tick.style.transform = i ? "translateX(calc(10px - 100%))" : "translateX(-10px)";
    tick.style.left = `${names.length > 1 ? 100 * i / (names.length - 1) : 0}%`;
    return tick;
  }));
}

function drawControls() {
  const g = gate(), floor = byId("floor"), budget = byId("budget");
  floor.max = g.floors.length - 1;
  floor.value = state.floor;
  floor.disabled = g.floors.length < 2;
  floor.setAttribute("aria-valuetext", floorWords(state.floor));
  byId("floor-value").textContent = floorWords(state.floor);
  budget.max = g.budgets.length - 1;
  budget.value = state.budget;
  budget.disabled = g.budgets.length < 2;
  budget.setAttribute("aria-valuetext", draws(state.budget));
  byId("budget-value").textContent = isSet() ? plural(g.budgets[state.budget], "sample") : draws(state.budget);
}

function startRanking() {
  byId("ranking").hidden = false;
  byId("floor").addEventListener("input", (event) => change({ floor: Number(event.target.value) }));
  byId("budget").addEventListener("input", (event) => change({ budget: Number(event.target.value) }));
  byId("domain").addEventListener("change", (event) => change({ domain: Number(event.target.value) }));
  byId("ranking").querySelector("figcaption").append(downloads(() => standalone(bars), "ranking"));
  onChange(() => { drawControls(); drawRanking(); drawVerdict(); drawStrip(); });
  new ResizeObserver(() => { drawRanking(); drawStrip(); }).observe(byId("bars"));
}

// A new gate brings its own axes: sliders go back to where its first sentence is true.
function resetControls() {
  const g = gate();
  ticks(byId("floor-ticks"), g.floorNames.map((text) => text === "no floor" ? "none" : text));
  ticks(byId("budget-ticks"), g.budgets.map(String));
  options(byId("domain"), g.domains, 0);
  byId("domain-control").hidden = g.domains.length < 2;
  showAll = false;
  change({ domain: 0, floor: g.base[0], budget: g.base[1] });
}
