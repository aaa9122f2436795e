/**
 * Vectors, rays and rigid poses: only what the room needs. Metres; y is up; a surface faces its +z.
 * Matrices are column-major, as WebGL and WebXR have them.
 */

/** @typedef {[number, number, number]} Vec */
/** @typedef {Float32Array} Mat four by four */
/** @typedef {{origin: Vec, direction: Vec}} Ray the direction has length 1 */

/** @param {Vec} a @param {Vec} b @returns {Vec} */
export const add = (a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
/** @param {Vec} a @param {Vec} b @returns {Vec} */
export const minus = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
/** @param {Vec} a @param {number} factor @returns {Vec} */
export const times = (a, factor) => [a[0] * factor, a[1] * factor, a[2] * factor];
/** @param {Vec} a @param {Vec} b */
export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
/** @param {Vec} a @param {Vec} b @returns {Vec} */
export const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
/** @param {Vec} a */
export const length = (a) => Math.hypot(a[0], a[1], a[2]);
/** @param {Vec} a @returns {Vec} */
export const unit = (a) => times(a, 1 / (length(a) || 1));
/** @param {Vec} a @param {Vec} b */
export const distance = (a, b) => length(minus(a, b));
/** @param {number} value @param {number} least @param {number} most */
export const clamp = (value, least, most) => Math.min(most, Math.max(least, value));

/** @param {Vec} right @param {Vec} up @param {Vec} back @param {Vec} at @returns {Mat} */
export function rigid(right, up, back, at) {
  return new Float32Array([...right, 0, ...up, 0, ...back, 0, ...at, 1]);
}

/** @param {number} x @param {number} y @param {number} z @returns {Mat} */
export const shift = (x, y, z) => rigid([1, 0, 0], [0, 1, 0], [0, 0, 1], [x, y, z]);

/** A turn about the x axis, then a shift. @param {number} angle @param {Vec} at @returns {Mat} */
export function tilt(angle, at) {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return rigid([1, 0, 0], [0, c, s], [0, -s, c], at);
}

/** @param {Mat} a @param {Mat} b @returns {Mat} a · b */
export function multiply(a, b) {
  const product = new Float32Array(16);
  for (let column = 0; column < 4; column += 1) {
    for (let row = 0; row < 4; row += 1) {
      let sum = 0;
      for (let k = 0; k < 4; k += 1) sum += a[4 * k + row] * b[4 * column + k];
      product[4 * column + row] = sum;
    }
  }
  return product;
}

/** @param {Mat} m rigid @returns {Mat} */
export function inverse(m) {
  const at = position(m);
  const [right, up, back] = [axis(m, 0), axis(m, 1), axis(m, 2)];
  return new Float32Array([
    right[0], up[0], back[0], 0, right[1], up[1], back[1], 0, right[2], up[2], back[2], 0,
    -dot(right, at), -dot(up, at), -dot(back, at), 1,
  ]);
}

/** @param {Mat} m @param {0 | 1 | 2} index @returns {Vec} */
export const axis = (m, index) => [m[4 * index], m[4 * index + 1], m[4 * index + 2]];
/** @param {Mat} m @returns {Vec} */
export const position = (m) => [m[12], m[13], m[14]];

/** @param {Mat} m @param {Vec} p @returns {Vec} */
export function transform(m, p) {
  return add(position(m), turn(m, p));
}

/** @param {Mat} m @param {Vec} d a direction @returns {Vec} */
export function turn(m, d) {
  return add(add(times(axis(m, 0), d[0]), times(axis(m, 1), d[1])), times(axis(m, 2), d[2]));
}

/** A pose made as wide and high as a surface. @param {Mat} m @param {number} width @param {number} height @returns {Mat} */
export function sized(m, width, height) {
  return rigid(times(axis(m, 0), width), times(axis(m, 1), height), axis(m, 2), position(m));
}

/** An upright pose at a place, turned to face an eye. @param {Vec} at @param {Vec} eye @returns {Mat} */
export function facing(at, eye) {
  const back = unit(minus(eye, at));
  // Straight above or below there is no telling left from right: any will do.
  const side = cross([0, 1, 0], back);
  const right = length(side) > 1e-3 ? unit(side) : /** @type {Vec} */ ([1, 0, 0]);
  return rigid(right, cross(back, right), back, at);
}

/** The ray along a pose's −z. @param {Mat} m @returns {Ray} */
export const rayOf = (m) => ({ origin: position(m), direction: times(unit(axis(m, 2)), -1) });

/**
 * Where a ray meets a surface: from (0, 0), its upper left, to (1, 1).
 * @param {Ray} ray @param {Mat} pose @param {number} width @param {number} height
 * @returns {{x: number, y: number, away: number, at: Vec} | null}
 */
export function meet({ origin, direction }, pose, width, height) {
  const normal = axis(pose, 2);
  const towards = dot(direction, normal);
  if (Math.abs(towards) < 1e-5) return null;
  const away = dot(minus(position(pose), origin), normal) / towards;
  if (!(away > 0)) return null;
  const at = add(origin, times(direction, away));
  const on = minus(at, position(pose));
  const x = dot(on, axis(pose, 0)) / width + 0.5;
  const y = 0.5 - dot(on, axis(pose, 1)) / height;
  return x >= 0 && x <= 1 && y >= 0 && y <= 1 ? { x, y, away, at } : null;
}
