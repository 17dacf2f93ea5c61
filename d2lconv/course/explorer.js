// Turns the element before this script into sliders for section 6.3, over the picture of
// d2lconv.draw.window_diagram. explorer.py says which sliders and which formula.
const root = document.currentScript.previousElementSibling;
const SLIDERS = JSON.parse(root.dataset.sliders); // name, meaning, least, largest, [height's, width's]
const AXES = ["h", "w"];
const SIDES = { h: "height", w: "width" };
// Only on the site (Sphinx marks its pages) the address is ours to write to.
const ADDRESS = "content_root" in document.documentElement.dataset;

// No meaning depends on colour only. Text has the page's colour, light or dark.
const STYLE = `
.d2lconv-explorer .words { min-height: 4rem; margin: 0.5rem 0; }
.d2lconv-explorer .formula { display: block; font-weight: bold; }
.d2lconv-explorer :is(.diagram, .diagram > div) { display: flex; align-items: center; gap: 0.5rem; }
.d2lconv-explorer .diagram { flex-wrap: wrap; margin: 0.75rem 0; }
.d2lconv-explorer .sum { min-height: 3rem; font-family: monospace; overflow-wrap: anywhere; }
.d2lconv-explorer { container-type: inline-size; } /* a cell is as large as all grids in a row allow */
.d2lconv-explorer svg { display: block; width: calc(var(--columns) * clamp(14px, min((100cqw - 110px) / var(--all), 225px / var(--rows)), 36px));
  max-width: 100%; }
.d2lconv-explorer rect { fill: none; stroke: currentColor; stroke-width: 0.03; pointer-events: all; }
.d2lconv-explorer text { fill: currentColor; text-anchor: middle; pointer-events: none; }
.d2lconv-explorer .padding { stroke-dasharray: 0.12; fill: currentColor; fill-opacity: 0.06; }
.d2lconv-explorer .weight { fill: var(--orange); fill-opacity: 0.35; }
.d2lconv-explorer .reads { fill: var(--blue); fill-opacity: 0.4; }
.d2lconv-explorer .unread { stroke: currentColor; stroke-width: 0.05; stroke-opacity: 0.5; }
.d2lconv-explorer circle { stroke: currentColor; stroke-width: 0.03; fill: none; }
.d2lconv-explorer .start { fill: currentColor; }
.d2lconv-explorer .window { stroke-width: 0.12; pointer-events: none; }
.d2lconv-explorer .unread, .d2lconv-explorer circle { pointer-events: none; }
.d2lconv-explorer .values { display: grid; grid-template-columns: auto auto minmax(8rem, 1fr); gap: 0.25rem 0.5rem; align-items: center; }
.d2lconv-explorer .values input { box-sizing: border-box; width: 100%; min-height: 2.25rem; font: inherit; }
.d2lconv-explorer .values [aria-invalid="true"] { outline: 2px solid var(--red); }
.d2lconv-explorer :is([data-symbol], [data-term]) { cursor: help; }
.d2lconv-explorer :is([data-symbol], [data-term]):hover { background: var(--orange); color: #111; }
.d2lconv-explorer[data-shows="n"] .pixel, .d2lconv-explorer[data-shows="p"] .padding, .d2lconv-explorer[data-shows="k"] .weight,
.d2lconv-explorer[data-shows="m"] .element, .d2lconv-explorer .linked { fill: var(--orange); fill-opacity: 0.75; stroke-width: 0.09; }
.d2lconv-explorer[data-shows="k"] .input .window { stroke: var(--red); stroke-width: 0.2; }
.d2lconv-explorer[data-shows="s"] circle { stroke: var(--red); stroke-width: 0.12; }
.d2lconv-explorer .sign { font-size: 1.75rem; line-height: 1; }
.d2lconv-explorer .pairs { grid: auto auto / auto-flow minmax(0, 1fr); } /* the width's slider under the height's */
@container (max-width: 34rem) { .d2lconv-explorer .pairs { grid: auto-flow / 1fr 1fr; } } /* or beside it */
.d2lconv-explorer .legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; padding: 0; list-style: none; font-size: 0.875em; }
.d2lconv-explorer .legend i { display: inline-block; width: 1em; height: 1em; border: 1px solid; vertical-align: -0.15em; }
.d2lconv-explorer .legend .dashed { border-style: dashed; background: var(--faint); }
.d2lconv-explorer .legend .hatched { background: repeating-linear-gradient(135deg, transparent 0 3px, currentColor 3px 4px); }
.d2lconv-explorer .legend .thick { border-width: 3px; background: color-mix(in srgb, var(--blue) 40%, transparent); }
.d2lconv-explorer .legend .dot { border: 0; font-style: normal; text-align: center; }`;

