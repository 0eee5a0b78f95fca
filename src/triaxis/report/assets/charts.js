// The folded charts: Vega-Lite specifications from Python, rows and colours from here, rendered by the bundled Vega through its
// expression interpreter, which needs no eval and so runs under the page's policy.
const LINE_COLORS = 8;
const MOST_POINTS = 40;
const drawn = new WeakMap();
let picked = null;

const themed = () => ({
  background: "transparent", font: FONT, padding: 4,
  axis: { labelColor: color("soft"), titleColor: color("soft"), gridColor: color("line"), domainColor: color("line"), tickColor: color("line"),
    titleFontWeight: 400, labelFontSize: 11, titleFontSize: 12, titlePadding: 8 },
  legend: { labelColor: color("ink"), labelFontSize: 12, labelLimit: 260, symbolSize: 90, symbolOpacity: 1, symbolStrokeWidth: 0, padding: 0, offset: 10 },
  view: { stroke: null }, rect: { stroke: color("paper"), strokeWidth: 2 }, rule: { color: color("ink") }, area: { color: color("soft") }, line: { color: color("soft") }, text: { font: FONT },
});

// Draws specification `kind` into `box`; `colors` are [name, colour] pairs of its colour scale.
async function chart(box, kind, datasets, colors, { height, ticks, titles = {}, adjust } = {}) {
  const spec = JSON.parse(JSON.stringify(DATA.specs[kind]));
  const turn = (drawn.get(box)?.turn || 0) + 1;
  drawn.get(box)?.view?.finalize();
  drawn.set(box, { turn });
  const width = box.clientWidth;
  Object.assign(spec, { datasets, width: Math.max(width - 12, 200), autosize: { type: height ? "fit-x" : "fit", contains: "padding" } });
  if (height) spec.height = height;
  // Layers with a filter draw intervals; without any interval they would have no extent to scale.
  const banded = Object.values(datasets).flat().some((row) => !missing(row.low));
  if (spec.layer && !banded) spec.layer = spec.layer.filter((layer) => !layer.transform);
  for (const layer of spec.layer || [spec]) {
    for (const [axis, title] of Object.entries(titles)) if (layer.encoding[axis]) layer.encoding[axis].title = title;
    paint(layer.encoding, colors, width);
    if (ticks && ticks.length <= 16 && layer.encoding.x?.axis) layer.encoding.x.axis.values = ticks;
  }
  adjust?.(spec, width);
  const made = await vegaEmbed(box, spec, {
    mode: "vega-lite", ast: true, actions: false, defaultStyle: false, renderer: "svg", config: themed(), tooltip: vegaTip,
  });
  if (drawn.get(box).turn !== turn) made.view.finalize();
  else drawn.set(box, { turn, view: made.view });
}

function paint(encoding, colors, width) {
  if (!colors || !encoding.color?.scale) return;
  encoding.color.scale = { domain: colors.map(([words]) => words), range: colors.map(([, value]) => value) };
  encoding.color.legend.columns = Math.max(1, Math.floor(width / 230));
}

function vegaTip(handler, event, item, value) {
  if (value) showTip(String(value), event);
  else hideTip();
}

const drawing = (box) => () => standalone(box.querySelector("svg"));

function lineColor(model, place) {
  return tone(model) >= 0 ? toneColor(model) : color(`tone${3 + place % (LINE_COLORS - 3)}`);
}

// Up to eight models: those of the three sentences first, then the leaders at the reference floor.
function pickedModels() {
  if (!picked || picked.gate !== state.gate) {
    const order = [...gate().protagonists, ...ranked(gate().base[0], gate().base[1], 0).map((row) => row.model)];
    picked = { gate: state.gate, models: [...new Set(order)].slice(0, 5) };
  }
  return picked.models;
}

function coloured(models) {
  let others = 0;
  return models.map((model) => [label(model), lineColor(model, tone(model) >= 0 ? 0 : others++)]);
}

function drawCurves(body) {
  const g = gate(), gated = g.floors.map((_, i) => i).filter((i) => g.floors[i] !== null);
  if (gated.length < 2) {
    body.replaceChildren(h("p", {}, gated.length ? "There is one floor only, so there is no curve over floors." : "No quality, no floor: there is nothing to draw a curve over."));
    return;
  }
  const models = pickedModels(), box = h("div", { class: "vega", role: "img", "aria-label": "Usable diversity over the quality floor, one line a model" });
  body.replaceChildren(
    h("p", { class: "fine" }, `Different usable answers${across()} ${among()} ${draws(state.budget)}${domainWords()}; bands are 95 % intervals where they were computed. Choose up to ${LINE_COLORS} models.`),
    chips(models, body), box, downloads(drawing(box), "curves"));
  const rows = models.flatMap((model) => gated.map((floor) => curvePoint(model, floor))).filter((row) => row.value !== null);
  const here = g.floors[state.floor] === null ? [] : [{ floor: g.floors[state.floor] }];
  if (!rows.length) {
    box.replaceChildren(h("p", {}, "None of these models has a value at this budget."));
    return;
  }
  // Many floors: points only where there is a band, so that the lines stay lines.
  if (gated.length > MOST_POINTS) rows.forEach((row) => { row.isPoint = row.low !== null; });
  chart(box, "curves", { curves: rows, here }, coloured(models), { ticks: gated.map((i) => g.floors[i]) });
}

