// Decomposition: how much is usable, how varied the usable are (at equal counts), pairwise forms, utility. Never multiplied.
let equalCount = null;
const FORMS = { "all pairs": "usable and different, of all pairs", "usable pairs": "different, of usable pairs" };

function drawParts(body) {
  const g = gate(), counts = g.given.counts;
  if (!counts.length && !g.pairwise.forms.length) {
    body.replaceChildren(h("p", {}, "The decomposition was not run; the last section says why."));
    return;
  }
  if (!counts.includes(equalCount)) equalCount = counts.includes(5) ? 5 : counts.at(-1);
  const pick = h("select", { id: "equal-count", onchange: (event) => { equalCount = counts[event.target.value]; drawParts(body); byId("equal-count").focus(); } });
  options(pick, counts.map((j) => `${j} usable answers`), counts.indexOf(equalCount));
  const rows = g.models.map((_, model) => partsOf(model));
  const box = h("div", { class: "vega", role: "img", "aria-label": "Usable share against diversity among usable answers; the table below says the same" });
  const here = g.floors[state.floor] === null ? "No floor" : `Quality floor ${floorWords(state.floor)}`;
  fill(body,
    h("p", { class: "fine" }, `${here}${domainWords()}. Diversity given usable: different answers among equally many usable ones, on the prompts where the model has that many (a dash under 10 prompts). It and the share are two findings, not two factors.`),
    counts.length ? h("div", { class: "bar-of-controls" }, h("label", {}, "Among", pick)) : null, box, downloads(drawing(box), "decomposition"), partsTable(rows));
  const points = rows.filter((row) => !missing(row.given) && !missing(row.share));
  if (!points.length || g.floors.every((floor) => floor === null)) box.nextSibling.hidden = true;  // nothing to save
  if (g.floors.every((floor) => floor === null)) fill(box, h("p", { class: "fine" }, "Nothing is gated, so every sample is usable and there is no share to set against diversity; the table has the figures."));
  else if (points.length) chart(box, "parts", { parts: spaced(points).map(partsPoint) });
  else box.replaceChildren(h("p", {}, "No model has enough prompts with that many usable answers at this floor."));
}

function partsOf(model) {
  const g = gate(), cell2 = (state.domain * g.models.length + model), at = cell2 * g.floors.length + state.floor;
  const given = at * g.given.counts.length + g.given.counts.indexOf(equalCount);
  const row = usable(model);
  return {
    model, share: row.share, value: row.value, prompts: row.prompts, given: g.given.value[given], low: g.given.low[given], high: g.given.high[given],
    left: g.given.left[given], pairwise: g.pairwise.values.map((values) => values[at]),
    utility: g.utility.value[cell2], utilityLow: g.utility.low[cell2], utilityHigh: g.utility.high[cell2],
  };
}

// Labels only where they run into no other point or label, beside the point or, failing that, above it; named models first.
function spaced(rows) {
  const spread = Math.max(...rows.map((row) => row.given)) - Math.min(...rows.map((row) => row.given)) || 1;
  const order = [...rows].sort((a, b) => (tone(b.model) >= 0) - (tone(a.model) >= 0) || b.given - a.given);
  const taken = rows.map((row) => ({ of: row, from: row.share - 6, to: row.share + 6, y: row.given / spread }));
  for (const row of order) {
    const length = 8.5 * label(row.model).length, side = row.share >= 500 ? -1 : 1;
    const beside = { of: row, from: side < 0 ? row.share - length : row.share, to: side < 0 ? row.share : row.share + length, y: row.given / spread };
    const above = { ...beside, y: beside.y + 0.06 };
    const free = (box) => !taken.some((one) => one.of !== row && Math.abs(one.y - box.y) < 0.05 && one.from < box.to && one.to > box.from);
    row.place = free(beside) ? (side < 0 ? "left" : "right") : tone(row.model) >= 0 && free(above) ? (side < 0 ? "upleft" : "upright") : null;
    if (row.place) taken.push(row.place.startsWith("up") ? above : beside);
  }
  return rows;
}

const partsPoint = (row) => ({
  share: row.share / 1000, value: row.given / 1000, low: missing(row.low) ? null : row.low / 1000, high: missing(row.high) ? null : row.high / 1000,
  color: toneColor(row.model, "soft"), ...Object.fromEntries(["left", "right", "upleft", "upright"].map((place) => [place, row.place === place ? label(row.model) : ""])),
  tip: `${label(row.model)}\n${percent(row.share)} usable\n${show(row.given)} different among ${equalCount} usable ${range(row.low, row.high)}\non ${plural(row.left, "prompt")}`,
});

function partsTable(rows) {
  const g = gate(), hasUtility = g.utility.value.some((value) => !missing(value));
  const columns = [["model", false], ["in the budget", true], ["usable share", true], [`among ${equalCount} usable`, true], ["prompts left", true],
    ...g.pairwise.forms.map((form) => [FORMS[form] ?? form, true]), ...(hasUtility ? [[`utility ${g.utility.k.join(", ")}`, true]] : [])];
  return table(columns, rows.map((row) => [
    cell(name(row.model)), numberCell(row.value), shareCell(row.share), numberCell(row.given, row.low, row.high), countCell(row.left),
    ...row.pairwise.map((value) => numberCell(value)), ...(hasUtility ? [numberCell(row.utility, row.utilityLow, row.utilityHigh)] : []),
  ]));
}
