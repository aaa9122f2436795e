/** What was asked for in this visit, and what became of each: no element of any page. */

import { readableMs } from "./dom.js";

const KEPT = 40;

/** @typedef {"sent" | "accepted" | "applied" | "visible" | "superseded" | "refused" | "lost"} EntryState */
/**
 * @typedef {object} Entry
 * @property {number} seq
 * @property {string} text
 * @property {EntryState} state
 * @property {string} note the state in words
 * @property {number} sentAt
 * @property {number | null} ms from sending to the first picture that shows it
 * @property {number | null} pts of the first frame that shows it
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

/** Events, each with the entry as detail: `added`, `changed`, `forgotten`. */
export class Instructions extends EventTarget {
  constructor() {
    super();
    /** @type {Entry[]} newest last */
    this.entries = [];
    this.nextSeq = 1;
  }

  /** The text that the next session should begin with: the last one that was not refused. */
  get current() {
    return this.entries.findLast((entry) => entry.state !== "refused" && entry.state !== "superseded")?.text ?? "";
  }

  /** @param {string} text @returns {Entry} */
  add(text) {
    const entry = /** @type {Entry} */ ({
      seq: this.nextSeq, text, state: "sent", note: WORDS.sent, sentAt: performance.now(), ms: null, pts: null,
    });
    this.nextSeq += 1;
    this.entries.push(entry);
    this.#tell("added", entry);
    if (this.entries.length > KEPT) this.#tell("forgotten", /** @type {Entry} */ (this.entries.shift()));
    return entry;
  }

  /** @param {number} seq @returns {Entry | undefined} */
  find(seq) {
    return this.entries.find((entry) => entry.seq === seq);
  }

  /** @param {Entry} entry @param {EntryState} state @param {string} [note] */
  mark(entry, state, note = "") {
    entry.state = state;
    entry.note = note || WORDS[state];
    this.#tell("changed", entry);
  }

  /** @param {Entry} entry @param {number} ms @param {boolean} exact */
  visible(entry, ms, exact) {
    entry.ms = Math.round(ms);
    this.mark(entry, "visible", `visible after ${exact ? "" : "about "}${readableMs(ms)}`);
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

  /** @param {string} name @param {Entry} entry */
  #tell(name, entry) {
    this.dispatchEvent(new CustomEvent(name, { detail: entry }));
  }
}

/** @param {string} raw @returns {string} an instruction as it is sent: one line, no space to spare */
export const tidy = (raw) => raw.trim().replace(/\s+/g, " ");
