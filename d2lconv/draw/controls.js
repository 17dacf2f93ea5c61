// Shared controls of sliders and players. controls.py puts them, with the figures' COLOURS, before each
// script that uses them. Call mount() first, then slider() and player(), and finally keepKeys().
const LOOK = `
.d2lconv { --blue: ${COLOURS.blue}; --orange: ${COLOURS.orange}; --strong-blue: ${COLOURS.strongBlue}; --red: ${COLOURS.red};
  --faint: color-mix(in srgb, currentColor 8%, transparent); }
.d2lconv button, .d2lconv select { min-width: 3.5rem; min-height: 2.25rem; padding: 0 0.75rem; font: inherit; color: inherit;
  background: var(--faint); border: 1px solid currentColor; border-radius: 0.375rem; cursor: pointer; }
.d2lconv button:hover:enabled { background: color-mix(in srgb, currentColor 18%, transparent); }
.d2lconv button:disabled { opacity: 0.5; cursor: default; }
.d2lconv :focus-visible { outline: 3px solid var(--strong-blue); outline-offset: 2px; }
.d2lconv input[type="range"] { display: block; width: 100%; height: 2.25rem; margin: 0; accent-color: var(--strong-blue); }
.d2lconv input[type="checkbox"] { width: 1.5rem; height: 1.5rem; vertical-align: middle; accent-color: var(--strong-blue); }
.d2lconv .sliders { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 0.25rem 1.5rem; }
.d2lconv .player { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; max-width: 40rem; margin: 0.5rem 0; font: inherit; }
.d2lconv .player input[type="range"] { flex: 1; min-width: 3rem; }
.d2lconv .position { white-space: nowrap; }`;
const PACE = 900; // milliseconds from one position to the next while a player plays

// Style an element as a control, with `html` as its content if given.
function mount(root, css = "", html = null) {
  root.classList.add("d2lconv");
  if (html !== null) root.innerHTML = html;
  root.insertAdjacentHTML("afterbegin", `<style>${LOOK}${css}</style>`);
}

// Return the HTML of a slider; the calling script updates the number in <b>.
function slider(name, label, least, most, value) {
  return `<label>${label} <b aria-hidden="true">${value}</b>
    <input type="range" name="${name}" min="${least}" max="${most}" value="${value}"></label>`;
}

// Fill `box` with buttons and a slider that step through positions. `show(at)` draws a position, from
// 0. `count(n)` sets the number of positions, `count(n, at)` the position too; both return the one to draw.
function player(box, what, show) {
  box.classList.add("player");
  box.innerHTML = `<button type="button" aria-label="back one ${what}">back</button>
    <button type="button" aria-label="play or pause">play</button>
    <button type="button" aria-label="next ${what}">next</button>
    <input type="range" min="1" value="1" aria-label="${what}"><span class="position"><output></output><span></span></span>`;
  const place = box.querySelector("input"), output = box.querySelector("output"), [back, play, next] = box.querySelectorAll("button");
  let timer = null, many = 1;
  const at = () => Number(place.value) - 1;
  const stop = () => { clearInterval(timer); timer = null; play.textContent = "play"; };
  const count = (n, position = at()) => {
    [many, place.max, place.value] = [n, Math.max(1, n), position + 1]; // the slider stops at its end
    for (const control of [back, play, next, place]) control.disabled = n < 2;
    output.textContent = n ? at() + 1 : "";
    output.nextSibling.textContent = n ? ` of ${n}` : "";
    return at();
  };
  const go = (position) => { count(many, position); show(at()); };
  const step = (by) => go((at() + by + many) % many);
  back.onclick = () => { stop(); step(-1); };
  next.onclick = () => { stop(); step(1); };
  place.oninput = () => { stop(); go(at()); };
  play.onclick = () => {
    if (timer !== null) return stop();
    play.textContent = "pause";
    timer = setInterval(() => (box.isConnected ? step(1) : stop()), PACE);
  };
  return { at, count, go, stop, playing: () => timer !== null };
}

// Keep JupyterLab from using the keys of sliders and fields.
function keepKeys(root) {
  for (const control of root.querySelectorAll("input, button, select"))
    control.dataset.lmSuppressShortcuts = "true";
}
