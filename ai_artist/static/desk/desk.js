// The review desk: one item at a time, one key for a decision, and no waiting for the server.
import { el } from "./elements.js";
import { ago, Item } from "./item.js";
import { Outbox, post, SignedOut, uuid } from "./outbox.js";

/**
 * The element of the page with this id, which has to be of a kind.
 *
 * @template {HTMLElement} [Kind=HTMLElement]
 * @param {string} id
 * @param {new () => Kind} [kind]
 * @returns {Kind}
 */
function at(id, kind = /** @type {new () => Kind} */ (HTMLElement)) {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`The page has no ${kind.name} #${id}.`);
}

/** @type {DeskSettings} */
const settings = JSON.parse(at("desk-settings").textContent ?? "");
const REASONS = new Map(settings.reasons);
const RATES = [0.75, 1, 1.25, 1.5, 2];
const HEARTBEAT_MS = 60000;
const RETRY_MS = 2000;
const LOOK_AGAIN_MS = 15000;
const IDLE_MS = 120000;
const KEPT = 20;
const REVEALED_WITHIN_MS = 60000;

const stage = at("desk-stage");
const comment = at("desk-comment", HTMLInputElement);

/** @type {Record<string, string>} */
const STANDARD_KEYS = {
  approve: "a",
  reject: "l",
  skip: "s",
  undo: "z",
  play: " ",
  back: "[",
  on: "]",
  slower: ",",
  faster: ".",
  comment: "c",
  compare: "x",
  mark: "m",
  help: "?",
};
/** @type {Record<string, string>} */
const KEY_LABELS = {
  approve: "Approve",
  reject: "Reject",
  skip: "Skip",
  undo: "Undo",
  play: "Play or pause",
  back: "Section back",
  on: "Section on",
  slower: "Slower",
  faster: "Faster",
  comment: "Comment on the decision",
  compare: "Compare, then switch",
  mark: "Comment at this second",
  help: "This help",
};

/**
 * What the reviewer chose on this device.
 *
 * @template {object} Value
 * @param {string} name
 * @param {Value} standard
 * @returns {Value}
 */
function remembered(name, standard) {
  try {
    return { ...standard, ...JSON.parse(localStorage.getItem(name) || "{}") };
  } catch {
    return { ...standard };
  }
}

/**
 * @param {string} name
 * @param {object} value
 */
function remember(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // A browser that stores nothing works too, with the standard.
  }
}

const keys = remembered("desk-keys", STANDARD_KEYS);
const choices = remembered("desk-choices", { keysOn: true, autoplay: true, lastReason: "", rate: 1 });

/** @type {DeskState} */
const state = {
  items: [], // the first is on the stage, the others are ready behind it
  recent: [], // one's decisions, the newest first
  skipped: new Set(),
  scope: {},
  playing: false,
  fetching: false,
  counts: null,
  openRuns: 0,
  lastActive: Date.now(),
  several: [],
  editing: null,
};

const outbox = new Outbox(settings.reviewer, settings.urls, {
  sent: decisionSent,
  refused: decisionRefused,
  changed: showUnsent,
});

// --- The stage ---

/** @returns {Item | undefined} */
function current() {
  return state.items[0];
}

/** @param {number} [pressed] time of the key or click, in milliseconds of performance.now() */
function show(pressed = performance.now()) {
  const item = current();
  closeReasons();
  comment.value = "";
  for (const action of ["approve", "reject", "skip"]) button(action).disabled = !item;
  if (!item) {
    stage.replaceChildren(emptyStage());
    showRecent();
    return;
  }
  stage.replaceChildren(item.root);
  item.shown(choices.rate);
  item.setRate(choices.rate);
  if (state.playing && choices.autoplay) {
    item.audio?.addEventListener("playing", () => measure("desk-audible", pressed), { once: true });
    item.play();
  }
  afterPaint(() => {
    item.settled();
    prepareLater();
    document.title = `${item.data.title} | Review desk`;
  });
}

