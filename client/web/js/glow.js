/** A faint light of the picture's own colours around the stage. */

const EVERY_MS = 400;

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
    if (this.isOff || now - this.drawnAt < EVERY_MS) return;
    this.drawnAt = now;
    const { canvas, video } = this;
    const pen = canvas.getContext("2d");
    if (!pen) return;
    pen.globalAlpha = 0.5;
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
  }
}
