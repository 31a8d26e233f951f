// Comforts of forms: what a plan means is looked at again as it changes, and a sound is heard on the
// page it is edited on. Without this file both are buttons that load a page.
"use strict";

const LOOK_AFTER_MS = 400;

document.addEventListener("DOMContentLoaded", () => {
  lookAsItChanges();
  listenHere();
  // On a phone the row of tabs is wider than the window.
  document
    .querySelector(".panel-tabs [aria-current]")
    ?.scrollIntoView({ block: "nearest", inline: "center" });
});

function lookAsItChanges() {
  /** @type {NodeListOf<HTMLFormElement>} */
  const forms = document.querySelectorAll("form[data-look]");
  for (const form of forms) {
    let timer = 0;
    let asked = 0;
    const look = async () => {
      const number = ++asked;
      const entries = new FormData(form);
      entries.set("do", "look");
      entries.delete("form_key");
      const part = await partOf(form.action, entries, "[data-outlook]");
      if (part && number === asked) form.querySelector("[data-outlook]")?.replaceWith(part);
    };
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(look, LOOK_AFTER_MS);
    };
    form.addEventListener("input", soon);
    // A list with a search reports its change through jQuery only.
    window.addEventListener("load", () => {
      const jQuery = /** @type {any} */ (window).django?.jQuery;
      jQuery?.(form).on("change", "select", soon);
    });
  }
}

function listenHere() {
  /** @type {NodeListOf<HTMLButtonElement>} */
  const buttons = document.querySelectorAll("button[data-sketch]");
  for (const button of buttons) {
    button.addEventListener("click", async (event) => {
      const { form } = button;
      const place = document.querySelector("[data-listened]");
      if (!form || !place) return;
      event.preventDefault();
      button.disabled = true;
      place.textContent = "Playing the instruments …";
      const part = await partOf(button.formAction, new FormData(form), "[data-listened]");
      place.replaceChildren(...(part ? [...part.childNodes] : ["That did not work. Try again."]));
      button.disabled = false;
      place.querySelector("audio")?.play().catch(() => {}); // the browser may want a press first
    });
  }
}

/**
 * The part of the page that answers a form.
 * @param {string} address
 * @param {FormData} entries
 * @param {string} selector
 */
async function partOf(address, entries, selector) {
  try {
    const answer = await fetch(address, { method: "POST", body: entries });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector(selector);
  } catch {
    return null; // off line: the page stays as it was
  }
}
