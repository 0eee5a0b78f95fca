// Charts of the answers, further kinds: model against model as coloured cells, clouds of points, bars, verdicts in a table.
Object.assign(PLOTS, {
  // The upper triangle and the diagonal, row by row, fill both halves; one path per shade keeps 200 models light.
  heat(box, spec, words) {
    const n = spec.names.length, width = Math.max(Math.floor(box.clientWidth), 200), isNamed = n <= 60;
    const longest = isNamed ? Math.max(...spec.names.map((text) => textSize(text, PLOT_FONT))) + 10 : 4;
    const left = Math.min(longest, width * 0.38), side = Math.max(1.4, Math.min(26, (Math.min(width, 860) - left - 8) / n)), top = 34, edge = side * n;
    const svg = s("svg", { width, height: top + edge + 12, viewBox: `0 0 ${width} ${top + edge + 12}`, "font-family": FONT, "font-size": 11, fill: color("soft"), role: "img", "aria-label": words });
    const shades = 24, [low, high] = [Math.min(...spec.v.filter((v) => v !== null)), Math.max(...spec.v.filter((v) => v !== null))];
    const paths = Array.from({ length: shades }, () => []);
    const place = (a, b) => { const [i, j] = a < b ? [a, b] : [b, a]; return i * n - i * (i - 1) / 2 + j - i; };
    for (let a = 0; a < n; a += 1) for (let b = 0; b < n; b += 1) {
      const value = spec.v[place(a, b)];
      if (missing(value)) continue;
      const shade = high === low ? shades - 1 : Math.min(shades - 1, Math.floor((value - low) / (high - low) * shades));
      paths[shade].push(`M${(left + b * side).toFixed(1)} ${(top + a * side).toFixed(1)}h${side.toFixed(2)}v${side.toFixed(2)}h-${side.toFixed(2)}z`);
    }
    paths.forEach((parts, i) => { if (parts.length) svg.append(s("path", { d: parts.join(""), fill: color("tone1"), opacity: (0.06 + 0.94 * i / (shades - 1)).toFixed(3) })); });
    if (isNamed && side >= 8) spec.names.forEach((text, i) => svg.append(s("text", { x: left - 6, y: top + (i + 0.5) * side + 4, "text-anchor": "end", fill: color("ink"), "font-size": Math.min(11, side) }, shortened(text, left - 8, PLOT_FONT))));
    for (const [from, size] of spec.blocks || []) svg.append(s("rect", { x: left + from * side, y: top + from * side, width: size * side, height: size * side, fill: "none", stroke: color("ink"), "stroke-width": 1.2 }));
    scaleInto(svg, spec, low, high, shades, width);
    box.replaceChildren(svg);
    heatHover(svg, spec, { n, left, top, side, place });
  },

  points(box, spec, words) {
    const at = plane(box, spec, { xs: spec.p.map(([x]) => x), ys: [...spec.p.flatMap(([, y, low, high]) => [y, low, high]), ...(spec.h || []).map(([y]) => y)], legend: (spec.groups || []).map(([n, c]) => ({ n, block: true, paint: color(c) })) });
    at.svg.setAttribute("aria-label", words);
    for (const [value] of spec.h || []) at.svg.append(s("path", { d: `M${at.left} ${at.y(value)}H${at.right}`, stroke: color("ink"), "stroke-dasharray": "5 4", opacity: 0.7 }));
    const taken = [];
    for (const [x, y, low, high, text, c] of spec.p) {
      if (!missing(low) && !missing(high)) at.svg.append(s("path", { d: `M${at.x(x)} ${at.y(low)}V${at.y(high)}`, stroke: color(c), opacity: 0.6 }));
      at.svg.append(s("circle", { cx: at.x(x), cy: at.y(y), r: 4.5, fill: color(c) }));
      labelInto(at, taken, x, y, text);
    }
    walk(at, spec.p.map(([x, y, low, high, text]) => [at.x(x), at.y(y), `${text}\n${spec.x} ${amountText(x)}\n${spec.y} ${amountText(y)}${boundsText(low, high)}`]), true);
  },

  bars(box, spec, words) {
    const width = Math.max(Math.floor(box.clientWidth), 200), most = Math.max(...spec.p.flatMap(([, value, , high]) => [value ?? 0, high ?? 0])) || 1;
    const left = Math.min(Math.max(...spec.p.map(([text]) => textSize(text, `12px ${FONT}`))) + 12, width * 0.45), room = Math.max(width - left - 110, 40), row = 24;
    const svg = s("svg", { width, height: spec.p.length * row + 26, viewBox: `0 0 ${width} ${spec.p.length * row + 26}`, "font-family": FONT, "font-size": 12, fill: color("soft"), role: "img", "aria-label": words });
    svg.append(s("text", { x: 0, y: 12, "font-size": 11 }, shortened(spec.y, width - 8, PLOT_FONT)));
    spec.p.forEach(([text, value, low, high], i) => {
      const y = 22 + i * row, end = left + (value ?? 0) / most * room;
      svg.append(s("text", { x: left - 8, y: y + 14, "text-anchor": "end", fill: color("ink") }, shortened(text, left - 12, `12px ${FONT}`)), s("rect", { x: left, y: y + 3, width: Math.max(end - left, 1), height: 15, rx: 2, fill: color("tone1"), opacity: 0.75 }));
      if (!missing(low) && !missing(high)) svg.append(whisker(left + low / most * room, left + high / most * room, y + 10.5));
      svg.append(s("text", { x: Math.max(end, missing(high) ? 0 : left + high / most * room) + 7, y: y + 15, fill: color("ink") }, amountText(value)));
    });
    box.replaceChildren(svg);
  },

  // Rows against columns; a cell is [verdict, difference, low, high, prompts]: 0 narrows, 1 widens, 2 the same, 3 cannot tell.
  matrix(box, spec) {
    const heads = [[spec.corner, false], ...(spec.beside ? [[spec.beside, true]] : []), ...spec.columns.map((text) => [text, true])];
    const rows = spec.rows.map((text, i) => [cell(h("bdi", {}, text)), ...(spec.beside ? [cell(amountText(spec.besides[i]), spec.besides[i], true)] : []), ...spec.cells[i].map(verdictCell)]);
    const node = table(heads, rows);
    node.firstChild.classList.add("verdicts");
    box.replaceChildren(node);
  },
});

