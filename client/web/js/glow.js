/**
 * A faint light of the picture's own colours around the stage. The fall-off is painted into the small
 * canvas itself: a CSS mask over it would cost a quarter of a core where there is no GPU.
 */

const EVERY_MS = 1000;
const STRENGTH = 0.3;

export class Glow {
  /** @param {HTMLCanvasElement} canvas @param {HTMLVideoElement} video */
  constructor(canvas, video) {
    this.canvas = canvas;
    this.video = video;
    this.drawnAt = 0;
    this.isOff = matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  update() {
    const now = performance.now();
    if (this.isOff || now - this.drawnAt < EVERY_MS || !this.canvas.clientWidth) return;
    this.drawnAt = now;
    const { canvas, video } = this;
    const { width, height } = canvas;
    const pen = canvas.getContext("2d");
    if (!pen) return;
    pen.globalCompositeOperation = "copy";
    pen.drawImage(video, 0, 0, width, height);
    pen.globalCompositeOperation = "destination-in";
    pen.save();
    pen.scale(width / 2, height / 2);
    const fall = pen.createRadialGradient(1, 1, 0.6, 1, 1, 1);
    fall.addColorStop(0, `rgba(0, 0, 0, ${STRENGTH})`);
    fall.addColorStop(1, "rgba(0, 0, 0, 0)");
    pen.fillStyle = fall;
    pen.fillRect(0, 0, 2, 2);
    pen.restore();
  }
}