function curvePoint(model, floor) {
  const row = usable(model, floor), part = (value) => missing(value) ? null : value / 1000;
  const words = `${label(model)}\n${floorWords(floor)}: ${show(row.value)} ${range(row.low, row.high)}\n${percent(row.share)} of samples usable`;
  return { name: label(model), floor: gate().floors[floor], value: part(row.value), low: part(row.low), high: part(row.high), tip: words };
}

function chips(models, body) {
  const shown = ranked(gate().base[0], gate().base[1], 0).map((row) => row.model);
  const few = [...new Set([...models, ...shown])].slice(0, 24);
  const rest = gate().models.map((_, m) => m).filter((m) => !few.includes(m));
  const toggle = (model) => {
    const next = models.includes(model) ? models.filter((m) => m !== model) : [...models, model].slice(-LINE_COLORS);
    if (next.length) picked = { gate: state.gate, models: next };
    drawCurves(body);
    body.querySelector(`[data-chip="${model}"]`)?.focus();
  };
  const chip = (model) => h("button", { type: "button", "data-chip": model, "aria-pressed": String(models.includes(model)), onclick: () => toggle(model) }, label(model));
  const add = h("select", { "aria-label": "Add a model", onchange: (event) => toggle(rest[event.target.value - 1]) });
  options(add, ["more models…", ...rest.map(label)], 0);
  return h("div", { class: "picks" }, few.map(chip), rest.length ? add : null);
}

function drawMap(body) {
  const g = gate(), rows = g.map.filter((row) => row[0] === state.domain);
  if (!rows.length) {
    body.replaceChildren(h("p", {}, "No winner map: it needs at least two models with prompts in common."));
    return;
  }
  const box = h("div", { class: "vega", role: "img", "aria-label": "Winner at every floor and budget; the table below says the same" });
  const warned = rows.some((row) => row[8] === 0 && g.warned[row[3]]) ? h("p", { class: "fine" }, `† ${g.warnings.join(" ")}`) : null;
  const clear = rows.filter((row) => row[8] === 0).length;
  fill(body,
    h("p", { class: "fine" }, `${capital(domainWords().slice(2))}${domainWords() ? ". " : ""}${clear} of ${plural(rows.length, "place")} ${clear === 1 ? "has" : "have"} a clear leader. A colour means that the model is ahead of every other compared model beyond doubt; grey, that the data cannot tell; the faintest, that the first two are the same within the stated margin. ${untested(rows)}`),
    box, downloads(drawing(box), "winner-map"), warned,
    h("details", {}, h("summary", {}, "As a table"), h("div", { class: "body" }, mapTable(rows))));
  const cells = rows.map(mapCell).sort((a, b) => a.floorAt - b.floorAt || b.draws - a.draws);
  const budgets = new Set(cells.map((cell) => cell.draws)).size;
  chart(box, "map", { map: cells }, mapColors(cells, rows), { height: budgets * (budgets > 12 ? 18 : 26), titles: isSet() ? { y: `samples of ${theSet()}` } : {} });
}

// Bands cost time, so long lists of floors and budgets are tested at some of them; the map shows these and says so.
function untested(rows) {
  const g = gate(), part = (at, all, noun) => { const count = new Set(rows.map((row) => row[at])).size; return count < all ? `${count} of ${plural(all, noun)}` : ""; };
  const parts = [part(1, g.floors.length, "floor"), part(2, g.budgets.length, "budget")].filter(Boolean);
  return parts.length ? `Tested at ${parts.join(" and ")}.` : "";
}

const DOUBT = { 1: "same within the margin", 2: "cannot tell" };

function mapCell([, floor, budget, leader, second, difference, low, high, verdict]) {
  const g = gate(), where = `${floorWords(floor)}, ${draws(budget)}`;
  const said = verdict === 0 ? `${label(leader)} leads ${label(second)}` : `${label(leader)}, ${label(second)}: ${DOUBT[verdict]}`;
  const warned = verdict === 0 && g.warned[leader] ? `\n† ${g.warnings.join(" ")}` : "";
  return {
    floor: g.floors[floor] === null ? "none" : g.floorNames[floor], budget: String(g.budgets[budget]), floorAt: floor, draws: g.budgets[budget],
    name: verdict === 0 ? label(leader) : DOUBT[verdict], tip: `${where}\n${said}\ndifference ${show(difference)} ${range(low, high)}${warned}`,
  };
}

function mapColors(cells, rows) {
  const names = new Set(cells.map((cell) => cell.name));
  const leaders = [...new Set(rows.filter((row) => row[8] === 0).map((row) => row[3]))];
  const doubts = [["cannot tell", color("unsure")], ["same within the margin", color("same")]].filter(([words]) => names.has(words));
  return [...coloured(leaders), ...doubts];
}

function mapTable(rows) {
  const g = gate();
  return table(
    [["floor", true], [isSet() ? "samples" : "draws", true], ["leader", false], ["runner-up", false], ["difference", true], ["verdict", false], ["prompts", true]],
    rows.map(([, floor, budget, leader, second, difference, low, high, verdict, prompts]) => [
      cell(g.floors[floor] === null ? "none" : g.floorNames[floor], g.floors[floor] ?? -Infinity, true), cell(String(g.budgets[budget]), g.budgets[budget], true),
      cell(name(leader)), cell(name(second)), numberCell(difference, low, high), cell(VERDICTS[verdict]), countCell(prompts),
    ]));
}