// The indices 0, 1, ..., length - 1.
const range = (length) => [...Array(length).keys()];

// What input and kernel hold: a choice, or the reader's own numbers.
const CHOICES = {
  "0, 1, 2, …": (i, j, height, width) => i * width + j,
  ones: () => 1,
  "one in the middle": (i, j, height, width) => Number(i === Math.floor((height - 1) / 2) && j === Math.floor((width - 1) / 2)),
  "left half ones": (i, j, height, width) => Number(j < width / 2),
  "left minus right": (i, j, height, width) => (j === 0) - (j === width - 1),
  "top minus bottom": (i, j, height) => (i === 0) - (i === height - 1),
};
const OWN = "your numbers", COUNT = Object.keys(CHOICES)[0];
const held = { input: { choice: COUNT, rows: [] }, kernel: { choice: COUNT, rows: [] } };
const value = (name, i, j, height, width) => {
  const { choice, rows } = held[name];
  return choice === OWN ? rows[i]?.[j] ?? 0 : CHOICES[choice](i, j, height, width);
};
const short = (number) => String(Number(number.toPrecision(6)));

// One axis: the padded size, the output's size `m` (0: there is none), and about row or column i
// whether it is the image's, whether a window starts there, which window to read it by, and whether
// any does.
function along({ n, k, p, s }) {
  const size = n + 2 * p;
  const m = k > size ? 0 : Math.floor((size - k) / s) + 1;
  const inside = (i) => i >= p && i < p + n;
  const nearest = (i) => Math.min(Math.floor(i / s), m - 1);
  const starts = (i) => i % s === 0 && i / s < m;
  const read = (i) => m > 0 && i - nearest(i) * s < k;
  return { n, k, p, s, size, m, inside, nearest, starts, read };
}

// The input X with its padding, the kernel K, and an element of the output: its products, its sum.
function convolution(h, w) {
  const image = (i, j) => h.inside(i) && w.inside(j);
  const X = (i, j) => (image(i, j) ? value("input", i - h.p, j - w.p, h.n, w.n) : 0);
  const K = (a, b) => value("kernel", a, b, h.k, w.k);
  const products = (i, j) => range(h.k * w.k).map((c) => {
    const [a, b] = [Math.floor(c / w.k), c % w.k];
    return [X(i * h.s + a, j * w.s + b), K(a, b)];
  });
  const Y = (i, j) => products(i, j).reduce((sum, [x, weight]) => sum + x * weight, 0);
  return { image, X, K, products, Y };
}

// A part of a formula that shows what it means in the diagram while it is pointed at.
const symbol = (name, text) => `<span data-symbol="${name}" tabindex="0">${text}</span>`;

