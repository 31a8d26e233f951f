// Comments at a second of the track on the desk: marks on the waveform, a list, and a line to write.
import { clock, el } from "./elements.js";
import { post } from "./outbox.js";

/** @param {TimedComment} comment */
function place(comment) {
  return clock(Math.floor(comment.at_s));
}

export class Comments {
  /**
   * @param {ItemData} data
   * @param {{ audio: HTMLAudioElement, wave: HTMLElement, url: string, say: (text: string) => void }} desk
   *   url: where they are sent; empty for who may not comment
   */
  constructor(data, { audio, wave, url, say }) {
    this.data = data;
    this.audio = audio;
    this.wave = wave;
    this.url = url;
    this.say = say;
    /** @type {TimedComment | null} */
    this.edited = null;
    this.at = 0;
    this.marks = el("div", { class: "desk-at" });
    this.lines = el("ul", { class: "desk-said", "aria-label": "Comments on the song" });
    this.label = el("label", { class: "panel-small" });
    this.input = el("input", { class: "panel-input", maxLength: 500, autocomplete: "off", on: { keydown: (/** @type {KeyboardEvent} */ event) => this.key(event) } });
    this.label.htmlFor = this.input.id = `say-${data.id}`;
    this.form = el(
      "form",
      { class: "desk-say", hidden: true, on: { submit: (/** @type {Event} */ event) => this.submit(event) } },
      this.label,
      this.input,
      el("button", { class: "panel-button is-small is-primary" }, "Keep"),
      el("button", { type: "button", class: "panel-button is-small", on: { click: () => this.end() } }, "Cancel"),
    );
    this.root = el("div", { class: "desk-comments" }, this.form, this.lines);
    wave.append(this.marks);
    this.show(data.comments);
  }

  /** @param {TimedComment[]} comments */
  show(comments) {
    this.data.comments = comments;
    const whole = this.data.duration_s || 1;
    const here = comments.filter((comment) => comment.take === this.data.take);
    this.wave.classList.toggle("has-comments", here.length > 0);
    this.marks.replaceChildren(
      ...here.map((comment) => {
        const words = `${place(comment)}: ${comment.text}`;
        const mark = el("button", { type: "button", title: words, "aria-label": `To the comment at ${place(comment)}`, on: { click: () => this.hear(comment) } });
        mark.style.left = `${Math.min(100, (100 * comment.at_s) / whole)}%`;
        return mark;
      }),
    );
    this.lines.replaceChildren(...comments.map((comment) => this.line(comment)));
    this.lines.hidden = !comments.length;
  }

  /** @param {TimedComment} comment */
  line(comment) {
    const old = comment.take !== this.data.take;
    return el(
      "li",
      {},
      old
        ? el("span", { class: "panel-faint" }, `${place(comment)}, an earlier take`)
        : el("button", { type: "button", class: "desk-jump", "aria-label": `Play from ${place(comment)}`, on: { click: () => this.hear(comment) } }, place(comment)),
      el("span", { class: "panel-grow", dir: "auto" }, comment.text, " ", el("span", { class: "panel-faint" }, comment.by)),
      comment.mine ? el("button", { type: "button", class: "desk-jump", on: { click: () => this.begin(comment) } }, "Change") : null,
      comment.mine ? el("button", { type: "button", class: "desk-jump", on: { click: () => this.send({ comment: comment.id, text: "" }) } }, "Remove") : null,
    );
  }

  /** @param {TimedComment} comment */
  hear(comment) {
    this.audio.currentTime = comment.at_s;
    this.audio.play().catch(() => {});
  }

  /** @param {TimedComment | null} comment one to change; without, a new one at what is heard now */
  begin(comment = null) {
    this.edited = comment;
    this.at = comment ? comment.at_s : this.audio.currentTime;
    this.label.textContent = `At ${clock(Math.floor(this.at))}`;
    this.input.value = comment ? comment.text : "";
    this.form.hidden = false;
    this.input.focus();
  }

  end() {
    this.form.hidden = true;
    this.edited = null;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.end();
  }

  /** @param {Event} event */
  async submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text) return;
    const sent = await this.send(this.edited ? { comment: this.edited.id, text } : { at_s: this.at, text });
    if (sent) this.end();
  }

  /**
   * What cannot be sent stays in its line.
   *
   * @param {{ comment?: number, at_s?: number, text: string }} body
   */
  async send(body) {
    try {
      const { status, answer } = await post(this.url, { run: this.data.id, ...body });
      if (status === 200) this.show(answer.comments);
      else this.say(answer.error);
      return status === 200;
    } catch {
      this.say("The comment could not be sent; try again.");
      return false;
    }
  }
}
