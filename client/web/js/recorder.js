/** Keeping the result: a film of the edited stream, and a picture of before and after. */

import { download, stamp } from "./dom.js";

const TYPES = ["video/mp4;codecs=avc1.42E01F", "video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm", "video/mp4"];
const BITRATE = 5_000_000;

export class Recorder {
  /** @param {(seconds: number | null) => void} onTime null when it has stopped */
  constructor(onTime) {
    this.onTime = onTime;
    /** @type {MediaRecorder | null} */
    this.recorder = null;
  }

  static get isPossible() {
    return "MediaRecorder" in window;
  }

  /** @param {MediaStream} stream */
  start(stream) {
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    const recorder = new MediaRecorder(stream, { mimeType, videoBitsPerSecond: BITRATE });
    /** @type {Blob[]} */
    const parts = [];
    const began = performance.now();
    const timer = setInterval(() => this.onTime(Math.round((performance.now() - began) / 1000)), 500);
    recorder.ondataavailable = (event) => parts.push(event.data);
    recorder.onstop = () => {
      clearInterval(timer);
      this.recorder = null;
      this.onTime(null);
      const type = recorder.mimeType.split(";")[0];
      const blob = new Blob(parts, { type });
      if (blob.size) download(blob, `egostream-${stamp()}.${type === "video/mp4" ? "mp4" : "webm"}`);
    };
    recorder.start(1000);
    this.recorder = recorder;
    this.onTime(0);
  }

  stop() {
    if (this.recorder && this.recorder.state !== "inactive") this.recorder.stop();
  }
}

/**
 * A PNG of source and edit side by side, with the instruction under them.
 * @param {CanvasImageSource} source
 * @param {HTMLVideoElement} edited
 * @param {string} instruction
 */
export async function snapshot(source, edited, instruction) {
  const { videoWidth: width, videoHeight: height } = edited;
  if (!width) return;
  const foot = Math.round(height * 0.16);
  const gap = 4;
  const canvas = document.createElement("canvas");
  canvas.width = width * 2 + gap;
  canvas.height = height + foot;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.fillStyle = "#0c0e11";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(source, 0, 0, width, height);
  pen.drawImage(edited, width + gap, 0, width, height);
  const serif = getComputedStyle(document.documentElement).getPropertyValue("--serif");
  const sans = getComputedStyle(document.documentElement).getPropertyValue("--sans");
  const size = Math.round(foot * 0.4);
  pen.textBaseline = "middle";
  const middle = height + foot / 2;
  pen.font = `${Math.round(size * 0.62)}px ${sans}`;
  pen.fillStyle = "#9a958c";
  const mark = "egostream";
  const markWidth = pen.measureText(mark).width;
  pen.fillText(mark, canvas.width - markWidth - size, middle);
  pen.font = `italic ${size}px ${serif}`;
  pen.fillStyle = "#f3ede3";
  pen.fillText(instruction ? `“${instruction}”` : "no instruction yet", size, middle, canvas.width - markWidth - 4 * size);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob) download(blob, `egostream-${stamp()}.png`);
}