// Return the formula and a sentence; only the sentence if there is no output.
function words(h, w, square) {
  const by = (name) => `${h[name]} × ${w[name]}`;
  if (h.m * w.m === 0) {
    const sentence =
      `No output: a kernel of ${by("k")} does not fit into ${by("size")}, which is the input ` +
      `with its padding. Try a smaller kernel or more padding.`;
    return { formula: "", sentence };
  }
  const size = (axis) => {
    const [n, k, p, s, m] = ["n", "k", "p", "s", "m"].map((name) => symbol(name, axis[name]));
    return `⌊(${n} + 2·${p} − ${k}) / ${s}⌋ + 1 = ${m}`;
  };
  const letters = root.dataset.formula.replace(/[nkps]/g, (name) => symbol(name, name));
  const formula = square ? `${letters} = ${size(h)}` : `height: ${size(h)}, width: ${size(w)}`;
  const [rows, columns] = [h, w].map((axis) => range(axis.size).filter((i) => !axis.read(i)).length);
  const unread =
    rows + columns === 0
      ? "Every row and column is read."
      : `${rows} of the ${h.size} rows and ${columns} of the ${w.size} columns are never read.`;
  return { formula, sentence: `The input of ${by("n")}, with padding ${by("size")}, gives ${by("m")}. ${unread}` };
}

// Input, kernel and output as window_diagram has them: three grids, and one window at [top, left].
function diagram(h, w, [top, left]) {
  const { image, X, K, Y } = convolution(h, w);
  const some = h.m * w.m > 0;
  const all = w.size + w.k + w.m;
  const grid = (sign, name, rows, columns, kind, value, draw = () => "", frame = "") => {
    const cells = range(rows * columns).map((index) => {
      const [i, j] = [Math.floor(index / columns), index % columns];
      const number = short(value(i, j)).replace("-", "−");
      return `<g transform="translate(${j} ${i})"><rect class="${kind(i, j)}" width="1" height="1"
        data-window="${name === "output" ? [i, j] : name === "input" ? [h.nearest(i), w.nearest(j)] : ""}"/>
        ${draw(i, j)}<text x="0.5" y="0.64" font-size="${Math.min(0.45, 1.5 / number.length)}px">${number}</text></g>`;
    });
    return `<div class="${name}">${sign && `<b class="sign">${sign}</b>`}<span>${name}<svg viewBox="-0.1 -0.1 ${columns + 0.2} ${rows + 0.2}"
      style="--columns: ${columns + 0.2}; --all: ${all}; --rows: ${Math.max(h.size, h.k, h.m)}">${cells.join("")}${frame}</svg></span></div>`;
  };
  const border = (i, j, rows, columns) =>
    `<rect class="window" x="${j}" y="${i}" width="${columns}" height="${rows}"/>`;
  const reads = (i, j) =>
    some && range(h.k).includes(i - top * h.s) && range(w.k).includes(j - left * w.s);
  const pixel = (i, j) => (image(i, j) ? "pixel" : "padding") + (reads(i, j) ? " reads" : "");
  // what no window reads is hatched; a dot is where one starts, a ring where strides skip one
  const marks = (i, j) => {
    const hatch = !some || (h.read(i) && w.read(j)) ? "" : `<path class="unread" d="M0 .5l.5 -.5M0 1l1 -1M.5 1l.5 -.5"/>`;
    const possible = Math.max(h.s, w.s) > 1 && i <= h.size - h.k && j <= w.size - w.k;
    const start = h.starts(i) && w.starts(j) ? "start" : "skipped";
    return hatch + (possible ? `<circle class="${start}" cx="0.17" cy="0.17" r="0.08"/>` : "");
  };
  const element = (i, j) => "element" + (i === top && j === left ? " reads" : "");
  const window = some ? border(top * h.s, left * w.s, h.k, w.k) : "";
  return (
    grid("", "input", h.size, w.size, pixel, X, marks, window) +
    grid("⋆", "kernel", h.k, w.k, () => "weight", K) +
    (some ? grid("=", "output", h.m, w.m, element, Y, undefined, border(top, left, 1, 1)) : "")
  );
}

