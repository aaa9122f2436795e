/** A session that survives: opens a link, and opens the next one when it breaks, a bounded number of times. */

import { sleep } from "./dom.js";
import { Link } from "./link.js";
import { iceServers, waitReady } from "./signalling.js";
import { Trouble } from "./trouble.js";

const MAX_TRIES = { busy: 30, other: 6 };
const LONGEST_WAIT_S = 10;
/** A link that held this long was a good one; the troubles after it are new. */
const HELD_MS = 15_000;

/**
 * Events: `state` (detail: "warming" | "connecting" | "connected"), `track`, `message` (see Link),
 * `waiting` (detail: {trouble, seconds, attempt, of}), `ended` (detail: Trouble, the last word).
 */
export class Session extends EventTarget {
  /**
   * @param {object} options
   * @param {MediaStreamTrack} options.track
   * @param {import("./age.js").AgeMeter} options.age
   * @param {() => string} options.instruction asked at every attempt; "" for none
   */
  constructor({ track, age, instruction }) {
    super();
    this.track = track;
    this.age = age;
    this.instruction = instruction;
    this.stopper = new AbortController();
    /** @type {Link | null} */
    this.link = null;
    this.tries = 0;
    this.worked = false;
    this.tryNow = () => {};
  }

  /** Runs until stopped or beyond hope. Never throws. */
  async run() {
    const { signal } = this.stopper;
    while (!signal.aborted) {
      const began = performance.now();
      const trouble = await this.#attempt(signal);
      if (signal.aborted) return;
      if (this.worked && performance.now() - began > HELD_MS) this.tries = 0;
      this.tries += 1;
      const most = trouble.code === "busy" ? MAX_TRIES.busy : MAX_TRIES.other;
      if (!trouble.retry || this.tries >= most) {
        this.#tell("ended", trouble);
        return;
      }
      const seconds = trouble.retryAfterS ?? Math.min(LONGEST_WAIT_S, 2 ** (this.tries - 1));
      this.#tell("waiting", { trouble, seconds, attempt: this.tries, of: most - 1 });
      await this.#pause(seconds);
    }
  }

  /** A frame came back. */
  works() {
    this.worked = true;
  }

  /** @param {boolean} [leaving] the page is going away */
  stop(leaving = false) {
    this.link?.close(leaving);
    if (this.link?.isBroken) this.link.drop();
    this.stopper.abort();
  }

  /** @param {number} seq @param {string} text @returns {boolean} whether there was someone to tell */
  instruct(seq, text) {
    const control = this.link?.control;
    if (!control || control.isClosed) return false;
    control.instruct(seq, text);
    return true;
  }

  /** @param {MediaStreamTrack} track */
  async replaceTrack(track) {
    this.track = track;
    await this.link?.replaceTrack(track);
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<Trouble>} why it ended
   */
  async #attempt(signal) {
    this.age.reset();
    this.worked = false;
    const broken = this.link?.isBroken ? this.link : null;
    const link = new Link(this.age);
    this.link = link;
    for (const name of ["track", "message"]) {
      link.addEventListener(name, (event) => this.#tell(name, /** @type {CustomEvent} */ (event).detail));
    }
    const closed = new Promise((resolve) => {
      link.addEventListener("closed", (event) => resolve(/** @type {CustomEvent} */ (event).detail), { once: true });
      signal.addEventListener("abort", resolve, { once: true });
    });
    try {
      this.#tell("state", "connecting");
      const info = await waitReady(signal, () => this.#tell("state", "warming"));
      this.#tell("state", "connecting");
      if (info.relays) {
        // A session that goes on needs no token, and its own may have expired: those known are better than none.
        const known = broken ? broken.pc.getConfiguration().iceServers ?? [] : null;
        const told = iceServers(signal);
        link.pc.setConfiguration({ iceServers: await (known ? told.catch(() => known) : told) });
      }
      await link.open(this.track, this.instruction(), signal, broken);
      this.#tell("state", "connected");
    } catch (/** @type {any} */ error) {
      link.close();
      if (broken) this.link = broken;
      if (error instanceof Trouble) return error;
      return new Trouble("failed", "The session could not start", String(error?.message ?? error));
    }
    return closed;
  }

  /** @param {number} seconds */
  async #pause(seconds) {
    const now = new AbortController();
    this.tryNow = () => now.abort();
    await sleep(seconds * 1000, AbortSignal.any([now.signal, this.stopper.signal])).catch(() => {});
  }

  /** @param {string} name @param {any} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
