// Decisions wait here until the server has answered: nothing is lost by a dropped line, a closed
// window or a server that is restarted. Each entry carries a key, so that sending it twice does
// nothing twice. Entries go one after the other, in the order they were made.

const TIMEOUT_MS = 15000;
const MAX_WAIT_MS = 8000;

export function uuid() {
  // crypto.randomUUID exists on https only; a panel in the local network may have plain http.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  // Version 4, variant 8, as RFC 9562 has it for random ones.
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
}

export class SignedOut extends Error {}

function token() {
  // The cookie first: another tab may have signed in anew since this page was made.
  const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  /** @type {HTMLInputElement | null} */
  const field = document.querySelector("[name=csrfmiddlewaretoken]");
  return cookie?.[1] ?? field?.value ?? "";
}

/**
 * POST JSON. Throws SignedOut, or another error when no answer came.
 *
 * @param {string} url
 * @param {object} body
 * @returns {Promise<{ status: number, answer: any }>}
 */
export async function post(url, body) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TIMEOUT_MS);
  try {
    const reply = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
      body: JSON.stringify(body),
      redirect: "manual",
      keepalive: true,
      signal: stop.signal,
    });
    if (reply.type === "opaqueredirect" || reply.status === 403) throw new SignedOut();
    if (reply.status >= 500 || reply.status === 429) throw new Error(`HTTP ${reply.status}`);
    return { status: reply.status, answer: await reply.json() };
  } finally {
    clearTimeout(timer);
  }
}

// The browser's storage; where it is refused, memory, which at least outlives a dropped line.
class Store {
  /** @param {string} prefix */
  constructor(prefix) {
    this.prefix = prefix;
    /** @type {Map<string, Entry>} */
    this.memory = new Map();
  }

  /**
   * @param {string} name
   * @param {Entry} value
   */
  put(name, value) {
    try {
      localStorage.setItem(this.prefix + name, JSON.stringify(value));
    } catch {
      this.memory.set(this.prefix + name, value);
    }
  }

  /** @param {string} name */
  drop(name) {
    this.memory.delete(this.prefix + name);
    try {
      localStorage.removeItem(this.prefix + name);
    } catch {
      // Nothing was stored there.
    }
  }

  all() {
    const entries = new Map(this.memory);
    try {
      for (let index = 0; index < localStorage.length; index += 1) {
        const name = localStorage.key(index);
        if (name?.startsWith(this.prefix)) entries.set(name, JSON.parse(localStorage.getItem(name) ?? "null"));
      }
    } catch {
      // Only memory then.
    }
    return [...entries].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, entry]) => entry);
  }
}

export class Outbox {
  /**
   * @param {number} reviewer
   * @param {Record<Entry["kind"], string>} urls
   * @param {OutboxEvents} on
   */
  constructor(reviewer, urls, on) {
    this.store = new Store(`desk-outbox-${reviewer}-`);
    this.urls = urls;
    this.on = on;
    this.made = 0;
    this.tries = 0;
    this.busy = false;
    this.blocked = "";
    /** @type {string | null} */
    this.sending = null;
    /** @type {number | undefined} */
    this.timer = undefined;
    window.addEventListener("online", () => this.send());
    window.addEventListener("storage", () => this.tell());
  }

  entries() {
    return this.store.all();
  }

  // The runs whose decisions wait here.
  runs() {
    return this.entries().flatMap((entry) => entry.body.run ?? []);
  }

  /**
   * @template {Entry["kind"]} Kind
   * @param {Kind} kind
   * @param {Bodies[Kind]} body
   */
  add(kind, body) {
    this.made += 1;
    const order = `${Date.now().toString().padStart(15, "0")}-${this.made.toString().padStart(6, "0")}`;
    this.store.put(order, /** @type {Entry} */ ({ name: order, kind, body }));
    this.tell();
    // The answer to the key comes first, the network afterwards.
    setTimeout(() => this.send(), 0);
    return order;
  }

  /**
   * Take back what was never sent. False if it is under way or gone.
   *
   * @param {(entry: Entry) => boolean} matches
   */
  cancel(matches) {
    const entry = this.entries().find((one) => matches(one) && one.name !== this.sending);
    if (!entry || entry.tried) return false;
    this.store.drop(entry.name);
    this.tell();
    return true;
  }

  tell() {
    this.on.changed({ unsent: this.entries().length, tries: this.tries, blocked: this.blocked });
  }

  async send({ again = false } = {}) {
    if (again) this.blocked = "";
    if (this.busy || this.blocked) return;
    this.busy = true;
    try {
      // One window sends at a time, or two could reorder a decision and its undo.
      if (navigator.locks) await navigator.locks.request(this.store.prefix, () => this.drain());
      else await this.drain();
    } finally {
      this.busy = false;
    }
    this.tell();
    if (this.tries && !this.blocked) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.send(), Math.min(MAX_WAIT_MS, 250 * 2 ** this.tries));
    } else if (!this.blocked && this.entries().length) {
      setTimeout(() => this.send(), 0);
    }
  }

  async drain() {
    for (let entry = this.entries()[0]; entry; entry = this.entries()[0]) {
      this.sending = entry.name;
      if (!entry.tried) this.store.put(entry.name, { ...entry, tried: true });
      try {
        const { status, answer } = await post(this.urls[entry.kind], entry.body);
        this.store.drop(entry.name);
        this.tries = 0;
        if (status === 200) this.on.sent(entry, answer);
        else this.on.refused(entry, answer);
        this.tell();
      } catch (error) {
        if (error instanceof SignedOut) this.blocked = "signed out";
        else this.tries = Math.min(this.tries + 1, 6);
        return;
      } finally {
        this.sending = null;
      }
    }
  }
}
