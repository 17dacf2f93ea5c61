// Turn the element before this script into an input, a kernel and an output, with a window that slides over
// the input. DATA says what input and kernel contain at first, and what readers can choose. bench.py uses this
// twice: for the bench of Section 6.2.3, with photographs, and for the explorer of Section 6.3, with numbers,
// sizes, padding and strides. Only the explorer's DATA has a formula.
const root = document.currentScript.previousElementSibling;
const AXES = ["h", "w"];
const SIDES = { h: "height", w: "width" };
const SIZE = { input: "n", kernel: "k" }; // what readers can choose, and the slider of its size
// Write to the page's address only on the site, whose pages Sphinx marks.
const ADDRESS = "content_root" in document.documentElement.dataset;

// No meaning depends on colour only. Text has the page's colour, light or dark.
const STYLE = `.d2lconv-kernel { container-type: inline-size;
& [hidden] { display: none !important; }
& .held { display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; margin-bottom: 0.5rem; }
& .choices { display: flex; flex-wrap: wrap; gap: 0.4rem; align-items: center; min-width: 0; margin: 0; padding: 0; border: 0; }
& .choices:has([type="text"]:not([hidden])) { flex: 1 1 100%; }
& .choices legend { float: left; min-width: 3.5rem; padding: 0; }
& :is([type="text"], [type="number"]) { box-sizing: border-box; height: 2.1rem; padding: 0 0.25rem; font: inherit; color: inherit;
  background: var(--faint); border: 1px solid currentColor; appearance: textfield; }
& ::-webkit-inner-spin-button { display: none; }
& .choices [type="text"] { flex: 1 1 12rem; min-width: 0; }
& [aria-pressed="true"] { outline: 3px solid currentColor; outline-offset: -3px; font-weight: bold; }
& [aria-invalid="true"] { outline: 2px solid var(--red); }
& .trouble:empty { display: none; }
& .pairs { grid: auto auto / auto-flow minmax(0, 1fr); } /* the width's slider under the height's */
& .words { min-height: 4rem; margin: 0.5rem 0; }
& .formula { display: block; font-weight: bold; }
& .diagram { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; margin: 0.75rem 0; }
& .sign { font-size: 1.75rem; line-height: 1; }
& .drawing { position: relative; cursor: crosshair; touch-action: pan-y; }
& svg { display: block; max-width: 100%; width: calc(var(--columns) *
  clamp(14px, min((100cqw - 17.5rem) / var(--all), 225px / var(--rows)), 36px)); } /* all grids in a row, if there is room */
& canvas { display: block; width: min(256px, (100cqw - 17.5rem) / 2); }
& canvas + svg { position: absolute; inset: 0; width: 100%; height: 100%; }
& .boxes { display: grid; grid-template-columns: repeat(var(--columns), clamp(2.2rem, 10.8rem / var(--columns), 3.6rem)); gap: 0.2rem; }
& .kernel input { width: 100%; padding: 0; text-align: center; }
& .kernel label { display: flex; align-items: center; gap: 0.4rem; max-width: 8.5rem; margin-top: 0.4rem; white-space: nowrap; }
& .kernel p { max-width: 11rem; margin: 0.4rem 0 0; }
& rect { fill: none; stroke: currentColor; stroke-width: 0.03; pointer-events: all; }
& text { fill: currentColor; text-anchor: middle; }
& :is(text, path, circle, .window) { pointer-events: none; }
& .padding { stroke-dasharray: 0.12; fill: currentColor; fill-opacity: 0.06; }
& input.weight { background: color-mix(in srgb, var(--orange) 35%, transparent); }
& .reads { fill: var(--blue); fill-opacity: 0.4; }
& .unread { stroke: currentColor; stroke-width: 0.05; stroke-opacity: 0.5; }
& circle { stroke: currentColor; stroke-width: 0.03; fill: none; }
& .start { fill: currentColor; }
& .window { stroke-width: 0.12; }
& canvas + svg .window { stroke: #fff; stroke-width: 2px; vector-effect: non-scaling-stroke; filter: drop-shadow(0 0 1px #000) drop-shadow(0 0 1px #000); }
& :is([data-symbol], [data-term]) { cursor: help; }
& :is([data-symbol], [data-term]):hover, & .linked { background: var(--orange); color: #111; }
&[data-shows="n"] .pixel, &[data-shows="p"] .padding, &[data-shows="m"] .element, & .linked { fill: var(--orange); fill-opacity: 0.75; stroke-width: 0.09; }
&[data-shows="k"] .weight, & .weight.linked { background: var(--orange); color: #111; }
&[data-shows="k"] .input .window { stroke: var(--red); stroke-width: 0.2; }
&[data-shows="s"] circle { stroke: var(--red); stroke-width: 0.12; }
& .result { display: flex; flex-wrap: wrap; gap: 0 1.5rem; }
& .products { display: grid; grid-template-columns: repeat(var(--columns), minmax(4rem, 8rem)); margin: 0.5rem 1px 0.5rem 0; font-variant-numeric: tabular-nums; }
& .products span { padding: 0.1rem 0.2rem; border: 1px solid currentColor; margin: 0 -1px -1px 0; line-height: 1.3; text-align: center; }
& .products :is(b, i) { display: block; }
& .products i { height: 0.5rem; border: 1px solid #777; }
& .sum { flex: 1 1 14rem; min-height: 3rem; margin: 0.5rem 0; font-family: monospace; overflow-wrap: anywhere; }
& .legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 0.5rem 0 0; padding: 0; list-style: none; font-size: 0.875em; }
& .legend i { display: inline-block; width: 1em; height: 1em; border: 1px solid; vertical-align: -0.15em; }
& .legend .dashed { border-style: dashed; background: var(--faint); }
& .legend .hatched { background: repeating-linear-gradient(135deg, transparent 0 3px, currentColor 3px 4px); }
& .legend .thick { border-width: 3px; background: color-mix(in srgb, var(--blue) 40%, transparent); }
& .legend .dot { border: 0; font-style: normal; text-align: center; }
@container (max-width: 40rem) {
  & .pairs { grid: auto-flow / 1fr 1fr; } /* or beside it */
  & svg { width: calc(var(--columns) * clamp(14px, min(100cqw / var(--columns), 225px / var(--rows)), 32px)); }
  & canvas { width: calc((100cqw - 0.6rem) / 2); }
  & .diagram:has(canvas) .sign { display: none; }
  & .diagram:has(canvas) .kernel { order: -1; width: 100%; }
}}`;

