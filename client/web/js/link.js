/** One attempt at a session: the peer connection, its control socket, its figures. */

import { Control } from "./control.js";
import { closeSession, openSession } from "./signalling.js";
import { lost, Trouble } from "./trouble.js";

const MAX_BITRATE = 2_500_000;
const SENT_WIDTH = 512;
const CONNECT_MS = 15_000;
const DISCONNECTED_MS = 4000;

/** The worker that reads timestamps, or null where the browser has no such thing. */
const tap = startTap();

/** @returns {Promise<Worker | null>} */
async function startTap() {
  if (!("RTCRtpScriptTransform" in window)) return null;
  const worker = new Worker(new URL("./rtp-tap.js", import.meta.url));
  // A transform whose worker never answers would hold every frame back: ask for a word first.
  const answers = await new Promise((resolve) => {
    worker.onmessage = () => resolve(true);
    worker.onerror = () => resolve(false);
    setTimeout(() => resolve(false), 3000);
    worker.postMessage("there?");
  });
  if (answers) return worker;
  worker.terminate();
  return null;
}

/**
 * Events: `track` (detail: MediaStream of edited video), `message` (detail: server message),
 * `closed` (detail: Trouble).
 */
export class Link extends EventTarget {
  /** @param {import("./age.js").AgeMeter} age */
  constructor(age) {
    super();
    this.age = age;
    this.pc = new RTCPeerConnection({ iceServers: [] });
    /** @type {Control | null} */
    this.control = null;
    /** @type {URL | null} */
    this.location = null;
    this.isClosed = false;
    /** Its connection broke; the server keeps its session for a while. */
    this.isBroken = false;
    /** @type {Map<string, number>} */
    this.before = new Map();
  }

