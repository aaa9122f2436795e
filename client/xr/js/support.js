/** What this browser and this address allow: see-through, closed, or neither and why. */

/** @typedef {"immersive-ar" | "immersive-vr"} Mode */
/**
 * @typedef {object} Support
 * @property {Mode | null} mode the best there is
 * @property {string} code "" where there is one
 * @property {string} title
 * @property {string} text why there is none, and the way out
 */

/**
 * @param {any} [xr] navigator.xr
 * @param {boolean} [isSecure]
 * @returns {Promise<Support>}
 */
export async function findSupport(xr = /** @type {any} */ (navigator).xr, isSecure = window.isSecureContext) {
  if (!isSecure) {
    return none("insecure", "A headset needs a secure address",
      "Browsers give headsets and cameras only to https pages and to localhost. Open this page by https, or as localhost.");
  }
  if (!xr) {
    return none("no-webxr", "This browser has no WebXR",
      "Open this address in the headset's own browser, or in Chrome or Edge with a headset connected.");
  }
  for (const mode of /** @type {Mode[]} */ (["immersive-ar", "immersive-vr"])) {
    if (await xr.isSessionSupported(mode).catch(() => false)) return { mode, code: "", title: "", text: "" };
  }
  return none("no-headset", "No headset found",
    "Open this address in the headset's own browser, or connect a headset to this computer: this page notices it.");
}

/** @param {string} code @param {string} title @param {string} text @returns {Support} */
const none = (code, title, text) => ({ mode: null, code, title, text });