const CHANGES = [["▼", "narrows"], ["▲", "widens"], ["=", "the same within delta"], ["?", "cannot tell"]];
function verdictCell(found) {
  if (!found) return cell("–", null, true);
  const [verdict, difference, low, high, prompts] = found, [sign, words] = CHANGES[verdict];
  const node = cell([h("span", { class: "sign", "aria-hidden": "true" }, `${sign} `), words, h("small", {}, `${difference > 0 ? "+" : ""}${amountText(difference)}${boundsText(low, high)}${missing(prompts) ? "" : ` · ${plural(prompts, "prompt")}`}`)], difference, true);
  node.classList.add(["narrows", "widens", "same", "unsure"][verdict]);
  return node;
}

function labelInto(at, taken, x, y, text) {
  const words = shortened(text, 150, PLOT_FONT), width = textSize(words, PLOT_FONT), isRight = at.x(x) + width + 12 < at.right;
  const box = { x: isRight ? at.x(x) + 8 : at.x(x) - 8 - width, y: at.y(y), width };
  if (box.x < at.left || taken.some((one) => Math.abs(one.y - box.y) < 13 && one.x < box.x + width && box.x < one.x + one.width)) return;
  taken.push(box);
  at.svg.append(s("text", { x: box.x, y: box.y + 4, fill: color("ink") }, words));
}

function scaleInto(svg, spec, low, high, shades, width) {
  const long = Math.min(160, width / 3), step = long / shades;
  for (let i = 0; i < shades; i += 1) svg.append(s("rect", { x: 40 + i * step, y: 6, width: step + 0.4, height: 9, fill: color("tone1"), opacity: 0.06 + 0.94 * i / (shades - 1) }));
  svg.append(s("text", { x: 34, y: 15, "text-anchor": "end" }, amountText(low / 1000)), s("text", { x: 46 + long, y: 15 }, shortened(`${amountText(high / 1000)} ${spec.y}`, width - long - 50, PLOT_FONT)));
}

// The pair under the mouse, or under a cursor that the arrow keys move.
function heatHover(svg, spec, { n, left, top, side, place }) {
  const cursor = s("rect", { width: side, height: side, fill: "none", stroke: color("ink"), "stroke-width": 1.5, visibility: "hidden", "pointer-events": "none" });
  const said = h("p", { class: "said", "aria-live": "polite" }), at = { a: 0, b: 0 };
  const part = (values, i) => missing(values) ? null : Array.isArray(values) ? values[i] : values;
  const thousandth = (value) => missing(value) ? null : value / 1000;
  const wordsAt = (a, b) => {
    const i = place(a, b), pair = a === b ? `${spec.names[a]} with itself` : `${spec.names[a]} · ${spec.names[b]}`;
    if (missing(spec.v[i])) return `${pair}\nno value`;
    const zero = part(spec.null, i), told = `${amountText(thousandth(spec.v[i]))}${boundsText(thousandth(part(spec.low, i)), thousandth(part(spec.high, i)))}`;
    return `${pair}\n${spec.y} ${told}${missing(zero) ? "" : `\nnull ${amountText(thousandth(zero))}`}`;
  };
  const go = (a, b, event) => {
    Object.assign(at, { a, b });
    filled(cursor, { x: left + b * side, y: top + a * side, visibility: "visible" }, []);
    const box = svg.getBoundingClientRect();
    showTip(wordsAt(a, b), event || { clientX: box.left + left + b * side, clientY: box.top + top + a * side });
  };
  const leave = () => { cursor.setAttribute("visibility", "hidden"); hideTip(); };
  svg.append(cursor);
  svg.after(said);
  svg.setAttribute("tabindex", "0");
  svg.addEventListener("mousemove", (event) => {
    const box = svg.getBoundingClientRect(), b = Math.floor((event.clientX - box.left - left) / side), a = Math.floor((event.clientY - box.top - top) / side);
    if (a >= 0 && b >= 0 && a < n && b < n) go(a, b, event); else leave();
  });
  svg.addEventListener("mouseleave", leave);
  svg.addEventListener("blur", leave);
  svg.addEventListener("keydown", (event) => {
    const [down, across_] = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key] || [];
    if (down === undefined) return;
    event.preventDefault();
    go(Math.max(0, Math.min(n - 1, at.a + down)), Math.max(0, Math.min(n - 1, at.b + across_)));
    said.textContent = wordsAt(at.a, at.b);
  });
}
