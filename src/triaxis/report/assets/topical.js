// Mean cosine distance of the usable answers, beside U: how far apart they are, where U says how many differ.
function drawCosine(body) {
  const g = gate(), c = g.cosine, at = (model, floor) => model * g.floors.length + floor;
  const known = g.floors.map((_, i) => i).filter((floor) => g.models.some((_, model) => !missing(c.value[at(model, floor)])));
  const floor = known.includes(state.floor) ? state.floor : [...known].sort((a, b) => distance(g.floors[a], g.floors[state.floor]) - distance(g.floors[b], g.floors[state.floor]))[0];
  const part = (value) => missing(value) ? null : value / 1000;
  const rows = g.models.map((_, model) => ({ model, value: c.value[at(model, floor)], low: c.low[at(model, floor)], high: c.high[at(model, floor)], left: c.left[at(model, floor)] }));
  rows.sort((a, b) => (b.value ?? -1) - (a.value ?? -1) || a.model - b.model);
  const box = h("div", { class: "vega", role: "img", "aria-label": "Mean cosine distance of usable answers; the table below says the same" });
  const columns = [["model", false], ["mean cosine distance", true], [`${answerWords()} in ${drawsOf(g.budgets[g.base[1]])}`, true], ["prompts left", true]];
  fill(body,
    h("p", { class: "fine" }, `Mean distance (1 minus cosine) over pairs of usable answers to one prompt, all domains, ${floorWords(floor)}${floor === state.floor ? "" : " (the nearest floor that has it)"}; 0 is all alike. It is another number than how many answers differ, and in units of this encoder only.`),
    box, downloads(drawing(box), "cosine-distance"),
    table(columns, rows.map((row) => {
      const figure = usable(row.model, floor, g.base[1], 0);
      return [cell(name(row.model)), numberCell(row.value, row.low, row.high), numberCell(figure.value, figure.low, figure.high), countCell(row.left)];
    })));
  dots(box, rows.map((row) => ({ model: row.model, figure: [part(row.value), part(row.low), part(row.high)] })), (value) => show(1000 * value), "mean cosine distance", true);
}
