/** The page: joins the parts, and turns clicks and keys into what they do. */

import { AlignedSource } from "./aligned.js";
import { Compare } from "./compare.js";
import { Composer } from "./composer.js";
import { byId } from "./dom.js";
import { Glow } from "./glow.js";
import { Hud } from "./hud.js";
import { Instructions } from "./instructions.js";
import { bindKeys } from "./keys.js";
import { Live } from "./live.js";
import { Notice } from "./notice.js";
import { Picker } from "./picker.js";
import { Recorder, snapshot } from "./recorder.js";
import { waitReady } from "./signalling.js";
import { Trouble, endingWords, queueWords } from "./trouble.js";

/** @typedef {import("./sources.js").SourceKind} SourceKind */

const root = document.documentElement;
const sourceVideo = byId("source-video");
const editedVideo = byId("edited-video");
const compare = new Compare();
const hud = new Hud();
const instructions = new Instructions();
const composer = new Composer(instructions);
const notice = new Notice();
const aligned = new AlignedSource(sourceVideo, byId("source-aligned"));
const live = new Live(sourceVideo, editedVideo, hud, instructions);
const glow = new Glow(byId("glow"), editedVideo);
const recorder = new Recorder(showRecording);
const picker = new Picker();

/** What is known of the server: a word, and more where there is room. */
let serverLine = ["Looking for the server", ""];
/** Which model edits, once known. */
let model = "";
/** Whether the server is one that keeps films of sessions. */
let keepsFilms = false;

// ---- starting and stopping -------------------------------------------------------------------

/** With the source that is chosen; while live, it takes the place of the present one. */
async function start() {
  if (!picker.isComplete) return picker.browse();
  if (root.dataset.state === "opening") return;
  const wasLive = live.session !== null;
  notice.hide();
  if (!wasLive) showState("opening");
  try {
    const source = await picker.open();
    if (!wasLive && root.dataset.state !== "opening") return source.stop(); // stopped meanwhile
    aligned.clear();
    await live.useSource(source);
  } catch (/** @type {any} */ error) {
    return showTrouble(error);
  }
  if (wasLive) return;
  const { draft } = composer;
  composer.box.value = "";
  live.begin(draft || instructions.current);
  if (matchMedia("(pointer: fine)").matches) composer.box.focus({ preventScroll: true });
}

/** @param {SourceKind} kind */
function startWith(kind) {
  picker.choose(kind);
  return start();
}

function stop() {
  recorder.stop();
  live.stop();
  notice.hide();
  aligned.clear();
  showState("idle");
}

// ---- what the page says ----------------------------------------------------------------------

/** @type {Record<string, string>} */
const STATUS = {
  opening: "Opening the source",
  connecting: "Connecting",
  warming: "The server is warming up",
  waiting: "Waiting",
  live: "Live",
};

/** @param {string} state */
function showState(state) {
  root.dataset.state = state;
  const isOn = state !== "idle";
  byId("start-text").textContent = isOn ? "Stop" : "Start";
  byId("start").classList.toggle("on", isOn);
  byId("welcome").hidden = isOn || !notice.box.hidden;
  byId("snap").disabled = state !== "live";
  byId("record").disabled = state !== "live" || !Recorder.isPossible;
  if (state === "idle") say(serverLine[0], serverLine[1]);
  else say(STATUS[state], state === "live" ? model : "");
  if (state === "live") notice.hide();
  if (state !== "live") showCaption("");
  if (state === "idle") hud.clear();
  if (state === "idle") showRecorded(keepsFilms ? "This server records" : "");
}

/** @param {string} text @param {string} [more] where there is room */
function say(text, more = "") {
  const field = byId("status-text");
  if (field.textContent !== text) field.textContent = text;
  byId("status-more").textContent = more;
}

/** @param {string} text "" where the server keeps no film */
function showRecorded(text) {
  byId("recorded-text").textContent = text;
  byId("recorded").hidden = !text;
}

/** @param {string} text */
function showCaption(text) {
  const caption = byId("caption");
  caption.textContent = text;
  caption.hidden = !text;
}

/** @param {any} error */
function showTrouble(error) {
  const trouble = error instanceof Trouble ? error : new Trouble("failed", "Something went wrong", String(error?.message ?? error));
  /** @type {Record<import("./trouble.js").Way, import("./notice.js").Action>} */
  const ways = {
    retry: { label: "Try again", run: start },
    camera: { label: "Use the camera", run: () => startWith("camera") },
    sample: { label: "Use the sample clip", run: () => startWith("sample") },
  };
  const actions = trouble.ways.map((way, index) => ({ ...ways[way], primary: index === 0 }));
  if (live.session) actions.splice(0, actions.length, { label: "Carry on", run: () => notice.hide(), primary: true });
  notice.show(trouble.code, trouble.title, trouble.message, actions);
  if (!live.session) showState("idle");
}

