// What was counted as the same: the classes of each model's answers to one prompt, side by side, all of it as plain text.
let exampleAt = 0;

function drawExamples(body) {
  const found = gate().examples;
  if (!found.length) {
    body.replaceChildren(h("p", {}, "No examples: the input held no texts, or none were asked for."));
    return;
  }
  exampleAt = Math.min(exampleAt, found.length - 1);
  const pick = h("select", { id: "prompt", onchange: (event) => { exampleAt = Number(event.target.value); drawExamples(body); byId("prompt").focus(); } });
  options(pick, found.map((one) => (one.prompt || one.id).slice(0, 90)), exampleAt);
  const step = (by, words) => h("button", { type: "button", onclick: () => { exampleAt = (exampleAt + by + found.length) % found.length; drawExamples(body); } }, words);
  const one = found[exampleAt];
  body.replaceChildren(
    h("p", { class: "bar-of-controls" }, h("label", {}, "Prompt", pick), step(-1, "Previous"), step(1, "Next"), `${exampleAt + 1} of ${found.length}`),
    h("div", { class: "prompt", dir: "auto" }, one.prompt || `(text of prompt ${one.id} not in the input)`),
    h("div", { class: "answers", tabindex: 0, role: "group", "aria-label": "Answers of each model" }, byRank(one.models).map(answerColumn)),
    h("p", { class: "fine" }, footnote(one)),
  );
}

// Models in the order of the chart above, so that the eye finds the same ones first.
function byRank(models) {
  const place = new Map(ranked().map((row, i) => [gate().models[row.model], i]));
  return [...models].sort((a, b) => (place.get(a.model) ?? 1e9) - (place.get(b.model) ?? 1e9));
}

const footnote = (one) => "One card per class, largest first; dots are samples. Pale cards lie below the floor chosen above." +
  (isSet() ? " Answers to different prompts that were counted as the same cannot be seen here: this shows one prompt at a time." : "") +
  (one.left ? ` ${plural(one.left, "more model")} not shown here.` : "");

function answerColumn(one) {
  const floor = gate().floors[state.floor];
  const kept = one.classes.filter((found) => floor === null || missing(found[2]) || found[2] >= floor).length;
  const known = gate().models.indexOf(one.model);
  const total = one.classes.length + one.left;
  return h("section", {}, h("h4", {}, known >= 0 ? name(known) : h("bdi", {}, one.model)),
    h("p", { class: "fine" }, `${total} different of ${one.samples}${floor === null ? "" : `, ${kept}${one.left ? " or more" : ""} reach ${gate().floorNames[state.floor]}`}`),
    one.classes.map((found) => answerCard(found, floor)), one.left ? h("p", { class: "fine" }, `${one.left} more ${one.left === 1 ? "class" : "classes"}`) : null);
}

function answerCard([count, low, high, text], floor) {
  const quality = missing(low) ? "" : low === high ? `quality ${low}` : `quality ${low}–${high}`;
  const out = floor !== null && !missing(high) && high < floor;
  return h("div", { class: out ? "answer out" : "answer" },
    h("div", { class: "count" }, h("span", {}, h("span", { class: "dots", "aria-hidden": "true" }, "●".repeat(Math.min(count, 12))), ` ${count}×`), h("span", {}, quality)),
    h("div", { class: "text", dir: "auto" }, text === null ? "(no text in the input)" : text === "" ? "(empty answer)" : text));
}
