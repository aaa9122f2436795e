/**
 * Frame age, from the timestamps that frames carry through the server.
 *
 * The server returns each edited frame with the RTP timestamp of its source frame, and names frames
 * by it (`pts_90k`, without the wrap at 2^32). The tap on the sender tells the timestamp of every frame
 * sent, so each edited frame on show is matched with its own source frame: measured, not modelled.
 */

import { median } from "./dom.js";

const KEPT = 900;
const NEAREST = 120;

/** @param {number} a @param {number} b @returns {number} a − b of 32-bit clocks, signed */
const minus = (a, b) => (a - b) | 0;

/**
 * @typedef {object} Sent
 * @property {number} rtp
 * @property {number} atMs when it left the encoder, on the page's clock
 */

export class AgeMeter {
  constructor() {
    /** @type {Map<number, Sent>} oldest first */
    this.sent = new Map();
    /** Mean time in the encoder, ms. */
    this.encodeMs = 0;
    /** When the first frame left, page clock. */
    this.beganMs = NaN;
  }

  /** For a new session, or a new source in the same one. */
  reset() {
    this.sent.clear();
    this.encodeMs = 0;
    this.beganMs = NaN;
  }

  /** @param {number} rtp @param {number} atMs */
  addSent(rtp, atMs) {
    if (!this.sent.size) this.beganMs = atMs;
    this.sent.set(rtp, { rtp, atMs });
    if (this.sent.size > KEPT) this.sent.delete(/** @type {number} */ (this.sent.keys().next().value));
  }

  /**
   * When the source of this edited frame was captured, page clock; NaN if it was not seen leaving.
   * Capture times lie on a straight line over the RTP time, and the frame that passed the encoder
   * fastest lies nearest to it.
   * @param {number} rtp
   */
  capturedAt(rtp) {
    const frame = this.sent.get(rtp);
    if (!frame) return NaN;
    let least = frame.atMs;
    for (const other of [...this.sent.values()].slice(-NEAREST)) {
      least = Math.min(least, other.atMs - minus(other.rtp, rtp) / 90);
    }
    return least - this.encodeMs;
  }

  /**
   * Is the frame that the server calls `pts` on show, or a later one?
   * @param {number} pts @param {number} rtp of the frame on show
   */
  static hasReached(pts, rtp) {
    return minus(rtp, pts % 2 ** 32) >= 0;
  }
}

/** The last seconds of ages, for the figure and the curve. */
export class AgeHistory {
  /** @param {number} spanMs */
  constructor(spanMs = 20_000) {
    this.spanMs = spanMs;
    /** @type {{atMs: number, ageMs: number}[]} */
    this.points = [];
  }

  clear() {
    this.points = [];
  }

  /** @param {number} ageMs @param {number} [atMs] */
  add(ageMs, atMs = performance.now()) {
    if (!(ageMs >= 0 && ageMs < 60_000)) return;
    this.points.push({ atMs, ageMs });
    while (this.points[0].atMs < atMs - this.spanMs) this.points.shift();
  }

  /** Median of the last second, NaN if there is none. */
  current(nowMs = performance.now()) {
    return median(this.points.filter((point) => point.atMs > nowMs - 1000).map((point) => point.ageMs));
  }
}
