// The calendar: entries are dragged to another day, or moved with the keyboard.
// @ts-check

"use strict";

const DAYS_BY_KEY = new Map([
  ["ArrowLeft", -1],
  ["ArrowRight", 1],
  ["ArrowUp", -7],
  ["ArrowDown", 7],
]);

/** @param {HTMLElement} table @param {HTMLFormElement} form @param {Element | null} said */
function moveEntries(table, form, said) {
  /** @type {HTMLElement | null} */
  let dragged = null;

  /** @param {Element | EventTarget | null} target @returns {HTMLElement | null} */
  const entryOf = (target) =>
    target instanceof Element ? target.closest("a[data-move]") : null;

  /** @param {EventTarget | null} target @returns {HTMLElement | null} */
  const dayOf = (target) => (target instanceof Element ? target.closest("td[data-day]") : null);

  // Says on each day what moving the entry there would break.
  /** @param {HTMLElement} entry */
  async function showConflicts(entry) {
    const { first = "", days: count = "" } = table.dataset;
    const query = new URLSearchParams({ first, days: count });
    const answer = await fetch(`${entry.dataset.conflicts}?${query}`);
    if (!answer.ok || dragged !== entry) return;
    const { days } = await answer.json();
    for (const [day, words] of Object.entries(days)) {
      const cell = table.querySelector(`td[data-day="${day}"]`);
      const note = cell?.querySelector(".panel-conflict");
      if (!(note instanceof HTMLElement)) continue;
      note.textContent = words.join("; ");
      note.hidden = false;
      cell?.classList.add("is-conflict");
    }
  }

  function forgetConflicts() {
    for (const cell of table.querySelectorAll(".is-conflict, .is-target")) {
      cell.classList.remove("is-conflict", "is-target");
    }
    for (const note of table.querySelectorAll(".panel-conflict")) {
      if (note instanceof HTMLElement) note.hidden = true;
    }
  }

  // The server decides; a refusal comes back as a message on the page.
  /** @param {HTMLElement} entry @param {string} day */
  function move(entry, day) {
    const time = (entry.dataset.at ?? "").slice(10);
    const field = form.elements.namedItem("to");
    if (!(field instanceof HTMLInputElement)) return;
    field.value = day + time;
    form.action = entry.dataset.move ?? "";
    form.submit();
  }

  table.addEventListener("dragstart", (event) => {
    dragged = entryOf(event.target);
    if (dragged) void showConflicts(dragged);
  });
  table.addEventListener("dragover", (event) => {
    const day = dayOf(event.target);
    if (!dragged || !day) return;
    event.preventDefault();
    for (const other of table.querySelectorAll(".is-target")) other.classList.remove("is-target");
    day.classList.add("is-target");
  });
  table.addEventListener("drop", (event) => {
    const day = dayOf(event.target);
    if (!dragged || !day) return;
    event.preventDefault();
    if (!dragged.dataset.at?.startsWith(day.dataset.day ?? "-")) move(dragged, day.dataset.day ?? "");
  });
  table.addEventListener("dragend", () => {
    dragged = null;
    forgetConflicts();
  });
  table.addEventListener("keydown", (event) => {
    const entry = entryOf(event.target);
    const days = DAYS_BY_KEY.get(event.key);
    if (!entry || !days || !event.shiftKey) return;
    event.preventDefault();
    const day = new Date(`${(entry.dataset.at ?? "").slice(0, 10)}T12:00:00Z`);
    day.setUTCDate(day.getUTCDate() + days);
    const to = day.toISOString().slice(0, 10);
    if (said) said.textContent = `Moving to ${to}`;
    move(entry, to);
  });
}

{
  const table = document.querySelector("table[data-calendar]");
  const form = document.querySelector("form[data-move-form]");
  if (table instanceof HTMLElement && form instanceof HTMLFormElement) {
    moveEntries(table, form, document.querySelector("[data-said]"));
  }
}