function prepareLater() {
  for (const [index, later] of state.items.slice(1).entries()) later.prepare({ next: index === 0 });
}

/**
 * Work that can wait: behind the frame, and behind the sound that starts with it.
 *
 * @param {() => void} work
 */
function afterPaint(work) {
  requestAnimationFrame(() => setTimeout(work, 0));
}

/**
 * What the benchmark and the browser's tools read; the time to paint they know themselves.
 *
 * @param {string} name
 * @param {number} start
 */
function measure(name, start) {
  performance.measure(name, { start, end: performance.now() });
}

function emptyStage() {
  if (state.fetching || state.counts === null) {
    return el("div", { class: "panel-card panel-empty" }, el("p", {}, "Fetching the next item…"));
  }
  const again = state.skipped.size
    ? el(
        "button",
        {
          type: "button",
          class: "panel-button is-primary",
          on: {
            click: () => {
              state.skipped.clear();
              refill();
            },
          },
        },
        `Show the ${state.skipped.size} skipped again`,
      )
    : null;
  const others = state.counts.waiting - state.skipped.size;
  let text = "Finished candidates appear here by themselves.";
  if (others > 0) text = "What is left waits for other reviewers; it comes here if they leave it.";
  else if (!state.openRuns && !again) text = "No run is on its way. Start a batch on the dashboard.";
  return el(
    "div",
    { class: "panel-card panel-empty" },
    el("span", { class: "material-symbols-outlined", "aria-hidden": "true" }, "task_alt"),
    el("h2", { class: "panel-title" }, again ? "Only skipped items are left" : "Nothing to review"),
    el("p", {}, text),
    again,
  );
}

// Make sure that the stage and the items behind it are filled.
async function refill() {
  const want = 1 + settings.ahead - state.items.length;
  if (state.fetching || want <= 0) return;
  state.fetching = true;
  const scope = state.scope;
  const have = [...state.items.map((item) => item.id), ...outbox.runs(), ...state.skipped];
  /** @type {NextAnswer | null} */
  let answer = null;
  try {
    ({ answer } = await post(settings.urls.next, { want, have: have.slice(-200), scope }));
  } catch (error) {
    if (error instanceof SignedOut) showUnsent({ unsent: 0, tries: 0, blocked: "signed out" });
  }
  state.fetching = false;
  if (!answer || answer.error) {
    if (answer?.error) say(answer.error);
    else if (!current()) setTimeout(refill, RETRY_MS);
    return;
  }
  if (scope !== state.scope) {
    giveBack(answer.items.map((data) => data.id));
    refill();
    return;
  }
  const decided = new Set(outbox.runs());
  const wasEmpty = !current();
  for (const data of answer.items) {
    if (decided.has(data.id) || state.items.some((item) => item.id === data.id)) continue;
    const item = new Item(data, { url: settings.may_comment ? settings.urls.comments : "", say });
    labelKeys(item.root);
    state.items.push(item);
  }
  state.counts = answer.counts;
  state.openRuns = answer.open_runs;
  showCounts();
  if (wasEmpty) show();
  else prepareLater();
}

/** @param {number} [pressed] */
function advance(pressed) {
  const item = state.items.shift();
  if (!item) return;
  if (item.audio) state.playing = item.playing;
  item.hidden();
  show(pressed);
  afterPaint(() => {
    item.unload();
    refill();
    showRecent();
  });
}

function showCounts() {
  if (!state.counts) return;
  const { waiting, escalated, stale } = state.counts;
  at("desk-waiting").textContent = waiting >= 1000 ? "1000+" : String(waiting);
  const late = [];
  if (escalated) late.push(`${escalated} over 24 h`);
  if (stale) late.push(`${stale} stale`);
  at("desk-late").textContent = late.length ? `, ${late.join(", ")}` : "";
}

// --- Decisions ---

