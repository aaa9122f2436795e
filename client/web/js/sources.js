/** Where the video comes from: camera, screen, file or the sample clip. Each gives one video track. */

import { isQuest, usableCameras } from "./cameras.js";
import { cameraTrouble, fileTrouble, insecureTrouble, screenTrouble } from "./trouble.js";

/** @typedef {"camera" | "screen" | "file" | "sample"} SourceKind */

const SAMPLE = "static/sample.mp4";
const CLIP_WIDTH = 512;

/**
 * @typedef {object} Source
 * @property {SourceKind} kind
 * @property {MediaStream} stream
 * @property {MediaStreamTrack} track
 * @property {() => void} stop
 */

/** @param {string} deviceId "" for the browser's choice @returns {Promise<Source>} */
export async function openCamera(deviceId) {
  if (!navigator.mediaDevices?.getUserMedia) throw insecureTrouble();
  const video = {
    width: { ideal: 512 },
    height: { ideal: 384 },
    frameRate: { ideal: 30, min: 15 },
    ...(deviceId ? { deviceId: { exact: deviceId } } : { facingMode: { ideal: "environment" } }),
  };
  try {
    return fromStream("camera", await navigator.mediaDevices.getUserMedia({ video }));
  } catch (/** @type {any} */ error) {
    if (error?.name !== "OverconstrainedError") throw cameraTrouble(error);
  }
  try {
    return fromStream("camera", await navigator.mediaDevices.getUserMedia({ video: loosely(deviceId) }));
  } catch (/** @type {any} */ error) {
    throw cameraTrouble(error);
  }
}

/**
 * Asks for the camera and gives it back at once: only then do cameras have names.
 * On a headset nothing may be asked once the person is inside: a prompt there throws them out.
 */
export async function askForCamera() {
  if (!navigator.mediaDevices?.getUserMedia) throw insecureTrouble();
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: loosely("") });
    stream.getTracks().forEach((track) => track.stop());
  } catch (/** @type {any} */ error) {
    throw cameraTrouble(error);
  }
}

/** Any camera; on a Quest never simply any. @param {string} deviceId @returns {MediaTrackConstraints | true} */
function loosely(deviceId) {
  if (!isQuest()) return true;
  return deviceId ? { deviceId: { exact: deviceId } } : { facingMode: { ideal: "environment" } };
}

/** @returns {Promise<Source>} */
export async function openScreen() {
  if (!navigator.mediaDevices?.getDisplayMedia) throw insecureTrouble();
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({
      video: { width: { max: 1024 }, height: { max: 768 }, frameRate: { max: 24 } },
      audio: false,
    });
    return fromStream("screen", stream);
  } catch (/** @type {any} */ error) {
    throw screenTrouble(error);
  }
}

/** @param {File} file @returns {Promise<Source>} */
export async function openFile(file) {
  const url = URL.createObjectURL(file);
  try {
    return await openClip("file", url, () => URL.revokeObjectURL(url));
  } catch {
    URL.revokeObjectURL(url);
    throw fileTrouble(file.name);
  }
}

/** @returns {Promise<Source>} */
export async function openSample() {
  try {
    return await openClip("sample", SAMPLE, () => {});
  } catch {
    throw fileTrouble("sample.mp4");
  }
}

/** The cameras, with names once one was allowed. @returns {Promise<MediaDeviceInfo[]>} */
export async function listCameras() {
  return usableCameras((await navigator.mediaDevices?.enumerateDevices?.()) ?? []);
}

/** @param {SourceKind} kind @param {MediaStream} stream @returns {Source} */
function fromStream(kind, stream) {
  const [track] = stream.getVideoTracks();
  track.contentHint = "motion";
  return { kind, stream, track, stop: () => stream.getTracks().forEach((one) => one.stop()) };
}

/**
 * Plays a clip in a loop into a canvas and streams the canvas: the same on every browser, no end of
 * the track at the loop, and a large film is shrunk before it is encoded.
 * @param {SourceKind} kind @param {string} url @param {() => void} release
 * @returns {Promise<Source>}
 */
async function openClip(kind, url, release) {
  const video = document.createElement("video");
  Object.assign(video, { muted: true, loop: true, playsInline: true, src: url });
  await new Promise((resolve, reject) => {
    video.onloadeddata = resolve;
    video.onerror = () => reject(new Error("cannot play"));
  });
  if (!video.videoWidth) throw new Error("no picture");
  const scale = Math.min(1, CLIP_WIDTH / video.videoWidth, CLIP_WIDTH / video.videoHeight);
  const canvas = document.createElement("canvas");
  canvas.width = even(video.videoWidth * scale);
  canvas.height = even(video.videoHeight * scale);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
  const draw = () => context.drawImage(video, 0, 0, canvas.width, canvas.height);
  draw();
  const source = fromStream(kind, canvas.captureStream());
  let stopped = false;
  const next = () => {
    if (stopped) return;
    draw();
    if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(next);
    else setTimeout(next, 33);
  };
  next();
  await video.play();
  return {
    ...source,
    stop: () => {
      stopped = true;
      source.stop();
      video.pause();
      video.removeAttribute("src");
      video.load();
      release();
    },
  };
}

/** @param {number} size @returns {number} */
const even = (size) => Math.max(2, 2 * Math.round(size / 2));
