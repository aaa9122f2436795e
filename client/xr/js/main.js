/** The headset page: joins the parts before, during and after a visit. */

import { byId, make } from "../../static/js/dom.js";
import { WHOLE_SCENE } from "../../static/js/ideas.js";
import { Instructions, tidy } from "../../static/js/instructions.js";
import { listenForKeys } from "../../static/js/keys.js";
import { Live } from "../../static/js/live.js";
import { Notice } from "../../static/js/notice.js";
import { Picker } from "../../static/js/picker.js";
import { waitReady } from "../../static/js/signalling.js";
import { Trouble, endingWords, queueWords } from "../../static/js/trouble.js";
import { Board } from "./board.js";
import { Card } from "./card.js";
import { Entry } from "./entry.js";
import { Figures } from "./figures.js";
import { Pane } from "./pane.js";
import { Scene } from "./scene.js";
import { Speech } from "./speech.js";
import { findSupport } from "./support.js";
import { askForLine, canType } from "./typing.js";
import { Visit } from "./visit.js";
import { Wrist } from "./wrist.js";

const root = document.documentElement;
const box = /** @type {HTMLTextAreaElement} */ (byId("instruction"));
const sourceVideo = byId("source-video");
const editedVideo = byId("edited-video");
const instructions = new Instructions();
const notice = new Notice();
const picker = new Picker();
const entry = new Entry(picker);
const speech = new Speech();
const pane = new Pane();
const board = new Board();
const card = new Card();
const figures = new Figures(() => showFigures());
const wrist = new Wrist(figures);
const live = new Live(sourceVideo, editedVideo, figures, instructions);

/** @type {import("./support.js").Support} */
let support = { mode: null, code: "looking", title: "", text: "" };
/** @type {Visit | null} */
let visit = null;
/** @type {Scene | null} */
let scene = null;
let serverLine = ["Looking for the server", ""];
const LISTENING = "say what to see";
/** Counts attempts to enter, so that one given up does nothing more. */
let attempt = 0;

// ---- in and out ------------------------------------------------------------------------------

async function enter() {
  if (!support.mode || visit || root.dataset.state === "opening") return;
  if (!picker.isComplete) return picker.browse();
  notice.hide();
  showState("opening");
  attempt += 1;
  const mine = attempt;
  try {
    const source = await entry.open();
    if (mine !== attempt) return source.stop();
    if (navigator.userActivation && !navigator.userActivation.isActive) {
      source.stop();
      return oneMoreTap();
    }
    const begun = await Visit.begin(support.mode).catch((error) => {
      source.stop();
      throw error;
    });
    if (mine !== attempt) {
      source.stop();
      return begun.leave();
    }
    await arrive(begun, source);
  } catch (error) {
    if (mine === attempt) showTrouble(entryTrouble(error));
  }
}

/** A prompt took so long that the click no longer counts. */
function oneMoreTap() {
  showState("idle");
  say("One more tap", " and you are in");
  byId("enter").focus();
}

/** @param {Visit} begun @param {import("../../static/js/sources.js").Source} source */
async function arrive(begun, source) {
  visit = begun;
  root.dataset.visit = "in";
  pane.offset = null;
  card.say("Connecting", "", "");
  board.set({ canSpeak: entry.canSpeak, canType: canType(begun.session), canRetry: false, isLocked: false });
  scene = new Scene(begun, { pane, board, wrist, card, edited: editedVideo, source: sourceVideo });
  scene.addEventListener("button", (event) => press(/** @type {CustomEvent} */ (event).detail));
  scene.addEventListener("drawn", () => live.seen());
  begun.addEventListener("end", (event) => left(/** @type {CustomEvent} */ (event).detail));
  begun.show(scene);
  await live.useSource(source);
  if (visit !== begun) return live.stop();
  const words = tidy(box.value);
  box.value = "";
  live.begin(words || instructions.current);
}

/** The visit is over, whoever ended it. @param {Trouble | null} trouble */
function left(trouble) {
  visit = null;
  scene = null;
  root.dataset.visit = "out";
  attempt += 1;
  speech.stop();
  live.stop();
  card.say("");
  notice.hide();
  showState("idle");
  say("You are out", " · the camera is off");
  if (trouble) showTrouble(trouble);
}

/** After a trouble, without leaving: everything that could be asked has been. */
async function again() {
  board.set({ canRetry: false });
  card.say("Connecting");
  try {
    await live.useSource(await entry.open());
    live.begin(instructions.current);
  } catch (error) {
    showTrouble(error);
  }
}

