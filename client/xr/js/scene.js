/** What hangs in the room: the window, the board under it, the wrist; and what the hands do to them. */

import { paint, COOL, INK, PAPER, WARM } from "./look.js";
import { VideoTexture } from "./gl/texture.js";
import { Hold } from "./hold.js";
import { add, axis, clamp, cross, distance, facing, meet, minus, multiply, position, rigid, shift, tilt, times, unit } from "./math.js";
import { Pointers } from "./pointers.js";

/** @typedef {import("./math.js").Mat} Mat */
/** @typedef {import("./pointers.js").Pointer} Pointer */
/** @typedef {{on: "pane" | "board", x: number, y: number, at: import("./math.js").Vec, away: number, pose: Mat, button: string}} Hit */

const CORNER = 0.018;
const RIM = 0.004;
const BOARD_TILT = -0.38;
const BOARD_GAP = 0.03;
/** The board keeps the size that it has for the eye at this distance. */
const READING_M = 1.25;
const RAY_WIDTH = 0.005;
const RAY_LENGTH = 1.2;
const WRIST_UP = 0.1;

/** Events: `button` (detail: its id), `drawn`: a new edited frame was taken. */
export class Scene extends EventTarget {
  /**
   * @param {import("./visit.js").Visit} visit
   * @param {object} parts
   * @param {import("./pane.js").Pane} parts.pane
   * @param {import("./board.js").Board} parts.board
   * @param {import("./wrist.js").Wrist} parts.wrist
   * @param {import("./card.js").Card} parts.card
   * @param {HTMLVideoElement} parts.edited
   * @param {HTMLVideoElement} parts.source
   */
  constructor(visit, { pane, board, wrist, card, edited, source }) {
    super();
    this.visit = visit;
    this.pane = pane;
    this.board = board;
    this.wrist = wrist;
    this.card = card;
    this.pictures = { edit: new VideoTexture(visit.gl, edited), source: new VideoTexture(visit.gl, source) };
    for (const panel of [board, wrist, card]) panel.attach(visit.gl);
    this.hold = new Hold(pane);
    this.pointers = new Pointers(visit.session, visit.space);
    /** @type {Map<Pointer, Hit>} */
    this.hits = new Map();
    /** @type {Mat} */
    this.viewer = shift(0, 1.6, 0);
    this.boardPose = shift(0, 0, 0);
    this.wristPose = shift(0, 0, 0);
    /** How much larger than its own size the board is shown. */
    this.boardScale = 1;
    this.hasBegun = false;
    this.pointers.addEventListener("press", (event) => this.#press(/** @type {CustomEvent} */ (event).detail));
    this.pointers.addEventListener("release", (event) => this.hold.drop(/** @type {CustomEvent} */ (event).detail.pointer));
    this.pointers.addEventListener("gone", (event) => this.hold.drop(/** @type {CustomEvent} */ (event).detail));
  }

  /** @param {any} frame @param {Mat} viewer @param {number} seconds since the last */
  update(frame, viewer, seconds) {
    this.viewer = viewer;
    if (!this.hasBegun) this.pane.recentre(viewer);
    this.hasBegun = true;
    if (this.pictures.edit.update()) this.dispatchEvent(new CustomEvent("drawn"));
    if (this.pane.view !== "edit") this.pictures.source.update();
    const shown = this.pane.view === "source" ? this.pictures.source : this.pictures.edit;
    this.pane.shape(shown.width, shown.height);
    this.card.shape(this.pane.aspect);

    this.pane.follow(viewer);
    this.pointers.update(frame);
    this.hold.update(viewer, seconds);
    this.#hang();
    this.hits.clear();
    for (const pointer of this.pointers.tracked) {
      const hit = this.#aim(pointer);
      if (!hit) continue;
      this.hits.set(pointer, hit);
      if (hit.on === "pane") this.hold.nudge(pointer, seconds);
    }
    this.board.hover([...this.hits.values()].find((hit) => hit.button)?.button ?? "");
    for (const panel of [this.board, this.wrist, this.card]) panel.refresh();
  }

  /** For one eye. @param {import("./gl/painter.js").Painter} painter */
  draw(painter) {
    if (!this.hasBegun) return;
    if (!this.visit.isSeeThrough && this.visit.hasFloor) this.#drawFloor(painter);
    const eye = position(this.viewer);
    const things = [
      { pose: this.pane.pose, draw: () => this.#drawPane(painter) },
      { pose: this.boardPose, draw: () => this.#drawPanel(painter, this.board, this.boardPose, this.boardScale) },
      { pose: this.wristPose, draw: () => this.#drawPanel(painter, this.wrist, this.wristPose, 1) },
    ];
    things.sort((a, b) => distance(eye, position(b.pose)) - distance(eye, position(a.pose)));
    for (const thing of things) thing.draw();
    for (const pointer of this.pointers.tracked) this.#drawPointer(painter, pointer);
  }

  /** Everything that hangs from something else. */
  #hang() {
    const { pane, board, viewer } = this;
    const eye = position(viewer);
    this.boardScale = clamp(pane.away(viewer) / READING_M, 0.5, 4);
    const half = (board.height * this.boardScale) / 2;
    const below = -pane.height / 2 - BOARD_GAP * this.boardScale - half * Math.cos(BOARD_TILT);
    this.boardPose = multiply(pane.pose, tilt(BOARD_TILT, [0, below, -half * Math.sin(BOARD_TILT)]));
    const left = this.pointers.of("left");
    if (left) {
      const hand = position(left.grip ?? left.pose);
      this.wristPose = facing(add(hand, [0, WRIST_UP, 0]), eye);
    } else {
      // No left hand to be seen: beside the window, where it can be read from as far.
      const aside = pane.span / 2 + BOARD_GAP + this.wrist.width / 2;
      this.wristPose = multiply(pane.pose, shift(aside, pane.height / 2 - this.wrist.height / 2, 0));
    }
  }

  /** @param {Pointer} pointer @returns {Hit | null} */
  #aim(pointer) {
    const { pane, board, boardPose, boardScale } = this;
    const onBoard = meet(pointer.ray, boardPose, board.width * boardScale, board.height * boardScale);
    const onPane = pane.meet(pointer.ray);
    if (onBoard && (!onPane || onBoard.away < onPane.away)) {
      return { ...onBoard, on: "board", pose: boardPose, button: board.buttonAt(onBoard.x, onBoard.y)?.id ?? "" };
    }
    return onPane && { ...onPane, on: "pane", pose: pane.pose, button: "" };
  }

  /** @param {{pointer: Pointer, how: string}} press */
  #press({ pointer, how }) {
    const hit = this.#aim(pointer);
    if (!hit) return;
    Pointers.knock(pointer);
    if (hit.button && how === "select") this.dispatchEvent(new CustomEvent("button", { detail: hit.button }));
    else this.hold.take(pointer);
  }

  /** @param {import("./gl/painter.js").Painter} painter */
  #drawPane(painter) {
    const { pane } = this;
    const isHeld = this.hold.hands.size > 0;
    const isPointedAt = [...this.hits.values()].some((hit) => hit.on === "pane");
    const rim = isHeld ? paint(WARM) : isPointedAt ? paint(COOL) : paint(PAPER[1], 0.22);
    const rimWidth = isHeld || isPointedAt ? RIM : RIM / 3;
    for (const { which, pose } of pane.pictures) {
      const picture = this.pictures[which];
      const isShown = !picture.isEmpty && !(which === "edit" && this.card.title);
      const look = isShown ? { picture } : { picture: which === "edit" ? this.card.texture : undefined, colour: paint(INK[1]) };
      painter.draw(pose, pane.width, pane.height, { ...look, radius: CORNER, rim, rimWidth });
    }
  }

