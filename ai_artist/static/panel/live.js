// Keeps what runs show up to date while they go on: asks for changed parts of the page, and stops
// when nothing goes on any more. Without this file the pages show the state they were loaded in.
"use strict";

const LIVE_EVERY_MS = 3000;
const LIVE_AFTER_FAULT_MS = 30000;

document.addEventListener("DOMContentLoaded", () => {
  /** @type {NodeListOf<HTMLElement>} */
  const places = document.querySelectorAll("[data-live]");
  for (const place of places) {
    new LivePart(place).start();
  }
});

class LivePart {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.address = place.dataset.live ?? "";
    this.voice = place.querySelector("[role='status']");
    this.etag = "";
    this.asleep = false;
  }

  start() {
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.asleep) this.ask();
    });
    setTimeout(() => this.ask(), LIVE_EVERY_MS);
  }

  async ask() {
    this.asleep = document.hidden; // nobody looks: go on when somebody does
    if (this.asleep) return;
    let wait = LIVE_EVERY_MS;
    try {
      const answer = await fetch(this.address, {
        headers: { Accept: "application/json", ...(this.etag ? { "If-None-Match": this.etag } : {}) },
      });
      if (answer.status === 200) {
        this.etag = answer.headers.get("ETag") ?? "";
        const news = await answer.json();
        this.show(news);
        if (!news.live) return;
      } else if (answer.status !== 304) {
        wait = LIVE_AFTER_FAULT_MS;
      }
    } catch {
      wait = LIVE_AFTER_FAULT_MS; // the site is being restarted, or the session ended
    }
    setTimeout(() => this.ask(), wait);
  }

  /** @param {{ live: boolean, says: string, parts: Record<string, string> }} news */
  show(news) {
    for (const [id, html] of Object.entries(news.parts)) {
      const part = document.getElementById(id);
      // What holds the keyboard's focus is left alone until the focus moves on.
      if (!part || (news.live && part.contains(document.activeElement))) continue;
      if (part.dataset.shown !== html) {
        part.dataset.shown = html;
        part.innerHTML = html;
      }
    }
    if (this.voice && this.voice.textContent !== news.says) this.voice.textContent = news.says;
  }
}
