/** The instruction box, the example chips and the list of what was sent. */

import { byId, make } from "./dom.js";
import { ONE_THING, WHOLE_SCENE } from "./ideas.js";
import { tidy } from "./instructions.js";

/** @typedef {import("./instructions.js").Entry} Entry */

/** Events: `send` (detail: the text). */
export class Composer extends EventTarget {
  /** @param {import("./instructions.js").Instructions} instructions */
  constructor(instructions) {
    super();
    this.box = /** @type {HTMLTextAreaElement} */ (byId("instruction"));
    this.list = byId("log");
    /** @type {Map<Entry, HTMLElement>} */
    this.items = new Map();
    /** @type {string[]} */
    this.history = [];
    this.cursor = 0;
    instructions.addEventListener("added", (event) => this.#list(/** @type {CustomEvent} */ (event).detail));
    instructions.addEventListener("changed", (event) => this.#show(/** @type {CustomEvent} */ (event).detail));
    instructions.addEventListener("forgotten", (event) => this.#forget(/** @type {CustomEvent} */ (event).detail));
    byId("composer").addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#submit(this.box.value);
    });
    this.box.addEventListener("keydown", (event) => this.#key(event));
    for (const [id, chips] of /** @type {[string, string[][]][]} */ ([["chips-global", WHOLE_SCENE], ["chips-local", ONE_THING]])) {
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
    return tidy(this.box.value);
  }

  /** @param {Entry} entry */
  #list(entry) {
    const { text } = entry;
    const again = make("button", { type: "button", class: "again", title: "Send again" }, text);
    again.addEventListener("click", () => this.#submit(text));
    const item = make("li");
    item.append(again, make("span", { class: "state" }));
    this.items.set(entry, item);
    this.list.prepend(item);
    byId("log-empty").hidden = true;
    for (const chip of document.querySelectorAll(".chip")) {
      chip.classList.toggle("on", /** @type {HTMLElement} */ (chip).dataset.text === text);
    }
    this.#show(entry);
  }

  /** @param {Entry} entry */
  #show(entry) {
    const item = this.items.get(entry);
    if (!item) return;
    item.dataset.state = entry.state;
    if (entry.ms !== null) item.dataset.ms = String(entry.ms);
    /** @type {HTMLElement} */ (item.querySelector(".state")).textContent = entry.note;
  }

  /** @param {Entry} entry */
  #forget(entry) {
    this.items.get(entry)?.remove();
    this.items.delete(entry);
  }

  /** @param {string} raw */
  #submit(raw) {
    const text = tidy(raw);
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
