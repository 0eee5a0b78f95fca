// Helpers and the one state that all parts of the page share: gate, domain, floor, budget. Text goes in as textContent only.
const DATA = JSON.parse(document.getElementById("data").textContent);
const state = { gate: 0, domain: 0, floor: 0, budget: 0 };
const listeners = [];
const SVG_NAMESPACE = "http://www.w3.org/2000/svg";
const VERDICTS = ["leads", "same within delta", "cannot tell"];

const byId = (id) => document.getElementById(id);
const gate = () => DATA.gates[state.gate];
const onChange = (listener) => listeners.push(listener);

function change(changes) {
  Object.assign(state, changes);
  for (const listener of listeners) listener();
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) if (child !== null && child !== undefined) node.append(child);
  return node;
}

const h = (tag, attributes = {}, ...children) => filled(document.createElement(tag), attributes, children);
const s = (tag, attributes = {}, ...children) => filled(document.createElementNS(SVG_NAMESPACE, tag), attributes, children);
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

// Numbers: thousandths in the data, rounded for readers. Null has no value and is shown as a dash, never as 0.
const missing = (value) => value === null || value === undefined;
const show = (value, digits = 2) => missing(value) ? "–" : grouped((value / 1000).toFixed(digits).replace(/^-(?=0\.?0*$)/, "").replace("-", "−"));
const grouped = (text) => text.replace(/(?<![.\d])\d{4,}/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
const signed = (value) => missing(value) ? "–" : (value > 0 ? "+" : "") + show(value);
const range = (low, high) => missing(low) || missing(high) ? "" : `[${show(low)}, ${show(high)}]`;
const percent = (value) => missing(value) ? "–" : `${Math.round(value / 10)} %`;
const floorWords = (at) => gate().floors[at] === null ? "no floor" : `≥ ${gate().floorNames[at]}`;
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const isSet = () => gate().unit === "set";
const theSet = (domain = state.domain) => gate().domains.length < 2 ? "the set" : domain === 0 ? "each domain's set" : "the domain's set";
const domainWords = (domain = state.domain) => gate().domains.length > 1 ? `, ${gate().domains[domain]}` : "";
const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
// A figure of a set is never called what the figure of a prompt is called: across prompts, not per prompt.
const draws = (at) => drawsOf(gate().budgets[at]);
const drawsOf = (budget) => isSet() ? `${plural(budget, "sample")} of ${theSet()}` : `${plural(budget, "draw")} per prompt`;
const across = () => isSet() ? " across prompts" : "";
const answerWords = () => `${gate().floors[state.floor] === null ? "different answers" : "different usable answers"}${across()}`;
const among = () => isSet() ? "among" : "in";

// New content of a node; parts that are null are left out (the DOM would show them as the word).
const fill = (node, ...children) => node.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));

// One row of the usable-diversity cube: value and, where they exist, interval, share of usable samples, prompts.
const usable = (model, floor = state.floor, budget = state.budget, domain = state.domain) => usableOf(gate(), model, floor, budget, domain);

function usableOf(g, model, floor, budget, domain) {
  const u = g.u, cell = (domain * g.models.length + model);
  const bandFloor = u.bandFloors.indexOf(floor), bandBudget = u.bandBudgets.indexOf(budget);
  const banded = bandFloor >= 0 && bandBudget >= 0;
  const band = (cell * u.bandFloors.length + bandFloor) * u.bandBudgets.length + bandBudget;
  return {
    model, value: u.value[(cell * g.floors.length + floor) * g.budgets.length + budget],
    low: banded ? u.low[band] : null, high: banded ? u.high[band] : null,
    share: u.share[cell * g.floors.length + floor], prompts: u.prompts[cell * g.budgets.length + budget],
  };
}

function ranked(floor = state.floor, budget = state.budget, domain = state.domain) {
  const rows = gate().models.map((_, model) => usable(model, floor, budget, domain));
  return rows.sort((a, b) => missing(a.value) - missing(b.value) || b.value - a.value || a.model - b.model);
}

// The winner map by domain, floor and budget: it has rows at the floors and budgets with bands only.
const indexes = new WeakMap();
function winnerIndex() {
  const g = gate();
  if (!indexes.has(g)) indexes.set(g, new Map(g.map.map((row) => [row.slice(0, 3).join(), row])));
  return indexes.get(g);
}