/** @param {any} error of entering @returns {any} */
function entryTrouble(error) {
  if (error instanceof Trouble) return error;
  if (error?.name === "NotAllowedError" || error?.name === "SecurityError") {
    return new Trouble("headset-refused", "The headset stays outside",
      "The browser did not allow it: say yes when it asks whether this page may use the headset, and try again.");
  }
  if (error?.name === "InvalidStateError") {
    return new Trouble("headset-taken", "The headset is in use", "Another page shows something in it. Leave that one and try again.");
  }
  return new Trouble("headset", "The headset did not start", String(error?.message ?? error));
}

// ---- what is done within ---------------------------------------------------------------------

/** @param {string} id of a button on the board */
function press(id) {
  if (id.startsWith("say:")) return instruct(id.slice(4));
  /** @type {Record<string, () => void>} */
  const tools = {
    speak: () => speech.toggle(),
    type: () => askForLine(byId("line"), instruct),
    view: turnView,
    lock: turnLock,
    recentre: () => scene && pane.recentre(scene.viewer),
    retry: again,
    leave: () => visit?.leave(),
  };
  tools[id]?.();
}

/** @param {string} raw */
function instruct(raw) {
  const text = tidy(raw).slice(0, box.maxLength);
  if (text && live.session) live.instruct(text);
}

function turnLock() {
  if (!scene) return;
  pane.lock(!pane.isLocked, scene.viewer);
  board.set({ isLocked: pane.isLocked });
}

function turnView() {
  pane.nextView();
  board.set({ view: pane.view });
}

for (const name of ["added", "changed"]) {
  instructions.addEventListener(name, (event) => {
    const { text, note, state } = /** @type {CustomEvent} */ (event).detail;
    if (name === "added") board.remember(text);
    if (instructions.entries.at(-1) !== /** @type {CustomEvent} */ (event).detail) return;
    board.set({ text, note, isVisible: state === "visible" });
    byId("said").textContent = `“${text}”`;
    byId("said-note").textContent = note;
  });
}
speech.addEventListener("listening", (event) => {
  const isListening = /** @type {CustomEvent} */ (event).detail;
  if (isListening) return board.set({ isListening, text: "", note: LISTENING, isVisible: false });
  // Back to what was asked last; a trouble with the microphone stays to be read.
  const last = instructions.entries.at(-1);
  const note = board.state.note === LISTENING ? last?.note ?? "" : board.state.note;
  board.set({ isListening, text: last?.text ?? "", note, isVisible: last?.state === "visible" && note === last.note });
});
speech.addEventListener("heard", (event) => board.set({ text: /** @type {CustomEvent} */ (event).detail, note: LISTENING, isVisible: false }));
speech.addEventListener("said", (event) => instruct(/** @type {CustomEvent} */ (event).detail));
speech.addEventListener("trouble", (event) => board.set({ note: /** @type {CustomEvent} */ (event).detail, isVisible: false }));

// ---- what the edit says ----------------------------------------------------------------------

live.addEventListener("state", (event) => {
  const state = /** @type {CustomEvent} */ (event).detail;
  if (state === "warming") card.say("Warming up", "The model is getting ready. This starts by itself in a few seconds.");
  if (state === "connecting") card.say("Connecting");
  if (state === "live") card.say("");
  if (state === "live" || state === "connecting") notice.hide();
  showState(state);
});
live.addEventListener("waiting", (event) => {
  const { trouble, seconds } = /** @type {CustomEvent} */ (event).detail;
  card.say(trouble.title, trouble.message, `Trying again in ${Math.ceil(seconds)} s`);
  notice.show(trouble.code, trouble.title, trouble.message, [{ label: "Try now", run: () => live.session?.tryNow(), primary: true }], {
    seconds,
    words: (left) => (left ? `Trying again in ${left} s` : "Trying again"),
  });
});
live.addEventListener("queued", (event) => {
  const place = /** @type {CustomEvent} */ (event).detail;
  if (place) card.say("Every seat is taken", queueWords(place));
  else card.say("Connecting");
});
live.addEventListener("ending", (event) => board.set({ note: endingWords(/** @type {CustomEvent} */ (event).detail), isVisible: false }));
live.addEventListener("ended", (event) => showTrouble(/** @type {CustomEvent} */ (event).detail));
live.addEventListener("recorded", (event) => board.set({ isRecorded: /** @type {CustomEvent} */ (event).detail }));
live.addEventListener("said", (event) => board.set({ note: /** @type {CustomEvent} */ (event).detail }));
live.addEventListener("stalled", (event) => {
  if (live.state !== "live") return;
  if (/** @type {CustomEvent} */ (event).detail) card.say("No picture", "The server has sent none for some seconds.");
  else card.say("");
});
live.addEventListener("sourceended", () => {
  live.stop();
  showTrouble(new Trouble("source-ended", "The camera went away", "It was unplugged or taken by another program.", { ways: ["retry", "sample"] }));
});

