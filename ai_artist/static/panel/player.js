// The player that stays: a song that plays while somebody moves on is played further at the foot of
// the next page. Each page is a page of its own, so there is a short gap between two. Where the
// browser does not let a page play by itself, the bar waits at the same place with its button.
"use strict";

const PLAYER_KEY = "panel-player";

/**
 * What is kept between two pages of a tab.
 *
 * @typedef {{ src: string, title: string, by: string, page: string, at: number, playing: boolean }} Kept
 */

class StayingPlayer {
  constructor() {
    this.audio = document.createElement("audio");
    this.audio.preload = "metadata";
    /** @type {Kept | null} */
    this.kept = null;
    /** @type {HTMLElement | null} */
    this.bar = null;
    this.link = document.createElement("a");
    this.by = document.createElement("span");
    this.button = document.createElement("button");
    this.slider = document.createElement("input");
    this.time = document.createElement("span");
  }

  start() {
    document.addEventListener("click", (event) => this.clicked(event));
    document.addEventListener("play", (event) => this.played(event), true);
    window.addEventListener("pagehide", () => this.leave());
    window.addEventListener("pageshow", () => this.arrive());
  }

  /** @returns {HTMLAudioElement[]} */
  songs() {
    return [...document.querySelectorAll("audio")].filter((song) => song.dataset.song !== undefined);
  }

  // A button of a list plays its song in the bar.
  /** @param {MouseEvent} event */
  clicked(event) {
    const target = event.target instanceof Element ? event.target.closest("[data-listen]") : null;
    if (!(target instanceof HTMLElement)) return;
    const { listen = "", song = "", by = "", page = "" } = target.dataset;
    if (this.kept?.src === listen && this.bar) this.turn();
    else {
      this.show({ src: listen, title: song, by, page, at: 0, playing: true });
      this.play();
    }
  }

  // Whatever else is played, the bar makes way for it.
  /** @param {Event} event */
  played(event) {
    const { target } = event;
    if (!(target instanceof HTMLMediaElement) || target.muted) return;
    if (target !== this.audio) {
      if (target.dataset.song === undefined) this.audio.pause();
      else this.close();
    }
  }

  leave() {
    const song = this.songs().find((one) => !one.paused && !one.muted);
    /** @type {Kept | null} */
    let kept = null;
    if (song) {
      const { song: title = "", by = "", page = "" } = song.dataset;
      kept = { src: song.getAttribute("src") ?? "", title, by, page, at: song.currentTime, playing: true };
      song.pause();
    } else if (this.kept && this.bar) {
      kept = { ...this.kept, at: this.audio.currentTime || this.kept.at, playing: !this.audio.paused };
      this.audio.pause();
    } else if (document.querySelector(".desk")) return; // what was heard before waits
    this.keep(kept);
  }

  /** @param {Kept | null} kept */
  keep(kept) {
    try {
      if (kept) sessionStorage.setItem(PLAYER_KEY, JSON.stringify(kept));
      else sessionStorage.removeItem(PLAYER_KEY);
    } catch {
      // A browser that stores nothing plays on no other page.
    }
  }

  arrive() {
    const kept = this.read();
    if (!kept || !document.getElementById("main")) {
      this.close(); // closed since on another page, or nobody is signed in any more
      return;
    }
    // A window that takes over what this one keeps must not play along.
    this.keep({ ...kept, playing: false });
    // The desk has players of its own; a small window to choose a row comes beside its page.
    if (document.querySelector(".desk, body.popup")) return;
    const own = this.songs().find((song) => song.getAttribute("src") === kept.src);
    if (own) {
      this.close();
      this.goOn(own, kept);
      return;
    }
    this.show(kept);
    if (kept.playing) this.play();
  }

  /** @returns {Kept | null} */
  read() {
    try {
      return JSON.parse(sessionStorage.getItem(PLAYER_KEY) ?? "null");
    } catch {
      return null;
    }
  }

  /**
   * Play at a place as soon as the player knows its song.
   *
   * @param {HTMLAudioElement} song
   * @param {Kept} kept
   */
  goOn(song, kept) {
    seekOnceLoaded(song, () => kept.at);
    if (kept.playing) song.play().catch(() => {});
    else if (!song.readyState) song.load();
  }

  /** @param {Kept} kept */
  show(kept) {
    this.kept = kept;
    this.bar ??= this.build();
    this.link.textContent = kept.title;
    this.link.href = kept.page;
    this.by.textContent = kept.by;
    if (this.audio.getAttribute("src") !== kept.src) {
      this.audio.src = kept.src;
      if (kept.at) this.goOn(this.audio, { ...kept, playing: false });
    }
    (document.getElementById("main") ?? document.body).append(this.bar);
    document.documentElement.classList.add("has-player");
  }

  play() {
    this.audio.play().catch(() => this.drawState());
  }

  turn() {
    if (this.audio.paused) this.play();
    else this.audio.pause();
  }

  close() {
    this.audio.pause();
    this.kept = null;
    this.bar?.remove();
    this.bar = null;
    document.documentElement.classList.remove("has-player");
    this.keep(null);
  }

  build() {
    const bar = document.createElement("section");
    bar.className = "panel panel-staying";
    bar.setAttribute("aria-label", "Player");
    this.button.type = "button";
    this.button.className = "panel-button is-primary is-round";
    this.button.onclick = () => this.turn();
    this.slider.type = "range";
    this.slider.max = "1000";
    this.slider.value = "0";
    this.slider.setAttribute("aria-label", "Position in the song");
    this.slider.oninput = () => {
      if (this.audio.duration) this.audio.currentTime = (Number(this.slider.value) / 1000) * this.audio.duration;
    };
    const close = document.createElement("button");
    close.type = "button";
    close.className = "panel-button is-quiet is-round";
    close.setAttribute("aria-label", "Close the player");
    close.append(this.icon("close"));
    close.onclick = () => this.close();
    const words = document.createElement("p");
    words.append(this.link, this.by);
    for (const event of ["play", "pause", "ended", "error"]) this.audio.addEventListener(event, () => this.drawState());
    for (const event of ["timeupdate", "seeked", "loadedmetadata"]) this.audio.addEventListener(event, () => this.drawPlace());
    bar.append(this.audio, this.button, words, this.slider, this.time, close);
    this.drawState();
    this.drawPlace();
    return bar;
  }

  /** @param {string} name */
  icon(name) {
    const icon = document.createElement("span");
    icon.className = "material-symbols-outlined";
    icon.setAttribute("aria-hidden", "true");
    icon.textContent = name;
    return icon;
  }

  drawState() {
    const { paused } = this.audio;
    this.button.replaceChildren(this.icon(paused ? "play_arrow" : "pause"));
    this.button.setAttribute("aria-label", paused ? "Play" : "Pause");
  }

  drawPlace() {
    const { currentTime, duration } = this.audio;
    const whole = Number.isFinite(duration) ? duration : 0;
    this.slider.value = String(whole ? Math.round((1000 * currentTime) / whole) : 0);
    const words = `${this.clock(currentTime)} of ${this.clock(whole)}`;
    this.slider.setAttribute("aria-valuetext", words);
    this.time.textContent = words.replace(" of ", " / ");
  }

  /** @param {number} seconds */
  clock(seconds) {
    const whole = Math.floor(seconds);
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  }
}

new StayingPlayer().start();
