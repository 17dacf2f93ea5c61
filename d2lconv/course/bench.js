// Turns the element before this script into the kernel bench of section 6.2.3. bench.py hands it the
// images, the presets and the colours of signed values.
const root = document.currentScript.previousElementSibling;
const { images, presets, preset, colours } = DATA;
const SIZE = 3; // rows and columns of the kernel

const STYLE = `
.d2lconv-bench { container-type: inline-size; }
.d2lconv-bench .choices { display: flex; flex-wrap: wrap; gap: 0.4rem; margin: 0 0 0.5rem; padding: 0; border: 0; }
.d2lconv-bench .choices legend { float: left; padding: 0.4rem 0.4rem 0 0; min-width: 3.5rem; }
.d2lconv-bench [aria-pressed="true"] { outline: 3px solid currentColor; outline-offset: -3px; font-weight: bold; }
.d2lconv-bench .panels { display: grid; grid-template-columns: minmax(0, 256px) auto minmax(0, 256px); gap: 1rem;
  align-items: center; justify-content: start; margin: 0.75rem 0; }
.d2lconv-bench .image { position: relative; margin: 0; line-height: 0; cursor: crosshair; touch-action: pan-y; }
.d2lconv-bench canvas { width: 100%; height: auto; }
.d2lconv-bench .mark { position: absolute; width: 15px; height: 15px; margin: -9px; border: 2px solid #fff;
  outline: 2px solid #111; pointer-events: none; }
.d2lconv-bench .boxes { display: grid; grid-template-columns: repeat(3, 3.6rem); gap: 0.25rem; }
.d2lconv-bench .kernel input { box-sizing: border-box; width: 3.6rem; height: 2.5rem; font: inherit; text-align: center; }
.d2lconv-bench .kernel label { display: block; margin-top: 0.5rem; }
.d2lconv-bench .kernel p { margin: 0.5rem 0 0; }
.d2lconv-bench .sliders { max-width: 46rem; }
.d2lconv-bench .products { display: grid; grid-template-columns: repeat(3, minmax(5.5rem, 8rem)); margin: 0.75rem 0;
  font-variant-numeric: tabular-nums; }
.d2lconv-bench .products span { padding: 0.25rem; border: 1px solid currentColor; margin: 0 -1px -1px 0; text-align: center; }
.d2lconv-bench .products b { display: block; }
.d2lconv-bench .products i { display: block; height: 0.6rem; border: 1px solid #777; }
.d2lconv-bench .sum { min-height: 3rem; font-family: monospace; overflow-wrap: anywhere; }
.d2lconv-bench .legend { font-size: 0.875em; }
@container (max-width: 40rem) {
  .d2lconv-bench .panels { grid-template-columns: 1fr 1fr; gap: 0.5rem; justify-items: center; }
  .d2lconv-bench .kernel { grid-column: 1 / 3; grid-row: 1; }
}`;

const range = (length) => [...Array(length).keys()];
const two = (value) => value.toFixed(2).replace("-", "−");
const short = (value) => String(Number(value.toFixed(4))).replace("-", "−");

// An image as rows of pixels, from 0 to 1.
function pixels({ shape: [height, width], hundredths }) {
  const bytes = atob(hundredths);
  return range(height).map((i) => range(width).map((j) => bytes.charCodeAt(i * width + j) / 100));
}

// What corr2d computes, divided by a number.
function correlate(X, K, divisor) {
  const [height, width] = [X.length - SIZE + 1, X[0].length - SIZE + 1];
  return range(height).map((i) => {
    const row = new Float64Array(width);
    K.forEach((weight, c) => {
      if (weight === 0) return;
      const [above, left] = [X[i + Math.floor(c / SIZE)], c % SIZE];
      for (let j = 0; j < width; j++) row[j] += weight * above[j + left];
    });
    return row.map((sum) => sum / divisor);
  });
}

// The colour of a value between -1 and 1, as Matplotlib has it.
function signedColour(value) {
  const place = (Math.min(1, Math.max(-1, value)) + 1) / 2 * (colours.length - 1);
  const low = Math.min(Math.floor(place), colours.length - 2);
  return colours[low].map((from, i) => from + (place - low) * (colours[low + 1][i] - from));
}
const grey = (value) => Array(3).fill(255 * Math.min(1, Math.max(0, value)));