  /**
   * @param {MediaStreamTrack} track
   * @param {string} instruction
   * @param {AbortSignal} signal
   * @param {Link | null} [broken] one whose session goes on over this
   */
  async open(track, instruction, signal, broken = null) {
    const { pc } = this;
    signal.addEventListener("abort", () => this.close(), { once: true });
    const transceiver = pc.addTransceiver(track, {
      direction: "sendrecv",
      sendEncodings: [{ maxBitrate: MAX_BITRATE, scaleResolutionDownBy: shrink(track) }],
    });
    this.sender = transceiver.sender;
    preferVp8(transceiver);
    await this.#tapInto(transceiver);
    pc.addEventListener("track", (event) => {
      const receiver = /** @type {any} */ (event.receiver);
      if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
      else if ("playoutDelayHint" in receiver) receiver.playoutDelayHint = 0;
      this.dispatchEvent(new CustomEvent("track", { detail: new MediaStream([event.track]) }));
    });
    pc.addEventListener("connectionstatechange", () => this.#connectionChanged());
    await pc.setLocalDescription();
    const offer = /** @type {RTCSessionDescription} */ (pc.localDescription).sdp;
    // No wait for candidates: the server's are enough, the browser connects to them.
    const { answer, location } = await openSession(offer, instruction, signal, broken?.location);
    // Only now: the server takes a connection that closes for the session's end.
    broken?.pc.close();
    this.location = location;
    if (this.isClosed) {
      await closeSession(location);
      return;
    }
    this.control = new Control(location);
    this.control.addEventListener("message", (event) => {
      this.dispatchEvent(new CustomEvent("message", { detail: /** @type {CustomEvent} */ (event).detail }));
    });
    this.control.addEventListener("closed", (event) => {
      this.#fail(lost(/** @type {CustomEvent} */ (event).detail));
    });
    await pc.setRemoteDescription({ type: "answer", sdp: answer });
    await this.#keepSize();
    this.connecting = setTimeout(() => {
      this.#fail(new Trouble("no-route", "No way through for the video",
        "The server answered, but no direct connection could be made: a firewall may block UDP.", { retry: true }));
    }, CONNECT_MS);
  }

  /** @param {MediaStreamTrack} track takes the place of the one being sent */
  async replaceTrack(track) {
    if (!this.sender) return;
    await this.sender.replaceTrack(track);
    const parameters = this.sender.getParameters();
    if (parameters.encodings[0]) parameters.encodings[0].scaleResolutionDownBy = shrink(track);
    await this.sender.setParameters(parameters).catch(() => {});
  }

  close(leaving = false) {
    if (this.isClosed) return;
    this.isClosed = true;
    clearTimeout(this.connecting);
    clearTimeout(this.waiting);
    this.control?.close();
    // The session first: the server takes a connection that closes for the session's end.
    const isOver = !this.location || this.control?.farewell !== undefined;
    const told = isOver ? Promise.resolve() : closeSession(/** @type {URL} */ (this.location), leaving);
    if (leaving) this.pc.close();
    else told.then(() => this.pc.close());
  }

  /**
   * Figures since the last call.
   * @returns {Promise<{fps: number, decoded: number, lostHere: number, encodeMs: number, bufferMs: number,
   *   decodeMs: number, rttMs: number} | null>}
   */
  async stats() {
    if (this.isClosed) return null;
    const report = await this.pc.getStats();
    /** @type {any} */
    let received = null;
    /** @type {any} */
    let sent = null;
    for (const stat of report.values()) {
      if (stat.type === "inbound-rtp" && stat.kind === "video") received = stat;
      if (stat.type === "outbound-rtp" && stat.kind === "video") sent = stat;
    }
    if (!received) return null;
    const seconds = this.#delta("time", received.timestamp) / 1000;
    const decoded = this.#delta("decoded", received.framesDecoded ?? 0);
    const emitted = this.#delta("emitted", received.jitterBufferEmittedCount ?? 0);
    const encoded = this.#delta("encoded", sent?.framesEncoded ?? 0);
    return {
      fps: seconds > 0 ? decoded / seconds : NaN,
      decoded: received.framesDecoded ?? 0,
      lostHere: received.framesDropped ?? 0,
      encodeMs: mean(this.#delta("encodeTime", sent?.totalEncodeTime ?? 0), encoded),
      bufferMs: mean(this.#delta("buffer", received.jitterBufferDelay ?? 0), emitted),
      decodeMs: mean(this.#delta("decodeTime", received.totalDecodeTime ?? 0), decoded),
      rttMs: this.control?.rttMs ?? NaN,
    };
  }

  /** @param {string} name @param {number} value */
  #delta(name, value) {
    const change = value - (this.before.get(name) ?? value);
    this.before.set(name, value);
    return change;
  }

  /** @param {RTCRtpTransceiver} transceiver */
  async #tapInto(transceiver) {
    const worker = await tap;
    if (!worker) return;
    const Transform = /** @type {any} */ (window).RTCRtpScriptTransform;
    worker.onmessage = ({ data: [rtp, epochMs] }) => {
      if (!this.isClosed) this.age.addSent(rtp, epochMs - performance.timeOrigin);
    };
    /** @type {any} */ (transceiver.sender).transform = new Transform(worker, {});
  }

  /** A narrow network should cost frames, not size: a change of size costs the server a new fit. */
  async #keepSize() {
    const parameters = /** @type {any} */ (this.sender?.getParameters());
    parameters.degradationPreference = "maintain-resolution";
    await this.sender?.setParameters(parameters).catch(() => {});
  }

  #connectionChanged() {
    const state = this.pc.connectionState;
    clearTimeout(this.waiting);
    if (state === "connected") clearTimeout(this.connecting);
    if (state === "failed") this.#break();
    if (state === "disconnected") this.waiting = setTimeout(() => this.#break(), DISCONNECTED_MS);
  }

  /** The network is to blame: what opens next may go on with this session. */
  #break() {
    if (this.isClosed) return;
    this.isClosed = this.isBroken = true;
    clearTimeout(this.connecting);
    clearTimeout(this.waiting);
    this.control?.close();
    this.dispatchEvent(new CustomEvent("closed", { detail: lost() }));
  }

  /** A broken one that nothing goes on with. */
  async drop() {
    if (this.location) await closeSession(this.location);
    this.pc.close();
  }

  /** @param {Trouble} trouble */
  #fail(trouble) {
    if (this.isClosed) return;
    this.close();
    this.dispatchEvent(new CustomEvent("closed", { detail: trouble }));
  }
}

/** @param {number} seconds @param {number} count @returns {number} ms each */
const mean = (seconds, count) => (count > 0 ? (seconds * 1000) / count : 0);

/** @param {MediaStreamTrack} track @returns {number} how much smaller to send it */
function shrink(track) {
  const { width = 0, height = 0 } = track.getSettings();
  return Math.max(1, Math.min(width / SENT_WIDTH, (width * height) / (SENT_WIDTH * 384)));
}

/** VP8 is the cheapest to encode and decode in software. @param {RTCRtpTransceiver} transceiver */
function preferVp8(transceiver) {
  const codecs = RTCRtpReceiver.getCapabilities?.("video")?.codecs;
  if (!codecs || !transceiver.setCodecPreferences) return;
  const rank = (/** @type {{mimeType: string}} */ codec) => (codec.mimeType === "video/VP8" ? 0 : 1);
  transceiver.setCodecPreferences([...codecs].sort((a, b) => rank(a) - rank(b)));
}
