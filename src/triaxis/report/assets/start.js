// Wires the parts together. The theme follows the system until the button is used.
function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  byId("theme").textContent = dark ? "Light" : "Dark";
  if (DATA.gates.length) change({});
}

function chooseGate(index) {
  state.gate = index;
  for (const node of document.querySelectorAll("[data-gate]")) node.hidden = Number(node.dataset.gate) !== index;
  resetControls();
}

const system = matchMedia("(prefers-color-scheme: dark)");
system.addEventListener("change", (event) => setTheme(event.matches));
byId("theme").addEventListener("click", () => setTheme(document.documentElement.dataset.theme !== "dark"));
document.querySelectorAll("table.sortable").forEach(sortable);
for (const section of document.querySelectorAll("details[data-answer]")) {
  let last = "";  // the sliders of the first chart change nothing here, and a chart that is drawn changes the height of its section
  const redraw = () => {
    const now = `${section.clientWidth} ${document.documentElement.dataset.theme}`;
    if (!section.open || !section.clientWidth || now === last) return;
    last = now;
    drawAnswers(section);
  };
  section.addEventListener("toggle", redraw);
  onChange(redraw);
  new ResizeObserver(redraw).observe(section);
}
if (DATA.gates.length && DATA.gates[0].models.length) {
  startRanking();
  part("numbers", drawNumbers);
  part("curves", drawCurves);
  part("flips", drawFlips);
  part("map", drawMap);
  optionalPart("parts", () => !isSet(), drawParts);
  optionalPart("cosine", () => gate().cosine, drawCosine);
  optionalPart("cost", () => gate().cost.units.length, drawCost);
  optionalPart("lineage", () => gate().lineage.pairs.length || gate().lineage.sizes.length, drawLineage);
  part("examples", drawExamples);
  byId("gate")?.addEventListener("change", (event) => chooseGate(Number(event.target.value)));
  setTheme(system.matches);
  chooseGate(0);
} else {
  byId("folds").hidden = true;
  setTheme(system.matches);
}
