// Small comforts for the panel. Every page works without this file.
"use strict";

document.documentElement.classList.add("panel-js");

document.addEventListener("DOMContentLoaded", () => {
  focusField();
  countTicked();
  confirmFirst();
  dragIntoOrder();
  copyTexts();
  closeBell();
  reachScrollers();
});

// Django's select2 tells a screen reader nothing of the field it stands for. It is made in a timer
// of its own after the document, hence another one behind it.
window.addEventListener("load", () => setTimeout(nameSelections, 0));

function nameSelections() {
  for (const box of document.querySelectorAll(".select2-container")) {
    const field = box.previousElementSibling;
    const label = field instanceof HTMLSelectElement ? field.labels[0]?.textContent?.trim() : "";
    if (!label) continue;
    for (const part of box.querySelectorAll("[role=combobox], [role=textbox], [role=searchbox]")) {
      part.removeAttribute("aria-labelledby");
      part.setAttribute("aria-label", label);
    }
  }
}

// The theme hides a page until its script begins. A browser that draws a frame before that finds
// the field of autofocus hidden, and gives it up.
function focusField() {
  /** @type {HTMLElement | null} */
  const field = document.querySelector("[autofocus]");
  if (document.activeElement === document.body) field?.focus();
}

// The bar for several at once appears with the first tick and says how many there are.
function countTicked() {
  /** @type {HTMLElement | null} */
  const bar = document.querySelector(".panel-bulk");
  const words = bar?.querySelector("[data-ticked]");
  if (!bar || !words) return;
  /** @type {NodeListOf<HTMLInputElement>} */
  const ticks = document.querySelectorAll("input[name='runs']");
  /** @type {HTMLInputElement | null} */
  const all = document.querySelector("input#panel-tick-all");
  const show = () => {
    const count = [...ticks].filter((tick) => tick.checked).length;
    bar.dataset.count = String(count);
    words.textContent = `${count} chosen`;
    if (all) all.checked = count === ticks.length;
  };
  for (const tick of ticks) tick.addEventListener("change", show);
  all?.addEventListener("change", () => {
    for (const tick of ticks) tick.checked = all.checked;
    show();
  });
  show();
}

function confirmFirst() {
  /** @type {NodeListOf<HTMLFormElement>} */
  const forms = document.querySelectorAll("form[data-confirm]");
  for (const form of forms) {
    form.addEventListener("submit", (event) => {
      if (!window.confirm(form.dataset.confirm)) event.preventDefault();
    });
  }
}

// Rows of songs are dragged into their order; those that have a number are numbered again.
function dragIntoOrder() {
  /** @type {NodeListOf<HTMLElement>} */
  const lists = document.querySelectorAll("[data-ordered]");
  for (const list of lists) {
    /** @type {HTMLElement | null} */
    let dragged = null;
    list.addEventListener("dragstart", (event) => {
      dragged = event.target instanceof HTMLElement ? event.target.closest("tr") : null;
    });
    list.addEventListener("dragover", (event) => {
      const over = event.target instanceof HTMLElement ? event.target.closest("tr") : null;
      if (!dragged || !over || over === dragged || over.parentElement !== list) return;
      event.preventDefault();
      const box = over.getBoundingClientRect();
      const below = event.clientY > box.top + box.height / 2;
      list.insertBefore(dragged, below ? over.nextSibling : over);
    });
    list.addEventListener("drop", (event) => event.preventDefault());
    list.addEventListener("dragend", () => {
      /** @type {NodeListOf<HTMLInputElement>} */
      const numbers = list.querySelectorAll("input[type=number]");
      const moved = dragged?.querySelector("input");
      let next = 1;
      for (const number of numbers) {
        if (number.value || number === moved) number.value = String(next++);
      }
      dragged = null;
    });
  }
}

// A button copies the text of the element it names. Where the browser keeps the clipboard from
// pages (plain http), the text is marked, so that one key copies it.
function copyTexts() {
  /** @type {NodeListOf<HTMLButtonElement>} */
  const buttons = document.querySelectorAll("button[data-copy]");
  for (const button of buttons) {
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy ?? "");
      if (!source) return;
      await copyText(source.textContent ?? "", source, button);
    });
  }
  // One that is shown shortened: the whole is in the button.
  /** @type {NodeListOf<HTMLButtonElement>} */
  const shortened = document.querySelectorAll("button[data-copies]");
  for (const button of shortened) {
    const shown = button.previousElementSibling;
    if (!shown) continue;
    button.addEventListener("click", async () => {
      const whole = button.dataset.copies ?? "";
      await copyText(whole, shown, button);
      if (button.textContent === "Marked") shown.textContent = whole;
    });
  }
}

/**
 * @param {string} text
 * @param {Element} shown
 * @param {HTMLButtonElement} button
 */
async function copyText(text, shown, button) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    document.getSelection()?.selectAllChildren(shown);
    button.textContent = "Marked";
  }
}

// A click elsewhere, or Escape, folds the bell's list up again.
function closeBell() {
  /** @type {HTMLDetailsElement | null} */
  const bell = document.querySelector(".panel-bell");
  if (!bell) return;
  document.addEventListener("click", (event) => {
    if (event.target instanceof Node && !bell.contains(event.target)) bell.open = false;
  });
  bell.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !bell.open) return;
    bell.open = false;
    bell.querySelector("summary")?.focus();
  });
}

// A table that scrolls sideways is reached by the keyboard; one that fits is no stop on the way.
function reachScrollers() {
  const watch = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth <= target.clientWidth) {
        target.removeAttribute("tabindex");
        continue;
      }
      target.setAttribute("tabindex", "0");
      target.setAttribute("role", "group");
      target.setAttribute("aria-label", "Table, scrolls sideways");
    }
  });
  for (const table of document.querySelectorAll(".panel-scroll")) watch.observe(table);
}
