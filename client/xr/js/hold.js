/** Hands on the window: one moves it, two also size it, a thumbstick sends it away or sizes it. */

import { add, clamp, distance, facing, inverse, minus, multiply, position, times } from "./math.js";

/** @typedef {import("./math.js").Mat} Mat */
/** @typedef {import("./math.js").Vec} Vec */
/** @typedef {import("./pointers.js").Pointer} Pointer */

const NEAREST = 0.35;
const FARTHEST = 8;
/** E-foldings a second with the stick pushed all the way. */
const STICK_SPEED = 1.4;

export class Hold {
  /** @param {import("./pane.js").Pane} pane */
  constructor(pane) {
    this.pane = pane;
    /** Each hand's view of the window. @type {Map<Pointer, Mat>} */
    this.hands = new Map();
    /** @type {{apart: number, width: number, middle: Vec, at: Vec} | null} */
    this.start = null;
  }

  /** @param {Pointer} pointer */
  has(pointer) {
    return this.hands.has(pointer);
  }

  /** @param {Pointer} pointer */
  take(pointer) {
    this.hands.set(pointer, new Float32Array(16));
    this.#begin();
  }

  /** @param {Pointer} pointer */
  drop(pointer) {
    if (this.hands.delete(pointer)) this.#begin();
  }

  /** Once a frame. @param {Mat} viewer @param {number} seconds since the last */
  update(viewer, seconds) {
    const [one, two] = [...this.hands.keys()];
    if (two) this.#stretch(one, two, viewer);
    else if (one) this.#carry(one, viewer, seconds);
  }

  /** A stick moved over a window that nobody holds. @param {Pointer} pointer @param {number} seconds */
  nudge(pointer, seconds) {
    if (!this.hands.size && pointer.stick[1]) this.pane.resize(this.pane.width * Math.exp(-pointer.stick[1] * STICK_SPEED * seconds));
  }

  /** Another number of hands: from here on, by what they see now. */
  #begin() {
    for (const pointer of this.hands.keys()) this.hands.set(pointer, multiply(inverse(pointer.pose), this.pane.pose));
    const [one, two] = [...this.hands.keys()].map((pointer) => position(pointer.pose));
    this.start = two
      ? { apart: Math.max(0.02, distance(one, two)), width: this.pane.width, middle: middle(one, two), at: position(this.pane.pose) }
      : null;
  }

  /** @param {Pointer} hand @param {Mat} viewer @param {number} seconds */
  #carry(hand, viewer, seconds) {
    const seen = /** @type {Mat} */ (this.hands.get(hand));
    const [x, y] = hand.stick;
    if (y) {
      const away = Math.hypot(seen[12], seen[13], seen[14]);
      const factor = clamp(away * Math.exp(-y * STICK_SPEED * seconds), NEAREST, FARTHEST) / (away || 1);
      for (const index of [12, 13, 14]) seen[index] *= factor;
    }
    if (x) this.pane.resize(this.pane.width * Math.exp(x * STICK_SPEED * seconds));
    this.#put(position(multiply(hand.pose, seen)), viewer);
  }

  /** @param {Pointer} one @param {Pointer} two @param {Mat} viewer */
  #stretch(one, two, viewer) {
    if (!this.start) return;
    const [a, b] = [position(one.pose), position(two.pose)];
    this.pane.resize((this.start.width * distance(a, b)) / this.start.apart);
    this.#put(add(this.start.at, minus(middle(a, b), this.start.middle)), viewer);
  }

  /** Always upright and turned to the eyes: a window that hangs askew cannot be read. @param {Vec} at @param {Mat} viewer */
  #put(at, viewer) {
    this.pane.place(facing(at, position(viewer)), viewer);
  }
}

/** @param {Vec} a @param {Vec} b @returns {Vec} */
const middle = (a, b) => times(add(a, b), 0.5);