/**
 * @param {Decision} decision
 * @param {string[]} reasons
 * @param {number} [pressed]
 */
function decide(decision, reasons, pressed) {
  const item = current();
  if (!item) return;
  const key = uuid();
  const text = comment.value.trim();
  /** @type {Recent} */
  const entry = {
    key,
    run: item.id,
    title: item.data.title,
    decision,
    reasons,
    comment: text,
    at: new Date().toISOString(),
    state: "unsent",
    page: item.data.page,
    item,
  };
  state.recent.unshift(entry);
  outbox.add("decide", {
    key,
    run: item.id,
    decision,
    reasons,
    comment: text,
    content_hash: item.data.content_hash,
    active_seconds: Math.round(item.activeSeconds() * 10) / 10,
  });
  advance(pressed);
  const why = reasons.map((code) => REASONS.get(code)).join(", ");
  say(decision === "approve" ? `Approved “${item.data.title}”.` : `Rejected “${item.data.title}”: ${why}.`);
}

/**
 * @param {string} reason
 * @param {number} [pressed]
 */
function reject(reason, pressed) {
  choices.lastReason = reason;
  remember("desk-choices", choices);
  decide("reject", [reason], pressed);
}

/** @param {number} [pressed] */
function skip(pressed) {
  const item = current();
  if (!item) return;
  state.skipped.add(item.id);
  giveBack([item.id]);
  advance(pressed);
  say(`Skipped “${item.data.title}”.`);
}

/**
 * @param {Recent} [entry]
 * @param {number} [pressed]
 */
function undo(entry = state.recent.find((one) => one.state !== "undone"), pressed) {
  if (!entry) {
    say("Nothing to undo.");
    return;
  }
  const unsent = outbox.cancel((one) => (entry.group ? one.body.group === entry.group : one.body.key === entry.key));
  if (!unsent) outbox.add("undo", entry.group ? { group: entry.group } : { key: entry.key });
  entry.state = "undone";
  state.recent = state.recent.filter((one) => one !== entry);
  if (entry.item) {
    const shown = current();
    if (shown) state.playing = shown.playing;
    shown?.hidden();
    state.items.unshift(entry.item);
    for (const extra of state.items.splice(1 + settings.ahead)) giveBack([extra.id]);
    show(pressed);
  }
  say(`Undone: “${entry.title}” is back.`);
  showRecent();
}

/**
 * @param {Entry} entry
 * @param {SentAnswer} answer
 */
function decisionSent(entry, answer) {
  for (const refused of answer.refused ?? []) {
    conflict(entry, typeof refused === "string" ? { error: refused } : refused);
  }
  if (entry.kind === "decide") {
    const mine = state.recent.find((one) => one.key === entry.body.key);
    if (mine) Object.assign(mine, { ...answer.verdict, item: mine.item });
    if (answer.verdict?.state === "waiting") say("Noted; another reviewer judges it too.");
    revealSoon();
  } else if (entry.kind === "together") {
    const row = state.recent.find((one) => one.group === entry.body.group);
    if (row) row.state = "decided";
    revealSoon();
  } else if (entry.kind === "undo") {
    if (state.items.length) beat();
    refill();
  }
  showRecent();
}

/**
 * @param {Entry} entry
 * @param {Refusal} answer
 */
function decisionRefused(entry, answer) {
  conflict(entry, answer);
  const refused = entry.body.group ?? entry.body.key;
  state.recent = state.recent.filter((one) => (one.group ?? one.key) !== refused);
  showRecent();
  refill();
}

/**
 * Both versions side by side: mine, which was not taken, and what stands on the run.
 *
 * @param {Entry} entry
 * @param {Refusal} answer
 */
