/** A flat thing in the room with writing and buttons on it: a canvas, drawn anew only when it changed. */

import { Texture } from "./gl/texture.js";

/**
 * @typedef {object} Button in the canvas's pixels
 * @property {string} id
 * @property {string} label
 * @property {"chip" | "tool" | "danger"} kind
 * @property {boolean} isOn
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 */

export class Panel {
  /** @param {number} pixelsWide @param {number} pixelsHigh @param {number} width in metres */
  constructor(pixelsWide, pixelsHigh, width) {
    this.canvas = document.createElement("canvas");
    this.canvas.width = pixelsWide;
    this.canvas.height = pixelsHigh;
    this.pen = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.width = width;
    this.isStale = true;
    /** @type {Button[]} */
    this.buttons = [];
    /** What a ray is on. */
    this.hovered = "";
    /** @type {Texture | undefined} */
    this.texture = undefined;
  }

  get height() {
    return (this.width * this.canvas.height) / this.canvas.width;
  }

  /** @param {WebGL2RenderingContext} gl */
  attach(gl) {
    this.texture = new Texture(gl, true);
    this.isStale = true;
  }

  /** The button at this share of the width and the height. @param {number} x @param {number} y */
  buttonAt(x, y) {
    const [px, py] = [x * this.canvas.width, y * this.canvas.height];
    return this.buttons.find((one) => px >= one.x && px < one.x + one.width && py >= one.y && py < one.y + one.height);
  }

  /** @param {string} id "" for none */
  hover(id) {
    if (id === this.hovered) return;
    this.hovered = id;
    this.isStale = true;
  }

  /** Once a frame, before it is drawn. */
  refresh() {
    if (!this.isStale || !this.texture) return;
    this.isStale = false;
    this.pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.paint(this.pen);
    this.texture.take(this.canvas);
  }

  /** @param {CanvasRenderingContext2D} _pen */
  paint(_pen) {}
}

/** @param {CanvasRenderingContext2D} pen @param {string} text @param {number} width @returns {string[]} lines */
export function wrap(pen, text, width) {
  /** @type {string[]} */
  const lines = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line ? `${line} ${word}` : word;
    if (line && pen.measureText(longer).width > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return line ? [...lines, line] : lines;
}

/** @param {CanvasRenderingContext2D} pen @param {string} text @param {number} width @returns {string} what of it fits */
export function fit(pen, text, width) {
  if (pen.measureText(text).width <= width) return text;
  let short = text;
  while (short && pen.measureText(`${short}…`).width > width) short = short.slice(0, -1);
  return `${short.trimEnd()}…`;
}
