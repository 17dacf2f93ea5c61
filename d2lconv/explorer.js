// Turns the element before this script into sliders for section 6.3: size, kernel, padding and stride,
// the output's size, and a diagram of it. explorer.py says which sliders and which formula.
"use strict";
(() => {
const root = document.currentScript.previousElementSibling;
const sliders = JSON.parse(root.dataset.sliders); // name, meaning, least, largest, number
const GAP = 1; // between input, kernel and output, in cells
const LARGEST_CELL = 40; // in pixels

// Nothing is told by colour alone. The text's colour is the page's, light or dark.
const STYLE = `
.d2lconv-explorer .sliders { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr));
  gap: 0.5rem 1.5rem; }
.d2lconv-explorer label { display: block; }
.d2lconv-explorer input { display: block; width: 100%; height: 2.75rem; margin: 0; }
.d2lconv-explorer [aria-live] { min-height: 6rem; margin: 0.5rem 0; }
.d2lconv-explorer .formula { display: block; font-weight: bold; }
.d2lconv-explorer svg { display: block; max-width: 100%; max-height: 75vh; }
.d2lconv-explorer rect, .d2lconv-explorer path { stroke: currentColor; stroke-width: 0.03; }
.d2lconv-explorer text { fill: currentColor; font-size: 0.4px; text-anchor: middle; }
.d2lconv-explorer .pixel { fill: #56b4e9; fill-opacity: 0.5; }
.d2lconv-explorer .padding { fill: none; stroke-dasharray: 0.12; }
.d2lconv-explorer .weight { fill: none; }
.d2lconv-explorer .element { fill: #f0b84a; fill-opacity: 0.5; }
.d2lconv-explorer .unread { stroke-width: 0.06; }
.d2lconv-explorer .window { fill: none; stroke-width: 0.14; }
.d2lconv-explorer .legend { font-size: 0.875em; }`;

// The indices 0, 1, ..., length - 1.
const range = (length) => [...Array(length).keys()];

const square = (kind, row, column, size) =>
  `<rect class="${kind}" x="${column}" y="${row}" width="${size}" height="${size}"/>`;

const number = (row, column, value) =>
  `<text x="${column + 0.5}" y="${row + 0.64}">${value}</text>`;

// What the sliders' numbers mean: the padded size, the output's size `m` (0: there is none),
// whether any window reads row (or column) i, the input X with its padding, the kernel K, and the
// products that an output element is the sum of.
function convolution({ n, k, p, s }) {
  const size = n + 2 * p;
  const m = k > size ? 0 : Math.floor((size - k) / s) + 1;
  const read = (i) => m > 0 && i - Math.min(Math.floor(i / s), m - 1) * s < k;
  const inside = (i) => i >= p && i < p + n;
  const X = (i, j) => (inside(i) && inside(j) ? (i - p) * n + (j - p) : 0);
  const K = (a, b) => a * k + b;
  const products = (i, j) =>
    range(k * k).map((c) => [X(i * s + Math.floor(c / k), j * s + (c % k)), c]);
  const Y = (i, j) => products(i, j).reduce((sum, [x, w]) => sum + x * w, 0);
  return { size, m, read, inside, X, K, products, Y };
}

// Formula and sentence for the reader; the sentence alone if there is no output.
function words({ n, k, p, s }) {
  const { size, m, read, products, Y } = convolution({ n, k, p, s });
  if (m === 0) {
    const sentence =
      `No output: a kernel of ${k} × ${k} does not fit into ${size} × ${size}, ` +
      `which is the input with its padding. Try a smaller kernel or more padding.`;
    return { formula: "", sentence, sum: "" };
  }
  const left = range(size).filter((i) => !read(i)).length;
  const unread =
    left === 0
      ? "Every row and column is read."
      : `${left} of the ${size} rows, and as many columns, ${left === 1 ? "is" : "are"} never read.`;
  const middle = Math.floor(m / 2);
  const terms = products(middle, middle).map(([x, w]) => `${x}·${w}`);
  return {
    formula: `${root.dataset.formula} = ⌊(${n} + 2·${p} − ${k}) / ${s}⌋ + 1 = ${m}`,
    sentence: `The input of ${n} × ${n}, with padding ${size} × ${size}, gives ${m} × ${m}. ${unread}`,
    sum: `${terms.join(" + ")} = ${Y(middle, middle)}`,
  };
}

// The input with its padding, one window on it, the kernel, and the output with that window's element.
function diagram({ n, k, p, s }) {
  const { size, m, read, inside, X, K, Y } = convolution({ n, k, p, s });
  const parts = [];
  const grid = (side, top, left, kind, value) => {
    for (const row of range(side)) {
      for (const column of range(side)) {
        parts.push(square(kind(row, column), top + row, left + column, 1));
        parts.push(number(top + row, left + column, value(row, column)));
      }
    }
  };
  const height = Math.max(size, k);
  const top = (height - size) / 2;
  grid(size, top, 0, (i, j) => (inside(i) && inside(j) ? "pixel" : "padding"), X);
  grid(k, (height - k) / 2, size + GAP, () => "weight", K);
  let width = size + GAP + k;
  if (m > 0) {
    for (const row of range(size)) {
      for (const column of range(size)) {
        if (!(read(row) && read(column))) {
          parts.push(`<path class="unread" d="M${column} ${top + row + 1}l1 -1"/>`);
        }
      }
    }
    const middle = Math.floor(m / 2);
    const [topY, leftY] = [(height - m) / 2, width + GAP];
    grid(m, topY, leftY, () => "element", Y);
    parts.push(square("window", top + middle * s, middle * s, k));
    parts.push(square("window", topY + middle, leftY + middle, 1));
    width = leftY + m;
  }
  return `<svg role="img" viewBox="-0.1 -0.1 ${width + 0.2} ${height + 0.2}"
    style="width: ${width * LARGEST_CELL}px">${parts.join("")}</svg>`;
}

const controls = sliders.map(
  ([name, what, least, largest, value]) =>
    `<label>${name}, ${what} <b aria-hidden="true"></b>
     <input type="range" name="${name}" min="${least}" max="${largest}" value="${value}"></label>`,
);
root.innerHTML = `<style>${STYLE}</style><div class="sliders">${controls.join("")}</div>
  <p aria-live="polite"><span class="formula"></span> <span class="sentence"></span></p>
  <div class="diagram"></div>
  <p class="sum"></p>
  <p class="legend">From left to right: the input, the kernel, the output. Dashed: padding. Struck
  out: read by no window. Thick: one window, and the element that it gives, with its sum.</p>`;

const redraw = () => {
  const numbers = {};
  for (const input of root.querySelectorAll("input")) {
    numbers[input.name] = Number(input.value);
    input.previousElementSibling.textContent = input.value;
  }
  const { formula, sentence, sum } = words(numbers);
  root.querySelector(".formula").textContent = formula;
  root.querySelector(".sentence").textContent = sentence;
  root.querySelector(".sum").textContent = sum;
  root.querySelector(".diagram").innerHTML = diagram(numbers);
  root.querySelector("svg").setAttribute("aria-label", `Diagram. ${sentence}`);
};
root.addEventListener("input", redraw);
redraw();
// JupyterLab would take the arrow keys for itself
root.querySelectorAll("input").forEach((input) => (input.dataset.lmSuppressShortcuts = "true"));
})();
