/** One live edit as the person sees it: source on, session up, frames measured, instructions followed. */

import { AgeHistory, AgeMeter } from "./age.js";
import { Session } from "./session.js";

/** @typedef {"idle" | "opening" | "connecting" | "warming" | "waiting" | "live"} LiveState */
/** @typedef {import("./instructions.js").Entry} Entry */
/**
 * Where the measurements go; the page's is `Hud`.
 * @typedef {Pick<import("./hud.js").Hud,
 *   "clear" | "fps" | "age" | "firstFrame" | "knowsFirst" | "instruct" | "drops" | "draw">} Figures
 */

const FIGURES_MS = 1000;
const UNSEEN_MS = 1000;
const STALLED_MS = 4000;
/** The server's `seq` for the instruction that the session began with. */
const OPENING_SEQ = -1;

/**
 * Events: `state` (detail: LiveState), `waiting` and `ended` (see Session), `stalled` (detail: boolean),
 * `queued` (detail: {position, size}, or null when it is its turn), `ending` (detail: {in_s, reason}),
 * `sourceended`, `shown` (detail: ms clock of the capture or NaN).
 */
export class Live extends EventTarget {
  /**
   * @param {HTMLVideoElement} sourceVideo
   * @param {HTMLVideoElement} editedVideo
   * @param {Figures} hud
   * @param {import("./instructions.js").Instructions} instructions
   */
  constructor(sourceVideo, editedVideo, hud, instructions) {
    super();
    this.sourceVideo = sourceVideo;
    this.editedVideo = editedVideo;
    this.hud = hud;
    this.instructions = instructions;
    this.age = new AgeMeter();
    this.ages = new AgeHistory();
    this.estimates = new AgeHistory();
    /** @type {LiveState} */
    this.state = "idle";
    /** @type {import("./sources.js").Source | null} */
    this.source = null;
    /** @type {Session | null} */
    this.session = null;
    /** @type {any} the server's last stats */
    this.served = null;
    this.shownAt = 0;
    /** Since when frames were drawn (see `seen`) but not announced. @type {number | undefined} */
    this.silentFrom = undefined;
    this.framesShown = 0;
    this.hasEdited = false;
    /** @type {Entry | null} goes with the next link's opening */
    this.pending = null;
    /** @type {Entry | null} went with the present link's opening */
    this.opened = null;
    this.hasTimestamps = "requestVideoFrameCallback" in editedVideo;
    if (this.hasTimestamps) this.#watch();
    else editedVideo.addEventListener("timeupdate", () => this.#shown(performance.now(), undefined));
    setInterval(() => this.#figures(), FIGURES_MS);
  }

  /** @param {import("./sources.js").Source} source becomes, or replaces, the one being edited */
  async useSource(source) {
    this.source?.stop();
    this.source = source;
    this.sourceVideo.srcObject = source.stream;
    this.sourceVideo.play().catch(() => {});
    source.track.addEventListener("ended", () => {
      if (this.source === source) this.#tell("sourceended", source.kind);
    });
    if (this.session) {
      this.age.reset();
      this.ages.clear();
      await this.session.replaceTrack(source.track);
    }
  }

  /** Opens the session for the source that is on. @param {string} instruction "" for none */
  begin(instruction) {
    if (!this.source) return;
    this.hud.clear();
    this.ages.clear();
    this.pending = instruction ? this.instructions.add(instruction) : null;
    const session = new Session({
      track: this.source.track,
      age: this.age,
      instruction: () => this.#openWith(),
    });
    this.session = session;
    session.addEventListener("state", (event) => {
      if (this.session !== session) return;
      const state = /** @type {CustomEvent} */ (event).detail;
      if (state === "connected") this.#catchUp();
      else this.#enter(state);
    });
    session.addEventListener("track", (event) => {
      this.framesShown = 0;
      this.hasEdited = false;
      this.silentFrom = undefined;
      this.editedVideo.srcObject = /** @type {CustomEvent} */ (event).detail;
      this.editedVideo.play().catch(() => {});
    });
    session.addEventListener("message", (event) => this.#hear(/** @type {CustomEvent} */ (event).detail));
    session.addEventListener("waiting", (event) => {
      if (this.opened && this.opened.state !== "visible") this.pending ??= this.opened;
      this.instructions.lose(this.pending);
      this.#enter("waiting");
      this.#tell("waiting", /** @type {CustomEvent} */ (event).detail);
    });
    session.addEventListener("ended", (event) => {
      this.stop();
      this.#tell("ended", /** @type {CustomEvent} */ (event).detail);
    });
    session.run();
  }

  /** @param {string} text */
  instruct(text) {
    const entry = this.instructions.add(text);
    if (!this.session?.instruct(entry.seq, text)) this.pending = entry;
  }

  /**
   * A frame was drawn that the browser did not announce: some say nothing of a video's frames while a
   * headset is on. Without its timestamp, times are estimates.
   */
  seen() {
    const now = performance.now();
    this.silentFrom ??= now;
    if (now - this.silentFrom > UNSEEN_MS) this.#shown(now, undefined);
  }

  stop(leaving = false) {
    const { session } = this;
    this.session = null;
    session?.stop(leaving);
    this.instructions.lose();
    this.source?.stop();
    this.source = null;
    this.pending = null;
    this.opened = null;
    this.served = null;
    this.sourceVideo.srcObject = null;
    this.editedVideo.srcObject = null;
    this.#enter("idle");
  }

  /** The instruction on show now, "" before the first. */
  get caption() {
    return this.instructions.entries.findLast((entry) => entry.state === "visible")?.text ?? "";
  }

  /** @returns {string} what a new link starts with, so that the edit goes on after a break */
  #openWith() {
    const last = this.instructions.current;
    this.opened = this.pending ?? (last ? this.instructions.add(last) : null);
    this.pending = null;
    if (this.opened) this.instructions.mark(this.opened, "sent");
    return this.opened?.text ?? "";
  }

  /** What was said while the link was being opened. */
  #catchUp() {
    const { pending } = this;
    this.pending = null;
    if (pending) this.session?.instruct(pending.seq, pending.text);
  }

  /** @param {any} message of the server */
  #hear(message) {
    const entry = message.seq === OPENING_SEQ ? this.opened : this.instructions.find(message.seq);
    switch (message.type) {
      case "accepted":
        if (entry?.state === "sent") this.instructions.mark(entry, "accepted");
        break;
      case "applied":
        if (!entry) break;
        entry.pts = message.pts_90k;
        this.instructions.mark(entry, "applied");
        break;
      case "superseded":
        if (entry) this.instructions.mark(entry, "superseded");
        break;
      case "error":
        if (entry) this.instructions.mark(entry, "refused", message.message);
        else this.#tell("said", message.message);
        break;
      case "welcome":
        this.#tell("recorded", message.recording === true);
        break;
      case "recording_ended":
        this.#tell("recorded", false);
        break;
      case "queue":
        this.#tell("queued", message.position > 0 ? message : null);
        break;
      case "ending":
        this.#tell("ending", message);
        break;
      case "stats":
        this.served = message;
        break;
      default:
    }
  }

