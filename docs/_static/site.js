"use strict";

// The front page's picture moves by itself, unless the reader has asked the browser for less motion.
// A screen reader is not to be told of every step.
const player = document.querySelector(".front figcaption");
if (player && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
  player.querySelector("output").setAttribute("aria-live", "off");
  player.querySelector("[aria-label^=play]").click();
}

// What is wider than the screen, code for example, scrolls: let the keyboard reach it too.
const reach = () => {
  for (const box of document.querySelectorAll("pre, .table-wrapper, .math-wrapper, .output")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
};
addEventListener("load", () => Promise.resolve(window.MathJax?.startup.promise).then(reach));
addEventListener("resize", reach);