// The indices 0, 1, ..., length - 1.
const range = (length) => [...Array(length).keys()];
const grid = (height, width, value) => range(height).map((i) => range(width).map((j) => value(i, j)));
const short = (number) => String(Number(number.toFixed(4))).replace("-", "−");
const bracket = (number) => (number < 0 ? `(${short(number)})` : short(number));

// What readers can choose. A pattern is a function; images and presets are `rows` of numbers.
const PATTERNS = !DATA.formula ? {} : {
  "0, 1, 2, …": (i, j, height, width) => i * width + j,
  ones: () => 1,
  "one in the middle": (i, j, height, width) => Number(i === Math.floor((height - 1) / 2) && j === Math.floor((width - 1) / 2)),
  "left half ones": (i, j, height, width) => Number(j < width / 2),
  "left minus right": (i, j, height, width) => (j === 0) - (j === width - 1),
  "top minus bottom": (i, j, height) => (i === 0) - (i === height - 1),
};
const images = Object.fromEntries(Object.entries(DATA.images).map(([name, { shape: [height, width], hundredths }]) => {
  const bytes = atob(hundredths);
  return [name, { rows: grid(height, width, (i, j) => bytes.charCodeAt(i * width + j) / 100) }];
}));
const CHOICES = { input: () => ({ ...PATTERNS, ...images }), kernel: () => ({ ...PATTERNS, ...DATA.presets }) };
const OWN = "your numbers", OWN_IMAGE = "your image";
const held = {}; // for the input and the kernel: the choice, its rows if it has a fixed size, the divisor of the sums
const isImage = () => held.input.choice in images;

// Hold numbers, and set the sliders to their rows and columns.
function hold(name, choice, { rows, divisor = 1 }) {
  held[name] = { choice, rows, divisor };
  if (!rows || (name === "input" && isImage())) return;
  const [height, width] = [rows.length, Math.max(...rows.map((row) => row.length))];
  if (height !== width) square.checked = false;
  for (const [axis, side] of [["h", height], ["w", width]]) find(`[name=${SIZE[name]}_${axis}]`).value = side;
}

