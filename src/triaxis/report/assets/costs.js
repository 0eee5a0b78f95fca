// Cost: price, tokens, FLOP and parameters are four questions, so one is shown at a time, each with its own multiple.
let costUnit = null;
let costFloor = 0;
const MOST_DOTS = 40;

const floorText = (floor) => floor === null ? "no floor" : `floor ${gate().floorNames[gate().floors.indexOf(floor)] ?? Number(floor.toPrecision(6))}`;

// Three digits: figures of one ranking may be a thousand times apart.
function digits(value) {
  if (missing(value)) return "–";
  const rounded = Number(value.toPrecision(3));
  return (Math.abs(rounded) >= 100 ? rounded.toLocaleString("en", { maximumFractionDigits: 0 }) : String(rounded)).replace("-", "−");
}
const digitRange = (low, high) => missing(low) || missing(high) ? "" : `[${digits(low)}, ${digits(high)}]`;
const digitCell = (value, low, high) => cell([digits(value), " ", h("span", { class: "range" }, digitRange(low, high))], value, true);

function chosen(names, now, choose, words) {
  return h("div", { class: "picks", role: "group", "aria-label": words }, names.map(([key, text]) =>
    h("button", { type: "button", "aria-pressed": String(key === now), onclick: () => choose(key) }, text)));
}

function drawCost(body) {
  const c = gate().cost, unit = c.units.find((one) => one.name === costUnit) || c.units[0];
  costFloor = Math.min(costFloor, c.floors.length - 1);
  const again = (button) => { drawCost(body); body.querySelectorAll(".picks button")[button]?.focus(); };
  const box = h("div", { class: "vega", role: "img", "aria-label": `Different usable answers per ${unit.per}; the table below says the same` });
  const rows = costRows(unit), parameters = unit.name === "parameters";
  fill(body,
    h("p", { class: "fine" }, `Different usable answers that one unit of cost buys, in ${drawsOf(c.budget)}, all domains. Four units are four questions; they are never mixed. The first draw always looks cheapest, because later ones repeat: compare models at one floor and one budget.`),
    chosen(c.units.map((one) => [one.name, one.name]), unit.name, (key) => { costUnit = key; again(c.units.findIndex((one) => one.name === key)); }, "Unit of cost"),
    h("h3", {}, `Different usable answers per ${unit.per}`),
    parameters ? h("p", { class: "note" }, "Dividing by parameters favours small models almost by construction: answers cannot grow tenfold as size does.") : null,
    c.floors.length > 1 ? chosen(c.floors.map((floor, i) => [i, floorText(floor)]), costFloor, (key) => { costFloor = key; again(c.units.length + key); }, "Quality floor") : null,
    box, downloads(drawing(box), `per-${unit.name}`), costTable(unit, rows), h("div", { class: "spent" }));
  dots(box, rows.map((row) => ({ model: row.model, figure: row.at[costFloor] })), digits, `per ${unit.per}, ${floorText(c.floors[costFloor])}`);
  drawSpent(body.querySelector(".spent"), unit);
}

// One entry a model: its [value, low, high] at every floor; best first at the chosen one.
function costRows(unit) {
  const found = new Map();
  for (const [floor, model, value, low, high] of unit.rows) {
    if (!found.has(model)) found.set(model, { model, at: gate().cost.floors.map(() => [null, null, null]) });
    found.get(model).at[floor] = [value, low, high];
  }
  return [...found.values()].sort((a, b) => (b.at[costFloor][0] ?? -1) - (a.at[costFloor][0] ?? -1) || a.model - b.model);
}

function costTable(unit, rows) {
  const columns = [["model", false], ...gate().cost.floors.map((floor) => [`${floorText(floor)}`, true])];
  const made = table(columns, rows.map((row) => [cell(name(row.model)), ...row.at.map((figures) => digitCell(...figures))]), `per ${unit.per}, with 95 % intervals`);
  return rows.length > 12 ? h("details", {}, h("summary", {}, "As a table"), h("div", { class: "body" }, made)) : made;
}

// One row a model with a point and its interval, on a logarithmic axis where figures are far apart.
function dots(box, rows, words, title, isLinear = false) {
  const known = rows.filter((row) => !missing(row.figure[0])).slice(0, MOST_DOTS);
  if (!known.length) { box.replaceChildren(h("p", { class: "fine" }, "Nothing was measured here.")); return; }
  const marks = known.map(({ model, figure: [value, low, high] }) => ({
    name: label(model), value, low, high, color: toneColor(model, "soft"),
    tip: `${label(model)}\n${words(value)}${missing(low) ? "" : ` [${words(low)}, ${words(high)}]`}\n${title}`,
  }));
  const values = marks.flatMap((mark) => [mark.value, ...(missing(mark.low) ? [] : [mark.low])]);
  const isLog = !isLinear && Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) > 30;
  chart(box, "dots", { dots: marks }, null, { height: marks.length * 22, adjust: (spec, width) => {
    for (const layer of spec.layer) {
      layer.encoding.y.axis = { ...layer.encoding.y.axis, labelLimit: width * 0.4 };
      layer.encoding.x.title = isLog ? `${title} (logarithmic)` : title;
      layer.encoding.x.scale = isLog ? { type: "log", padding: 12 } : { zero: true, padding: 10 };
    }
  } });
}

