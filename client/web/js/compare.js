/** The stage: source and edit, as a slider over one another or side by side. */

import { byId } from "./dom.js";

const STEP = 2;
const LEAP = 10;

export class Compare {
  constructor() {
    this.root = document.documentElement;
    this.stage = byId("stage");
    this.seam = byId("seam");
    this.position = 50;
    this.seam.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#key(event));
    this.stage.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => this.#grab(event));
    this.move(50);
  }

  /** @returns {"wipe" | "side"} */
  get view() {
    return this.root.dataset.view === "side" ? "side" : "wipe";
  }

  set view(view) {
    this.root.dataset.view = view;
    this.root.dispatchEvent(new CustomEvent("viewchange"));
  }

  /** @param {number} position share of the source, 0 … 100 */
  move(position) {
    this.position = Math.min(100, Math.max(0, position));
    this.stage.style.setProperty("--wipe", `${this.position}%`);
    const rounded = Math.round(this.position);
    this.seam.setAttribute("aria-valuenow", String(rounded));
    this.seam.setAttribute("aria-valuetext", `${rounded} % source`);
  }

  /** @param {number} steps to the right */
  nudge(steps) {
    this.move(this.position + steps * STEP);
  }

  /** Makes room for a picture of this shape. @param {number} width @param {number} height */
  shape(width, height) {
    if (width > 0 && height > 0) this.root.style.setProperty("--aspect", String(width / height));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    /** @type {Record<string, number>} */
    const to = {
      ArrowLeft: this.position - STEP,
      ArrowDown: this.position - STEP,
      ArrowRight: this.position + STEP,
      ArrowUp: this.position + STEP,
      PageDown: this.position - LEAP,
      PageUp: this.position + LEAP,
      Home: 0,
      End: 100,
    };
    if (!(event.key in to)) return;
    this.move(to[event.key]);
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {PointerEvent} event */
  #grab(event) {
    const isButton = event.target instanceof Element && event.target.closest("button, .notice, .welcome");
    if (this.view !== "wipe" || event.button !== 0 || isButton) return;
    const { stage } = this;
    const follow = (/** @type {PointerEvent} */ at) => {
      const box = stage.getBoundingClientRect();
      this.move(((at.clientX - box.left) / box.width) * 100);
    };
    const drop = () => {
      stage.removeEventListener("pointermove", follow);
      stage.classList.remove("dragging");
    };
    stage.setPointerCapture(event.pointerId);
    stage.classList.add("dragging");
    stage.addEventListener("pointermove", follow);
    stage.addEventListener("pointerup", drop, { once: true });
    stage.addEventListener("pointercancel", drop, { once: true });
    follow(event);
  }
}