// Hold the choice with this name. Return whether there is one.
function choose(name, choice) {
  const found = CHOICES[name]()[choice];
  if (!found) return false;
  hold(name, choice, found);
  if (name === "kernel" || !isImage()) return true;
  at = null;
  if (held.kernel?.choice in PATTERNS) choose("kernel", DATA.preset); // a pattern would make a photograph white
  return true;
}

// Hold the numbers in a text, if they fit. Return whether they do.
function take(name, text) {
  const rows = text.replace(/[−–]/g, "-").split(/[;\n]/).map((row) => row.trim().split(/[\s,]+/).map(Number));
  const [, , least, most] = DATA.sliders.find((slider) => slider[0] === SIZE[name]);
  const fits = [rows.length, ...rows.map((row) => row.length)].every((side) => side >= least && side <= most);
  if (!fits || !text.trim() || !rows.flat().every(Number.isFinite)) return false;
  hold(name, OWN, { rows });
  return true;
}

// Hold a file's image, which stays in the browser. Shrink it to the photograph's size, and round the mean of
// its colours to hundredths.
async function load(file) {
  const bitmap = file && (await createImageBitmap(file).catch(() => null));
  find(".trouble").textContent = bitmap ? "" : "Your browser can't show this file as an image. Try a PNG or a JPEG file.";
  if (!bitmap) return;
  const scale = Math.min(1, DATA.most / Math.max(bitmap.width, bitmap.height));
  const [height, width] = [bitmap.height, bitmap.width].map((side) => Math.max(5, Math.round(side * scale)));
  const context = Object.assign(document.createElement("canvas"), { height, width }).getContext("2d");
  context.drawImage(bitmap, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const mean = (pixel) => Math.round((data[pixel] + data[pixel + 1] + data[pixel + 2]) / 7.65) / 100;
  images[OWN_IMAGE] = { rows: grid(height, width, (i, j) => mean(4 * (i * width + j))) };
  choose("input", OWN_IMAGE);
  redraw();
  root.dispatchEvent(new Event("change")); // for the address
}

// Describe one axis: its padded size, and the output's size `m` (0 if there is no output). For row or
// column i: whether it belongs to the image, whether a window starts there, whether any window reads it,
// and which window has it in the middle.
function along({ n, k, p, s }) {
  const size = n + 2 * p;
  const m = k > size ? 0 : Math.floor((size - k) / s) + 1;
  const clamp = (window) => Math.max(0, Math.min(m - 1, Math.floor(window))) || 0;
  const inside = (i) => i >= p && i < p + n;
  const starts = (i) => i % s === 0 && i / s < m;
  const read = (i) => m > 0 && i - clamp(i / s) * s < k;
  const around = (i) => clamp((i - Math.floor((k - 1) / 2)) / s);
  return { n, k, p, s, size, m, clamp, inside, starts, read, around };
}

// Return what corr2d computes, divided by a number.
const correlate = (X, K, divisor, h, w) => range(h.m).map((i) => {
  const row = new Float64Array(w.m);
  K.forEach((weights, a) => weights.forEach((weight, b) => {
    if (weight === 0) return;
    const above = X[i * h.s + a];
    for (let j = 0; j < w.m; j++) row[j] += weight * above[j * w.s + b];
  }));
  return row.map((sum) => sum / divisor);
});

// Return the colour of a value from -1 to 1, as in Matplotlib's colour map. For `grey`, values go from 0 to 1.
function signed(value) {
  const place = (Math.min(1, Math.max(-1, value)) + 1) / 2 * (DATA.colours.length - 1);
  const low = Math.min(Math.floor(place), DATA.colours.length - 2);
  return DATA.colours[low].map((from, i) => from + (place - low) * (DATA.colours[low + 1][i] - from));
}
const grey = (value) => Array(3).fill(255 * Math.min(1, Math.max(0, value)));

// Return a part of a formula. While readers point at it, the diagram shows what it means.
const symbol = (name, text) => `<span data-symbol="${name}" tabindex="0">${text}</span>`;

// Return the formula and a sentence; only the sentence if there is no output.
function words() {
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
  const letters = DATA.formula.replace(/[nkps]/g, (name) => symbol(name, name));
  const formula = square.checked && h.n === w.n ? `${letters} = ${size(h)}` : `height: ${size(h)}, width: ${size(w)}`;
  const [rows, columns] = [h, w].map((axis) => range(axis.size).filter((i) => !axis.read(i)).length);
  const unread =
    rows + columns === 0
      ? "Every row and column is read."
      : `${rows} of the ${h.size} rows and ${columns} of the ${w.size} columns are never read.`;
  return { formula, sentence: `The input of ${by("n")}, with padding ${by("size")}, gives ${by("m")}. ${unread}` };
}

// Explain the diagram's colours and signs. If the weights add up to 0, the output has both signs. Otherwise it
// still looks like a photograph.
function legend(limit) {
  if (!isImage()) return `<li><i class="dashed"></i> padding</li><li><i class="hatched"></i> read by no window</li>
    <li><i class="thick"></i> the window and its output: point at another cell</li>
    <li><i class="dot">●</i> a window starts here</li><li><i class="dot">○</i> skipped by the stride</li>`;
  return `<li>${limit ? `Output: 0 is grey, positive is bright, negative is dark blue. The colours end at ±${limit.toFixed(2)}.`
    : "Output: 0 is black, 1 is white. Values beyond are shown as black or white."} Point at any pixel.</li>`;
}

// Draw rows of numbers: as colours for an image, otherwise as cells. Add the frame of the window to both.
function draw(name, rows, colour, kind, marks = () => "") {
  const [box, width] = [find(`.${name} .drawing`), rows[0]?.length ?? 0];
  if (isImage() && box.rows === rows) return;
  box.rows = rows;
  box.setAttribute("aria-label", `${isImage() ? `the ${name} as an image` : name}, ${rows.length} by ${width}`);
  const edge = isImage() ? 0 : 0.1; // room for half a line
  const cells = (row, i) => Array.from(row, (value, j) => `<g transform="translate(${j} ${i})"><rect class="${kind(i, j)}"
    width="1" height="1"/>${marks(i, j)}<text x="0.5" y="0.64" font-size="${Math.min(0.45, 1.5 / short(value).length)}px">${short(value)}</text></g>`);
  box.innerHTML = `${isImage() ? "<canvas></canvas>" : ""}<svg viewBox="${-edge} ${-edge} ${width + 2 * edge} ${rows.length + 2 * edge}"
    style="--columns: ${width + 2 * edge}; --rows: ${rows.length}">${isImage() ? "" : rows.flatMap(cells).join("")}<rect class="window"/></svg>`;
  if (!isImage()) return;
  const canvas = Object.assign(box.firstChild, { width, height: rows.length }), context = canvas.getContext("2d");
  const image = context.createImageData(width, rows.length), { data } = image;
  rows.forEach((row, i) => row.forEach((value, j) => {
    const pixel = 4 * (i * width + j);
    [data[pixel], data[pixel + 1], data[pixel + 2]] = colour(value);
    data[pixel + 3] = 255;
  }));
  context.putImageData(image, 0, 0);
}

const sliders = DATA.sliders.flatMap(([name, what, least, largest, values]) =>
  AXES.map((axis, side) =>
    slider(`${name}_${axis}`, `<i>${name}<sub>${axis}</sub></i>, <span>${what}</span>`, least, largest, values[side])),
);
// The names to choose from are buttons, or a list beside the explorer's sliders.
const [inputs, kernels] = Object.keys(SIZE).map((name) => {
  const names = Object.keys(CHOICES[name]()), option = (choice) => `<option ${names.includes(choice) ? "" : "hidden"}>${choice}</option>`;
  if (DATA.formula) return `<select name="${name}" aria-label="${name}">${[...names, OWN, OWN_IMAGE].map(option).join("")}</select>`;
  return names.map((choice) => `<button type="button" name="${name}" value="${choice}">${choice}</button>`).join("");
});
const part = (name) => `<div class="${name}">${name}<div class="drawing" role="img"></div></div>`;
mount(root, STYLE, `<div class="held"><fieldset class="choices"><legend>input</legend>${inputs}
    <button type="button" name="input" value="${OWN_IMAGE}">${OWN_IMAGE}</button><input type="file" accept="image/*" hidden>
    <input type="text" aria-label="rows of the input, with semicolons between them" spellcheck="false" autocomplete="off"></fieldset>
  <fieldset class="choices"><legend>kernel</legend>${kernels}</fieldset></div>
  <p class="trouble" role="alert"></p>
  <div class="sizes"><div class="sliders">${sliders.join("")}</div>
    <label><input type="checkbox" ${DATA.sliders.every(([, , , , [height, width]]) => height === width) ? "checked" : ""}>
      the same for height and width</label>
    <p class="words" aria-live="polite"><span class="formula"></span> <span class="sentence"></span></p></div>
  <div class="diagram" role="group">${part("input")}<b class="sign">⋆</b>
    <div class="kernel">kernel<div class="boxes" role="group" aria-label="kernel"></div>
      <label>divide by <input type="number" step="any"></label><p class="total"></p></div>
    <b class="sign">=</b>${part("output")}</div>
  <ul class="legend"></ul>
  <div class="windows"></div>
  <div class="sliders places">${["row", "column"].map((name) => slider(name, `${name} of the output`, 0, 0, 0)).join("")}</div>
  <div class="result"><div class="products" aria-hidden="true"></div><p class="sum" aria-live="polite"></p></div>`);
root.classList.add("d2lconv-kernel");

const all = (selector) => [...root.querySelectorAll(`:scope ${selector}`)]; // the page may have an .output around
const find = (selector) => all(selector)[0];
const sizes = all(".sizes [type=range]"), places = all(".places input");
const square = find("[type=checkbox]"), divide = find(".kernel label input"), field = find("[type=text]"), file = find("[type=file]"), sum = find(".sum");
const windows = player(find(".windows"), "window", (window) => go(Math.floor(window / w.m), window % w.m));
let h, w, X, K, Y; // both axes, the input with its padding, the kernel, the output
let at = null; // the row and column of the output whose window is shown; null: the first, or an image's middle

// Return both axes as the sliders set them. A square takes the height's numbers for both.
function axes() {
  const numbers = { h: {}, w: {} };
  find(".sizes .sliders").classList.toggle("pairs", !square.checked);
  for (const input of sizes) {
    const [name, axis] = input.name.split("_");
    const [label, what] = [input.parentElement, DATA.sliders.find((slider) => slider[0] === name)[1]];
    if (square.checked && axis === "w") input.value = numbers.h[name];
    label.hidden = (square.checked && axis === "w") || (name === "n" && isImage());
    label.querySelector("sub").hidden = square.checked;
    const meaning = square.checked ? what : `${what}, ${SIDES[axis]}`;
    label.querySelector("span").textContent = meaning;
    input.setAttribute("aria-label", `${name}, ${meaning}`);
    label.querySelector("b").textContent = input.value;
    numbers[axis][name] = Number(input.value);
  }
  const { rows } = held.input;
  if (isImage()) [numbers.h.n, numbers.w.n] = [rows.length, rows[0].length];
  return AXES.map((axis) => along(numbers[axis]));
}

// Compute and show everything.
function redraw() {
  [h, w] = axes();
  const numbers = (name, height, width) => {
    const { choice, rows } = held[name];
    return rows?.length === height && rows[0].length === width ? rows
      : grid(height, width, (i, j) => (rows ? rows[i]?.[j] ?? 0 : PATTERNS[choice](i, j, height, width)));
  };
  const given = numbers("input", h.n, w.n), image = (i, j) => h.inside(i) && w.inside(j);
  X = h.p + w.p ? grid(h.size, w.size, (i, j) => (image(i, j) ? given[i - h.p][j - w.p] : 0)) : given;
  K = numbers("kernel", h.k, w.k);
  Y = correlate(X, K, held.kernel.divisor, h, w);
  at ??= isImage() ? [h.m / 2, w.m / 2] : [0, 0];

  const total = K.flat().reduce((sum, weight) => sum + weight, 0) / held.kernel.divisor;
  const largest = Math.max(...Y.map((row) => row.reduce((most, y) => Math.max(most, Math.abs(y)), 0)));
  const limit = Math.abs(total) < 1e-9 && (largest / 2 || 1);
  find(".total").textContent = `The weights${held.kernel.divisor === 1 ? "" : ", divided,"} add up to ${short(total)}.`;
  find(".legend").innerHTML = legend(limit);
  // what no window reads is hatched; a dot is where one starts, a ring where strides skip one
  const marks = (i, j) => {
    const hatch = !h.m || !w.m || (h.read(i) && w.read(j)) ? "" : `<path class="unread" d="M0 .5l.5 -.5M0 1l1 -1M.5 1l.5 -.5"/>`;
    const possible = Math.max(h.s, w.s) > 1 && i <= h.size - h.k && j <= w.size - w.k;
    const start = h.starts(i) && w.starts(j) ? "start" : "skipped";
    return hatch + (possible ? `<circle class="${start}" cx="0.17" cy="0.17" r="0.08"/>` : "");
  };
  find(".diagram").style.setProperty("--all", w.size + w.m);
  draw("input", X, grey, (i, j) => (image(i, j) ? "pixel" : "padding"), marks);
  draw("output", Y, limit ? (y) => signed(y / limit) : grey, () => "element");

  const { formula, sentence } = words();
  if (find(".formula").dataset.html !== formula) find(".formula").innerHTML = find(".formula").dataset.html = formula;
  if (find(".sentence").textContent !== sentence) find(".sentence").textContent = sentence;
  find(".diagram").setAttribute("aria-label", `Diagram. ${sentence}`);
  fill(given);
  go(...at);
}

// Show the numbers, and the parts that belong to them, but don't change a field while the reader is typing in it.
function fill(given) {
  for (const control of all(".choices :is(button, select)")) {
    const { choice } = held[control.name];
    if (control.tagName === "SELECT") control.value = choice;
    else control.setAttribute("aria-pressed", control.value === choice);
  }
  const boxes = find(".boxes"), shape = `${h.k} by ${w.k}`;
  if (boxes.title !== shape) {
    boxes.title = shape;
    for (const part of [boxes, find(".products")]) part.style.setProperty("--columns", w.k);
    boxes.innerHTML = grid(h.k, w.k, (a, b) => `<input class="weight" type="number" step="any" aria-label="weight in row ${a}, column ${b}">`).flat().join("");
    keepKeys(boxes);
  }
  const write = (input, text) => { if (input !== document.activeElement) input.value = text; };
  K.flat().forEach((weight, c) => write(boxes.children[c], weight));
  write(divide, held.kernel.divisor);
  if (!isImage()) write(field, given.map((row) => row.map(short).join(" ")).join("; "));
  if (field !== document.activeElement) field.removeAttribute("aria-invalid");
  const numbersOnly = [field, find(".windows")], imagesOnly = [find(".places"), find(".products"), find(".total")];
  for (const part of numbersOnly) part.hidden = isImage() || !DATA.formula;
  for (const part of imagesOnly) part.hidden = !isImage();
  if (h.k > 3) find(".products").hidden = true; // there is no room for them, and the sum has them
  find(".sizes").hidden = !DATA.formula;
}

// Show the window of an output: where it is, and how its products add up.
function go(row, column) {
  const [i, j] = at = [h.clamp(row), w.clamp(column)], some = h.m * w.m > 0;
  windows.count(h.m * w.m, i * w.m + j);
  [h, w].forEach(({ m }, side) => {
    [places[side].max, places[side].value] = [Math.max(0, m - 1), at[side]];
    places[side].previousElementSibling.textContent = at[side];
  });
  const least = some && isImage() ? h.size / 25 : 0; // a window of an image has to be seen
  const frames = { input: [w.size, i * h.s, j * w.s, h.k, w.k], output: [w.m, i, j, 1, 1] };
  for (const [name, [columns, top, left, ...sides]] of Object.entries(frames)) {
    const [height, width] = some ? sides : [0, 0];
    all(`.${name} g rect`).forEach((cell, c) => {
      const [down, right] = [Math.floor(c / columns) - top, c % columns - left];
      cell.classList.toggle("reads", down >= 0 && down < height && right >= 0 && right < width);
    });
    const [tall, wide] = [Math.max(height, least), Math.max(width, least)];
    const frame = { x: left - (wide - width) / 2, y: top - (tall - height) / 2, width: wide, height: tall };
    for (const [side, number] of Object.entries(frame)) find(`.${name} .window`).setAttribute(side, number);
  }
  sum.setAttribute("aria-live", windows.playing() ? "off" : "polite"); // nobody can listen at that pace
  const products = some ? K.flatMap((weights, a) => weights.map((weight, b) => [X[i * h.s + a][j * w.s + b], weight])) : [];
  find(".products").innerHTML = products.map(([x, weight]) => `<span><i style="background: rgb(${grey(x)})"></i>
    ${short(x)} × ${short(weight)}<b>${short(x * weight)}</b></span>`).join("");
  const terms = products.map((pair, c) => `<span data-term="${c}">${pair.map(bracket).join("×")}</span>`).join(" + ");
  const whole = held.kernel.divisor === 1 ? terms : `(${terms}) / ${bracket(held.kernel.divisor)}`;
  const sign = some && Math.abs(Y[i][j] - Number(Y[i][j].toFixed(4))) > 1e-9 ? "≈" : "=";
  sum.innerHTML = some ? `Y[${i}, ${j}] = ${whole} ${sign} ${short(Y[i][j])}` : "";
}

// When readers point at a product, or focus it, show its pixel and its weight; for a symbol, show what it counts.
function link({ target, type, pointerType }) {
  if (type === "pointerout" && pointerType === "touch") return; // the finger has been lifted
  const { symbol, term } = (type.endsWith("out") ? document.activeElement : target).dataset; // the focus stays
  root.dataset.shows = symbol ?? "";
  for (const cells of [".input .reads", ".weight", ".products span"])
    all(cells).forEach((cell, c) => cell.classList.toggle("linked", String(c) === term));
}
for (const event of ["pointerover", "pointerout", "focusin", "focusout"])
  for (const part of [find(".words"), sum]) part.addEventListener(event, link);

// A mouse or finger on the input or the output chooses the window.
function point({ target, clientX, clientY }) {
  const svg = target.closest(".drawing")?.querySelector("svg");
  if (!svg || !h.m || !w.m) return;
  const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM().inverse());
  const there = svg.closest(".input") ? [h.around(y), w.around(x)] : [h.clamp(y), w.clamp(x)];
  if (String(there) === String(at)) return;
  windows.stop();
  go(...there);
}
find(".diagram").onpointermove = find(".diagram").onpointerdown = point;