function conflict(entry, answer) {
  const theirs = answer.theirs;
  const mine = entry.kind === "undo" ? "Undo the decision" : phrase(entry.body);
  const box = el(
    "div",
    { class: "panel-card desk-conflict" },
    el("p", {}, el("strong", {}, theirs ? `“${theirs.title}”: ` : ""), answer.error || "The server refused it."),
    el(
      "dl",
      { class: "panel-facts" },
      el("div", {}, el("dt", {}, "Yours, not taken"), el("dd", {}, mine)),
      theirs
        ? el(
            "div",
            {},
            el("dt", {}, "On the run now"),
            el("dd", {}, theirs.decision ? `${phrase(theirs)} by ${theirs.by}` : theirs.status),
          )
        : null,
    ),
    el(
      "div",
      { class: "panel-row" },
      theirs ? el("a", { class: "panel-button is-small", href: theirs.page, target: "_blank", rel: "noopener" }, "Run page") : null,
      el(
        "button",
        {
          type: "button",
          class: "panel-button is-small",
          on: {
            click: () => {
              box.remove();
              at("desk-conflicts").hidden = !at("desk-conflicts").children.length;
            },
          },
        },
        "Seen",
      ),
    ),
  );
  at("desk-conflicts").append(box);
  at("desk-conflicts").hidden = false;
  say("A decision was not taken; see above.");
}

/** @param {Verdict} verdict */
function phrase(verdict) {
  const why = (verdict.reasons || []).map((code) => REASONS.get(code) || code).join(", ");
  const text = verdict.decision === "approve" ? "Approved" : `Rejected (${why})`;
  return verdict.comment ? `${text}: “${verdict.comment}”` : text;
}

/** @param {OutboxState} outboxState */
function showUnsent({ unsent, tries, blocked }) {
  const badge = at("desk-unsent");
  badge.hidden = !unsent && !blocked;
  badge.classList.toggle("is-bad", Boolean(tries || blocked));
  badge.textContent = blocked
    ? `${unsent} unsent: sign in again, then press here`
    : `${unsent} unsent${tries ? ", trying again" : ""}`;
}

// --- One's last decisions ---

async function loadRecent() {
  try {
    const { answer } = await post(settings.urls.reasons, {});
    const known = new Map(state.recent.map((one) => [one.group || one.key, one]));
    const unsent = new Set(outbox.entries().flatMap(({ body }) => [body.key, body.group]));
    /** @type {Recent[]} */
    const newest = answer.recent ?? [];
    for (const one of newest) {
      if ([one.key, one.together].some((key) => key && unsent.has(key))) continue;
      const mine = known.get(one.key);
      if (mine) Object.assign(mine, one, { item: mine.item });
      else if (!known.has(one.together ?? "")) state.recent.push(one);
    }
    state.recent.sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
    showRecent();
  } catch {
    // Only a convenience; the outbox says what is wrong.
  }
}

// When the grace of a decision is over, what follows from it is due, and what was hidden is told.
let revealing = false;
function revealSoon() {
  if (revealing) return;
  revealing = true;
  setTimeout(async () => {
    revealing = false;
    await beat();
    await loadRecent();
    const latest = Date.now() - REVEALED_WITHIN_MS;
    if (state.recent.some((one) => !one.revealed && one.effective_at && Date.parse(one.effective_at) > latest)) revealSoon();
  }, 1000 * settings.grace_s + 500);
}

/**
 * Variants and the words of others, once they cannot sway the verdict any more.
 *
 * @param {Recent} entry
 */
function revealedOf(entry) {
  const { variants = [], verdicts = [] } = entry.revealed || {};
  return [
    ...variants.map((variant) => `Variant: ${variant}`),
    ...verdicts.map((one) => `${phrase(one)} by ${one.by}, ${ago(one.at)}${one.undone ? ", taken back" : ""}`),
  ].map((line) => el("p", { class: "panel-small desk-revealed" }, line));
}

