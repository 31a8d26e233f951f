// Songs on a page: one plays at a time, waveforms show how far theirs is, and a click seeks. Preview
// pages, which have nothing else of the panel, use it too. Every page works without this file.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  playOneAtATime();
  connectWaves();
  seekByButtons();
});

/**
 * Seek as soon as a player knows its song.
 *
 * @param {HTMLMediaElement} player
 * @param {(length: number) => number} place the second to go to, by the length of the song
 */
function seekOnceLoaded(player, place) {
  const seek = () => {
    player.currentTime = place(player.duration);
  };
  if (player.readyState) seek();
  else player.addEventListener("loadedmetadata", seek, { once: true });
}

function playOneAtATime() {
  document.addEventListener(
    "play",
    (event) => {
      const { target } = event;
      // A silent picture may run along with the sound.
      if (!(target instanceof HTMLMediaElement) || target.muted) return;
      /** @type {NodeListOf<HTMLMediaElement>} */
      const players = document.querySelectorAll("audio, video");
      for (const other of players) {
        if (other !== target) other.pause();
      }
    },
    true,
  );
}

// Whoever pauses before it has begun breaks the promise, which is no fault. The player shows the rest.
/** @param {HTMLMediaElement} player */
function startPlaying(player) {
  player.play().catch(() => {});
}

// A waveform shows how far its player is; a click on it seeks.
function connectWaves() {
  /** @type {NodeListOf<HTMLElement>} */
  const waves = document.querySelectorAll("[data-wave-for]");
  for (const wave of waves) {
    const player = document.getElementById(wave.dataset.waveFor ?? "");
    if (!(player instanceof HTMLMediaElement)) continue;
    player.addEventListener("timeupdate", () => {
      const share = player.duration ? player.currentTime / player.duration : 0;
      wave.style.setProperty("--played", `${100 * share}%`);
    });
    wave.addEventListener("click", (event) => {
      const box = wave.getBoundingClientRect();
      const share = (event.clientX - box.left) / box.width;
      seekOnceLoaded(player, (length) => share * length);
      startPlaying(player);
    });
  }
}

// A mark on a waveform, or the time beside a comment or a finding, plays from there.
function seekByButtons() {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-seek]") : null;
    if (!(button instanceof HTMLElement)) return;
    const player = document.getElementById(button.dataset.seekFor ?? "");
    if (!(player instanceof HTMLMediaElement)) return;
    seekOnceLoaded(player, () => Number(button.dataset.seek));
    startPlaying(player);
  });
}