root.addEventListener("click", ({ target }) => {
  if (target.value === OWN_IMAGE) file.click();
  else if (target.matches(".choices button") && choose(target.name, target.value)) redraw();
});
root.addEventListener("input", ({ target }) => {
  if (target === file || target.closest(".player")) return;
  windows.stop();
  if (places.includes(target)) return go(...places.map((place) => place.value));
  if (target === field) field.setAttribute("aria-invalid", !take("input", field.value));
  else if (target.tagName === "SELECT") choose(target.name, target.value);
  else if (target.type === "number") {
    const rows = grid(h.k, w.k, (a, b) => Number(find(".boxes").children[a * w.k + b].value) || 0);
    held.kernel = { choice: OWN, rows, divisor: Number(divide.value) || 1 };
  } else if (target.name?.startsWith("k_") && held.kernel.rows) held.kernel.choice = OWN;
  redraw();
});
root.addEventListener("focusout", ({ target }) => { if (/text|number/.test(target.type)) redraw(); });
file.onchange = () => { load(file.files[0]); file.value = ""; };
root.addEventListener("dragover", (event) => event.preventDefault());
root.addEventListener("drop", (event) => { event.preventDefault(); load(event.dataTransfer.files[0]); });

// Keep the state in the address, so that readers can share it: #n=5&k=3&p=0&s=2&window=1, or with n_h, n_w, ...
function write() {
  const shown = DATA.formula ? sizes.filter((input) => !input.parentElement.hidden) : [];
  const numbers = shown.map(({ name, value }) => [square.checked ? name[0] : name, value]);
  const text = ({ choice, rows }) => (choice === OWN ? rows.map((row) => row.join(" ")).join("; ") : choice);
  const grids = Object.keys(SIZE).filter((name) => isImage() || held[name].choice !== DATA[name]).map((name) => [name, text(held[name])]);
  if (held.kernel.choice === OWN) grids.push(["divide", held.kernel.divisor]);
  history.replaceState(null, "", `#${new URLSearchParams([...numbers, ...grids, ["window", at[0] * w.m + at[1] + 1]])}`);
}
function read() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (!["n", "n_h", "input", "kernel", "window"].some((name) => given.has(name))) return;
  square.checked = !given.has("n_h") && !given.has("k_h");
  for (const input of sizes) input.value = given.get(input.name) ?? given.get(input.name[0]) ?? input.value;
  for (const name of Object.keys(SIZE)) {
    const text = given.get(name) ?? DATA[name];
    if (!choose(name, text)) take(name, text);
  }
  held.kernel.divisor = Number(given.get("divide")) || held.kernel.divisor;
  at = null;
  redraw(); // which says how many windows there are
  const window = Number(given.get("window")) - 1;
  if (given.has("window")) go(window / w.m, window % w.m);
  root.scrollIntoView({ block: "nearest" });
}

for (const name of Object.keys(SIZE)) choose(name, DATA[name]);
redraw();
if (ADDRESS) {
  read();
  addEventListener("hashchange", read);
  for (const event of ["change", "click"]) root.addEventListener(event, write);
}
keepKeys(root);
