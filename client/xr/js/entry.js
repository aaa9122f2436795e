/** What has to be asked, opened and chosen before a person goes in: nothing may be asked later. */

import { isQuest, preferredCamera } from "../../static/js/cameras.js";
import { byId } from "../../static/js/dom.js";
import { askForCamera, listCameras } from "../../static/js/sources.js";
import { Trouble } from "../../static/js/trouble.js";
import { Speech, askForMicrophone } from "./speech.js";

export class Entry {
  /** @param {import("../../static/js/picker.js").Picker} picker */
  constructor(picker) {
    this.picker = picker;
    this.findButton = byId("find");
    this.speak = byId("speak");
    this.speakNote = byId("speak-note");
    this.hasAsked = false;
    this.hasMicrophone = false;
    byId("speak-field").hidden = !Speech.isPossible;
    picker.addEventListener("pick", () => this.show());
    this.show();
  }

  /** The button that asks for cameras is of use once, and only for cameras. */
  show() {
    this.findButton.hidden = this.hasAsked || this.picker.kind !== "camera" || !navigator.mediaDevices;
  }

  /** Asks for the camera once, gives it back, and offers those that may be used, by name. */
  async findCameras() {
    if (this.hasAsked) return;
    await askForCamera();
    this.hasAsked = true;
    const cameras = await listCameras();
    const first = preferredCamera(cameras);
    if (!first && isQuest()) {
      throw new Trouble("no-headset-camera", "No camera that looks outward",
        "Allow “headset cameras” for this site in the browser's site settings, then load this page again. The sample clip works without one.",
        { ways: ["retry", "sample"] });
    }
    this.picker.offer(cameras, first?.deviceId ?? "");
    this.show();
  }

  /**
   * All that may make the browser ask something, and the source itself.
   * @returns {Promise<import("../../static/js/sources.js").Source>}
   */
  async open() {
    if (this.picker.kind === "camera") await this.findCameras();
    if (this.canSpeak && !this.hasMicrophone) {
      this.hasMicrophone = await askForMicrophone();
      this.speak.checked = this.hasMicrophone;
      if (!this.hasMicrophone) this.speakNote.textContent = "The microphone is blocked for this page, so speaking is off.";
    }
    return this.picker.open();
  }

  get canSpeak() {
    return Speech.isPossible && this.speak.checked;
  }
}