function paint(canvas, rows, colour) {
  [canvas.height, canvas.width] = [rows.length, rows[0].length];
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  rows.forEach((row, i) => row.forEach((value, j) => {
    image.data.set([...colour(value), 255], 4 * (i * canvas.width + j));
  }));
  context.putImageData(image, 0, 0);
}

const choices = (title, names) => `<fieldset class="choices"><legend>${title}</legend>
  ${names.map((name) => `<button type="button" data-name="${name}">${name}</button>`).join(" ")}</fieldset>`;
const OWN = "your image", MOST = 320; // pixels of it along its longer side
const box = (index) => `<input type="number" step="any" aria-label="weight in row ${Math.floor(index / SIZE)},
  column ${index % SIZE}">`;
mount(root, STYLE, `${choices("Image", [...Object.keys(images), OWN])}<input type="file" accept="image/*" hidden>
  ${choices("Kernel", Object.keys(presets))}
  <div class="panels"><div class="image"><canvas role="img"></canvas><span class="mark"></span></div>
    <div class="kernel"><div class="boxes" role="group" aria-label="kernel">${range(9).map(box).join("")}</div>
      <label>divide by <input type="number" step="any"></label><p class="total"></p></div>
    <div class="image"><canvas role="img"></canvas><span class="mark"></span></div></div>
  <p class="legend"></p>
  <div class="sliders">${["row", "column"].map((name) => slider(name, `${name} of the output`, 0, 2, 1)).join("")}</div>
  <div class="products" aria-hidden="true"></div>
  <p class="sum" aria-live="polite"></p>`);

const find = (selector) => root.querySelector(selector);
const [pictures, kernels] = [...root.querySelectorAll(".choices")].map((set) => [...set.querySelectorAll("button")]);
const boxes = [...root.querySelectorAll(".boxes input")], divide = find(".kernel label input");
const [input, output] = root.querySelectorAll("canvas"), marks = root.querySelectorAll(".mark");
const [down, along] = root.querySelectorAll(".sliders input");
let own; // the reader's image
let X, Y, K, divisor; // image, output, weights, and the number that divides the sums

function press(buttons, name) {
  for (const button of buttons) button.setAttribute("aria-pressed", button.dataset.name === name);
}

function choose(name) {
  press(pictures, name);
  X = name === OWN ? own : pixels(images[name]);
  paint(input, X, grey);
  input.setAttribute("aria-label", `the ${name}`);
  [[down, X.length], [along, X[0].length]].forEach(([slider, size]) => {
    const before = slider.value / slider.max;
    slider.max = size - SIZE;
    slider.value = Math.round(before * slider.max);
  });
}

function set(name) {
  const numbers = presets[name];
  boxes.forEach((box, c) => { box.value = numbers[c]; });
  divide.value = numbers[9];
}

// Weights that add up to 0 give both signs; others keep a photograph a photograph.
function compute() {
  K = boxes.map((box) => Number(box.value) || 0);
  divisor = Number(divide.value) || 1;
  const same = ([, numbers]) => [...K, divisor].every((number, c) => number === numbers[c]);
  press(kernels, Object.entries(presets).find(same)?.[0]);
  Y = correlate(X, K, divisor);
  const total = K.reduce((sum, weight) => sum + weight, 0) / divisor;
  const signed = Math.abs(total) < 1e-9;
  const largest = Math.max(...Y.map((row) => row.reduce((most, y) => Math.max(most, Math.abs(y)), 0)));
  const limit = largest / 2 || 1;
  paint(output, Y, signed ? (y) => signedColour(y / limit) : grey);
  find(".total").textContent = `The weights${divisor === 1 ? "" : ", divided,"} add up to ${short(total)}.`;
  find(".legend").textContent = signed
    ? `Output: 0 is grey, positive is bright, negative is dark blue. The colours end at ±${two(limit)}.`
    : "Output: 0 is black, 1 is white. Values beyond are shown as black or white.";
  output.setAttribute("aria-label", `the output, ${Y.length} by ${Y[0].length}`);
}

