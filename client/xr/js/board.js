/** The board under the window: what was asked and what became of it, instructions to choose, and tools. */

import { ONE_THING, WHOLE_SCENE } from "../../static/js/ideas.js";
import { COOL, INK, PAPER, RED, WARM, WARM_INK, sans, serif } from "./look.js";
import { Panel, fit } from "./panel.js";

const WIDE = 1280;
const MARGIN = 40;
const GAP = 14;
const CHIP = 62;
const TOOL = 74;
const HEAD = 132;
const OWN = 3;

/** @typedef {import("./panel.js").Button} Button */

/**
 * What the board shows, beside the instructions.
 * @typedef {object} BoardState
 * @property {string} text the last instruction
 * @property {string} note what became of it
 * @property {boolean} isVisible whether it is in the picture
 * @property {import("./pane.js").View} view
 * @property {boolean} isLocked
 * @property {boolean} canSpeak
 * @property {boolean} isListening
 * @property {boolean} canType
 * @property {boolean} canRetry
 * @property {boolean} isRecorded whether the server keeps a film of this
 */

/** @type {Record<import("./pane.js").View, string>} */
const VIEWS = { edit: "Edit", both: "Side by side", source: "Source" };

export class Board extends Panel {
  constructor() {
    super(WIDE, 640, 0.86);
    /** @type {BoardState} */
    this.state = {
      text: "", note: "", isVisible: false, view: "edit", isLocked: false,
      canSpeak: false, isListening: false, canType: false, canRetry: false, isRecorded: false,
    };
    /** Instructions that are on no button, newest first. @type {string[]} */
    this.own = [];
    this.#arrange();
  }

  /** @param {Partial<BoardState>} change */
  set(change) {
    const isSame = Object.entries(change).every(([name, value]) => this.state[/** @type {keyof BoardState} */ (name)] === value);
    if (isSame) return;
    Object.assign(this.state, change);
    this.#arrange();
  }

  /** An instruction was given: a free one gets a button, to go back to it. @param {string} text */
  remember(text) {
    if (!text || [...WHOLE_SCENE, ...ONE_THING].some(([, said]) => said === text)) return;
    this.own = [text, ...this.own.filter((one) => one !== text)].slice(0, OWN);
    this.#arrange();
  }

  #arrange() {
    const { state } = this;
    this.isStale = true;
    this.buttons = [];
    const own = this.own.map((text) => [text, text]);
    let y = this.#row("chip", HEAD, [...own, ...WHOLE_SCENE, ...ONE_THING].map(([label, text]) => (
      { id: `say:${text}`, label, isOn: text === state.text }
    )));
    y = this.#row("tool", y + 16, [
      ...(state.canSpeak ? [{ id: "speak", label: state.isListening ? "Listening" : "Speak", isOn: state.isListening }] : []),
      ...(state.canType ? [{ id: "type", label: "Type", isOn: false }] : []),
      { id: "view", label: VIEWS[state.view], isOn: state.view !== "edit" },
      { id: "lock", label: state.isLocked ? "Locked to head" : "Lock to head", isOn: state.isLocked },
      { id: "recentre", label: "Bring here", isOn: false },
      ...(state.canRetry ? [{ id: "retry", label: "Try again", isOn: true }] : []),
      { id: "leave", label: "Leave", isOn: false },
    ]);
    const high = y + MARGIN - GAP;
    if (this.canvas.height !== high) this.canvas.height = high;
  }

  /**
   * Buttons from left to right, in as many rows as they take.
   * @param {"chip" | "tool"} kind @param {number} top @param {{id: string, label: string, isOn: boolean}[]} buttons
   * @returns {number} where the next row begins
   */
  #row(kind, top, buttons) {
    const height = kind === "chip" ? CHIP : TOOL;
    const { pen } = this;
    pen.font = letters(kind);
    let [x, y] = [MARGIN, top];
    for (const button of buttons) {
      const label = fit(pen, button.label, WIDE / 2);
      const width = Math.ceil(pen.measureText(label).width) + (kind === "chip" ? 48 : 60);
      if (x + width > WIDE - MARGIN) [x, y] = [MARGIN, y + height + GAP];
      this.buttons.push({ ...button, label, kind: button.id === "leave" ? "danger" : kind, x, y, width, height });
      x += width + GAP;
    }
    return y + height + GAP;
  }

  /** @param {CanvasRenderingContext2D} pen */
  paint(pen) {
    const { state } = this;
    pen.fillStyle = INK[1];
    pen.fillRect(0, 0, WIDE, this.canvas.height);
    pen.textBaseline = "middle";
    pen.textAlign = "right";
    pen.font = sans(27);
    pen.fillStyle = state.isVisible ? WARM : COOL;
    pen.fillText(state.note, WIDE - MARGIN, 72);
    const room = WIDE - 3 * MARGIN - pen.measureText(state.note).width;
    pen.textAlign = "left";
    pen.font = serif(46);
    pen.fillStyle = state.text ? PAPER[1] : PAPER[3];
    pen.fillText(fit(pen, state.text ? `“${state.text}”` : "Choose what to see", room), MARGIN, 70);
    if (state.isRecorded) this.#paintRecorded(pen);
    for (const button of this.buttons) this.#paintButton(pen, button);
  }

  /** @param {CanvasRenderingContext2D} pen */
  #paintRecorded(pen) {
    pen.fillStyle = RED;
    pen.beginPath();
    pen.arc(MARGIN + 8, 24, 8, 0, 2 * Math.PI);
    pen.fill();
    pen.font = sans(22);
    pen.fillText("Recording on the server", MARGIN + 26, 26);
  }

  /** @param {CanvasRenderingContext2D} pen @param {Button} button */
  #paintButton(pen, { id, label, kind, isOn, x, y, width, height }) {
    const isHovered = id === this.hovered;
    const isChip = kind === "chip";
    pen.beginPath();
    pen.roundRect(x + 1.5, y + 1.5, width - 3, height - 3, isChip ? height / 2 : 18);
    if (!isChip) {
      pen.fillStyle = isOn ? WARM : isHovered ? INK.line : INK[3];
      pen.fill();
    } else if (isHovered || isOn) {
      pen.fillStyle = isHovered ? INK[3] : "rgba(255, 161, 92, 0.12)";
      pen.fill();
    }
    pen.lineWidth = isHovered ? 4 : 2.5;
    pen.strokeStyle = isHovered ? COOL : isOn ? WARM : isChip ? INK.line : "transparent";
    pen.stroke();
    pen.font = letters(kind);
    pen.textAlign = "center";
    pen.fillStyle = !isChip && isOn ? WARM_INK : isChip && isOn ? WARM : kind === "danger" ? "#ff9c92" : isChip ? PAPER[2] : PAPER[1];
    pen.fillText(label, x + width / 2, y + height / 2 + 2);
  }
}

/** @param {string} kind */
const letters = (kind) => (kind === "chip" ? sans(29) : sans(30, 600));
