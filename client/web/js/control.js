/** The control socket of one session: instructions out, news in. */

const PROTOCOL = 1;
const PING_EVERY_MS = 2000;
const SILENCE_MS = 20_000;

/**
 * Events: `message` (detail: a server message), `closed` (detail: a reason in words).
 */
export class Control extends EventTarget {
  /** @param {URL} location of the session */
  constructor(location) {
    super();
    const url = new URL(`${location.pathname.replace(/\/$/, "")}/control`, location);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    url.search = location.search;
    /** Round-trip time of the last ping, ms. */
    this.rttMs = NaN;
    this.heardAt = performance.now();
    this.isClosed = false;
    /** @type {string | undefined} the reason, if the server ended the session */
    this.farewell = undefined;
    /** @type {string[]} said before the socket opened */
    this.waiting = [];
    this.socket = new WebSocket(url);
    this.socket.addEventListener("open", () => this.#opened());
    this.socket.addEventListener("message", (event) => this.#heard(event.data));
    this.socket.addEventListener("close", (event) => this.#ended(event.reason));
  }

  /** @param {number} seq @param {string} text */
  instruct(seq, text) {
    this.#say({ type: "instruct", seq, text });
  }

  close() {
    this.isClosed = true;
    clearInterval(this.timer);
    this.socket.close(1000);
  }

  /** @param {object} message */
  #say(message) {
    const text = JSON.stringify(message);
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(text);
    else this.waiting.push(text);
  }

  #opened() {
    this.heardAt = performance.now();
    this.socket.send(JSON.stringify({ type: "hello", protocol: PROTOCOL }));
    for (const text of this.waiting.splice(0)) this.socket.send(text);
    this.#ping();
    this.timer = setInterval(() => this.#ping(), PING_EVERY_MS);
  }

  #ping() {
    if (performance.now() - this.heardAt > SILENCE_MS) {
      this.#ended("The server has been silent for 20 seconds.");
      this.socket.close();
      return;
    }
    this.#say({ type: "ping", t_ms: performance.now() });
  }

  /** @param {string} data */
  #heard(data) {
    this.heardAt = performance.now();
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    if (message.type === "pong") this.rttMs = performance.now() - message.t_ms;
    if (message.type === "bye") this.farewell = message.reason;
    this.dispatchEvent(new CustomEvent("message", { detail: message }));
  }

  /** @param {string} reason */
  #ended(reason) {
    clearInterval(this.timer);
    if (this.isClosed) return;
    this.isClosed = true;
    this.dispatchEvent(new CustomEvent("closed", { detail: this.farewell || reason }));
  }
}
