// Turn the element before this script into sliders over the receptive field of an output. For each
// setting, field.py has counted with autograd the paths from each pixel of a row to that output.
const root = document.currentScript.previousElementSibling;
const { sliders, paths } = JSON.parse(root.dataset.fields);
const STYLE = `
.d2lconv-field [aria-live] { min-height: 4.5rem; margin: 0.5rem 0; }
.d2lconv-field .formula { display: block; font-weight: bold; }
.d2lconv-field svg { display: block; width: 100%; max-width: 30rem; }
.d2lconv-field rect { fill: var(--strong-blue); stroke: currentColor; stroke-width: 0.02; }
.d2lconv-field .frame { fill: none; stroke-width: 0.15; }`;

// The formula of the receptive field: each layer adds k - 1 steps, and the length of a step in pixels
// is the product of all strides before it.
function formula({ k, s, depth }) {
  const steps = [...Array(depth).keys()].map((layer) => s ** layer);
  const terms = steps.map((step) => `(${k} − 1)·${step}`);
  return { text: terms.join(" + "), size: steps.reduce((sum, step) => sum + (k - 1) * step, 1) };
}

// For both axes: the paths to a pixel are those of its row times those of its column.
function map(row) {
  const most = Math.max(...row) ** 2;
  const cells = row.flatMap((down, i) => row.map((along, j) => {
    const share = down * along / most;
    // Counts grow exponentially with the depth, so the colours show their square roots.
    const opacity = share && Math.max(0.04, share ** 0.5).toFixed(2);
    return `<rect x="${j}" y="${i}" width="1" height="1" fill-opacity="${opacity}"/>`;
  }));
  const side = row.length;
  return `<svg role="img" viewBox="-0.2 -0.2 ${side + 0.4} ${side + 0.4}">${cells.join("")}
    <rect class="frame" width="${side}" height="${side}"/></svg>`;
}

function words(numbers, row) {
  if (!row.length) return "No output is left: the layers use up the image.";
  const { size } = formula(numbers);
  const seen = row.filter((count) => count > 0).length;
  const image = `In the image of ${row.length} × ${row.length}, the field covers`;
  const covers = seen < size ? image : "The field covers";
  const most = `The largest number of paths from a pixel to the output is ${Math.max(...row) ** 2}.`;
  return `${covers} ${seen} × ${seen} pixels. ${most}`;
}

const controls = sliders.map(([name, what, ...numbers]) =>
  slider(name, name === "depth" ? what : `${name}, ${what}`, ...numbers));
mount(root, STYLE, `<div class="sliders">${controls.join("")}</div>
  <p aria-live="polite"><span class="formula"></span> <span class="sentence"></span></p>
  <div class="map"></div>`);

const redraw = () => {
  const numbers = {};
  for (const input of root.querySelectorAll("input")) {
    numbers[input.name] = Number(input.value);
    input.previousElementSibling.textContent = input.value;
  }
  const row = paths[sliders.map(([name]) => numbers[name]).join()];
  const { text, size } = formula(numbers);
  const sentence = words(numbers, row);
  root.querySelector(".formula").textContent = `1 + ${text} = ${size}`;
  root.querySelector(".sentence").textContent = sentence;
  root.querySelector(".map").innerHTML = row.length ? map(row) : "";
  root.querySelector("svg")?.setAttribute("aria-label", `The image. ${sentence}`);
};
root.addEventListener("input", redraw);
redraw();
keepKeys(root);
