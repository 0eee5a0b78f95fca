// What a model table adds: what tuning does to the base model at each floor, and the figure over model size.
const TUNING = ["narrows", "widens", "same within the margin", "cannot tell"];

function drawLineage(body) {
  const l = gate().lineage;
  const tuning = h("div", { class: "vega", role: "img", "aria-label": "What tuning does at each floor; the table below has the lowest and the highest floor" });
  const sizes = h("div", { class: "vega", role: "img", "aria-label": "Different usable answers over the number of parameters; the table below says the same" });
  fill(body,
    ...(l.pairs.length ? [h("h3", {}, "Base against tuned"), h("p", { class: "fine" }, tuningWords(l)), tuning, downloads(drawing(tuning), "base-to-tuned"), tuningTable(l)] : []),
    ...(l.sizes.length ? [h("h3", {}, "Over model size"), h("p", { class: "fine" }, `${capital(answerWords())} ${among()} ${draws(state.budget)}${domainWords()}, ${floorWords(state.floor)}; each model on its own prompts, whiskers are 95 % intervals. Models of different families differ in more than size.${new Set(l.sizes.map(kind)).size > MOST_KINDS ? " Too many families for a legend: each mark says its own." : ""}`), sizes, downloads(drawing(sizes), "size"), sizeTable(l)] : []));
  if (l.pairs.length) drawTuning(tuning, l);
  if (l.sizes.length) drawSizes(sizes, l);
}

function tuningWords(l) {
  const count = (verdict) => l.rows.filter((row) => row[7] === verdict).length;
  const left = l.left ? ` ${plural(l.left, "more pair")} in tables/base_to_tuned.parquet.` : "";
  return `${capital(drawsOf(l.budget))}, all domains, each pair on the prompts that it shares. Of ${plural(l.rows.length, "place")} (pairs and floors) tuning narrows at ${count(0)}, widens at ${count(1)}, is the same within the stated margin at ${count(2)}; at ${count(3)} the data cannot tell. Bands hold for all floors of a pair at once; over several pairs nothing is corrected.${left}`;
}

// Cut in the middle where they must be, since names of one family differ at their ends; whole where that would make two the same.
function pairLabels(l, room) {
  const whole = l.pairs.map(pairLabel), cut = whole.map((text) => shortened(text, room, `11px ${FONT}`));
  return new Set(cut).size === new Set(whole).size ? cut : whole;
}

const pairLabel = ([base, tuned]) => `${base} → ${tuned}`;

function drawTuning(box, l) {
  const named = pairLabels(l, box.clientWidth * 0.4);
  const cells = l.rows.map(([pair, floor, base, tuned, difference, low, high, verdict, prompts]) => ({
    floor: l.floors[floor] === null ? "none" : floorText(l.floors[floor]).replace("floor ", ""), floorAt: floor, pair, budget: named[pair], name: TUNING[verdict],
    tip: `${pairLabel(l.pairs[pair])}\n${floorText(l.floors[floor])}: ${show(1000 * base)} → ${show(1000 * tuned)}\ndifference ${signed(1000 * difference)} ${missing(low) ? "" : range(1000 * low, 1000 * high)}\n${TUNING[verdict]}, ${plural(prompts, "prompt")}`,
  }));
  const paints = [color("tone3"), color("tone6"), color("same"), color("unsure")], used = new Set(cells.map((one) => one.name));
  const colors = TUNING.map((words, i) => [words, paints[i]]).filter(([words]) => used.has(words));
  cells.sort((a, b) => a.floorAt - b.floorAt || a.pair - b.pair);
  chart(box, "map", { map: cells }, colors, { height: l.pairs.length * 26, titles: { y: null }, adjust: (spec, width) => { spec.encoding.y.axis.labelLimit = width * 0.42; } });
}

function tuningTable(l) {
  const columns = [["base", false], ["tuned", false], ["stage", false], ["floor", true], ["base gives", true], ["tuned gives", true], ["tuned minus base", true], ["tuning", false], ["prompts", true]];
  const shown = l.rows.filter((row) => l.ends.includes(row[1]));
  return table(columns, shown.map(([pair, floor, base, tuned, difference, low, high, verdict, prompts]) => [
    cell(h("bdi", {}, l.pairs[pair][0])), cell(h("bdi", {}, l.pairs[pair][1])), cell(l.pairs[pair][2] || "–"), cell(l.floors[floor] === null ? "none" : floorText(l.floors[floor]).replace("floor ", ""), l.floors[floor] ?? -Infinity, true),
    cell(show(1000 * base), base, true), cell(show(1000 * tuned), tuned, true),
    cell([signed(1000 * difference), " ", h("span", { class: "range" }, missing(low) ? "" : range(1000 * low, 1000 * high))], difference, true), cell(TUNING[verdict]), countCell(prompts),
  ]));
}

const MOST_KINDS = 16;
const kind = ([, , family, stage]) => [family, stage].filter(Boolean).join(" ") || "no family named";
const parametersText = (value) => value >= 1e9 ? `${Number((value / 1e9).toPrecision(3))} billion` : value >= 1e6 ? `${Number((value / 1e6).toPrecision(3))} million` : value.toLocaleString("en");

function drawSizes(box, l) {
  const rows = l.sizes.map((one) => ({ one, figure: usable(one[0]) })).filter(({ figure }) => !missing(figure.value));
  if (!rows.length) { box.replaceChildren(h("p", { class: "fine" }, "No model of a known size has a value here.")); return; }
  const kinds = [...new Set(rows.map(({ one }) => kind(one)))], part = (value) => missing(value) ? null : value / 1000;
  const order = ["tone1", "tone0", "tone2", "tone3", "tone4", "tone5", "tone6", "tone7"];
  const points = rows.map(({ one, figure }) => ({
    name: kind(one), parameters: one[1], value: part(figure.value), low: part(figure.low), high: part(figure.high),
    tip: `${label(one[0])}\n${parametersText(one[1])} parameters, ${kind(one)}\n${show(figure.value)} ${answerWords()} ${range(figure.low, figure.high)}`,
  }));
  chart(box, "sizes", { sizes: points }, kinds.map((words, i) => [words, color(order[i % order.length])]), { adjust: (spec) => {
    for (const layer of spec.layer) {
      layer.encoding.y.title = answerWords();
      if (kinds.length > MOST_KINDS) layer.encoding.color.legend = null;
    }
  } });
}

function sizeTable(l) {
  return table([["model", false], ["parameters", true], ["family", false], ["stage", false], [answerWords(), true]], l.sizes.map(([model, size, family, stage]) => {
    const row = usable(model);
    return [cell(name(model)), cell(parametersText(size), size, true), cell(family || "–"), cell(stage || "–"), numberCell(row.value, row.low, row.high)];
  }));
}
