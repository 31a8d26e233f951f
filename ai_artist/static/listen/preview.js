// Comforts of a preview page: the waveform shows how far its song is and seeks, and one song plays
// at a time. The page works without this file.

/** @type {NodeListOf<HTMLElement>} */
const waves = document.querySelectorAll("[data-wave-for]");
for (const wave of waves) {
  const song = document.getElementById(wave.dataset.waveFor ?? "");
  if (!(song instanceof HTMLAudioElement)) continue;
  song.addEventListener("timeupdate", () => {
    wave.style.setProperty("--played", `${(100 * song.currentTime) / (song.duration || 1)}%`);
  });
  wave.addEventListener("click", (event) => {
    const box = wave.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    const seek = () => {
      song.currentTime = share * song.duration;
    };
    if (song.duration) seek();
    else song.addEventListener("loadedmetadata", seek, { once: true });
    song.play();
  });
}

document.addEventListener(
  "play",
  (event) => {
    for (const song of document.querySelectorAll("audio")) if (song !== event.target) song.pause();
  },
  true,
);
