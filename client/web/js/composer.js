/** The instruction box, the example chips and the list of what was sent. */

import { byId, make, readableMs } from "./dom.js";

const GLOBAL = [
  ["pencil sketch", "turn it into a pencil sketch"],
  ["night", "make it night"],
  ["sunset", "make it look like sunset"],
  ["snow", "make it snow"],
  ["fog", "add fog"],
  ["cartoon", "turn it into a cartoon"],
  ["pixel art", "turn it into pixel art"],
  ["sepia", "make it sepia"],
  ["black and white", "make it black and white"],
  ["invert", "invert the colours"],
  ["blueprint", "turn it into a blueprint"],
  ["thermal camera", "show it as a thermal camera would"],
  ["underwater", "make it underwater"],
  ["warmer", "make it warmer"],
  ["colder", "make it colder"],
];
const LOCAL = [
  ["make the cup red", "make the cup red"],
  ["make the cup gold", "make the cup gold"],
  ["turn the cup into wood", "turn the cup into wood"],
  ["remove the cup", "remove the cup"],
];
const KEPT = 40;

/** @typedef {"sent" | "accepted" | "applied" | "visible" | "superseded" | "refused" | "lost"} EntryState */
/**
 * @typedef {object} Entry
 * @property {number} seq
 * @property {string} text
 * @property {EntryState} state
 * @property {number} sentAt
 * @property {number | null} pts of the first frame that shows it
 * @property {HTMLElement} item
 */

/** @type {Record<EntryState, string>} */
const WORDS = {
  sent: "sent",
  accepted: "accepted",
  applied: "in the picture soon",
  visible: "visible",
  superseded: "overtaken by the next",
  refused: "refused",
  lost: "lost with the connection",
};

/** Events: `send` (detail: the text). */
export class Composer extends EventTarget {
  constructor() {
    super();
    this.box = /** @type {HTMLTextAreaElement} */ (byId("instruction"));
    this.list = byId("log");
    /** @type {Entry[]} newest last */
    this.entries = [];
    /** @type {string[]} */
    this.history = [];
    this.cursor = 0;
    this.nextSeq = 1;
    byId("composer").addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#submit(this.box.value);
    });
    this.box.addEventListener("keydown", (event) => this.#key(event));
    for (const [id, chips] of /** @type {[string, string[][]][]} */ ([["chips-global", GLOBAL], ["chips-local", LOCAL]])) {
      for (const [label, text] of chips) {
        const chip = make("button", { type: "button", class: "chip", title: text }, label);
        chip.dataset.text = text;
        chip.addEventListener("click", () => this.#submit(text));
        byId(id).append(chip);
      }
    }
  }

  /** What is in the box, not sent yet. */
  get draft() {
    return this.box.value.trim().replace(/\s+/g, " ");
  }

  /** The text that the next session should begin with: the last one that was not refused. */
  get current() {
    return this.entries.findLast((entry) => entry.state !== "refused" && entry.state !== "superseded")?.text ?? "";
  }

  /** @param {string} text @returns {Entry} */
  add(text) {
    const again = make("button", { type: "button", class: "again", title: "Send again" }, text);
    again.addEventListener("click", () => this.#submit(text));
    const item = make("li");
    item.append(again, make("span", { class: "state" }));
    const entry = { seq: this.nextSeq, text, state: /** @type {EntryState} */ ("sent"), sentAt: performance.now(), pts: null, item };
    this.nextSeq += 1;
    this.entries.push(entry);
    this.list.prepend(item);
    if (this.entries.length > KEPT) this.entries.shift()?.item.remove();
    byId("log-empty").hidden = true;
    for (const chip of document.querySelectorAll(".chip")) {
      chip.classList.toggle("on", /** @type {HTMLElement} */ (chip).dataset.text === text);
    }
    this.mark(entry, "sent");
    return entry;
  }

  /** @param {number} seq @returns {Entry | undefined} */
  find(seq) {
    return this.entries.find((entry) => entry.seq === seq);
  }

  /** @param {Entry} entry @param {EntryState} state @param {string} [note] */
  mark(entry, state, note = "") {
    entry.state = state;
    entry.item.dataset.state = state;
    const field = /** @type {HTMLElement} */ (entry.item.querySelector(".state"));
    field.textContent = note || WORDS[state];
  }

  /** @param {Entry} entry @param {number} ms @param {boolean} exact */
  visible(entry, ms, exact) {
    this.mark(entry, "visible", `visible after ${exact ? "" : "about "}${readableMs(ms)}`);
    entry.item.dataset.ms = String(Math.round(ms));
  }

  /**
   * The connection went: nothing that is under way will arrive.
   * @param {Entry | null} [kept] but this one, which is still to be sent
   */
  lose(kept = null) {
    for (const entry of this.entries) {
      if (entry !== kept && ["sent", "accepted", "applied"].includes(entry.state)) this.mark(entry, "lost");
    }
  }

  /** @param {string} raw */
  #submit(raw) {
    const text = raw.trim().replace(/\s+/g, " ");
    if (!text) {
      this.box.focus();
      return;
    }
    if (this.history.at(-1) !== text) this.history.push(text);
    this.cursor = this.history.length;
    this.box.value = "";
    this.dispatchEvent(new CustomEvent("send", { detail: text }));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#submit(this.box.value);
    } else if (event.key === "ArrowUp" && this.cursor > 0 && this.#isRecalled()) {
      event.preventDefault();
      this.#recall(this.cursor - 1);
    } else if (event.key === "ArrowDown" && this.cursor < this.history.length && this.#isRecalled()) {
      event.preventDefault();
      this.#recall(this.cursor + 1);
    }
  }

  /** Arrows move through the history only where that loses no words. */
  #isRecalled() {
    return this.box.value === "" || this.box.value === this.history[this.cursor];
  }

  /** @param {number} cursor */
  #recall(cursor) {
    this.cursor = cursor;
    this.box.value = this.history[cursor] ?? "";
    this.box.setSelectionRange(this.box.value.length, this.box.value.length);
  }
}
