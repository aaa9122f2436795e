/**
 * Which cameras may be used, and which first.
 *
 * On Quest headsets the "front" camera is the avatar's: choosing it breaks all cameras until the headset
 * restarts. The passthrough cameras, which see what the wearer sees, are the ones to use.
 */

/** @typedef {Pick<MediaDeviceInfo, "kind" | "deviceId" | "label">} Device */

const AVATAR = /front/i;
const OUTWARD = [/passthrough/i, /\b(back|rear|environment|world)\b/i, /\b(left|right)\b/i];

/** @param {string} [userAgent] */
export const isQuest = (userAgent = navigator.userAgent) => userAgent.includes("OculusBrowser");

/**
 * The cameras among these devices that may be used, in the order they came in.
 * @template {Device} D
 * @param {D[]} devices @param {string} [userAgent] @returns {D[]}
 */
export function usableCameras(devices, userAgent) {
  const cameras = devices.filter((one) => one.kind === "videoinput" && one.deviceId);
  return isQuest(userAgent) ? cameras.filter((one) => !AVATAR.test(one.label)) : cameras;
}

/**
 * The camera to begin with: on a headset the one that looks outward; elsewhere the first.
 * @template {Device} D
 * @param {D[]} devices @param {string} [userAgent] @returns {D | undefined}
 */
export function preferredCamera(devices, userAgent) {
  const cameras = usableCameras(devices, userAgent);
  if (!isQuest(userAgent)) return cameras[0];
  for (const sign of OUTWARD) {
    const found = cameras.find((one) => sign.test(one.label));
    if (found) return found;
  }
  return cameras[0];
}
