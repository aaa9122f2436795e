/**
 * Shows each edited frame together with its own source frame: keeps the last source frames and draws
 * the one whose capture time fits. Without it the source is ahead by the frame age.
 */

const KEPT = 40;
const LARGEST = 512;
/** From capture to show on this page, where the browser does not tell the capture time. */
const SHOW_MS = 20;

export class AlignedSource {
  /** @param {HTMLVideoElement} video @param {HTMLCanvasElement} canvas */
  constructor(video, canvas) {
    this.video = video;
    this.canvas = canvas;
    this.wanted = true;
    /** @type {{canvas: HTMLCanvasElement, atMs: number}[]} oldest first */
    this.frames = [];
    this.isShowing = false;
    if ("requestVideoFrameCallback" in video) this.#watch();
  }

  /** @param {boolean} wanted */
  want(wanted) {
    this.wanted = wanted;
    if (!wanted) this.hide();
  }

  hide() {
    this.isShowing = false;
    this.canvas.hidden = true;
  }

  /** Forget the frames of an earlier source. */
  clear() {
    this.frames = [];
    this.hide();
  }

  /** @param {number} capturedAtMs of the edited frame's source; NaN if not known */
  show(capturedAtMs) {
    if (!this.wanted || !this.frames.length) return;
    const frame = this.#nearest(capturedAtMs);
    if (!frame) return this.hide();
    const { canvas } = this;
    if (canvas.width !== frame.canvas.width || canvas.height !== frame.canvas.height) {
      canvas.width = frame.canvas.width;
      canvas.height = frame.canvas.height;
    }
    canvas.getContext("2d")?.drawImage(frame.canvas, 0, 0);
    if (!this.isShowing) {
      this.isShowing = true;
      canvas.hidden = false;
    }
  }

  /** What is on show as the source, for a snapshot. */
  get picture() {
    return this.isShowing ? this.canvas : this.video;
  }

  /** @param {number} atMs */
  #nearest(atMs) {
    let best = null;
    let gap = 80;
    for (const frame of this.frames) {
      const away = Math.abs(frame.atMs - atMs);
      if (away < gap) [best, gap] = [frame, away];
    }
    return best;
  }

  #watch() {
    this.video.requestVideoFrameCallback((now, meta) => {
      if (this.wanted && meta.width) this.#keep(/** @type {any} */ (meta).captureTime ?? now - SHOW_MS);
      this.#watch();
    });
  }

  /** @param {number} atMs */
  #keep(atMs) {
    const { videoWidth, videoHeight } = this.video;
    const scale = Math.min(1, LARGEST / Math.max(videoWidth, videoHeight));
    const width = Math.round(videoWidth * scale);
    const height = Math.round(videoHeight * scale);
    const reused = this.frames.length >= KEPT ? this.frames.shift() : undefined;
    const canvas = reused?.canvas ?? document.createElement("canvas");
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    canvas.getContext("2d", { alpha: false })?.drawImage(this.video, 0, 0, width, height);
    this.frames.push({ canvas, atMs });
  }
}
