/** Controllers, hands and gazes: where each points from, and when it presses. */

import { rayOf } from "./math.js";

/** @typedef {import("./math.js").Mat} Mat */
/**
 * @typedef {object} Pointer
 * @property {any} source the XRInputSource
 * @property {Mat} pose of its ray
 * @property {import("./math.js").Ray} ray
 * @property {Mat | null} grip where the hand itself is
 * @property {boolean} isTracked
 * @property {[number, number]} stick right and down are positive
 */

const DEAD_ZONE = 0.15;

/** Events: `press` and `release` (detail: {pointer, how}; how: "select" | "squeeze"), `gone` (detail: Pointer). */
export class Pointers extends EventTarget {
  /** @param {any} session @param {any} space */
  constructor(session, space) {
    super();
    this.session = session;
    this.space = space;
    /** @type {Map<any, Pointer>} */
    this.bySource = new Map();
    for (const how of ["select", "squeeze"]) {
      session.addEventListener(`${how}start`, (/** @type {any} */ event) => this.#heard("press", how, event));
      session.addEventListener(`${how}end`, (/** @type {any} */ event) => this.#heard("release", how, event));
    }
    session.addEventListener("inputsourceschange", (/** @type {any} */ event) => event.removed.forEach((/** @type {any} */ one) => this.#remove(one)));
  }

  /** Those that can be seen now. @returns {Pointer[]} */
  get tracked() {
    return [...this.bySource.values()].filter((pointer) => pointer.isTracked);
  }

  /** Once a frame. @param {any} frame */
  update(frame) {
    for (const source of this.session.inputSources) this.#locate(this.#of(source), frame);
  }

  /** The pointer of this hand, if it can be seen. @param {"left" | "right"} hand */
  of(hand) {
    return this.tracked.find((pointer) => pointer.source.handedness === hand);
  }

  /** A short knock in the hand, where it can be felt. @param {Pointer} pointer */
  static knock(pointer) {
    pointer.source.gamepad?.hapticActuators?.[0]?.pulse?.(0.35, 18);
  }

  /** @param {any} source @returns {Pointer} */
  #of(source) {
    let pointer = this.bySource.get(source);
    if (!pointer) {
      const pose = new Float32Array([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
      pointer = { source, pose, ray: rayOf(pose), grip: null, isTracked: false, stick: [0, 0] };
      this.bySource.set(source, pointer);
    }
    return pointer;
  }

  /** @param {any} source */
  #remove(source) {
    const pointer = this.bySource.get(source);
    this.bySource.delete(source);
    if (pointer) this.dispatchEvent(new CustomEvent("gone", { detail: pointer }));
  }

  /** @param {string} name @param {string} how @param {any} event */
  #heard(name, how, event) {
    const pointer = this.#of(event.inputSource);
    // Some pointers exist only while they press, and were in no frame before.
    this.#locate(pointer, event.frame);
    this.dispatchEvent(new CustomEvent(name, { detail: { pointer, how } }));
  }

  /** @param {Pointer} pointer @param {any} frame */
  #locate(pointer, frame) {
    const { source } = pointer;
    const aim = frame.getPose(source.targetRaySpace, this.space);
    const grip = source.gripSpace ? frame.getPose(source.gripSpace, this.space) : null;
    pointer.isTracked = Boolean(aim);
    if (aim) {
      pointer.pose = aim.transform.matrix;
      pointer.ray = rayOf(pointer.pose);
    }
    pointer.grip = grip?.transform.matrix ?? null;
    const axes = source.gamepad?.axes ?? [];
    // A thumbstick has the last two axes, after a touchpad's.
    pointer.stick = [still(axes[2] ?? 0), still(axes[3] ?? 0)];
  }
}

/** A stick at rest is never quite at rest. @param {number} value */
const still = (value) => (Math.abs(value) < DEAD_ZONE ? 0 : value);
