// Tables that sort by any column, with the keyboard too; cells carry their number in data-value.
function cell(content, value, numeric = false) {
  const node = h("td", { class: numeric ? "num" : null }, content);
  if (!missing(value)) node.dataset.value = value;
  return node;
}

const numberCell = (value, low, high) => cell([show(value), ...(range(low, high) ? [" ", h("span", { class: "range" }, range(low, high))] : [])], missing(value) ? null : value, true);
const shareCell = (value) => cell(percent(value), value, true);
const countCell = (value) => cell(missing(value) ? "–" : value.toLocaleString("en"), value, true);

// columns: [title, is numeric]; rows: lists of cells.
function table(columns, rows, caption) {
  const head = columns.map(([title, numeric]) => h("th", { scope: "col", class: numeric ? "num" : null }, title));
  const node = h("table", { class: "sortable" }, caption ? h("caption", { class: "fine" }, caption) : null,
    h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows.map((cells) => h("tr", {}, cells))));
  sortable(node);
  return h("div", { class: "scroll" }, node);
}

function sortable(node) {
  const heads = [...node.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const title = head.textContent;
    head.replaceChildren(h("button", { type: "button", onclick: () => sortBy(node, heads, column) }, title));
    head.setAttribute("aria-sort", "none");
  });
}

function sortBy(node, heads, column) {
  const numeric = heads[column].classList.contains("num");
  const now = heads[column].getAttribute("aria-sort");
  const next = now === "none" ? (numeric ? "descending" : "ascending") : now === "ascending" ? "descending" : "ascending";
  heads.forEach((head, i) => head.setAttribute("aria-sort", i === column ? next : "none"));
  const key = (row) => numeric ? Number(row.cells[column].dataset.value ?? row.cells[column].textContent) : row.cells[column].textContent;
  const turn = next === "ascending" ? 1 : -1;
  const empty = (row) => numeric && Number.isNaN(key(row));
  const rows = [...node.tBodies[0].rows].sort((a, b) => empty(a) - empty(b) || turn * (numeric ? key(a) - key(b) : key(a).localeCompare(key(b))));
  node.tBodies[0].append(...rows);
}

// The same samples counted under the other unit, at the same floor and that gate's own budget: another number, under its own name.
function twinFigures() {
  if (missing(gate().twin)) return null;
  const g = gate(), other = DATA.gates[g.twin], floor = other.floors.indexOf(g.floors[state.floor]), budget = other.base[1];
  const n = other.budgets[budget], title = other.unit === "set" ? `across prompts, among ${plural(n, "sample")}` : `within a prompt, in ${plural(n, "draw")}`;
  const figure = (model) => {
    const at = other.models.indexOf(g.models[model]);
    if (at < 0 || floor < 0) return [null];
    const row = usableOf(other, at, floor, budget, 0);
    return [row.value, row.low, row.high];
  };
  return { title, figure: state.domain === 0 ? figure : () => [null] };
}

// The twin of the live chart, for reading, sorting and copying.
function drawNumbers(body) {
  const twin = twinFigures();
  const rows = ranked().map((row, place) => [
    cell(String(place + 1), place + 1, true), cell(name(row.model)), numberCell(row.value), cell(range(row.low, row.high) || "–", row.low, true),
    shareCell(row.share), countCell(row.prompts), ...(twin ? [numberCell(...twin.figure(row.model))] : []),
  ]);
  const columns = [["rank", true], ["model", false], [answerWords(), true], ["95 % interval", true], ["usable share", true], ["prompts", true],
    ...(twin ? [[twin.title, true]] : [])];
  body.replaceChildren(h("p", { class: "fine" }, `${capital(floorWords(state.floor))}, ${draws(state.budget)}${domainWords()}. Gate: `, h("bdi", {}, gate().label)), table(columns, rows));
}
