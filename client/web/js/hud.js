/** The live measurements over the picture, with a curve of the frame age. */

import { drawCurve } from "./curve.js";
import { byId } from "./dom.js";

/** @typedef {"measured" | "estimated"} HowKnown */

const HOW = {
  measured: "Measured: the edited frame on show is matched with the frame sent, by its RTP timestamp. From capture to display; camera exposure and screen delay not included.",
  estimated: "Estimated: age at the server + half a round trip each way + encoding, buffering and decoding here, as averages. This browser, or this source, does not let frames be matched.",
};
const FIRST = {
  measured: "From the first frame sent to the first edited picture; if the first instruction came later, from the capture of that picture.",
  estimated: "The server's part: from the first frame received to the first edited one sent.",
};

export class Hud {
  constructor() {
    this.root = document.documentElement;
    this.canvas = byId("spark");
    this.button = byId("hud-toggle");
    byId("hud-fps").title = "Edited frames decoded per second.";
    byId("hud-instruct").title = "From sending the last instruction to the first picture that shows it.";
    byId("hud-drops").title = "Source frames the server left out so as to stay live, and frames lost or late here.";
  }

  get isOn() {
    return this.root.dataset.hud === "on";
  }

  toggle() {
    this.root.dataset.hud = this.isOn ? "off" : "on";
    this.button.setAttribute("aria-pressed", String(this.isOn));
  }

  clear() {
    for (const name of ["fps", "age", "first", "instruct", "drops"]) this.#put(name, NaN);
    this.draw([]);
  }

  /** @param {number} fps */
  fps(fps) {
    this.#put("fps", fps, fps < 9.95 ? 1 : 0);
  }

  /** @param {number} ms @param {HowKnown} how */
  age(ms, how) {
    this.#put("age", ms);
    byId("hud-age-name").textContent = how === "measured" ? "Frame age" : "Frame age, est.";
    byId("hud-age").title = HOW[how];
    byId("hud-age").dataset.how = how;
  }

  /** @param {number} ms @param {HowKnown} how */
  firstFrame(ms, how) {
    this.#put("first", ms);
    byId("hud-first").title = FIRST[how];
  }

  get knowsFirst() {
    return "value" in byId("hud-first").dataset;
  }

  /** @param {number} ms */
  instruct(ms) {
    this.#put("instruct", ms);
  }

  /** @param {number} count */
  drops(count) {
    this.#put("drops", count);
  }

  /** @param {{atMs: number, ageMs: number}[]} points */
  draw(points) {
    if (!this.isOn) return;
    const { canvas } = this;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const width = Math.round(canvas.clientWidth * ratio);
    const height = Math.round(canvas.clientHeight * ratio);
    if (!width || !height) return;
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, width, height);
    drawCurve(pen, { left: 0, top: 0, width, height }, points, 1.5 * ratio);
  }

  /** @param {string} name @param {number} value @param {number} [digits] */
  #put(name, value, digits = 0) {
    const field = byId(`hud-${name}`);
    const isKnown = Number.isFinite(value);
    const text = isKnown ? value.toFixed(digits) : "–";
    if (field.textContent !== text) field.textContent = text;
    if (isKnown) field.dataset.value = String(value);
    else delete field.dataset.value;
  }
}
