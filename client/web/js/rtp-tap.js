/**
 * A worker that watches encoded frames leave, unchanged, and tells the page the RTP timestamp of each
 * and when it passed (ms since the epoch).
 */
self.addEventListener("rtctransform", (/** @type {any} */ event) => {
  const { readable, writable } = event.transformer;
  const watch = new TransformStream({
    transform(frame, controller) {
      const rtp = frame.getMetadata().rtpTimestamp ?? frame.timestamp;
      self.postMessage([rtp, performance.timeOrigin + performance.now()]);
      controller.enqueue(frame);
    },
  });
  readable.pipeThrough(watch).pipeTo(writable).catch(() => {});
});
self.addEventListener("message", () => self.postMessage("here"));
