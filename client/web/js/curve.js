/** The curve of the frame age. */

const SPAN_MS = 20_000;

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {{left: number, top: number, width: number, height: number}} box
 * @param {{atMs: number, ageMs: number}[]} points oldest first
 * @param {number} lineWidth
 */
export function drawCurve(pen, box, points, lineWidth) {
  if (points.length < 2) return;
  const { left, top, width, height } = box;
  const now = performance.now();
  const most = Math.max(200, ...points.map((point) => point.ageMs)) * 1.15;
  const span = Math.min(SPAN_MS, Math.max(1500, now - points[0].atMs));
  const x = (/** @type {number} */ atMs) => left + width * (1 - (now - atMs) / span);
  const y = (/** @type {number} */ ageMs) => top + height - 1 - (height - 2) * (ageMs / most);
  pen.beginPath();
  for (const point of points) pen.lineTo(x(point.atMs), y(point.ageMs));
  pen.lineWidth = lineWidth;
  pen.lineJoin = "round";
  pen.strokeStyle = "#ffa15c";
  pen.stroke();
  pen.lineTo(x(points[points.length - 1].atMs), top + height);
  pen.lineTo(x(points[0].atMs), top + height);
  pen.fillStyle = "rgba(255, 161, 92, 0.14)";
  pen.fill();
}