function showRecent() {
  state.recent.splice(KEPT);
  button("undo").disabled = !state.recent.length;
  at("desk-recent-card").hidden = !state.recent.length;
  at("desk-recent").replaceChildren(
    ...state.recent.slice(0, 8).map((entry) =>
      el(
        "div",
        {},
        el(
          "div",
          { class: "panel-grow" },
          el("p", {}, entry.page ? el("a", { href: entry.page, target: "_blank", rel: "noopener" }, entry.title) : entry.title),
          el(
            "p",
            { class: "panel-small panel-faint" },
            `${phrase(entry)} · ${ago(entry.at)}${entry.state === "waiting" ? " · waits for another reviewer" : ""}${entry.state === "unsent" ? " · not sent yet" : ""}`,
          ),
          ...revealedOf(entry),
        ),
        entry.group || entry.state === "unsent"
          ? null
          : el("button", { type: "button", class: "panel-button is-small", "aria-label": `Correct the reasons of ${entry.title}`, on: { click: () => openEdit(entry) } }, "Reasons"),
        el("button", { type: "button", class: "panel-button is-small", "aria-label": `Undo the decision on ${entry.title}`, on: { click: () => undo(entry) } }, "Undo"),
      ),
    ),
  );
}

/** @param {string} id */
function boxesIn(id) {
  /** @type {NodeListOf<HTMLInputElement>} */
  const boxes = at(id).querySelectorAll("input[type=checkbox]");
  return [...boxes];
}

/** @param {string} id */
function tickedIn(id) {
  return boxesIn(id).filter((box) => box.checked).map((box) => box.value);
}

/** @param {Recent} entry */
function openEdit(entry) {
  state.editing = entry;
  at("desk-edit-note").textContent = `${entry.title}: ${phrase(entry)}`;
  for (const box of boxesIn("desk-edit-reasons")) box.checked = entry.reasons.includes(box.value);
  at("desk-edit-comment", HTMLInputElement).value = entry.comment;
  at("desk-edit", HTMLDialogElement).showModal();
}

async function saveEdit() {
  const entry = state.editing;
  if (!entry) return;
  const reasons = tickedIn("desk-edit-reasons");
  const words = at("desk-edit-comment", HTMLInputElement).value.trim();
  try {
    const { status, answer } = await post(settings.urls.reasons, {
      key: entry.key,
      reasons,
      comment: words,
    });
    if (status !== 200) {
      at("desk-edit-note").textContent = answer.error;
      return;
    }
    Object.assign(entry, { reasons, comment: words });
    at("desk-edit", HTMLDialogElement).close();
    say("Reasons corrected.");
    showRecent();
  } catch {
    at("desk-edit-note").textContent = "The server did not answer; try again.";
  }
}

// --- Leases ---

async function beat() {
  const ids = state.items.map((item) => item.id);
  try {
    const { answer } = await post(settings.urls.heartbeat, { runs: ids });
    const held = new Set(answer.held || ids);
    // Just undone items may still be on their way back to the queue.
    const lost = state.items.filter((item) => ids.includes(item.id) && !held.has(item.id));
    if (!lost.length || outbox.entries().length) return;
    const shown = current();
    state.items = state.items.filter((item) => !lost.includes(item));
    if (shown && lost.includes(shown)) {
      shown.hidden();
      say(`“${shown.data.title}” was taken up or decided elsewhere.`);
      show();
    }
    refill();
  } catch {
    // The lease lasts for several heartbeats.
  }
}

/** @param {string[]} runs */
function giveBack(runs) {
  if (runs.length) post(settings.urls.release, { runs }).catch(() => {});
}

setInterval(() => {
  if (current()?.playing || (!document.hidden && Date.now() - state.lastActive < IDLE_MS)) beat();
}, HEARTBEAT_MS);
setInterval(() => {
  if (!document.hidden && state.items.length <= settings.ahead) refill();
}, LOOK_AGAIN_MS);
window.addEventListener("pagehide", () => giveBack(state.items.map((item) => item.id)));
window.addEventListener("pageshow", (event) => {
  if (event.persisted) beat();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && state.items.length && Date.now() - state.lastActive > IDLE_MS) beat();
});

