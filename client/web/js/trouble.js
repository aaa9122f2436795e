/** What can go wrong, in words a person can act on. */

/**
 * @typedef {"retry" | "camera" | "sample"} Way a button that the notice offers
 */

export class Trouble extends Error {
  /**
   * @param {string} code stable, for tests and logs
   * @param {string} title
   * @param {string} text what to do about it
   * @param {{retry?: boolean, retryAfterS?: number, ways?: Way[]}} [options]
   *   retry: trying again by itself makes sense
   */
  constructor(code, title, text, options = {}) {
    super(text);
    this.name = "Trouble";
    this.code = code;
    this.title = title;
    this.retry = options.retry ?? false;
    this.retryAfterS = options.retryAfterS;
    this.ways = options.ways ?? ["retry"];
  }
}

/**
 * @param {any} error from getUserMedia
 * @returns {Trouble}
 */
export function cameraTrouble(error) {
  const ways = /** @type {Way[]} */ (["retry", "sample"]);
  switch (error?.name) {
    case "NotAllowedError":
    case "SecurityError":
      return new Trouble("camera-refused", "The camera is blocked",
        "Allow the camera for this page (the icon left of the address), then try again. The sample clip works without one.", { ways });
    case "NotFoundError":
    case "OverconstrainedError":
      return new Trouble("camera-absent", "No camera found",
        "Plug one in and try again, or use a video file or the sample clip.", { ways });
    case "NotReadableError":
    case "AbortError":
      return new Trouble("camera-in-use", "The camera does not answer",
        "Another program may be using it. Close that one and try again.", { ways });
    default:
      return new Trouble("camera", "The camera could not start", String(error?.message ?? error), { ways });
  }
}

/** @returns {Trouble} for pages without the right to ask for a camera */
export function insecureTrouble() {
  return new Trouble("insecure", "A camera needs a secure address",
    "Browsers give cameras and screens only to https pages and to localhost. Open this page that way, or use a file or the sample clip.",
    { ways: ["sample"] });
}

/** @param {any} error from getDisplayMedia */
export function screenTrouble(error) {
  if (error?.name === "NotAllowedError") {
    return new Trouble("screen-refused", "No screen was shared",
      "Start again and pick a screen or a window.", { ways: ["retry", "sample"] });
  }
  return new Trouble("screen", "The screen could not be shared", String(error?.message ?? error), { ways: ["retry", "sample"] });
}

/** @param {string} name of the file */
export function fileTrouble(name) {
  return new Trouble("file", "This browser cannot play that file",
    `“${name}” is not a video it knows. MP4 with H.264 and WebM nearly always work.`, { ways: ["sample"] });
}

/** The server does not answer at all. */
export function unreachable() {
  return new Trouble("unreachable", "The server does not answer",
    "It may be restarting. This page tries again by itself.", { retry: true });
}

/**
 * @param {Response} response of the server, not a good one
 * @returns {Promise<Trouble>}
 */
export async function httpTrouble(response) {
  /** @type {{code?: string, message?: string}} */
  let said = {};
  try {
    said = await response.json();
  } catch {
    /* not JSON: the status must do */
  }
  const message = said.message ?? `The server answered ${response.status}.`;
  const after = Number(response.headers.get("retry-after"));
  if (said.code === "busy" || response.status === 429) {
    return new Trouble("busy", "Every seat is taken",
      "This server edits only a few streams at once. This page asks again by itself.",
      { retry: true, retryAfterS: after > 0 ? after : 5 });
  }
  if (response.status === 401 || response.status === 403) {
    return new Trouble(said.code ?? "unauthorized", "This server wants a token",
      `${message} Open the address that it printed at its start, or one with a token of \`egostream token\`.`);
  }
  if (response.status >= 500) {
    return new Trouble(said.code ?? "server", "The server cannot start a session", message,
      { retry: true, retryAfterS: after > 0 ? after : undefined });
  }
  const title = said.code === "bad_instruction" ? "That instruction does not work" : "The server refused the session";
  return new Trouble(said.code ?? "refused", title, message);
}

/** What one in the queue is told. @param {{position: number, size: number}} place */
export const queueWords = ({ position, size }) => (
  position === 1
    ? `You are the next${size > 1 ? ` of ${size} that wait` : ""}. This starts by itself.`
    : `You are number ${position} of ${size} that wait. This starts by itself.`
);

/** What one is told whose session is about to end. @param {{in_s: number, reason: string}} ending */
export const endingWords = ({ in_s, reason }) => `Ends in ${Math.max(1, Math.round(in_s))} s: ${reason}`;

/** The connection was there and is no more. */
export function lost(reason = "") {
  return new Trouble("lost", "Connection lost", reason || "The network or the server went away.", { retry: true });
}
