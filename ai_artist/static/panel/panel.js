// Small comforts for the panel. Every page works without this file.
"use strict";

document.documentElement.classList.add("panel-js");

document.addEventListener("DOMContentLoaded", () => {
  playOneAtATime();
  connectWaves();
  countTicked();
  confirmFirst();
});

// Django's select2 tells a screen reader nothing of the field it stands for. It is made in a timer
// of its own after the document, hence another one behind it.
window.addEventListener("load", () => setTimeout(nameSelections, 0));

function nameSelections() {
  for (const box of document.querySelectorAll(".select2-container")) {
    const label = box.previousElementSibling?.labels?.[0]?.textContent.trim();
    if (!label) continue;
    for (const part of box.querySelectorAll("[role=combobox], [role=textbox]")) {
      part.removeAttribute("aria-labelledby");
      part.setAttribute("aria-label", label);
    }
  }
}

function playOneAtATime() {
  document.addEventListener(
    "play",
    (event) => {
      if (event.target.muted) return; // a silent picture may run along with the sound
      for (const other of document.querySelectorAll(".panel audio, .panel video")) {
        if (other !== event.target) other.pause();
      }
    },
    true,
  );
}

// A waveform shows how far its player is; a click on it seeks.
function connectWaves() {
  for (const wave of document.querySelectorAll("[data-wave-for]")) {
    const player = document.getElementById(wave.dataset.waveFor);
    if (!player) continue;
    player.addEventListener("timeupdate", () => {
      const share = player.duration ? player.currentTime / player.duration : 0;
      wave.style.setProperty("--played", `${100 * share}%`);
    });
    wave.addEventListener("click", (event) => {
      const box = wave.getBoundingClientRect();
      const share = (event.clientX - box.left) / box.width;
      const seek = () => {
        player.currentTime = share * player.duration;
      };
      if (player.duration) seek();
      else player.addEventListener("loadedmetadata", seek, { once: true });
      player.play();
    });
  }
}

// The bar for several at once appears with the first tick and says how many there are.
function countTicked() {
  const bar = document.querySelector(".panel-bulk");
  if (!bar) return;
  const ticks = [...document.querySelectorAll("input[name='runs']")];
  const all = document.getElementById("panel-tick-all");
  const show = () => {
    const count = ticks.filter((tick) => tick.checked).length;
    bar.dataset.count = count;
    bar.querySelector("[data-ticked]").textContent = `${count} ticked`;
    if (all) all.checked = count === ticks.length;
  };
  for (const tick of ticks) tick.addEventListener("change", show);
  all?.addEventListener("change", () => {
    for (const tick of ticks) tick.checked = all.checked;
    show();
  });
  show();
}

function confirmFirst() {
  for (const form of document.querySelectorAll("form[data-confirm]")) {
    form.addEventListener("submit", (event) => {
      if (!window.confirm(form.dataset.confirm)) event.preventDefault();
    });
  }
}