// --- A part of the queue, and several at once ---

async function loadScopes() {
  try {
    const { answer } = await post(settings.urls.scopes, {});
    const groups = { artist: "Artist", batch: "Batch", genre: "Genre" };
    const select = at("desk-scope", HTMLSelectElement);
    const chosen = select.value;
    select.replaceChildren(
      el("option", { value: "" }, "the whole queue"),
      ...Object.entries(groups).map(([kind, label]) =>
        el(
          "optgroup",
          { label },
          ...answer[kind].map((/** @type {{ value: string | number, label: string, count: number }} */ row) =>
            el("option", { value: JSON.stringify({ [kind]: row.value }) }, `${row.label} (${row.count})`),
          ),
        ),
      ),
    );
    select.value = chosen;
  } catch {
    // The whole queue stays chosen.
  }
}

function chooseScope() {
  const { value } = at("desk-scope", HTMLSelectElement);
  state.scope = value ? JSON.parse(value) : {};
  button("several").disabled = !value;
  current()?.hidden();
  giveBack(state.items.map((item) => item.id));
  state.items = [];
  state.counts = null;
  show();
  refill();
}

async function openSeveral() {
  let answer;
  try {
    ({ answer } = await post(settings.urls.several, { scope: state.scope }));
  } catch {
    say("The server did not answer; try again.");
    return;
  }
  current()?.pause();
  state.several = answer.items || [];
  at("desk-several-note").textContent = answer.error
    || `From ${at("desk-scope", HTMLSelectElement).selectedOptions[0]?.textContent}. At most ${settings.together} are shown together; one undo takes all of them back.`;
  at("desk-grid").replaceChildren(
    ...state.several.map((data) =>
      el(
        "label",
        { class: `desk-tile is-${data.age}` },
        el("img", { src: data.poster || data.cover || "", alt: "", loading: "eager" }),
        el("span", { class: "panel-check" }, el("input", { type: "checkbox", value: data.id, checked: true }), el("strong", {}, data.title)),
        el("span", { class: "panel-small panel-faint" }, data.artist),
        data.findings.length ? el("span", { class: "desk-badge" }, `Findings: ${data.findings.length}`) : null,
        data.audio ? el("audio", { controls: true, preload: "none", src: data.audio, "aria-label": `Track: ${data.title}` }) : null,
      ),
    ),
  );
  at("desk-several", HTMLDialogElement).showModal();
}

/** @param {Set<string>} [decided] */
function closeSeveral(decided = new Set()) {
  const kept = new Set(state.items.map((item) => item.id));
  giveBack(state.several.map((data) => data.id).filter((id) => !decided.has(id) && !kept.has(id)));
  state.several = [];
  at("desk-grid").replaceChildren(); // what plays in it stops
  at("desk-several", HTMLDialogElement).close();
}

/** @param {Decision} decision */
function decideSeveral(decision) {
  const ticked = new Set(tickedIn("desk-grid"));
  const chosen = state.several.filter((data) => ticked.has(data.id));
  if (!chosen.length) {
    at("desk-several-note").textContent = "Choose at least one.";
    return;
  }
  const group = uuid();
  const reasons = decision === "reject" ? [at("desk-several-reason", HTMLSelectElement).value] : [];
  outbox.add("together", {
    group,
    scope: state.scope,
    decision,
    reasons,
    comment: "",
    items: chosen.map((data) => ({ run: data.id, key: uuid(), content_hash: data.content_hash })),
    run: chosen.map((data) => data.id),
  });
  state.recent.unshift({
    key: group,
    group,
    title: `${chosen.length} together`,
    decision,
    reasons,
    comment: "",
    at: new Date().toISOString(),
    state: "unsent",
  });
  closeSeveral(ticked);
  const shown = current();
  state.items = state.items.filter((item) => !ticked.has(item.id));
  if (current() !== shown) {
    shown?.hidden();
    show();
  }
  refill();
  showRecent();
  say(`${decision === "approve" ? "Approved" : "Rejected"} ${chosen.length} together.`);
}