const sliders = SLIDERS.flatMap(([name, what, least, largest, values]) =>
  AXES.map((axis, side) =>
    slider(`${name}_${axis}`, `<i>${name}<sub>${axis}</sub></i>, <span>${what}</span>`, least, largest, values[side])),
);
const isSquare = SLIDERS.every(([, , , , [height, width]]) => height === width);
const ID = `explorer-${Math.random().toString(36).slice(2)}-`;
mount(root, STYLE, `<div class="sliders">${sliders.join("")}</div>
  <label><input type="checkbox" ${isSquare ? "checked" : ""}> the same for height and width</label>
  <div class="values">${Object.keys(held).map((name) => `<label for="${ID}${name}">${name}</label>
    <select id="${ID}${name}" name="${name}">${[...Object.keys(CHOICES), OWN].map((choice) => `<option>${choice}</option>`).join("")}</select>
    <input type="text" name="${name}" aria-label="rows of the ${name}, with semicolons between them" spellcheck="false" autocomplete="off">`).join("")}</div>
  <p class="words" aria-live="polite"><span class="formula"></span> <span class="sentence"></span></p>
  <div class="diagram" role="img"></div>
  <div class="windows"></div>
  <p class="sum" aria-live="polite"></p>
  <ul class="legend"><li><i class="dashed"></i> padding</li><li><i class="hatched"></i> read by no window</li>
  <li><i class="thick"></i> the window and its output: point at another cell</li>
  <li><i class="dot">●</i> a window starts here</li><li><i class="dot">○</i> skipped by the stride</li></ul>`);

const find = (selector) => root.querySelector(selector);
const inputs = [...root.querySelectorAll(".sliders input")];
const square = find("[type=checkbox]"), sum = find(".sum");
const windows = player(find(".windows"), "window", redraw);

// Both axes as the sliders have them now; where they are the same, the height's count.
function axes() {
  const numbers = { h: {}, w: {} };
  find(".sliders").classList.toggle("pairs", !square.checked);
  for (const input of inputs) {
    const [name, axis] = input.name.split("_");
    const [label, what] = [input.parentElement, SLIDERS.find((slider) => slider[0] === name)[1]];
    if (square.checked && axis === "w") input.value = numbers.h[name];
    label.hidden = square.checked && axis === "w";
    label.querySelector("sub").hidden = square.checked;
    const meaning = square.checked ? what : `${what}, ${SIDES[axis]}`;
    label.querySelector("span").textContent = meaning;
    input.setAttribute("aria-label", `${name}, ${meaning}`);
    label.querySelector("b").textContent = input.value;
    numbers[axis][name] = Number(input.value);
  }
  return [along(numbers.h), along(numbers.w)];
}

function redraw() {
  const [h, w] = axes();
  const window = windows.count(h.m * w.m);
  const at = [Math.floor(window / w.m), window % w.m];
  const { formula, sentence } = words(h, w, square.checked);
  if (find(".formula").dataset.html !== formula) find(".formula").innerHTML = find(".formula").dataset.html = formula;
  if (find(".sentence").textContent !== sentence) find(".sentence").textContent = sentence;
  find(".diagram").innerHTML = diagram(h, w, at);
  find(".diagram").setAttribute("aria-label", `Diagram. ${sentence}`);
  const { products, Y } = convolution(h, w);
  sum.setAttribute("aria-live", windows.playing() ? "off" : "polite"); // nobody can listen at that pace
  const bracket = (number) => (number < 0 ? `(${short(number)})` : short(number));
  const terms = () => products(...at).map((pair, c) => `<span data-term="${c}">${pair.map(bracket).join("×")}</span>`);
  sum.innerHTML = h.m * w.m ? `Y[${at.join(", ")}] = ${terms().join(" + ")} = ${short(Y(...at))}` : "";
  fill("input", h.n, w.n);
  fill("kernel", h.k, w.k);
}

