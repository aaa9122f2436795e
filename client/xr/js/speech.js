/** Instructions by voice, where the browser turns speech into text. One sentence at a time. */

/** @type {Record<string, string>} */
const TROUBLES = {
  "not-allowed": "The microphone is blocked. Leave, allow it for this page, and come back.",
  "service-not-allowed": "This browser does not allow speech recognition here.",
  "audio-capture": "No microphone was found.",
  "no-speech": "Nothing was heard. Press and say it again.",
  network: "The browser's speech service does not answer.",
};

/** @returns {any} the browser's recogniser, or undefined */
const recogniser = () => /** @type {any} */ (window).SpeechRecognition ?? /** @type {any} */ (window).webkitSpeechRecognition;

/**
 * Events: `listening` (detail: boolean), `heard` (detail: the words so far), `said` (detail: the sentence),
 * `trouble` (detail: what to do).
 */
export class Speech extends EventTarget {
  constructor() {
    super();
    /** @type {any} */
    this.running = null;
  }

  static get isPossible() {
    return recogniser() !== undefined;
  }

  /** Begins to listen, or stops. */
  toggle() {
    if (this.running) this.running.stop();
    else this.#listen();
  }

  /** Gives the microphone back, and forgets what was being said. */
  stop() {
    this.running?.abort();
  }

  #listen() {
    const Recogniser = recogniser();
    const running = new Recogniser();
    // The instructions are English, whatever the browser's own language.
    running.lang = navigator.language.startsWith("en") ? navigator.language : "en-US";
    running.interimResults = true;
    running.onresult = (/** @type {any} */ event) => this.#hear(event.results);
    running.onerror = (/** @type {any} */ event) => {
      if (event.error !== "aborted") this.#tell("trouble", TROUBLES[event.error] ?? `Speech recognition failed (${event.error}).`);
    };
    running.onend = () => {
      this.running = null;
      this.#tell("listening", false);
    };
    this.running = running;
    running.start();
    this.#tell("listening", true);
  }

  /** @param {any} results */
  #hear(results) {
    const parts = [...results];
    const words = parts.map((one) => one[0].transcript).join(" ").trim();
    if (!words) return;
    this.#tell(parts.every((one) => one.isFinal) ? "said" : "heard", words);
  }

  /** @param {string} name @param {any} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** Asks for the microphone and gives it back: within a headset it is too late to ask. @returns {Promise<boolean>} */
export async function askForMicrophone() {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    stream.getTracks().forEach((track) => track.stop());
    return true;
  } catch {
    return false;
  }
}