  #watch() {
    this.editedVideo.requestVideoFrameCallback((now, meta) => {
      this.silentFrom = undefined;
      this.#shown(Math.max(now, meta.expectedDisplayTime ?? now), /** @type {any} */ (meta).rtpTimestamp);
      this.#watch();
    });
  }

  /** An edited frame is on show. @param {number} atMs @param {number | undefined} rtp */
  #shown(atMs, rtp) {
    if (!this.session) return;
    this.shownAt = atMs;
    this.framesShown += 1;
    if (this.framesShown === 1) this.#firstShown();
    const capturedAt = rtp === undefined ? NaN : this.age.capturedAt(rtp);
    if (Number.isFinite(capturedAt)) this.ages.add(atMs - capturedAt, atMs);
    for (const entry of this.instructions.entries) {
      if (entry.state !== "applied" || entry.pts === null) continue;
      if (rtp !== undefined && !AgeMeter.hasReached(entry.pts, rtp)) continue;
      if (!this.hasEdited) this.hud.firstFrame(atMs - (entry === this.opened ? this.age.beganMs : capturedAt), "measured");
      this.hasEdited = true;
      this.#nowVisible(entry, atMs, rtp !== undefined);
    }
    this.#tell("shown", capturedAt);
  }

  #firstShown() {
    this.session?.works();
    this.#enter("live");
  }

  /** @param {Entry} entry @param {number} atMs @param {boolean} exact */
  #nowVisible(entry, atMs, exact) {
    if (entry === this.opened) {
      this.instructions.mark(entry, "visible", "visible from the first frame");
    } else {
      const ms = atMs - entry.sentAt;
      this.instructions.visible(entry, ms, exact);
      this.hud.instruct(ms);
    }
    this.#tell("caption", this.caption);
  }

  /** Once a second. */
  async #figures() {
    const link = this.session?.link;
    if (!link || this.state !== "live") return;
    const stats = await link.stats().catch(() => null);
    if (!stats || this.state !== "live") return;
    const onTheWay = stats.encodeMs + (Number.isFinite(stats.rttMs) ? stats.rttMs : 0);
    this.age.encodeMs = stats.encodeMs;
    const measured = this.ages.current();
    if (Number.isFinite(measured)) {
      this.hud.age(measured, "measured");
    } else if (this.served) {
      const estimate = this.served.frame_age_ms + onTheWay + stats.bufferMs + stats.decodeMs;
      this.hud.age(estimate, "estimated");
      this.estimates.add(estimate);
    }
    if (this.hasEdited && !this.hud.knowsFirst) this.hud.firstFrame(this.served?.first_frame_ms ?? NaN, "estimated");
    this.hud.fps(stats.fps);
    this.hud.drops((this.served?.dropped ?? 0) + (this.served?.late ?? 0) + stats.lostHere);
    this.hud.draw(Number.isFinite(measured) ? this.ages.points : this.estimates.points);
    document.documentElement.dataset.frames = String(stats.decoded);
    this.#tell("stalled", this.hasTimestamps && performance.now() - this.shownAt > STALLED_MS && !document.hidden);
  }

  /** @param {LiveState} state */
  #enter(state) {
    if (this.state === state) return;
    this.state = state;
    this.#tell("state", state);
  }

  /** @param {string} name @param {any} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