live.addEventListener("state", (event) => {
  const state = /** @type {CustomEvent} */ (event).detail;
  if (state === "warming") notice.show("warming", "Warming up", "The model is getting ready. This starts by itself in a few seconds.", [{ label: "Cancel", run: stop }]);
  if (state === "connecting") notice.hide();
  showState(state);
});
live.addEventListener("waiting", (event) => {
  const { trouble, seconds, attempt, of } = /** @type {CustomEvent} */ (event).detail;
  notice.show(trouble.code, trouble.title, trouble.message, [
    { label: "Try now", run: () => live.session?.tryNow(), primary: true },
    { label: "Stop", run: stop },
  ], {
    seconds,
    words: (left) => (left ? `Trying again in ${left} s (${attempt} of ${of})` : "Trying again"),
  });
});
live.addEventListener("queued", (event) => {
  const place = /** @type {CustomEvent} */ (event).detail;
  if (!place) return notice.hide();
  notice.show("queued", "Every seat is taken", queueWords(place), [{ label: "Stop", run: stop }]);
});
live.addEventListener("ending", (event) => say(endingWords(/** @type {CustomEvent} */ (event).detail)));
live.addEventListener("ended", (event) => showTrouble(/** @type {CustomEvent} */ (event).detail));
live.addEventListener("said", (event) => say(/** @type {CustomEvent} */ (event).detail));
live.addEventListener("caption", (event) => showCaption(/** @type {CustomEvent} */ (event).detail));
live.addEventListener("recorded", (event) => showRecorded(/** @type {CustomEvent} */ (event).detail ? "Recording" : ""));
live.addEventListener("stalled", (event) => {
  if (/** @type {CustomEvent} */ (event).detail) say("No picture", " from the server for some seconds");
  else say(STATUS.live, model);
});
live.addEventListener("sourceended", (event) => {
  const wasScreen = /** @type {CustomEvent} */ (event).detail === "screen";
  stop();
  showTrouble(new Trouble("source-ended", wasScreen ? "Sharing has ended" : "The camera went away",
    wasScreen ? "The screen is no longer shared." : "It was unplugged or taken by another program.", { ways: ["retry", "sample"] }));
});
live.addEventListener("shown", (event) => {
  compare.shape(editedVideo.videoWidth, editedVideo.videoHeight);
  if (compare.view === "wipe") aligned.show(/** @type {CustomEvent} */ (event).detail);
  glow.update();
});
sourceVideo.addEventListener("resize", () => compare.shape(sourceVideo.videoWidth, sourceVideo.videoHeight));

/** @param {number | null} seconds */
function showRecording(seconds) {
  const button = byId("record");
  const isOn = seconds !== null;
  button.setAttribute("aria-pressed", String(isOn));
  button.setAttribute("aria-label", isOn ? "Stop recording" : "Record");
  byId("record-time").textContent = isOn ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` : "";
}

// ---- what the person does --------------------------------------------------------------------

const actions = {
  toggle: () => (root.dataset.state === "idle" ? start() : stop()),
  stop: () => (root.dataset.state !== "idle" || !notice.box.hidden) && stop(),
  pick: (/** @type {SourceKind} */ kind) => picker.pick(kind),
  focus: () => composer.box.focus(),
  nudge: (/** @type {number} */ steps) => compare.nudge(steps),
  view: () => {
    compare.view = compare.view === "wipe" ? "side" : "wipe";
    byId("view").setAttribute("aria-pressed", String(compare.view === "side"));
    if (compare.view === "side") aligned.hide();
  },
  align: () => {
    aligned.want(!aligned.wanted);
    byId("align").setAttribute("aria-pressed", String(aligned.wanted));
  },
  hud: () => hud.toggle(),
  snap: () => live.state === "live" && snapshot(compare.view === "wipe" ? aligned.picture : sourceVideo, editedVideo, live.caption),
  record: () => {
    if (recorder.recorder) recorder.stop();
    else if (live.state === "live" && Recorder.isPossible) recorder.start(editedVideo.srcObject);
  },
  full: () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else root.requestFullscreen?.().catch(() => {});
  },
  help: () => byId("help").showModal(),
};

for (const [id, action] of /** @type {[string, () => void][]} */ ([
  ["start", actions.toggle], ["view", actions.view], ["align", actions.align], ["hud-toggle", actions.hud],
  ["snap", actions.snap], ["record", actions.record], ["full", actions.full], ["open-help", actions.help],
  ["open-about", () => byId("about").showModal()],
])) {
  byId(id).addEventListener("click", action);
}
for (const button of document.querySelectorAll("[data-go]")) {
  button.addEventListener("click", () => startWith(/** @type {any} */ (button).dataset.go));
}
picker.addEventListener("pick", () => live.session && start());
picker.addEventListener("device", () => live.session && start());
picker.addEventListener("file", start);
composer.addEventListener("send", (event) => {
  const text = /** @type {CustomEvent} */ (event).detail;
  if (live.session) return live.instruct(text);
  composer.box.value = text;
  start();
});
bindKeys(actions);

addEventListener("pagehide", () => live.stop(true));
document.addEventListener("fullscreenchange", () => {
  const isFull = document.fullscreenElement !== null;
  root.toggleAttribute("data-full", isFull);
  byId("full").setAttribute("aria-pressed", String(isFull));
});

// ---- the first moment ------------------------------------------------------------------------

hud.clear();
byId("open-headset").hidden = !(/** @type {any} */ (navigator).xr);
/** @param {"there" | "away" | "warming"} server @param {string} text @param {string} [more] */
function know(server, text, more = "") {
  serverLine = [text, more];
  root.dataset.server = server;
  if (root.dataset.state === "idle") say(text, more);
}

waitReady(new AbortController().signal, () => know("warming", "Warming up")).then((info) => {
  model = ` · ${info.preset} ${info.frame_width}×${info.frame_height}`;
  keepsFilms = info.recording === true;
  if (root.dataset.state === "idle") showRecorded(keepsFilms ? "This server records" : "");
  know("there", "Ready", model);
  byId("about-preset").textContent = info.preset;
  byId("about-size").textContent = `${info.frame_width}×${info.frame_height}, ${info.chunk_frames} ${info.chunk_frames === 1 ? "frame" : "frames"} a chunk`;
  byId("about-slots").textContent = String(info.slots);
}, () => know("away", "No server", " answers at this address"));
