// Compares a track with another one of its artist: both run along, one is heard. A key switches
// without a gap, at the same place of the song, and the louder one is lowered to the other's
// loudness. Nothing is loaded before somebody asks for it.
import { el } from "../desk/elements.js";

const RAMP_S = 0.015;
// Nearer than this, the two are at the same place.
const DRIFT_S = 0.06;
const PATIENCE_MS = 8000;

/** @type {AudioContext | null} */
let sounds = null;
/** @type {WeakMap<HTMLMediaElement, GainNode>} */
const gains = new WeakMap();

// Called at the press itself: some browsers start sound only then, and not after an answer came.
function wake() {
  if (!sounds && "AudioContext" in window) sounds = new AudioContext();
  sounds?.resume();
}

/**
 * The control of an element's level. Phones ignore an element's volume, so it goes through Web Audio
 * where there is some.
 *
 * @param {HTMLMediaElement} player
 */
function gainOf(player) {
  const known = gains.get(player);
  if (known || !sounds) return known;
  const gain = sounds.createGain();
  sounds.createMediaElementSource(player).connect(gain).connect(sounds.destination);
  gains.set(player, gain);
  player.addEventListener("play", () => sounds?.resume());
  return gain;
}

/**
 * @param {HTMLMediaElement} player
 * @param {number} level 0 to 1: never louder than the file itself
 */
function setLevel(player, level) {
  const gain = gainOf(player);
  if (gain && sounds) gain.gain.setTargetAtTime(level, sounds.currentTime, RAMP_S / 3);
  else player.volume = level;
}

/**
 * How much the first of two is lowered so that both are equally loud, in dB; 0 for the quieter one.
 *
 * @param {number | null} own
 * @param {number | null} other
 */
export function lowering(own, other) {
  return own === null || other === null ? 0 : Math.max(0, own - other);
}

/**
 * The place in another track: as far into the same section, or the same second where sections are
 * not known.
 *
 * @param {number} seconds
 * @param {Section[]} from
 * @param {Section[]} to
 */
export function samePlace(seconds, from, to) {
  const here = from.filter((section) => section.start_s <= seconds).length - 1; // they are in order
  const section = from[here];
  if (!section) return seconds;
  const alike = to.filter((one) => one.kind === section.kind);
  const before = from.slice(0, here).filter((one) => one.kind === section.kind).length;
  const there = alike[Math.min(before, alike.length - 1)];
  return there ? there.start_s + seconds - section.start_s : seconds;
}

/**
 * @param {HTMLMediaElement} player
 * @param {string} event
 */
function once(player, event) {
  return new Promise((done) => {
    player.addEventListener(event, done, { once: true });
    player.addEventListener("error", done, { once: true });
    setTimeout(done, PATIENCE_MS);
  });
}

export class Compare {
  /**
   * @param {HTMLAudioElement} own the player of the page, which stays in charge
   * @param {string} address where to ask what there is to compare with
   * @param {HTMLElement} ask the button that opens it; it gives way to the one that switches
   */
  constructor(own, address, ask) {
    this.ask = ask;
    this.own = own;
    this.address = address;
    this.other = el("audio", { preload: "none" });
    /** @type {Comparison | null} */
    this.answer = null;
    /** @type {Sound | null} */
    this.sound = null;
    this.heardOther = false;
    this.expected = -1;
    this.busy = false;
    this.choice = el("select", { class: "panel-input", "aria-label": "Compare with", on: { change: () => this.choose(), keydown: (/** @type {KeyboardEvent} */ event) => this.key(event) } });
    this.button = el("button", { type: "button", class: "panel-button is-small", "aria-pressed": "false", on: { click: () => this.toggle() } }, "Switch ", el("kbd", { "data-key": "compare" }, "X"));
    this.status = el("p", { class: "panel-small", role: "status" });
    this.root = el(
      "div",
      { class: "compare", hidden: true },
      el("div", { class: "panel-row" }, this.choice, this.button, el("button", { type: "button", class: "panel-button is-small is-quiet", on: { click: () => this.close() } }, "Stop comparing")),
      this.status,
    );
    this.follow();
  }

  // The first time it asks what there is; then each time it switches.
  async toggle() {
    wake();
    if (this.busy) return;
    this.busy = true;
    try {
      if (!this.answer) await this.open();
      if (this.sound) await this.swap();
    } finally {
      this.busy = false;
    }
  }

