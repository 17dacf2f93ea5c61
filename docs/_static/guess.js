"use strict";

// Asks a notebook's questions on its page, and replies as `guess` of d2lconv.course does. guesses.py
// writes the questions into the page.

const WHOLE = "The answer is in whole numbers.";
const BADGES = { Right: "✓ Right", "Not yet": "✗ Not yet", "": "…" };
const all = (numbers, holds) => numbers.every((number, i) => holds(number, i));

// Return the numbers of "(2, 3)", "2 × 3", "48 * 42" or "10**9", or null. Operators take only single numbers.
function numbers(text) {
  const tokens = text.match(/(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|\*\*|\S/gi) ?? [];
  let at = 0;
  const next = (...signs) => signs.includes(tokens[at]) && tokens[at++];
  const list = () => {
    const found = [sum()];
    while (next(",") && !["]", ")", undefined].includes(tokens[at])) found.push(sum());
    return found.flat();
  };
  const atom = () => {
    if (next("-", "−")) return -atom();
    if (!next("(", "[")) return power(Number(tokens[at++] ?? NaN));
    const found = list();
    if (!next(")", "]")) throw SyntaxError("open bracket");
    return power(found);
  };
  const power = (base) => (next("**", "^") ? Number(base) ** Number(atom()) : base);
  const product = () => {
    let found = atom();
    for (let sign; (sign = next("*", "·", "×", "/")); ) {
      const by = Number(atom());
      found = sign === "/" ? found / by : found * by;
    }
    return found;
  };
  const sum = () => {
    let found = product();
    for (let sign; (sign = next("+", "-", "−")); ) found = Number(found) + (sign === "+" ? 1 : -1) * product();
    return found;
  };
  try {
    const found = list();
    return at === tokens.length && all(found, Number.isFinite) ? found : null;
  } catch {
    return null;
  }
}

// Return a guess in the answer's form: a word, or its numbers in a row. Return null if it has another form.
function read({ choices, form, answer }, typed) {
  if (choices.length) {
    const word = typed.replace(/^[ .'"]+|[ .'"]+$/g, "").toLowerCase();
    return choices.find((choice) => choice.toLowerCase() === word) ?? null;
  }
  const shape = form.startsWith("a shape");
  let text = typed.replace(/(\d)_(?=\d)/g, "$1");
  if (shape) text = text.replace(/[x×]/g, ",");
  if (answer.length === 1) text = text.replace(/(\d),(?=\d{3}(?!\d))/g, "$1");
  const found = numbers(text);
  if (shape && found?.length === 1 && !/^[[(]/.test(text)) return answer.map(() => found[0]);
  return found?.length === answer.length ? found : null;
}

function equal({ choices, tolerance }, guess, other) {
  if (choices.length) return guess === other;
  if (typeof other === "string") return Boolean(Function("g", "abs", `return ${other}`)(guess, Math.abs));
  return all(other, (number, i) => {
    const slack = number % 1 ? 1e-6 * Math.abs(number) : 0;
    return Math.abs(guess[i] - number) <= Math.max(slack, tolerance);
  });
}

// Return why that many windows are wrong along an axis, and where the window that shows it starts.
function windowThatShows(name, guess, [n, k, p, s]) {
  const size = n + 2 * p, last = (guess - 1) * s;
  const one = name.slice(0, -1), output = `${guess} ${guess === 1 ? one : name} of output`;
  if (guess < 1) return [`One window fits, so the output has at least one ${one}.`, 0];
  if (last + k > size) {
    const whole = p ? `the input has ${size} with its padding` : `the input has only ${size}`;
    return [`For ${output}, the last window would end at number ${last + k} of the ${name}, but ${whole}.`, last];
  }
  return [`With ${output}, there is room for one window more, over the ${name} ` +
    `${last + s + 1} to ${last + s + k}.`, last + s];
}

function hint(question, guess) {
  const { answer, axes, choices, look, tolerance } = question;
  const [slip] = question.slips.filter(([other]) => equal(question, guess, other)).map(([, text]) => text);
  if (!choices.length && !tolerance && !slip && guess.some((number) => number % 1)) {
    const down = axes.length && all(guess, (number, i) => Math.floor(number) === answer[i]);
    return { text: down ? "Round down: a part of a window gives no output." : WHOLE };
  }
  const wrong = axes.findIndex((_, i) => guess[i] !== answer[i]);
  if (wrong < 0) return { text: slip ?? look };
  const [said, start] = windowThatShows(["rows", "columns"][wrong], Math.trunc(guess[wrong]), axes[wrong]);
  return { text: slip ?? said, strip: [...axes[wrong], start] };
}

function reply(question, typed) {
  const { answer, form, full } = question;
  if (/^[\s.,()[\]]*$/.test(typed)) return { verdict: "", text: `Give a guess (${form}).` };
  const found = read(question, typed);
  if (found === null) return { verdict: "", text: `A guess here is ${form}. Yours is ${typed}.` };
  if (equal(question, found, answer)) return { verdict: "Right", text: full };
  return { verdict: "Not yet", ...hint(question, found) };
}

// Draw one axis of the padded input: the same part that `strip` of d2lconv.draw shows.
function drawn([n, k, p, , start]) {
  const size = n + 2 * p, first = Math.max(start - 12, 0);
  const end = Math.max(Math.min(size, start + k + 3), start + k);
  const cells = [];
  for (let i = first; i < Math.min(size, end); i++)
    cells.push(`<rect class="${i >= p && i < p + n ? "pixel" : "padding"}" x="${i}" width="1" height="1"/>`);
  return `<svg role="img" viewBox="${first - 0.1} -0.2 ${end - first + 0.2} 1.4" style="width: ${2 * (end - first + 0.2)}em"
    aria-label="A strip of ${size} cells, and a window over the cells ${start + 1} to ${start + k}.">${cells.join("")}
    <rect class="window" x="${start}" y="-0.1" width="${k}" height="1.2"/></svg>`;
}

for (const box of document.querySelectorAll(".guess")) {
  const question = JSON.parse(atob(box.dataset.question));
  const number = box.id.split("-")[1], label = `Guess ${number}`;
  const buttons = question.choices.map((choice) => `<button type="button">${choice}</button>`).join(" ");
  const field = `<label>${label} (${question.form}) <input type="text" autocomplete="off" spellcheck="false"></label>
    <button type="submit">Check</button>`;
  box.innerHTML = `<form>${buttons ? `<fieldset><legend>${label}</legend>${buttons}</fieldset>` : field}</form>
    <p class="reply" aria-live="polite"></p><div class="strip"></div>
    <details><summary>The answer</summary><p></p></details>`;
  const find = (name) => box.querySelector(name);
  const check = (typed) => {
    const { verdict, text, strip } = reply(question, typed);
    find(".reply").innerHTML = `<b class="badge"></b> <span></span>`;
    find(".badge").dataset.verdict = verdict;
    find(".badge").textContent = BADGES[verdict];
    find(".reply span").textContent = text;
    find(".strip").innerHTML = strip ? drawn(strip) : "";
    find("details").hidden = verdict === "Right";
  };
  find("details").ontoggle = () => { find("details p").textContent = question.full; };
  find("form").onsubmit = (event) => { event.preventDefault(); check(find("input").value.trim()); };
  for (const button of box.querySelectorAll("fieldset button")) {
    button.onclick = () => {
      for (const other of box.querySelectorAll("fieldset button")) other.setAttribute("aria-pressed", other === button);
      check(button.textContent);
    };
  }
}