// Show what a grid holds, unless the reader is typing there.
function fill(name, height, width) {
  const field = find(`[type=text][name=${name}]`);
  find(`select[name=${name}]`).value = held[name].choice;
  if (field === document.activeElement) return;
  field.value = range(height).map((i) => range(width).map((j) => short(value(name, i, j, height, width))).join(" ")).join("; ");
  field.removeAttribute("aria-invalid");
}

// Take the numbers that the reader types, and set the sliders to their rows and columns.
function take(name, text) {
  const rows = text.replace(/[−–]/g, "-").split(/[;\n]/).map((row) => row.trim().split(/[\s,]+/).map(Number));
  const [height, width] = [rows.length, Math.max(...rows.map((row) => row.length))];
  const size = name === "input" ? "n" : "k", [, , least, most] = SLIDERS.find((slider) => slider[0] === size);
  const fits = [height, width].every((side) => side >= least && side <= most) && rows.flat().every(Number.isFinite);
  find(`[type=text][name=${name}]`).setAttribute("aria-invalid", !fits);
  if (!fits || !text.trim()) return;
  held[name] = { choice: OWN, rows };
  if (height !== width) square.checked = false;
  for (const [axis, side] of [["h", height], ["w", width]]) find(`[name=${size}_${axis}]`).value = side;
}

// A mouse or finger on a product shows its pixel and its weight, one on a symbol what it counts; the focus does, too.
function link({ target, type }) {
  const { symbol, term } = type.endsWith("out") ? {} : target.dataset;
  root.dataset.shows = symbol ?? "";
  for (const cells of [root.querySelectorAll(".input .reads"), root.querySelectorAll(".weight")])
    cells.forEach((cell, c) => cell.classList.toggle("linked", String(c) === term));
}
for (const event of ["pointerover", "pointerout", "focusin", "focusout"]) find(".words").addEventListener(event, link);
for (const event of ["pointerover", "pointerout"]) sum.addEventListener(event, link);

// A mouse or finger on a cell chooses its window.
const point = ({ target }) => {
  if (!target.dataset.window) return;
  const [h, w] = axes(), [i, j] = target.dataset.window.split(",").map(Number);
  const window = i * w.m + j;
  if (h.m * w.m < 2 || window === windows.at()) return;
  windows.stop();
  windows.go(window);
};
find(".diagram").onpointermove = find(".diagram").onpointerdown = point;
root.addEventListener("input", ({ target }) => {
  windows.stop();
  if (target.type === "text") take(target.name, target.value);
  if (target.tagName === "SELECT" && target.value !== OWN) held[target.name].choice = target.value;
  redraw();
});
root.addEventListener("focusout", ({ target }) => { if (target.type === "text") redraw(); });

// The state in the address, so that it can be sent: #n=5&k=3&p=0&s=2&window=1, or with n_h, n_w, ...
function write() {
  const named = inputs.filter((input) => !input.parentElement.hidden);
  const numbers = named.map(({ name, value }) => [square.checked ? name[0] : name, value]);
  const grids = Object.keys(held).filter((name) => held[name].choice !== COUNT);
  const filled = grids.map((name) => [name, held[name].choice === OWN ? find(`[type=text][name=${name}]`).value : held[name].choice]);
  history.replaceState(null, "", `#${new URLSearchParams([...numbers, ...filled, ["window", windows.at() + 1]])}`);
}
function read() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (!given.has("n") && !given.has("n_h")) return;
  square.checked = given.has("n");
  for (const input of inputs) input.value = given.get(input.name) ?? given.get(input.name[0]) ?? input.value;
  for (const name of Object.keys(held)) {
    const text = given.get(name) ?? COUNT;
    if (text in CHOICES) held[name].choice = text;
    else take(name, text);
  }
  redraw(); // which says how many windows there are
  windows.go((Number(given.get("window")) || 1) - 1);
  root.scrollIntoView({ block: "nearest" });
}

redraw();
if (ADDRESS) {
  read();
  addEventListener("hashchange", read);
  for (const event of ["change", "click"]) root.addEventListener(event, write);
}
keepKeys(root);
