/** The window that the edit is seen through: where it hangs, how large it is, what it shows. */

import { axis, clamp, distance, facing, inverse, meet, minus, multiply, position, shift, unit } from "./math.js";

/** @typedef {import("./math.js").Mat} Mat */
/** @typedef {"edit" | "both" | "source"} View */

const NARROWEST = 0.25;
const WIDEST = 4;
const GAP = 0.02;
/** Where it hangs at first, seen from the eyes: metres ahead, and a little below. */
const AHEAD = 1.25;
const BELOW = 0.04;
/** @type {View[]} */
const VIEWS = ["edit", "both", "source"];

export class Pane {
  constructor() {
    /** Of its middle. @type {Mat} */
    this.pose = shift(0, 1.5, -AHEAD);
    /** Of one picture, metres. */
    this.width = 0.92;
    this.aspect = 4 / 3;
    /** @type {View} */
    this.view = "edit";
    /** Its pose seen from the head, while it is locked to the head. @type {Mat | null} */
    this.offset = null;
  }

  get height() {
    return this.width / this.aspect;
  }

  /** All of it from left to right. */
  get span() {
    return this.view === "both" ? 2 * this.width + GAP : this.width;
  }

  get isLocked() {
    return this.offset !== null;
  }

  /** In front of the eyes, upright. @param {Mat} viewer */
  recentre(viewer) {
    const eye = position(viewer);
    const back = axis(viewer, 2);
    // Looking straight up or down there is no ahead: where the top of the head points will do.
    const flat = Math.hypot(back[0], back[2]) > 0.1 ? back : axis(viewer, 1);
    const [x, , z] = unit([flat[0], 0, flat[2]]);
    const at = minus(eye, [x * AHEAD, BELOW, z * AHEAD]);
    this.place(facing(at, [eye[0], at[1], eye[2]]), viewer);
  }

  /** @param {Mat} pose @param {Mat} viewer */
  place(pose, viewer) {
    this.pose = pose;
    if (this.offset) this.offset = multiply(inverse(viewer), pose);
  }

  /** @param {boolean} isLocked to the head, or to the room @param {Mat} viewer */
  lock(isLocked, viewer) {
    this.offset = isLocked ? multiply(inverse(viewer), this.pose) : null;
    // Back in the room it hangs upright.
    if (!isLocked) this.pose = facing(position(this.pose), position(viewer));
  }

  /** Once a frame. @param {Mat} viewer */
  follow(viewer) {
    if (this.offset) this.pose = multiply(viewer, this.offset);
  }

  /** @param {number} width */
  resize(width) {
    this.width = clamp(width, NARROWEST, WIDEST);
  }

  /** @param {number} width @param {number} height of the video */
  shape(width, height) {
    if (width > 0 && height > 0) this.aspect = width / height;
  }

  nextView() {
    this.view = VIEWS[(VIEWS.indexOf(this.view) + 1) % VIEWS.length];
  }

  /** @returns {{which: "edit" | "source", pose: Mat}[]} from left to right; each is `width` × `height` */
  get pictures() {
    if (this.view !== "both") return [{ which: this.view, pose: this.pose }];
    const aside = (this.width + GAP) / 2;
    return [
      { which: "source", pose: multiply(this.pose, shift(-aside, 0, 0)) },
      { which: "edit", pose: multiply(this.pose, shift(aside, 0, 0)) },
    ];
  }

  /** How far away it is. @param {Mat} viewer */
  away(viewer) {
    return distance(position(this.pose), position(viewer));
  }

  /** @param {import("./math.js").Ray} ray */
  meet(ray) {
    return meet(ray, this.pose, this.span, this.height);
  }
}