  // Whoever has just chosen from the list switches without leaving it.
  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key.toLowerCase() !== "x" || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.toggle();
  }

  async open() {
    this.root.hidden = false;
    this.ask.hidden = true;
    this.status.textContent = "Looking for something to compare with…";
    try {
      const reply = await fetch(this.address, { headers: { Accept: "application/json" } });
      if (!reply.ok) throw new Error(String(reply.status));
      this.answer = await reply.json();
    } catch {
      this.status.textContent = "The list could not be loaded; try again.";
      return;
    }
    const groups = this.answer?.groups ?? [];
    this.choice.replaceChildren(
      ...groups.map((group, index) =>
        el("optgroup", { label: group.label }, ...group.sounds.map((sound, place) => el("option", { value: `${index} ${place}` }, sound.name))),
      ),
    );
    this.button.disabled = !groups.length;
    this.choice.hidden = !groups.length;
    if (groups.length) this.load();
    else this.status.textContent = "There is nothing to compare it with yet: no other song of the artist, no other take.";
  }

  load() {
    const [group = 0, place = 0] = this.choice.value.split(" ").map(Number);
    this.sound = this.answer?.groups[group]?.sounds[place] ?? null;
    if (!this.sound) return;
    gainOf(this.own);
    setLevel(this.other, 0);
    this.other.preload = "auto";
    this.other.src = this.sound.audio;
  }

  // Another one is chosen: it is heard at once if the one before was.
  async choose() {
    const heard = this.heardOther;
    this.hear(false);
    this.other.pause();
    this.load();
    this.tell();
    if (heard) await this.toggle();
  }

  async swap() {
    const leads = this.heardOther ? this.other : this.own;
    const next = this.heardOther ? this.own : this.other;
    if (next.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) {
      this.status.textContent = `Loading “${this.sound?.name}”…`;
      next.load();
      await once(next, "canplay");
    }
    if (next.error) {
      this.status.textContent = `“${this.sound?.name}” cannot be played.`;
      return;
    }
    // The one that is heard goes on until the other is at its place: no gap.
    if (Math.abs(next.currentTime - this.placeIn(next, leads)) > DRIFT_S) {
      const sought = once(next, "seeked");
      this.put(next, this.placeIn(next, leads));
      await sought;
    }
    if (!leads.paused && next.paused) await next.play().catch(() => {});
    this.hear(next === this.other);
    this.tell();
  }

  /**
   * Where one of the two should be, by the place of the other.
   *
   * @param {HTMLMediaElement} player
   * @param {HTMLMediaElement} leads
   */
  placeIn(player, leads) {
    const own = this.answer?.sections ?? [];
    const other = this.sound?.sections ?? [];
    const place = player === this.other ? samePlace(leads.currentTime, own, other) : samePlace(leads.currentTime, other, own);
    return Math.max(0, Math.min(place, (player.duration || place) - 0.1));
  }

  /**
   * @param {HTMLMediaElement} player
   * @param {number} seconds
   */
  put(player, seconds) {
    if (player === this.own) this.expected = seconds;
    player.currentTime = seconds;
  }

  /** @param {boolean} other */
  hear(other) {
    this.heardOther = other;
    const own_db = lowering(this.answer?.lufs ?? null, this.sound?.lufs ?? null);
    const other_db = lowering(this.sound?.lufs ?? null, this.answer?.lufs ?? null);
    setLevel(this.own, other ? 0 : this.sound ? 10 ** (-own_db / 20) : 1);
    setLevel(this.other, other ? 10 ** (-other_db / 20) : 0);
    this.button.setAttribute("aria-pressed", String(other));
  }

  tell() {
    if (!this.sound || !this.answer) return;
    const [heard, beside] = this.heardOther ? [this.sound, this.answer] : [this.answer, this.sound];
    const down = lowering(heard.lufs, beside.lufs);
    const known = heard.lufs !== null && beside.lufs !== null;
    let level = "not matched: the loudness of one is not known";
    if (known) level = down >= 0.05 ? `lowered by ${down.toFixed(1)} dB` : "at its own level";
    this.status.textContent = `You hear ${this.heardOther ? `“${this.sound.name}”` : "this song"}, ${level}.`;
  }

  close() {
    this.other.pause();
    this.sound = null;
    this.hear(false);
    this.answer = null;
    this.root.hidden = true;
    this.ask.hidden = false;
    this.other.removeAttribute("src");
    this.other.load();
  }

  // Only the sound stops: what was chosen stays for the next time.
  pause() {
    this.other.pause();
  }

  // The player of the page is in charge of both; whichever is not heard keeps to the other's place.
  follow() {
    const { own, other } = this;
    own.addEventListener("play", () => {
      if (this.sound && other.src) other.play().catch(() => {});
    });
    own.addEventListener("pause", () => other.pause());
    own.addEventListener("ratechange", () => {
      other.playbackRate = own.playbackRate;
    });
    own.addEventListener("seeking", () => {
      const byPerson = Math.abs(own.currentTime - this.expected) > DRIFT_S;
      if (byPerson && this.sound && other.readyState) this.put(other, this.placeIn(other, own));
    });
    other.addEventListener("ended", () => {
      if (this.heardOther) own.pause();
    });
    for (const player of [own, other]) {
      player.addEventListener("timeupdate", () => {
        const leads = this.heardOther ? other : own;
        const next = this.heardOther ? own : other;
        if (player !== leads || !this.sound || leads.paused || next.seeking || !next.readyState) return;
        const place = this.placeIn(next, leads);
        if (Math.abs(next.currentTime - place) > DRIFT_S) this.put(next, place);
      });
    }
  }
}
