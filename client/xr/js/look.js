/** The flat page's colours and letters, for what is written in the room. */

const style = getComputedStyle(document.documentElement);
const read = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();

export const INK = { 0: read("ink-0"), 1: read("ink-1"), 2: read("ink-2"), 3: read("ink-3"), line: read("line") };
export const PAPER = { 1: read("paper"), 2: read("paper-2"), 3: read("paper-3") };
export const COOL = read("cool");
export const RED = read("red");
export const WARM = read("warm");
export const WARM_INK = read("warm-ink");

/** @param {number} size @param {number} [weight] */
export const sans = (size, weight = 400) => `${weight} ${size}px ${read("sans")}`;
/** @param {number} size */
export const serif = (size) => `italic ${size}px ${read("serif")}`;
/** @param {number} size */
export const heading = (size) => `${size}px ${read("serif")}`;

/** @param {string} hex such as #9cc9dc @returns {import("./gl/painter.js").Colour} */
export function paint(hex, alpha = 1) {
  const part = (/** @type {number} */ at) => (parseInt(hex.slice(at, at + 2), 16) / 255) * alpha;
  return [part(1), part(3), part(5), alpha];
}
