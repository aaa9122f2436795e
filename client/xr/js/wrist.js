/** The measurements on the left wrist. */

import { drawCurve } from "../../static/js/curve.js";
import { INK, PAPER, WARM, sans } from "./look.js";
import { Panel } from "./panel.js";

const WIDE = 560;
const HIGH = 400;
const MARGIN = 30;

export class Wrist extends Panel {
  /** @param {import("./figures.js").Figures} figures */
  constructor(figures) {
    super(WIDE, HIGH, 0.17);
    this.figures = figures;
  }

  /** As written, by name. @returns {[string, string, string][]} name, value, unit */
  get lines() {
    const { values, howAge } = this.figures;
    return [
      [howAge === "measured" ? "Frame age" : "Frame age, est.", readable(values.age), "ms"],
      ["Frame rate", readable(values.fps, values.fps < 9.95 ? 1 : 0), "fps"],
      ["First frame", readable(values.first), "ms"],
      ["Instruct → picture", readable(values.instruct), "ms"],
      ["Dropped", readable(values.drops), ""],
    ];
  }

  /** @param {CanvasRenderingContext2D} pen */
  paint(pen) {
    pen.fillStyle = INK[1];
    pen.fillRect(0, 0, WIDE, HIGH);
    const [age, ...others] = this.lines;
    pen.textAlign = "left";
    write(pen, age, MARGIN, MARGIN, 66, WARM);
    drawCurve(pen, { left: WIDE / 2 + 14, top: MARGIN + 12, width: WIDE / 2 - MARGIN - 14, height: 100 }, this.figures.points, 3.5);
    others.forEach((line, index) => {
      write(pen, line, MARGIN + (index % 2) * (WIDE / 2 - 16), 162 + Math.floor(index / 2) * 112, 50, PAPER[1]);
    });
  }
}

/**
 * @param {CanvasRenderingContext2D} pen @param {[string, string, string]} line
 * @param {number} x @param {number} y @param {number} size @param {string} colour
 */
function write(pen, [name, value, unit], x, y, size, colour) {
  pen.textBaseline = "top";
  pen.font = sans(25);
  pen.fillStyle = PAPER[2];
  pen.fillText(name, x, y);
  pen.textBaseline = "alphabetic";
  pen.font = sans(size, 600);
  pen.fillStyle = colour;
  pen.fillText(value, x, y + 34 + size * 0.86);
  const after = x + pen.measureText(value).width + 9;
  pen.font = sans(25);
  pen.fillStyle = PAPER[2];
  if (value !== "–") pen.fillText(unit, after, y + 34 + size * 0.86);
}

/** @param {number} value @param {number} [digits] */
const readable = (value, digits = 0) => (Number.isFinite(value) ? value.toFixed(digits) : "–");