// ---- what the page says ----------------------------------------------------------------------

/** @type {Record<string, string>} */
const STATUS = { opening: "Opening the source", connecting: "Connecting", warming: "The server is warming up", waiting: "Waiting", live: "Live" };

/** @param {string} state */
function showState(state) {
  root.dataset.state = state;
  if (state === "idle") say(serverLine[0], serverLine[1]);
  else say(STATUS[state], state === "live" ? serverLine[1] : "");
  byId("enter").hidden = visit !== null;
  byId("leave").hidden = visit === null;
}

/** @param {string} text @param {string} [more] where there is room */
function say(text, more = "") {
  byId("status-text").textContent = text;
  byId("status-more").textContent = more;
}

function showFigures() {
  wrist.isStale = true;
  byId("figures").textContent = wrist.lines.filter(([, value]) => value !== "–")
    .map(([name, value, unit]) => `${name} ${value}${unit && ` ${unit}`}`).join(" · ");
}

/** @param {any} error */
function showTrouble(error) {
  const trouble = error instanceof Trouble ? error : new Trouble("failed", "Something went wrong", String(error?.message ?? error));
  showState("idle");
  if (visit) {
    card.say(trouble.title, trouble.message);
    board.set({ canRetry: true });
    return;
  }
  /** @type {Record<import("../../static/js/trouble.js").Way, import("../../static/js/notice.js").Action>} */
  const ways = {
    retry: { label: "Try again", run: enter },
    camera: { label: "Use the camera", run: () => choose("camera") },
    sample: { label: "Use the sample clip", run: () => choose("sample") },
  };
  notice.show(trouble.code, trouble.title, trouble.message, trouble.ways.map((way, index) => ({ ...ways[way], primary: index === 0 })));
}

/** @param {import("../../static/js/sources.js").SourceKind} kind */
function choose(kind) {
  picker.choose(kind);
  entry.show();
  return enter();
}

async function look() {
  support = await findSupport();
  root.dataset.way = support.mode ?? "none";
  const button = byId("enter");
  button.disabled = support.mode === null;
  button.textContent = support.mode === "immersive-vr" ? "Enter VR" : "Enter AR";
  byId("closed-note").hidden = support.mode !== "immersive-vr";
  if (support.mode) {
    if (notice.box.dataset.code === root.dataset.why) notice.hide();
    delete root.dataset.why;
    return;
  }
  root.dataset.why = support.code;
  notice.show(support.code, support.title, support.text, [{ label: "Open the flat page", run: () => location.assign("./"), primary: true }]);
}

// ---- the first moment ------------------------------------------------------------------------

for (const [label, text] of WHOLE_SCENE.slice(0, 6)) {
  const chip = make("button", { type: "button", class: "chip" }, label);
  chip.addEventListener("click", () => {
    if (live.session) instruct(text);
    else box.value = text;
  });
  byId("chips").append(chip);
}
byId("enter").addEventListener("click", enter);
byId("leave").addEventListener("click", () => visit?.leave());
byId("find").addEventListener("click", () => entry.findCameras().catch(showTrouble));
byId("composer").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  send();
});
box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  send();
});
picker.addEventListener("file", () => entry.show());

/** Someone at the page may speak for the one in the headset. */
function send() {
  if (!live.session) return enter();
  instruct(box.value);
  box.value = "";
}

listenForKeys({
  "/": () => box.focus(),
  e: enter,
  v: turnView,
  l: turnLock,
  1: () => picker.pick("camera"),
  2: () => picker.pick("file"),
  3: () => picker.pick("sample"),
  Escape: () => (visit ? visit.leave() : root.dataset.state === "opening" && giveUp()),
});

function giveUp() {
  attempt += 1;
  showState("idle");
}

addEventListener("pagehide", () => live.stop(true));
/** @type {any} */ (navigator).xr?.addEventListener?.("devicechange", () => visit === null && look());

/** @param {"there" | "away" | "warming"} server @param {string} text @param {string} [more] */
function know(server, text, more = "") {
  serverLine = [text, more];
  root.dataset.server = server;
  if (root.dataset.state === "idle") say(text, more);
}

look();
waitReady(new AbortController().signal, () => know("warming", "Warming up")).then(
  (info) => know("there", "Ready", ` · ${info.preset} ${info.frame_width}×${info.frame_height}${info.recording ? " · recorded" : ""}`),
  () => know("away", "No server", " answers at this address"),
);

/** For tests, and for whoever looks into a visit with the browser's tools. */
export const headset = { pane, board, wrist, card, figures, instructions, live, get scene() { return scene; }, get visit() { return visit; } };
