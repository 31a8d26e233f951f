// One item on the desk: built from data alone, every text as text.
import { Compare } from "../listen/compare.js";
import { Comments } from "./comments.js";
import { clock, el } from "./elements.js";

const FIRST_BYTES = 192 * 1024;
const DRIFT_S = 0.3;

/** @param {string} iso */
export function ago(iso) {
  const minutes = (Date.now() - Date.parse(iso)) / 60000;
  if (minutes < 1) return "just now";
  if (minutes < 90) return `${Math.round(minutes)} min ago`;
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)} h ago`;
  return `${Math.round(minutes / 1440)} days ago`;
}

/** @param {string} code */
function words(code) {
  const text = code.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const AGE_LABELS = {
  fresh: "",
  aging: "Waits over 8 hours",
  escalated: "Escalated: over 24 hours",
  stale: "Stale: over 14 days",
};

export class Item {
  /**
   * @param {ItemData} data
   * @param {{ url: string, say: (text: string) => void }} commenting url: empty without the right
   */
  constructor(data, commenting) {
    this.data = data;
    this.id = data.id;
    /** @type {number | null} */
    this.activeSince = null;
    this.activeMs = 0;
    /** @type {HTMLImageElement[]} */
    this.pictures = [];
    this.warmed = false;
    this.drawn = "";
    this.audio = data.audio
      ? el("audio", { preload: "none", src: data.audio, "aria-label": `Track: ${data.title}` })
      : null;
    this.video = data.video
      ? el("video", {
          preload: "none",
          src: data.video,
          muted: true,
          playsInline: true,
          poster: data.poster || "",
          class: "panel-video",
          "aria-label": `Video: ${data.title}`,
        })
      : null;
    // There without a track too: what shows its state may be called for any item.
    this.canvas = el("canvas", { class: "desk-wave-base", "aria-hidden": "true" });
    this.played = el("canvas", { class: "desk-wave-played", "aria-hidden": "true" });
    this.time = el("span", { class: "desk-time" }, `0:00 / ${clock(data.duration_s)}`);
    this.rateLabel = el("span", { class: "desk-time" }, "1×");
    this.playButton = el(
      "button",
      {
        type: "button",
        class: "panel-button is-primary desk-play",
        on: { click: () => (this.playing ? this.pause() : this.play()) },
      },
      "Play",
    );
    this.slider = el("input", {
      type: "range",
      min: 0,
      max: 1000,
      value: 0,
      class: "desk-seek",
      "aria-label": "Position in the track",
      on: { input: () => this.seek((Number(this.slider.value) / 1000) * this.duration()) },
    });
    this.wave = el(
      "div",
      { class: "desk-wave" },
      this.canvas,
      this.played,
      ...data.sections.map((section) => this.sectionMark(section)),
      ...data.findings.map((finding) => this.findingMark(finding)),
      this.slider,
    );
    // Nothing of it is loaded before somebody asks for it.
    this.compareButton = this.tool("Compare ", "compare");
    this.compare = this.audio ? new Compare(this.audio, data.compare, this.compareButton) : null;
    const wave = this.wave;
    this.comments = this.audio ? new Comments(data, { audio: this.audio, wave, ...commenting }) : null;
    this.root = this.build();
    if (this.audio) this.follow(this.audio);
  }

  /**
   * Load what the first look and the first sound need.
   *
   * @param {{ next: boolean }} place next: it is the very next one
   */
  prepare({ next }) {
    if (!this.pictures.length) {
      // Kept, so that they stay decoded until they are shown.
      const sources = [this.data.poster, this.data.cover].filter((source) => source !== null);
      this.pictures = sources.map((source) => {
        const picture = new Image();
        picture.src = source;
        picture.decode().catch(() => {});
        return picture;
      });
    }
    if (next && this.audio && this.audio.preload !== "auto") {
      this.audio.preload = "auto";
      this.audio.load();
    } else if (!next && this.data.audio && !this.warmed) {
      // The first seconds, into the browser's cache.
      fetch(this.data.audio, { headers: { Range: `bytes=0-${FIRST_BYTES - 1}` } })
        .then((reply) => reply.arrayBuffer())
        .catch(() => {});
    }
    this.warmed = true;
  }

  /** @param {number} rate */
  shown(rate) {
    if (this.audio) {
      this.audio.preload = "auto";
      this.audio.playbackRate = rate;
    }
    this.activeSince = performance.now();
  }

  // What can wait until the item is on the screen.
  settled() {
    if (this.video) this.video.preload = "metadata";
    this.draw();
  }

  hidden() {
    this.pause();
    if (this.activeSince !== null) this.activeMs += performance.now() - this.activeSince;
    this.activeSince = null;
  }

  // Lets go of connections and decoders; the item may be shown again.
  unload() {
    for (const media of [this.audio, this.video]) {
      if (media) media.preload = "none";
    }
  }

  activeSeconds() {
    const now = this.activeSince === null ? 0 : performance.now() - this.activeSince;
    return Math.min(86400, (this.activeMs + now) / 1000);
  }

  get playing() {
    return Boolean(this.audio && !this.audio.paused);
  }

  play() {
    if (!this.audio) return;
    // A load that failed once may do now; without this the player stays dead.
    if (this.audio.error) this.audio.load();
    this.audio.play().catch((error) => {
      if (error.name !== "AbortError") this.time.textContent = "The track does not play; press Play again";
    });
  }

  pause() {
    if (this.audio) this.audio.pause();
    this.compare?.pause();
  }

  // Compare it with another song; once that is loaded, hear the other of the two.
  switchOver() {
    return this.compare?.toggle();
  }

  duration() {
    const known = this.audio ? this.audio.duration : NaN;
    return Number.isFinite(known) && known > 0 ? known : this.data.duration_s || 1;
  }

  /** @param {number} seconds */
  seek(seconds) {
    if (!this.audio) return;
    this.audio.currentTime = Math.max(0, Math.min(seconds, this.duration() - 0.05));
  }

  /** @param {1 | -1} direction 1: to the next section; -1: to the start of this one or the one before */
  jump(direction) {
    if (!this.audio) return;
    const starts = this.data.sections.map((section) => section.start_s).sort((a, b) => a - b);
    const marks = starts.length ? starts : [0, 0.25, 0.5, 0.75].map((share) => share * this.duration());
    const now = this.audio.currentTime;
    const found =
      direction > 0
        ? marks.find((start) => start > now + 0.05)
        : marks.filter((start) => start < now - 1.5).pop() ?? 0;
    if (found !== undefined) this.seek(found);
  }

  /** @param {number} rate */
  setRate(rate) {
    if (this.audio) this.audio.playbackRate = rate;
    this.rateLabel.textContent = `${rate}×`;
  }

  // --- The page ---

  build() {
    const data = this.data;
    return el(
      "article",
      { class: `panel-card desk-item is-${data.age}`, id: `item-${data.id}`, "aria-label": data.title },
      el(
        "div",
        { class: "desk-media" },
        this.video || this.picture("panel-cover") || el("div", { class: "panel-missing" }, "No video"),
      ),
      el("div", { class: "desk-main" }, this.head(), this.transport(), this.figures(), this.findings(), this.details()),
    );
  }

  /** @param {string} name the class */
  picture(name) {
    const source = this.data.cover || this.data.thumbnail;
    return source ? el("img", { class: name, src: source, alt: `Cover of ${this.data.title}` }) : null;
  }

  head() {
    const data = this.data;
    const label = AGE_LABELS[data.age];
    return el(
      "div",
      { class: "desk-head" },
      this.picture("desk-cover"),
      el(
        "div",
        { class: "panel-grow" },
        el("h2", { class: "panel-title" }, data.title || "Untitled"),
        el("p", { class: "desk-artist" }, data.artist),
        el("p", { class: "panel-small panel-faint desk-persona" }, data.persona),
      ),
      el(
        "p",
        { class: "panel-small desk-age", title: data.finished_at ? new Date(data.finished_at).toLocaleString() : "" },
        label ? el("span", { class: "desk-badge" }, label) : null,
        el("span", { class: "panel-faint" }, data.finished_at ? ago(data.finished_at) : ""),
        el("a", { href: data.page, target: "_blank", rel: "noopener" }, "Run page"),
      ),
    );
  }

  transport() {
    if (!this.audio) return el("div", { class: "panel-missing" }, "No audio");
    return el(
      "div",
      { class: "desk-transport" },
      this.wave,
      el(
        "div",
        { class: "panel-row" },
        this.playButton,
        this.step("Section back", () => this.jump(-1), "skip_previous"),
        this.step("Section on", () => this.jump(1), "skip_next"),
        el("button", { type: "button", class: "panel-button is-small", "data-action": "slower", "aria-label": "Slower" }, "−"),
        this.rateLabel,
        el("button", { type: "button", class: "panel-button is-small", "data-action": "faster", "aria-label": "Faster" }, "+"),
        this.time,
        el("span", { class: "desk-tools" }, this.compareButton, this.comments?.url ? this.tool("Comment here ", "mark") : null),
      ),
      this.compare?.root,
      this.comments?.root,
      this.audio,
    );
  }

  /**
   * @param {string} label
   * @param {string} action
   */
  tool(label, action) {
    return el("button", { type: "button", class: "panel-button is-small", "data-action": action }, label, el("kbd", { "data-key": action }));
  }

  /**
   * @param {string} label
   * @param {() => void} handler
   * @param {string} icon
   */
  step(label, handler, icon) {
    return el(
      "button",
      { type: "button", class: "panel-button is-small", "aria-label": label, title: label, on: { click: handler } },
      el("span", { class: "material-symbols-outlined", "aria-hidden": "true" }, icon),
    );
  }

  /** @param {Section} section */
  sectionMark(section) {
    const share = (100 * section.start_s) / (this.data.duration_s || 1);
    const mark = el(
      "span",
      { class: `desk-section is-${/^[a-z]+$/.test(section.kind) ? section.kind : "part"}`, title: `${words(section.kind)}, ${clock(section.start_s)}` },
      words(section.kind),
    );
    mark.style.left = `${Math.min(100, share)}%`;
    mark.style.width = `${Math.max(0, (100 * (section.end_s - section.start_s)) / (this.data.duration_s || 1))}%`;
    return mark;
  }

  /** @param {Finding} finding */
  findingMark(finding) {
    if (finding.start_s === null) return null;
    const whole = this.data.duration_s || 1;
    const mark = el("span", { class: `desk-mark is-${finding.severity === "fail" ? "fail" : "warn"}`, title: finding.message });
    mark.style.left = `${Math.min(100, (100 * finding.start_s) / whole)}%`;
    const end = finding.end_s ?? finding.start_s;
    mark.style.width = `${Math.max(0.6, (100 * (end - finding.start_s)) / whole)}%`;
    return mark;
  }

  figures() {
    return el(
      "dl",
      { class: "panel-figures" },
      ...this.data.figures.map((figure) =>
        el("div", { class: `tone-${figure.tone}` }, el("dt", {}, figure.label), el("dd", {}, figure.value)),
      ),
    );
  }

  findings() {
    if (!this.data.findings.length) return null;
    return el(
      "ul",
      { class: "panel-warnings", "aria-label": "Quality findings" },
      ...this.data.findings.map(({ severity, message, start_s: start }) =>
        el(
          "li",
          { class: `is-${severity}` },
          message,
          start === null
            ? null
            : el("button", { type: "button", class: "desk-jump", on: { click: () => this.seek(start) } }, clock(start)),
        ),
      ),
    );
  }

  details() {
    const data = this.data;
    const concept = el(
      "dl",
      { class: "panel-facts" },
      ...data.concept.map((row) => el("div", {}, el("dt", {}, row.label), el("dd", {}, row.value))),
    );
    const lyrics = el(
      "div",
      { class: "panel-lyrics" },
      ...data.lyrics.map((section) =>
        el("section", {}, el("h4", {}, words(section.kind)), ...(section.lines || []).map((line) => el("p", {}, line))),
      ),
    );
    const costs = el(
      "dl",
      { class: "panel-facts" },
      ...data.costs.map((row) => el("div", {}, el("dt", {}, row.label), el("dd", {}, row.value))),
    );
    const notes = data.reflection;
    /** @type {(title: string, lines?: string[]) => HTMLElement[]} */
    const list = (title, lines) =>
      lines?.length
        ? [el("h4", {}, title), el("ul", { class: "panel-notes" }, ...lines.map((line) => el("li", {}, line)))]
        : [];
    return el(
      "div",
      { class: "desk-details" },
      el("section", {}, el("h3", {}, "Concept"), concept),
      data.lyrics.length ? el("section", {}, el("h3", {}, "Lyrics"), lyrics) : null,
      notes
        ? el(
            "section",
            {},
            el("h3", {}, "Reflection"),
            el("p", { class: "panel-small" }, notes.text),
            ...list("Strengths", notes.strengths),
            ...list("Problems", notes.problems),
          )
        : null,
      data.costs.length ? el("section", {}, el("h3", {}, "Cost"), costs) : null,
    );
  }

  // --- Sound and picture together ---

  /** @param {HTMLAudioElement} audio */
  follow(audio) {
    const { video } = this;
    const show = () => {
      const share = audio.currentTime / this.duration();
      this.wave.style.setProperty("--played", `${100 * share}%`);
      this.slider.value = String(Math.round(1000 * share));
      this.slider.setAttribute("aria-valuetext", `${clock(audio.currentTime)} of ${clock(this.duration())}`);
      this.time.textContent = `${clock(audio.currentTime)} / ${clock(this.duration())}`;
    };
    const playing = () => {
      this.playButton.textContent = audio.paused ? "Play" : "Pause";
    };
    audio.addEventListener("timeupdate", show);
    audio.addEventListener("seeked", show);
    audio.addEventListener("play", playing);
    audio.addEventListener("pause", playing);
    if (!video) return;
    // The video is the same music: it runs along muted, the audio leads.
    const align = () => {
      if (Math.abs(video.currentTime - audio.currentTime) > DRIFT_S) video.currentTime = audio.currentTime;
      video.playbackRate = audio.playbackRate;
    };
    audio.addEventListener("playing", () => {
      align();
      video.play().catch(() => {});
    });
    audio.addEventListener("pause", () => video.pause());
    audio.addEventListener("seeked", align);
    audio.addEventListener("timeupdate", align);
    video.addEventListener("click", () => (this.playing ? this.pause() : this.play()));
  }

  draw() {
    const peaks = this.data.peaks;
    if (!this.canvas.isConnected) return;
    const box = this.canvas.getBoundingClientRect();
    const scale = window.devicePixelRatio || 1;
    const style = getComputedStyle(this.wave);
    const look = `${box.width} ${scale} ${style.getPropertyValue("--desk-wave-played")}`;
    if (!box.width || look === this.drawn) return;
    this.drawn = look;
    const bars = Math.max(40, Math.floor(box.width / 3));
    const loudest = Math.max(...peaks, 0.01);
    for (const { canvas, colour } of [
      { canvas: this.canvas, colour: style.getPropertyValue("--desk-wave") },
      { canvas: this.played, colour: style.getPropertyValue("--desk-wave-played") },
    ]) {
      canvas.width = Math.round(box.width * scale);
      canvas.height = Math.round(box.height * scale);
      const brush = canvas.getContext("2d");
      if (!brush) continue;
      brush.scale(scale, scale);
      brush.fillStyle = colour;
      for (let bar = 0; bar < bars && peaks.length; bar += 1) {
        const first = Math.floor((bar * peaks.length) / bars);
        const last = Math.max(first + 1, Math.floor(((bar + 1) * peaks.length) / bars));
        const height = Math.max(2, (box.height * Math.max(...peaks.slice(first, last))) / loudest);
        brush.fillRect(bar * (box.width / bars), (box.height - height) / 2, Math.max(1, box.width / bars - 1), height);
      }
    }
  }
}
