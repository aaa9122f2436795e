/** The message over the stage when something needs the person's attention. */

import { byId, make } from "./dom.js";

/** @typedef {{label: string, run: () => void, primary?: boolean}} Action */

export class Notice {
  constructor() {
    this.box = byId("notice");
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
  }

  /**
   * @param {string} code for tests and styling
   * @param {string} title
   * @param {string} text
   * @param {Action[]} actions
   * @param {{seconds: number, words: (left: number) => string}} [countdown]
   */
  show(code, title, text, actions, countdown) {
    this.hide();
    this.box.dataset.code = code;
    byId("notice-title").textContent = title;
    byId("notice-text").textContent = text;
    byId("notice-actions").replaceChildren(...actions.map(({ label, run, primary }) => {
      const button = make("button", { type: "button", class: primary ? "primary" : "quiet" }, label);
      button.addEventListener("click", run);
      return button;
    }));
    const count = byId("notice-count");
    count.hidden = !countdown;
    if (countdown) {
      const until = performance.now() + countdown.seconds * 1000;
      const tick = () => {
        const left = Math.max(0, Math.ceil((until - performance.now()) / 1000));
        count.textContent = countdown.words(left);
      };
      tick();
      this.timer = setInterval(tick, 250);
    }
    this.box.hidden = false;
  }

  hide() {
    clearInterval(this.timer);
    this.box.hidden = true;
    delete this.box.dataset.code;
  }
}
