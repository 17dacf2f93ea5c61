// Turns <div class="d2lconv-explorer" data-n="3" data-k="2" data-p="1" data-s="2"> into four sliders
// for section 6.3: size, kernel, padding and stride, the output's size and a diagram of it.
"use strict";

const SLIDERS = [
  ["n", "input", 1, 8],
  ["k", "kernel", 1, 5],
  ["p", "padding per side", 0, 2],
  ["s", "stride", 1, 4],
];
const GAP = 1; // between the input and the output, in cells
const LARGEST_CELL = 40; // in pixels

// The indices 0, 1, ..., length - 1.
const range = (length) => [...Array(length).keys()];

const square = (kind, row, column, size) =>
  `<rect class="${kind}" x="${column}" y="${row}" width="${size}" height="${size}"/>`;

// What the sliders' numbers mean: the padded size, the output's size `m` (0: there is none), and
// whether any window reads row (or column) i.
function convolution({ n, k, p, s }) {
  const size = n + 2 * p;
  const m = k > size ? 0 : Math.floor((size - k) / s) + 1;
  const read = (i) => m > 0 && i - Math.min(Math.floor(i / s), m - 1) * s < k;
  return { size, m, read };
}

// Formula and sentence for the reader; the sentence alone if there is no output.
function words({ n, k, p, s }) {
  const { size, m, read } = convolution({ n, k, p, s });
  if (m === 0) {
    const sentence =
      `No output: a kernel of ${k} × ${k} does not fit into ${size} × ${size}, ` +
      `which is the input with its padding. Try a smaller kernel or more padding.`;
    return { formula: "", sentence };
  }
  const left = range(size).filter((i) => !read(i)).length;
  const unread =
    left === 0
      ? "Every row and column is read."
      : `${left} of the ${size} rows, and as many columns, ${left === 1 ? "is" : "are"} never read.`;
  return {
    formula: `⌊(n + 2p − k) / s⌋ + 1 = ⌊(${n} + 2·${p} − ${k}) / ${s}⌋ + 1 = ${m}`,
    sentence: `The input of ${n} × ${n}, with padding ${size} × ${size}, gives ${m} × ${m}. ${unread}`,
  };
}

// The input with its padding, one window on it, and the output with the element of that window.
function diagram({ n, k, p, s }) {
  const { size, m, read } = convolution({ n, k, p, s });
  const inside = (i) => i >= p && i < p + n;
  const parts = [];
  for (const row of range(size)) {
    for (const column of range(size)) {
      parts.push(square(inside(row) && inside(column) ? "pixel" : "padding", row, column, 1));
      if (m > 0 && !(read(row) && read(column))) {
        parts.push(`<path class="unread" d="M${column} ${row + 1}l1 -1"/>`);
      }
    }
  }
  const middle = Math.floor(m / 2);
  const [left, top] = [size + GAP, (size - m) / 2];
  for (const row of range(m)) {
    for (const column of range(m)) {
      parts.push(square("element", top + row, left + column, 1));
    }
  }
  if (m > 0) {
    parts.push(square("window", middle * s, middle * s, k));
    parts.push(square("window", top + middle, left + middle, 1));
  }
  const width = size + (m > 0 ? GAP + m : 0);
  return `<svg role="img" viewBox="-0.1 -0.1 ${width + 0.2} ${size + 0.2}"
    style="width: ${width * LARGEST_CELL}px">${parts.join("")}</svg>`;
}

function explore(root) {
  const controls = SLIDERS.map(
    ([name, what, low, high]) =>
      `<label>${name}, ${what} <b aria-hidden="true"></b>
       <input type="range" name="${name}" min="${low}" max="${high}" value="${root.dataset[name]}">
       </label>`,
  );
  root.innerHTML = `<div class="sliders">${controls.join("")}</div>
    <p aria-live="polite"><span class="formula"></span> <span class="sentence"></span></p>
    <div class="diagram"></div>
    <p class="legend">Left the input, right the output. Dashed: padding. Struck out: read by no
    window. Thick: one window, and the element that it gives.</p>`;

  const redraw = () => {
    const numbers = {};
    for (const input of root.querySelectorAll("input")) {
      numbers[input.name] = Number(input.value);
      input.previousElementSibling.textContent = input.value;
    }
    const { formula, sentence } = words(numbers);
    root.querySelector(".formula").textContent = formula;
    root.querySelector(".sentence").textContent = sentence;
    root.querySelector(".diagram").innerHTML = diagram(numbers);
    root.querySelector("svg").setAttribute("aria-label", `Diagram. ${sentence}`);
  };
  root.addEventListener("input", redraw);
  redraw();
}

document.querySelectorAll(".d2lconv-explorer").forEach(explore);
