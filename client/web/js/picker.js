/** Choosing the source: the four kinds, which camera, which file, and files dropped on the page. */

import { byId, make } from "./dom.js";
import { listCameras, openCamera, openFile, openSample, openScreen } from "./sources.js";

/** @typedef {import("./sources.js").SourceKind} SourceKind */

/** Events: `pick` (detail: the kind just chosen by hand), `file` (a film was chosen), `device`. */
export class Picker extends EventTarget {
  constructor() {
    super();
    this.group = byId("sources");
    this.device = byId("device");
    this.input = byId("file");
    /** @type {SourceKind} */
    this.kind = navigator.mediaDevices ? "camera" : "sample";
    /** @type {File | null} */
    this.film = null;
    for (const button of this.#buttons()) {
      button.addEventListener("click", () => this.pick(/** @type {SourceKind} */ (button.dataset.source)));
    }
    this.group.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#key(event));
    this.device.addEventListener("change", () => this.dispatchEvent(new CustomEvent("device")));
    this.input.addEventListener("change", () => this.#take(this.input.files[0]));
    this.#listenForDrops();
    this.choose(this.kind);
  }

  /** @param {SourceKind} kind */
  choose(kind) {
    this.kind = kind;
    for (const button of this.#buttons()) {
      const isOn = button.dataset.source === kind;
      button.setAttribute("aria-checked", String(isOn));
      button.tabIndex = isOn ? 0 : -1;
    }
    byId("device-field").hidden = kind !== "camera" || this.device.options.length < 2;
  }

  /** @param {SourceKind} kind */
  pick(kind) {
    this.choose(kind);
    if (kind === "file") this.browse();
    else this.dispatchEvent(new CustomEvent("pick", { detail: kind }));
  }

  /** Asks for a file. */
  browse() {
    this.input.click();
  }

  /** Is there all it takes to open the chosen source? */
  get isComplete() {
    return this.kind !== "file" || this.film !== null;
  }

  /** @returns {Promise<import("./sources.js").Source>} */
  async open() {
    if (this.kind === "screen") return openScreen();
    if (this.kind === "file" && this.film) return openFile(this.film);
    if (this.kind === "sample") return openSample();
    const source = await openCamera(this.device.value);
    this.offer(await listCameras().catch(() => []), source.track.getSettings().deviceId ?? "");
    return source;
  }

  /** @param {MediaDeviceInfo[]} cameras to choose from @param {string} chosen its id */
  offer(cameras, chosen) {
    this.device.replaceChildren(...cameras.map((camera, index) => (
      make("option", { value: camera.deviceId }, camera.label || `Camera ${index + 1}`)
    )));
    this.device.value = chosen;
    this.choose(this.kind);
  }

  /** @param {File | undefined} film */
  #take(film) {
    this.input.value = "";
    if (!film) return;
    this.film = film;
    this.choose("file");
    this.dispatchEvent(new CustomEvent("file"));
  }

  /** @returns {HTMLElement[]} */
  #buttons() {
    return [...this.group.querySelectorAll("[data-source]")];
  }

  /** Arrows move in the group, as radio buttons do. @param {KeyboardEvent} event */
  #key(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const buttons = this.#buttons();
    const at = buttons.findIndex((button) => button === document.activeElement);
    const to = buttons[(at + step + buttons.length) % buttons.length];
    this.choose(/** @type {SourceKind} */ (to.dataset.source));
    to.focus();
    event.preventDefault();
    event.stopPropagation();
  }

  #listenForDrops() {
    const sign = byId("drop");
    addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      sign.hidden = false;
    });
    addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) sign.hidden = true;
    });
    addEventListener("drop", (event) => {
      sign.hidden = true;
      if (!event.dataTransfer?.files.length) return;
      event.preventDefault();
      this.#take(event.dataTransfer.files[0]);
    });
  }
}
