"use strict";

// The front page's picture moves by itself, unless the reader has asked the browser for less motion.
// A screen reader is not to be told of every step.
const player = document.querySelector(".front figcaption");
if (player && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
  player.querySelector("output").setAttribute("aria-live", "off");
  player.querySelector("[aria-label^=play]").click();
}

// A phone would shrink a wide picture until nobody can read it: keep half of its size, and scroll.
// What is wider than the screen scrolls, code for example: let the keyboard reach it too.
const fit = () => {
  for (const image of document.querySelectorAll("article figure img")) {
    const box = image.closest("figure");
    const holder = image.parentElement; // of the image, and of its words that lie over it
    const half = image.getAttribute("width") > 2.4 * box.clientWidth;
    holder.style.minWidth = half ? `${image.getAttribute("width") / 2}px` : "";
    box.classList.add("picture");
  }
  for (const box of document.querySelectorAll("pre, .table-wrapper, .math, .output, .picture")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
};
addEventListener("load", fit);
addEventListener("resize", fit);
addEventListener("toggle", fit, true); // an answer was unfolded

// Paper can't unfold anything.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const details of folded) details.open = true;
});
addEventListener("afterprint", () => folded.forEach((details) => (details.open = false)));
