/** The server's HTTP side: what it runs, whether it is ready, and opening and closing a session. */

import { sleep } from "./dom.js";
import { httpTrouble, Trouble, unreachable } from "./trouble.js";

/**
 * @typedef {object} Info
 * @property {string} preset
 * @property {number} frame_width
 * @property {number} frame_height
 * @property {number} chunk_frames
 * @property {number} slots
 * @property {boolean} [recording] whether films of sessions are kept
 * @property {boolean} [relays] whether it knows STUN or TURN servers
 * @property {boolean} [ready] false while the model loads; the sizes are null then
 */

const LONGEST_WARM_UP_S = 120;
const TOKEN = "egostream-token";

/** @param {string} path */
const api = (path) => new URL(path, document.baseURI);

/**
 * @param {string | URL} url
 * @param {RequestInit} [init]
 * @returns {Promise<Response>}
 */
async function ask(url, init) {
  try {
    return await fetch(url, { cache: "no-store", ...init });
  } catch (/** @type {any} */ error) {
    if (init?.signal?.aborted) throw error;
    throw unreachable();
  }
}

/** @param {AbortSignal} [signal] @returns {Promise<Info>} */
export async function getInfo(signal) {
  const response = await ask(api("v1/info"), { signal });
  if (!response.ok) throw await httpTrouble(response);
  return response.json();
}

/**
 * Waits until the server has warmed up.
 * @param {AbortSignal} signal
 * @param {() => void} [onWait] called once when it is not ready yet
 * @returns {Promise<Info>}
 */
export async function waitReady(signal, onWait = () => {}) {
  for (let tries = 0; tries < LONGEST_WARM_UP_S; tries += 1) {
    const info = await getInfo(signal);
    if (info.ready !== false) return info;
    if (tries === 0) onWait();
    await sleep(1000, signal);
  }
  throw new Trouble("not-ready", "The server does not get ready",
    "It has been warming up for two minutes. Its log should say why.");
}

/**
 * The STUN and TURN servers that the server names, with credentials for some minutes.
 * @param {AbortSignal} signal
 * @returns {Promise<RTCIceServer[]>}
 */
export async function iceServers(signal) {
  const response = await ask(api("v1/session"), { method: "OPTIONS", headers: bearer(), signal });
  if (!response.ok) throw await httpTrouble(response);
  const links = (response.headers.get("link") ?? "").split(/,\s*(?=<)/);
  return links.filter((link) => link.includes('rel="ice-server"')).map((link) => {
    /** @param {string} name */
    const value = (name) => new RegExp(`; ${name}="([^"]*)"`).exec(link)?.[1];
    const urls = link.slice(1, link.indexOf(">"));
    const username = value("username");
    return username === undefined ? { urls } : { urls, username, credential: value("credential") };
  });
}

/**
 * @param {string} sdp the offer
 * @param {string} instruction shows from the first frame on; may be empty
 * @param {AbortSignal} signal
 * @param {URL | null} [broken] a session whose connection broke: it goes on, if the server kept it
 * @returns {Promise<{answer: string, location: URL}>}
 */
export async function openSession(sdp, instruction, signal, broken = null) {
  const url = broken ? new URL(broken) : api("v1/session");
  if (instruction) url.searchParams.set("instruction", instruction);
  const response = await ask(url, {
    method: "POST",
    headers: { "content-type": "application/sdp", ...bearer() },
    body: sdp,
    signal,
  });
  if (broken && response.status === 404) return openSession(sdp, instruction, signal);
  if (!response.ok) throw await httpTrouble(response);
  if (broken) return { answer: await response.text(), location: broken };
  const location = response.headers.get("location");
  if (!location) throw new Trouble("protocol", "The server's answer is incomplete", "It named no session.");
  return { answer: await response.text(), location: new URL(location, url) };
}

/**
 * What the server asks for, from the address that it printed: `#token=…`. Kept while the tab is open, and out of sight.
 * @returns {Record<string, string>}
 */
function bearer() {
  const given = new URLSearchParams(window.location.hash.slice(1)).get("token");
  if (given) {
    sessionStorage.setItem(TOKEN, given);
    history.replaceState(null, "", window.location.pathname + window.location.search);
  }
  const token = given ?? sessionStorage.getItem(TOKEN);
  return token ? { authorization: `Bearer ${token}` } : {};
}

// At once, so that the token is out of sight, and known to the other page of the two.
bearer();

/** @param {URL} location @param {boolean} [leaving] the page is going away */
export async function closeSession(location, leaving = false) {
  await fetch(location, { method: "DELETE", keepalive: leaving }).catch(() => {});
}
