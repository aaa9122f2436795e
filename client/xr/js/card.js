/** What hangs in the window's place while there is no picture to show, and why there is none. */

import { COOL, INK, PAPER, heading, sans } from "./look.js";
import { Panel, wrap } from "./panel.js";

const WIDE = 1024;
const MARGIN = 84;

export class Card extends Panel {
  constructor() {
    super(WIDE, 768, 1);
    this.title = "";
    this.text = "";
    this.small = "";
  }

  /** @param {string} title "" for nothing to say @param {string} [text] @param {string} [small] */
  say(title, text = "", small = "") {
    if (title === this.title && text === this.text && small === this.small) return;
    [this.title, this.text, this.small] = [title, text, small];
    this.isStale = true;
  }

  /** @param {number} aspect */
  shape(aspect) {
    const high = Math.round(WIDE / aspect);
    if (high === this.canvas.height) return;
    this.canvas.height = high;
    this.isStale = true;
  }

  /** @param {CanvasRenderingContext2D} pen */
  paint(pen) {
    const { width, height } = this.canvas;
    pen.fillStyle = INK[1];
    pen.fillRect(0, 0, width, height);
    pen.textBaseline = "alphabetic";
    pen.textAlign = "left";
    pen.font = sans(34);
    const lines = wrap(pen, this.text, width - 2 * MARGIN);
    let y = height - MARGIN - (this.small ? 62 : 0) - 48 * (lines.length - 1);
    const top = y - (lines.length ? 78 : 0);
    pen.fillStyle = PAPER[2];
    for (const line of lines) {
      pen.fillText(line, MARGIN, y);
      y += 48;
    }
    pen.font = heading(76);
    pen.fillStyle = PAPER[1];
    const titles = wrap(pen, this.title, width - 2 * MARGIN);
    titles.forEach((line, index) => pen.fillText(line, MARGIN, top - 84 * (titles.length - 1 - index)));
    pen.font = sans(34);
    pen.fillStyle = COOL;
    pen.fillText(this.small, MARGIN, height - MARGIN);
  }
}