  /**
   * @param {import("./gl/painter.js").Painter} painter
   * @param {import("./panel.js").Panel} panel @param {Mat} pose @param {number} scale
   */
  #drawPanel(painter, panel, pose, scale) {
    painter.draw(pose, panel.width * scale, panel.height * scale, {
      picture: panel.texture, radius: CORNER * scale, rim: paint(INK.line), rimWidth: 0.0015 * scale,
    });
  }

  /** A ray from a hand, and a point where it, or a gaze, meets something. @param {import("./gl/painter.js").Painter} painter @param {Pointer} pointer */
  #drawPointer(painter, pointer) {
    const hit = this.hits.get(pointer);
    const { origin, direction } = pointer.ray;
    const colour = this.hold.has(pointer) ? paint(WARM) : paint(PAPER[1]);
    if (pointer.source.targetRayMode === "tracked-pointer") {
      const long = hit ? hit.away : RAY_LENGTH;
      const middle = add(origin, times(direction, long / 2));
      // Turned about its own length so that its flat side is to the eye.
      const side = unit(cross(direction, minus(position(this.viewer), middle)));
      const pose = rigid(side, direction, cross(side, direction), middle);
      painter.draw(pose, RAY_WIDTH, long, { colour, radius: RAY_WIDTH / 2, fade: hit ? [0.8, 0.25] : [0, 0.6] });
    }
    if (!hit) return;
    const size = clamp(hit.away * 0.02, 0.008, 0.08);
    const at = add(hit.at, times(axis(hit.pose, 2), 0.002));
    const pose = rigid(axis(hit.pose, 0), axis(hit.pose, 1), axis(hit.pose, 2), at);
    painter.draw(pose, size, size, { colour, radius: size / 2, rim: paint(INK[0]), rimWidth: size * 0.14 });
  }

  /** Something to stand on, in a room that is dark. @param {import("./gl/painter.js").Painter} painter */
  #drawFloor(painter) {
    const eye = position(this.viewer);
    for (const [size, strength] of [[7, 0.35], [4.5, 0.5], [2.4, 0.65]]) {
      painter.draw(tilt(-Math.PI / 2, [eye[0], 0, eye[2]]), size, size, { colour: paint(INK[2], strength), radius: size / 2 });
    }
  }
}
