"use strict";

// Start the front page's animation, unless the reader has asked the browser for less motion. Screen readers
// shouldn't announce every step.
const player = document.querySelector(".front figcaption");
if (player && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
  player.querySelector("output").setAttribute("aria-live", "off");
  player.querySelector("[aria-label^=play]").click();
}

// On a phone, wide pictures would become unreadable: show them at half size, and let them scroll. Let the
// keyboard reach everything that scrolls, such as code.
const fit = () => {
  for (const image of document.querySelectorAll("article figure img")) {
    const box = image.closest("figure");
    const holder = image.parentElement; // of the image and the mask of its words
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

// Unfold everything for printing.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const details of folded) details.open = true;
});
addEventListener("afterprint", () => folded.forEach((details) => (details.open = false)));
