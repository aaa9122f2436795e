/** One stay in the headset: the WebXR session, its canvas, and a picture for each eye at each frame. */

import { Painter } from "./gl/painter.js";
import { multiply } from "./math.js";
import { Trouble } from "../../static/js/trouble.js";

/** @typedef {import("./math.js").Mat} Mat */
/**
 * What is drawn: told of every frame, then asked for a picture for each eye.
 * @typedef {object} Drawn
 * @property {(frame: any, viewer: Mat, seconds: number) => void} update
 * @property {(painter: Painter) => void} draw
 */

/** Longer pauses (a headset taken off) are no time in which things move. */
const LONGEST_STEP_S = 0.1;
/** Without anything see-through behind it, the room is dark. */
const DARK = [0.039, 0.047, 0.055, 1];
const CLEAR = [0, 0, 0, 0];

/** Events: `end` (detail: Trouble or null). */
export class Visit extends EventTarget {
  /**
   * Only within a click or a key press: browsers let nothing else put a person into a headset.
   * @param {import("./support.js").Mode} mode
   * @returns {Promise<Visit>}
   */
  static async begin(mode) {
    const { xr } = /** @type {any} */ (navigator);
    const session = await xr.requestSession(mode, { optionalFeatures: ["local-floor", "hand-tracking"] });
    try {
      const floor = await session.requestReferenceSpace("local-floor").catch(() => null);
      return new Visit(session, floor ?? await session.requestReferenceSpace("local"), floor !== null);
    } catch (error) {
      await session.end().catch(() => {});
      throw error;
    }
  }

  /** @param {any} session @param {any} space @param {boolean} hasFloor y = 0 is the floor */
  constructor(session, space, hasFloor) {
    super();
    this.session = session;
    this.space = space;
    this.hasFloor = hasFloor;
    /** Whether the surroundings are seen: then nothing is drawn over them. */
    this.isSeeThrough = session.environmentBlendMode !== undefined && session.environmentBlendMode !== "opaque";
    const canvas = document.createElement("canvas");
    const gl = canvas.getContext("webgl2", { xrCompatible: true, alpha: true, antialias: false, depth: false });
    if (!gl) {
      throw new Trouble("no-webgl", "This browser cannot draw into the headset",
        "WebGL 2 is switched off or missing. Update the browser, or turn on hardware acceleration in its settings.");
    }
    this.gl = /** @type {WebGL2RenderingContext} */ (gl);
    this.painter = new Painter(this.gl);
    this.layer = new /** @type {any} */ (window).XRWebGLLayer(session, gl, { alpha: true, antialias: true, depth: false, stencil: false });
    session.updateRenderState({ baseLayer: this.layer, depthNear: 0.05, depthFar: 60 });
    this.lastMs = NaN;
    /** @type {Trouble | null} */
    this.trouble = null;
    session.addEventListener("end", () => this.dispatchEvent(new CustomEvent("end", { detail: this.trouble })));
    canvas.addEventListener("webglcontextlost", () => {
      this.trouble = new Trouble("graphics-lost", "The graphics card gave up", "Enter again; if it happens again, restart the browser.");
      this.leave();
    });
  }

  /** @param {Drawn} drawn */
  show(drawn) {
    const next = (/** @type {number} */ ms, /** @type {any} */ frame) => {
      this.session.requestAnimationFrame(next);
      this.#frame(drawn, ms, frame);
    };
    this.session.requestAnimationFrame(next);
  }

  leave() {
    this.session.end().catch(() => {}); // ended already
  }

  /** @param {Drawn} drawn @param {number} ms @param {any} frame */
  #frame(drawn, ms, frame) {
    const { gl, layer, painter } = this;
    const seen = frame.getViewerPose(this.space);
    const seconds = Number.isFinite(this.lastMs) ? Math.min(LONGEST_STEP_S, (ms - this.lastMs) / 1000) : 0;
    this.lastMs = ms;
    if (seen) drawn.update(frame, seen.transform.matrix, seconds);
    gl.bindFramebuffer(gl.FRAMEBUFFER, layer.framebuffer);
    const [red, green, blue, alpha] = this.isSeeThrough ? CLEAR : DARK;
    gl.clearColor(red, green, blue, alpha);
    gl.clear(gl.COLOR_BUFFER_BIT);
    // While the headset does not know where it is, an empty view is better than a wrong one.
    for (const view of seen?.views ?? []) {
      const { x, y, width, height } = layer.getViewport(view);
      gl.viewport(x, y, width, height);
      painter.begin(multiply(view.projectionMatrix, view.transform.inverse.matrix));
      drawn.draw(painter);
    }
  }
}