// --- Keys and buttons ---

/** @param {string} action */
function button(action) {
  return /** @type {HTMLButtonElement} */ (document.querySelector(`[data-action="${action}"]`));
}

function reasonsOpen() {
  return !at("desk-reasons").hidden;
}

function openReasons() {
  at("desk-reasons").hidden = false;
  button("reject").setAttribute("aria-expanded", "true");
  /** @type {NodeListOf<HTMLElement>} */
  const buttons = at("desk-reasons").querySelectorAll("[data-reason]");
  for (const one of buttons) {
    one.classList.toggle("is-last", one.dataset.reason === choices.lastReason);
  }
}

function closeReasons() {
  at("desk-reasons").hidden = true;
  button("reject").setAttribute("aria-expanded", "false");
}

/** @param {1 | -1} direction */
function rate(direction) {
  const index = RATES.indexOf(choices.rate) + direction;
  choices.rate = RATES[Math.max(0, Math.min(RATES.length - 1, index))] ?? 1;
  remember("desk-choices", choices);
  current()?.setRate(choices.rate);
}

/** @type {Record<string, (pressed?: number) => unknown>} */
const ACTIONS = {
  approve: (pressed) => decide("approve", [], pressed),
  reject: (pressed) => {
    if (!current()) return;
    if (!reasonsOpen()) openReasons();
    else if (choices.lastReason) reject(choices.lastReason, pressed);
    else say("No reason was used yet; choose one.");
  },
  "cancel-reject": closeReasons,
  skip,
  undo: (pressed) => undo(undefined, pressed),
  play: () => (current()?.playing ? current()?.pause() : current()?.play()),
  back: () => current()?.jump(-1),
  on: () => current()?.jump(1),
  slower: () => rate(-1),
  faster: () => rate(1),
  comment: () => comment.focus(),
  compare: () => current()?.switchOver(),
  mark: () => {
    if (settings.may_comment) current()?.comments?.begin();
  },
  help: () => {
    showKeys();
    at("desk-help", HTMLDialogElement).showModal();
  },
  "close-help": () => at("desk-help", HTMLDialogElement).close(),
  "reset-keys": () => {
    Object.assign(keys, STANDARD_KEYS);
    remember("desk-keys", keys);
    showKeys();
  },
  several: openSeveral,
  "close-several": () => closeSeveral(),
  "approve-several": () => decideSeveral("approve"),
  "reject-several": () => decideSeveral("reject"),
  "close-edit": () => at("desk-edit", HTMLDialogElement).close(),
  "save-edit": saveEdit,
};

/** @param {Element} target */
function typing(target) {
  return target.matches("input:not([type=range]):not([type=checkbox]), textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  state.lastActive = Date.now();
  if (event.key === "Escape" && reasonsOpen()) {
    closeReasons();
    return;
  }
  const target = event.target instanceof Element ? event.target : document.body;
  if (target === comment && event.key === "Escape") comment.blur();
  if (!choices.keysOn || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.repeat || typing(target) || document.querySelector("dialog[open]")) return;
  // A focused button answers to space and enter itself.
  if ([" ", "Enter"].includes(event.key) && target.closest("button, a, summary, input")) return;
  if (reasonsOpen() && /^[1-9]$/.test(event.key)) {
    event.preventDefault();
    const reason = settings.reasons[Number(event.key) - 1];
    if (reason) reject(reason[0], event.timeStamp);
    return;
  }
  const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const action = Object.keys(keys).find((name) => keys[name] === pressed);
  if (!action) return;
  event.preventDefault();
  ACTIONS[action]?.(event.timeStamp);
});