function duel(floor = state.floor, budget = state.budget, domain = state.domain) {
  const found = winnerIndex().get([domain, floor, budget].join());
  if (!found) return undefined;
  const [, , , leader, second, difference, low, high, verdict, prompts] = found;
  return { leader, second, difference, low, high, verdict: VERDICTS[verdict], prompts, floor, budget };
}

// The nearest place that was tested: the nearest budget first, then the nearest floor; undefined where nothing was.
function nearestDuel(floor = state.floor, budget = state.budget, domain = state.domain) {
  const g = gate(), away = (row) => [Math.abs(g.budgets[row[2]] - g.budgets[budget]), distance(g.floors[row[1]], g.floors[floor])];
  const rows = g.map.filter((row) => row[0] === domain).map((row) => [...away(row), row]);
  const best = rows.sort((a, b) => a[0] - b[0] || a[1] - b[1])[0];
  return best && duel(best[2][1], best[2][2], domain);
}
const distance = (a, b) => a === null || b === null ? (a === b ? 0 : Infinity) : Math.abs(a - b);
const testedFloors = (budget = state.budget, domain = state.domain) =>
  gate().floors.map((_, floor) => floor).filter((floor) => winnerIndex().has([domain, floor, budget].join()));

const tone = (model) => gate().protagonists.indexOf(model);
const toneColor = (model, other = "bar") => color(tone(model) >= 0 ? `tone${tone(model)}` : other);
const mark = (model) => gate().warned[model] ? "†" : "";
const label = (model) => gate().models[model] + mark(model);

function name(model) {
  const t = tone(model);
  const short = gate().models[model].length <= 28 ? " short" : "";
  return [h("bdi", { class: `name${short}${t >= 0 ? ` tone${t}` : ""}` }, gate().models[model]), mark(model)];
}

// Own tooltips: the page's policy forbids the style elements that ready-made ones bring along.
const tip = byId("tip");
function showTip(text, event) {
  tip.textContent = text;
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(event.clientX + 12, innerWidth - box.width - 8))}px`;
  tip.style.top = `${event.clientY + 16 + box.height > innerHeight ? event.clientY - box.height - 8 : event.clientY + 16}px`;
}
const hideTip = () => { tip.hidden = true; };
const tipped = (text) => ({ onmousemove: (event) => showTip(text, event), onmouseleave: hideTip });

// Downloads: every chart as SVG and PNG, through blob: addresses only.
function save(blob, file) {
  const link = h("a", { href: URL.createObjectURL(blob), download: file });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function standalone(svg) {
  const copy = svg.cloneNode(true);
  const { width, height } = svg.getBoundingClientRect();
  filled(copy, { xmlns: SVG_NAMESPACE, width, height, viewBox: `0 0 ${width} ${height}` }, []);
  copy.prepend(s("rect", { width: "100%", height: "100%", fill: color("paper") }));
  return { text: new XMLSerializer().serializeToString(copy), width, height };
}

function savePng(picture, file) {
  const image = new Image();
  image.onload = () => {
    const canvas = h("canvas", { width: picture.width * 2, height: picture.height * 2 });
    const context = canvas.getContext("2d");
    context.scale(2, 2);
    context.drawImage(image, 0, 0, picture.width, picture.height);
    canvas.toBlob((blob) => save(blob, `${file}.png`));
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(picture.text)}`;
}

function downloads(picture, file) {
  const svg = () => save(new Blob([picture().text], { type: "image/svg+xml" }), `${file}.svg`);
  return h("p", { class: "tools" }, ["SVG", "PNG"].map((kind) => h("button", {
    type: "button", "aria-label": `Save this chart as ${kind}`, onclick: kind === "SVG" ? svg : () => savePng(picture(), file),
  }, kind)));
}

function options(select, names, chosen) {
  select.replaceChildren(...names.map((text, i) => h("option", { value: i, selected: i === chosen }, text)));
}

// A part of the page that is drawn when it is unfolded and again when the state changes while it is open.
function part(id, draw) {
  const box = document.querySelector(`details[data-part="${id}"]`);
  const body = box.querySelector(".body");
  const redraw = () => { if (box.open) draw(body); };
  box.addEventListener("toggle", redraw);
  onChange(redraw);
}

// A part that only some gates have: without anything to show it is not offered.
function optionalPart(id, has, draw) {
  part(id, (body) => { if (has()) draw(body); });
  onChange(() => { document.querySelector(`details[data-part="${id}"]`).hidden = !has(); });
}
