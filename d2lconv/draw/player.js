// Turn the figure around this script into a player. DATA has the frames after the first, each with its
// image, alternative text and mask of words.
const root = document.currentScript.parentElement, image = root.querySelector("img");
const mask = image.nextElementSibling;
const frames = [[image.src, image.alt, mask.style.getPropertyValue("--words")], ...DATA];
mount(root);
player(root.querySelector("figcaption"), "position", (at) => {
  [image.src, image.alt] = frames[at];
  mask.style.setProperty("--words", frames[at][2]);
}).count(frames.length);
keepKeys(root);