document.addEventListener("click", (event) => {
  state.lastActive = Date.now();
  if (!(event.target instanceof Element)) return;
  /** @type {HTMLButtonElement | null} */
  const target = event.target.closest("[data-action], [data-reason]");
  if (!target || target.disabled) return;
  // After a pointer's click the focus goes on: space must not press the same button again.
  if (event.detail && !target.closest("dialog")) target.blur();
  if (target.dataset.reason) reject(target.dataset.reason, event.timeStamp);
  else ACTIONS[target.dataset.action ?? ""]?.(event.timeStamp);
});

/** @param {string} key */
function keyName(key) {
  if (key === " ") return "Space";
  return key.toUpperCase() || "off";
}

/** @param {ParentNode} part */
function labelKeys(part) {
  /** @type {NodeListOf<HTMLElement>} */
  const labels = part.querySelectorAll("[data-key]");
  for (const label of labels) {
    const key = keys[label.dataset.key ?? ""] ?? "";
    label.textContent = keyName(key);
    label.hidden = !choices.keysOn || !key;
  }
}

function showKeys() {
  labelKeys(document);
  for (const item of state.items.slice(1)) labelKeys(item.root);
  at("desk-keys-on", HTMLInputElement).checked = choices.keysOn;
  at("desk-autoplay", HTMLInputElement).checked = choices.autoplay;
  at("desk-keys").replaceChildren(
    ...Object.entries(KEY_LABELS).map(([action, label]) =>
      el(
        "label",
        {},
        el("span", {}, label),
        el("input", {
          class: "panel-input is-short",
          value: keyName(keys[action] ?? ""),
          readOnly: true,
          "aria-label": `Key for ${label}; press another, or Backspace for none`,
          on: { keydown: (/** @type {KeyboardEvent} */ event) => mapKey(event, action) },
        }),
      ),
    ),
  );
}

/**
 * @param {KeyboardEvent} event
 * @param {string} action
 */
function mapKey(event, action) {
  if (["Tab", "Escape", "Shift", "Enter"].includes(event.key)) return;
  event.preventDefault();
  const pressed = ["Backspace", "Delete"].includes(event.key) ? "" : event.key.toLowerCase();
  if (/^[1-9]$/.test(pressed)) {
    say("The digits are the reasons' keys.");
    return;
  }
  // A key does one thing.
  for (const other of Object.keys(keys)) if (pressed && keys[other] === pressed) keys[other] = "";
  keys[action] = pressed;
  remember("desk-keys", keys);
  showKeys();
  at("desk-keys").querySelectorAll("input")[Object.keys(KEY_LABELS).indexOf(action)]?.focus();
}

at("desk-keys-on").addEventListener("change", () => {
  choices.keysOn = at("desk-keys-on", HTMLInputElement).checked;
  remember("desk-choices", choices);
  showKeys();
});
at("desk-autoplay").addEventListener("change", () => {
  choices.autoplay = at("desk-autoplay", HTMLInputElement).checked;
  remember("desk-choices", choices);
});
at("desk-unsent").addEventListener("click", () => outbox.send({ again: true }).then(refill));
at("desk-scope").addEventListener("change", chooseScope);
at("desk-scope").addEventListener("pointerdown", loadScopes, { once: true });
at("desk-scope").addEventListener("focus", loadScopes, { once: true });
at("desk-several").addEventListener("cancel", (event) => {
  event.preventDefault();
  closeSeveral();
});
comment.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.isComposing) comment.blur();
});
window.addEventListener("resize", () => current()?.draw());
new MutationObserver(() => current()?.draw()).observe(document.documentElement, { attributeFilter: ["class"] });

/** @type {number | undefined} */
let silence;
/** @param {string} text */
function say(text) {
  const toast = at("desk-toast");
  toast.textContent = text;
  clearTimeout(silence);
  silence = setTimeout(() => {
    toast.textContent = "";
  }, 6000);
}

showKeys();
outbox.tell();
outbox.send().then(refill);
loadRecent();
