// Flips as sentences, and any two models set against each other over the floors.
const MOST_FLIPS = 12;
let allFlips = false;
let pair = null;

function drawFlips(body) {
  const g = gate();
  const firm = g.flips.filter((one) => one.verdict === "flip"), open = g.flips.filter((one) => one.verdict !== "flip");
  const list = [...firm, ...open], shown = allFlips ? list : list.slice(0, Math.max(MOST_FLIPS, 0));
  const duelBox = h("div", {});
  const rows = shown.map((one) => h("li", { class: one.verdict === "flip" ? null : "undecided" }, one.parts.map((p) => typeof p === "string" ? p : name(p[0])),
    h("button", { type: "button", onclick: () => { pair = Object.assign([one.a, one.b], { gate: state.gate }); drawPair(duelBox); duelBox.scrollIntoView({ block: "nearest" }); } }, "show")));
  fill(body,
    h("p", { class: "fine" }, flipWords()), h("ul", { class: "flips" }, rows),
    list.length > MOST_FLIPS ? h("button", { type: "button", onclick: () => { allFlips = !allFlips; drawFlips(body); } }, allFlips ? "Show fewer" : `Show all ${list.length}`) : null,
    warnedPairs(shown), duelBox);
  drawPair(duelBox);
}

// Pairs are counted, not crossings: small changes of the lead to and fro are one pair that the data cannot tell.
function flipWords() {
  const g = gate(), { flip, undecided, none, single, wavering } = g.pairVerdicts, total = flip + undecided + none;
  if (!total) return "No two models were compared over floors.";
  const where = `${g.domains.length > 1 ? "All domains, " : ""}${draws(g.base[1])}`;
  const change = (count) => count === 1 ? "changes" : "change";
  const parts = [`${flip} of ${plural(total, "pair")} ${change(flip)} places beyond doubt`, `${single} ${change(single)} places once, but the data cannot tell`,
    ...(wavering ? [`${wavering} ${change(wavering)} places to and fro within the uncertainty (not listed)`] : []), `${none} never`];
  return `${where}: ${parts.join("; ")}. Changes are looked for at every floor; floors where two models tie are passed over. Brackets are simultaneous 95 % bands, at ${plural(testedFloors(g.base[1], 0).filter((floor) => g.floors[floor] !== null).length, "floor")}.`;
}

const warnedPairs = (shown) => shown.some((one) => gate().warned[one.a] || gate().warned[one.b])
  ? h("p", { class: "fine" }, `† ${gate().warnings.join(" ")}`) : null;

function pairRows(a, b) {
  return gate().pairs.filter((row) => (row[0] === a && row[1] === b) || (row[0] === b && row[1] === a)).map((row) => {
    const [first, , floor, difference, low, high, verdict, prompts, needed] = row, same = first === a;
    const minus = (value) => missing(value) ? null : -value;
    const winner = verdict === 3 ? first : verdict === 4 ? row[1] : null;
    return { floor, prompts, needed, verdict, winner, difference: same ? difference : minus(difference), low: same ? low : minus(high), high: same ? high : minus(low) };
  });
}

function drawPair(box) {
  const g = gate(), known = [...new Set(g.pairs.flatMap((row) => [row[0], row[1]]))].sort((a, b) => a - b);
  if (known.length < 2) {
    box.replaceChildren(h("p", {}, "No two models were compared."));
    return;
  }
  if (!pair || pair.gate !== state.gate || !pair.every((m) => known.includes(m))) pair = Object.assign(g.flips.length ? [g.flips[0].a, g.flips[0].b] : known.slice(0, 2), { gate: state.gate });
  const [a, b] = pair;
  const pick = (at) => {
    const node = h("select", { "aria-label": at ? "Second model" : "First model", onchange: (event) => { pair[at] = known[event.target.value]; drawPair(box); } });
    options(node, known.map(label), known.indexOf(pair[at]));
    return node;
  };
  const plot = h("div", { class: "vega", role: "img", "aria-label": "Difference over floors; the table below says the same" });
  const rows = pairRows(a, b);
  box.replaceChildren(h("h3", {}, "Two models over the floors"), h("div", { class: "bar-of-controls" }, pick(0), "minus", pick(1)));
  if (!rows.length) {
    box.append(h("p", { class: "fine" }, a === b ? "Choose two different models." : "This pair is not on the page; see tables/comparisons.parquet."));
    return;
  }
  box.append(plot, downloads(drawing(plot), "difference"), pairTable(rows, a, b));
  const points = rows.filter((row) => g.floors[row.floor] !== null).map((row) => pairPoint(row, a, b));
  if (!points.length) {
    plot.replaceChildren(h("p", { class: "fine" }, "No quality, no floor: there is nothing to draw a curve over."));
    return;
  }
  chart(plot, "difference", { difference: points, zero: [{ y: 0 }] }, pairColors(a, b), { ticks: points.map((point) => point.floor) });
}

const ahead = (row) => row.winner === null ? VERDICTS[row.verdict] : `${label(row.winner)} leads`;
const pairColors = (a, b) => [...coloured([a, b]).map(([words, value]) => [`${words} leads`, value]), ["same within delta", color("soft")], ["cannot tell", color("bar")]];

function pairPoint(row, a, b) {
  const part = (value) => missing(value) ? null : value / 1000;
  const words = `${floorWords(row.floor)}\n${label(a)} minus ${label(b)}: ${signed(row.difference)} ${range(row.low, row.high)}\n${ahead(row)}`;
  return { floor: gate().floors[row.floor], value: part(row.difference), low: part(row.low), high: part(row.high), name: ahead(row), tip: words };
}

function pairTable(rows, a, b) {
  const g = gate(), value = (model, floor) => usable(model, floor, g.base[1], 0).value;
  return table(
    [["floor", true], [label(a), true], [label(b), true], ["difference", true], ["verdict", false], ["prompts", true], ["more prompts to decide", true]],
    rows.map((row) => [
      cell(g.floors[row.floor] === null ? "none" : g.floorNames[row.floor], g.floors[row.floor] ?? -Infinity, true), numberCell(value(a, row.floor)), numberCell(value(b, row.floor)),
      cell([signed(row.difference), " ", h("span", { class: "range" }, range(row.low, row.high))], row.difference, true),
      cell(ahead(row)), countCell(row.prompts), countCell(row.needed),
    ]));
}