function drawSpent(box, unit) {
  if (!unit.map.length) {
    if (unit.name !== "parameters") fill(box, h("p", { class: "fine" }, "Who leads for what is spent was not mapped; it needs two compared models whose cost is known."));
    return;
  }
  const plot = h("div", { class: "vega", role: "img", "aria-label": "Who leads at every floor and amount; the table below says the same" });
  const beyond = unit.map.filter((row) => row[8].length).length, clear = unit.map.filter((row) => row[7] === 0).length;
  const models = [...new Set(unit.map.flatMap((row) => row[8]))].map(beyondName);
  const some = models.length > 6 ? `${models.slice(0, 6).join(", ")} and ${models.length - 6} more` : models.join(", ");
  fill(box,
    h("h3", {}, `Who leads for what is spent: ${unit.name}`),
    h("p", { class: "fine" }, `On each prompt, ${spentWords(unit)}; each model draws as often as that allows. ${clear} of ${plural(unit.map.length, "place")} ${clear === 1 ? "has" : "have"} a clear leader; grey: the data cannot tell; the faintest: the first two are the same within the stated margin.`,
      beyond ? ` At ${plural(beyond, "place")} some models would draw more often than they have samples (${some}); what they may still gain is allowed for, and the tooltip names them.` : ""),
    plot, downloads(drawing(plot), `spent-${unit.name}`),
    h("details", {}, h("summary", {}, "As a table"), h("div", { class: "body" }, spentTable(unit))));
  const cells = unit.map.map((row) => spentCell(row, unit)).sort((a, b) => a.floorAt - b.floorAt || b.amountAt - a.amountAt);
  const names = new Set(cells.map((one) => one.name)), leaders = [...new Set(unit.map.filter((row) => row[7] === 0).map((row) => row[2]))];
  const doubts = [["cannot tell", color("unsure")], ["same within the margin", color("same")]].filter(([words]) => names.has(words));
  chart(plot, "map", { map: cells }, [...coloured(leaders), ...doubts], { height: unit.amounts.length * 24, titles: { y: spentAxis(unit) } });
}

const beyondName = (model) => typeof model === "number" ? label(model) : model;
const spentAxis = (unit) => unit.of === unit.name ? `${unit.name} per prompt` : `${unit.of} per prompt`;
const spentWords = (unit) => `amounts in ${unit.of}`;

function spentCell([floor, amount, leader, second, difference, low, high, verdict, beyond], unit) {
  const doubt = DOUBT[verdict], bounds = missing(low) && missing(high) ? "" : ` [${spentBound(low)}, ${spentBound(high)}]`;
  const said = doubt ? `${label(leader)}, ${label(second)}: ${doubt}` : `${label(leader)} leads ${label(second)}`;
  const out = beyond.length ? `\nmore draws than samples: ${beyond.map(beyondName).join(", ")}` : "";
  return {
    floor: floor === null ? "none" : floorText(floor).replace("floor ", ""), floorAt: floor ?? -Infinity, budget: unit.amounts[amount], amountAt: amount,
    name: doubt || label(leader), tip: `${floorText(floor)}, ${unit.amounts[amount]} ${unit.of} per prompt\n${said}\ndifference ${show(1000 * difference)}${bounds}${out}`,
  };
}
const spentBound = (value) => missing(value) ? "no bound" : show(1000 * value);

function spentTable(unit) {
  const columns = [["floor", true], [spentAxis(unit), true], ["leader", false], ["runner-up", false], ["difference", true], ["verdict", false], ["more draws than samples", false]];
  return table(columns, unit.map.map(([floor, amount, leader, second, difference, low, high, verdict, beyond]) => [
    cell(floor === null ? "none" : floorText(floor).replace("floor ", ""), floor ?? -Infinity, true), cell(unit.amounts[amount], amount, true), cell(name(leader)), cell(name(second)),
    cell([show(1000 * difference), " ", h("span", { class: "range" }, missing(low) && missing(high) ? "" : `[${spentBound(low)}, ${spentBound(high)}]`)], difference, true),
    cell(VERDICTS[verdict]), cell(beyond.map(beyondName).join(", ") || "–"),
  ]));
}
