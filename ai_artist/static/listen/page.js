// A run's page: comparing its track with another one, and comments at a second.
import { clock, el } from "../desk/elements.js";
import { Compare } from "./compare.js";

/** @param {string | undefined} id */
function playerOf(id) {
  const player = document.getElementById(id ?? "");
  return player instanceof HTMLAudioElement ? player : null;
}

/** @type {HTMLElement | null} */
const place = document.querySelector("[data-compare]");
const player = playerOf(place?.dataset.compareFor);
/** @type {Compare | null} */
let compare = null;
if (player && place) {
  const title = "With the artist's last approved song, another one, or another take";
  const ask = el("button", { type: "button", class: "panel-button is-small", title, on: { click: () => compare?.toggle() } }, "Compare ", el("kbd", {}, "X"));
  compare = new Compare(player, place.dataset.compare ?? "", ask);
  place.append(ask, compare.root);
}

/** @type {HTMLFormElement | null} */
const form = document.querySelector("[data-say-for]");
const at = form?.elements.namedItem("at");
const text = form?.elements.namedItem("text");

// Whoever begins to write means what is heard now.
function takePlace() {
  const heard = playerOf(form?.dataset.sayFor);
  if (heard && at instanceof HTMLInputElement && text instanceof HTMLInputElement && !text.value) at.value = clock(Math.floor(heard.currentTime));
}

if (text instanceof HTMLInputElement) {
  text.addEventListener("focus", takePlace);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Escape") text.blur();
  });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) return;
  if (event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
  if (event.key.toLowerCase() === "x" && compare) compare.toggle();
  else if (event.key.toLowerCase() === "m" && text instanceof HTMLInputElement) {
    event.preventDefault();
    text.focus();
  }
});
