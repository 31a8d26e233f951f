// Shows how far an upload got, and keeps what was typed when it is refused. Without this file the
// form is posted as any other, and the page it answers with says the same.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  for (const form of document.querySelectorAll("form[data-upload]")) new Upload(form);
});

class Upload {
  constructor(form) {
    this.form = form;
    this.input = form.elements[form.dataset.upload];
    this.bar = form.querySelector("progress");
    this.voice = form.querySelector("[role='status']");
    this.button = form.querySelector("button");
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
    const tooLarge = this.input.files[0]?.size > Number(this.form.dataset.limit);
    this.show({ [this.input.name]: tooLarge ? [this.form.dataset.tooLarge] : [] });
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

  answered(request) {
    if (request.response?.next) {
      this.busy(false);
      window.location.assign(request.response.next);
    } else if (request.response?.errors) {
      const none = Object.fromEntries([...this.form.elements].map((field) => [field.name, []]));
      this.failed("Nothing was kept.");
      this.show({ ...none, ...request.response.errors });
      this.form.querySelector("[role='alert']:not([hidden])")?.scrollIntoView({ block: "center" });
    } else if (request.status === 413) {
      this.failed(this.form.dataset.tooLarge);
    } else {
      this.failed(`The server answered ${request.status}. Reload the page and sign in again.`);
    }
  }

  failed(why) {
    this.busy(false);
    this.say(why);
  }

  busy(sending) {
    this.button.disabled = sending;
    this.bar.hidden = !sending;
    this.bar.value = 0;
  }

  show(errors) {
    for (const [name, reasons] of Object.entries(errors)) {
      const place = document.getElementById(`${this.form.dataset.upload}-${name}-error`);
      if (!place) continue;
      place.textContent = reasons.join(" ");
      place.hidden = !reasons.length;
    }
  }

  say(words) {
    if (this.voice.textContent !== words) this.voice.textContent = words;
  }
}