// One output: where it lies, and how its nine products make it.
function point() {
  const [i, j] = [Number(down.value), Number(along.value)];
  [[down, i], [along, j]].forEach(([slider, value]) => { slider.previousElementSibling.textContent = value; });
  [[marks[0], i + 1.5, j + 1.5, input], [marks[1], i + 0.5, j + 0.5, output]].forEach(([mark, top, left, canvas]) => {
    mark.style.top = `${100 * top / canvas.height}%`;
    mark.style.left = `${100 * left / canvas.width}%`;
  });
  const window = K.map((weight, c) => [X[i + Math.floor(c / SIZE)][j + c % SIZE], weight]);
  find(".products").innerHTML = window.map(([x, weight]) => `<span><i style="background: rgb(${grey(x)})"></i>
    ${two(x)} × ${short(weight)}<b>${short(x * weight)}</b></span>`).join("");
  const bracket = (number) => (number < 0 ? `(${short(number)})` : short(number));
  const terms = window.map(([x, weight]) => `${two(x)}×${bracket(weight)}`).join(" + ");
  const sum = divisor === 1 ? terms : `(${terms}) / ${bracket(divisor)}`;
  const exact = Math.abs(Y[i][j] - Number(Y[i][j].toFixed(4))) < 1e-9;
  find(".sum").textContent = `Y[${i}, ${j}] = ${sum} ${exact ? "=" : "≈"} ${short(Y[i][j])}`;
}

const redraw = () => { compute(); point(); };
const file = find("[type=file]");
pictures.forEach((button) => {
  button.onclick = () => {
    if (button.dataset.name === OWN) return file.click();
    choose(button.dataset.name);
    redraw();
  };
});

// The reader's image stays in the browser: smaller, and as the mean of its colours in hundredths.
file.onchange = async () => {
  const bitmap = await createImageBitmap(file.files[0]).catch(() => null);
  if (!bitmap) return (find(".legend").textContent = "This file is not an image that the browser can show.");
  const scale = Math.min(1, MOST / Math.max(bitmap.width, bitmap.height));
  const [height, width] = [bitmap.height, bitmap.width].map((side) => Math.max(SIZE, Math.round(side * scale)));
  const context = Object.assign(document.createElement("canvas"), { height, width }).getContext("2d");
  context.drawImage(bitmap, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const mean = (at) => Math.round((data[at] + data[at + 1] + data[at + 2]) / 7.65) / 100;
  own = range(height).map((i) => range(width).map((j) => mean(4 * (i * width + j))));
  file.value = "";
  choose(OWN);
  redraw();
};
kernels.forEach((button) => { button.onclick = () => { set(button.dataset.name); redraw(); }; });
find(".kernel").addEventListener("input", redraw);
find(".sliders").addEventListener("input", point);
for (const canvas of [input, output]) {
  const edge = canvas === input ? 1 : 0; // a window's output is at its corner, the mark at its middle
  canvas.onpointermove = canvas.onpointerdown = (event) => {
    const { top, left, width, height } = canvas.getBoundingClientRect();
    down.value = Math.floor((event.clientY - top) / height * canvas.height) - edge;
    along.value = Math.floor((event.clientX - left) / width * canvas.width) - edge;
    point();
  };
}
choose(Object.keys(images)[0]);
set(preset);
redraw();

// The settings in the address, so that they can be sent: on the site only, where the address is ours (Sphinx marks its pages).
const numbers = [...boxes, divide];
function write() {
  const image = pictures.find((button) => button.getAttribute("aria-pressed") === "true").dataset.name;
  const kernel = numbers.map((box) => box.value).join(" ");
  history.replaceState(null, "", `#${new URLSearchParams({ image, kernel, row: down.value, column: along.value })}`);
}
function read() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (!given.has("image") || !given.has("kernel")) return;
  if (given.get("image") in images) choose(given.get("image"));
  given.get("kernel").split(" ").slice(0, numbers.length).forEach((number, c) => { numbers[c].value = number; });
  for (const [slider, name] of [[down, "row"], [along, "column"]]) slider.value = Number(given.get(name)) || 0;
  redraw();
  root.scrollIntoView({ block: "nearest" });
}
if ("content_root" in document.documentElement.dataset) {
  read();
  addEventListener("hashchange", read);
  for (const event of ["change", "click"]) root.addEventListener(event, write);
}
keepKeys(root);
