// Shows how far an upload got, and keeps what was typed when it is refused. Without this file the
// form is posted as any other, and the page it answers with says the same.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  /** @type {NodeListOf<HTMLFormElement>} */
  const forms = document.querySelectorAll("form[data-upload]");
  for (const form of forms) new Upload(form);
});

class Upload {
  /** @param {HTMLFormElement} form has a file field, a bar, a status and a button */
  constructor(form) {
    this.form = form;
    this.input = /** @type {HTMLInputElement} */ (form.elements.namedItem(form.dataset.upload ?? ""));
    this.bar = /** @type {HTMLProgressElement} */ (form.querySelector("progress"));
    this.voice = /** @type {HTMLElement} */ (form.querySelector("[role='status']"));
    this.button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
    this.tooLarge = form.dataset.tooLarge ?? "";
    this.input.addEventListener("change", () => this.fits());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.fits()) this.send();
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.button.disabled) event.preventDefault(); // leaving would break the upload off
    });
  }

  fits() {
    const size = this.input.files?.[0]?.size ?? 0;
    const tooLarge = size > Number(this.form.dataset.limit);
    this.show({ [this.input.name]: tooLarge ? [this.tooLarge] : [] });
    return !tooLarge;
  }

  send() {
    const request = new XMLHttpRequest(); // fetch does not tell how far a body got
    request.open("POST", this.form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      this.bar.value = (100 * event.loaded) / event.total;
      this.say(`${Math.floor(this.bar.value)} % sent`);
    });
    request.upload.addEventListener("load", () => this.say("Sent; the song is checked."));
    request.addEventListener("load", () => this.answered(request));
    request.addEventListener("error", () => this.failed("The connection broke. Try again."));
    this.busy(true);
    request.send(new FormData(this.form));
  }

  /** @param {XMLHttpRequest} request */
  answered(request) {
    if (request.response?.next) {
      this.busy(false);
      window.location.assign(request.response.next);
    } else if (request.response?.errors) {
      const none = Object.fromEntries([...this.form.elements].map((field) => [field.getAttribute("name"), []]));
      this.failed("Nothing was kept.");
      this.show({ ...none, ...request.response.errors });
      this.form.querySelector("[role='alert']:not([hidden])")?.scrollIntoView({ block: "center" });
    } else if (request.status === 413) {
      this.failed(this.tooLarge);
    } else {
      this.failed(`The server answered ${request.status}. Reload the page and sign in again.`);
    }
  }

  /** @param {string} why */
  failed(why) {
    this.busy(false);
    this.say(why);
  }

  /** @param {boolean} sending */
  busy(sending) {
    this.button.disabled = sending;
    this.bar.hidden = !sending;
    this.bar.value = 0;
  }

  /** @param {Record<string, string[]>} errors */
  show(errors) {
    for (const [name, reasons] of Object.entries(errors)) {
      const place = document.getElementById(`${this.form.dataset.upload}-${name}-error`);
      if (!place) continue;
      place.textContent = reasons.join(" ");
      place.hidden = !reasons.length;
    }
  }

  /** @param {string} words */
  say(words) {
    if (this.voice.textContent !== words) this.voice.textContent = words;
  }
}
