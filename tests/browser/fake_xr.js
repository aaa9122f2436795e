/**
 * A headset for tests, put into a page before its own scripts: the part of the WebXR Device API that the
 * page uses, as strict as the specification where a mistake would only show on a device. Frames must not
 * be used after their callback, sessions start only in a click, features must have been asked for, contexts
 * must be made for a headset.
 *
 * `window.fakeXr` moves the head and the hands, presses, and gives the pixels that an eye would see.
 */
(() => {
  const settings = {
    modes: ["immersive-ar", "immersive-vr"], blend: "alpha-blend", hands: ["left", "right"],
    keyboard: false, eye: [640, 480], fps: 30, ...window.fakeXrSettings,
  };
  const calls = [];
  const refuse = (name, text) => { throw new DOMException(text, name); };

  // ---- poses ----
  const unit = (v) => v.map((x) => x / Math.hypot(...v));
  const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const poseOf = (at, target) => {
    const back = unit(at.map((x, i) => x - target[i]));
    const right = unit(cross([0, 1, 0], back));
    return new Float32Array([...right, 0, ...cross(back, right), 0, ...back, 0, ...at, 1]);
  };
  const inverseOf = (m) => {
    const out = new Float32Array(16);
    for (let r = 0; r < 3; r += 1) {
      for (let c = 0; c < 3; c += 1) out[4 * c + r] = m[4 * r + c];
      out[12 + r] = -(m[4 * r] * m[12] + m[4 * r + 1] * m[13] + m[4 * r + 2] * m[14]);
    }
    out[15] = 1;
    return out;
  };
  class Transform {
    constructor(matrix) { this.matrix = matrix; }
    get position() { return { x: this.matrix[12], y: this.matrix[13], z: this.matrix[14], w: 1 }; }
    get inverse() { return new Transform(inverseOf(this.matrix)); }
  }
  const aside = (m, x) => {
    const out = m.slice();
    for (let i = 0; i < 3; i += 1) out[12 + i] += m[i] * x;
    return out;
  };

  // ---- the person ----
  const head = { at: [0, 1.6, 0], target: [0, 1.6, -1] };
  class Space extends EventTarget {
    constructor(pose) { super(); this.pose = pose; }
  }
  class InputSource {
    constructor(handedness) {
      this.handedness = handedness;
      this.at = [handedness === "left" ? -0.25 : 0.25, 1.25, -0.35];
      this.target = [this.at[0], 1.2, -3];
      this.targetRayMode = "tracked-pointer";
      this.profiles = ["generic-trigger-squeeze-thumbstick"];
      this.hand = null;
      this.isSeen = true;
      this.pulses = 0;
      this.gamepad = { mapping: "xr-standard", axes: [0, 0, 0, 0], buttons: [], hapticActuators: [{ pulse: async () => { this.pulses += 1; return true; } }] };
      this.targetRaySpace = new Space(() => (this.isSeen ? poseOf(this.at, this.target) : null));
      this.gripSpace = new Space(() => (this.isSeen ? poseOf(this.at, this.target) : null));
    }
  }

  // ---- the API ----
  class Frame {
    constructor(session, forDrawing) { Object.assign(this, { session, forDrawing, isActive: true, predictedDisplayTime: performance.now() }); }
    getViewerPose(space) {
      if (!this.isActive || !this.forDrawing) refuse("InvalidStateError", "getViewerPose outside of an animation frame");
      if (!(space instanceof Space)) throw new TypeError("not a space");
      if (!session.isHeadSeen) return null;
      const matrix = poseOf(head.at, head.target);
      const [wide, high] = settings.eye;
      const projectionMatrix = new Float32Array([1 / (0.86 * (wide / high)), 0, 0, 0, 0, 1 / 0.86, 0, 0, 0, 0, -1, -1, 0, 0, -0.1, 0]);
      const views = ["left", "right"].map((eye) => ({
        eye, projectionMatrix, transform: new Transform(aside(matrix, eye === "left" ? -0.032 : 0.032)),
      }));
      return { transform: new Transform(matrix), views, emulatedPosition: false };
    }
    getPose(space, base) {
      if (!this.isActive) refuse("InvalidStateError", "the frame is over");
      if (!(space instanceof Space) || !(base instanceof Space)) throw new TypeError("not a space");
      const matrix = space.pose();
      return matrix && { transform: new Transform(matrix), emulatedPosition: false };
    }
  }

  class Session extends EventTarget {
    constructor(mode, features) {
      super();
      Object.assign(this, { mode, isEnded: false, isHeadSeen: true, callbacks: new Map(), looks: [], nextId: 1, visibilityState: "visible" });
      this.enabledFeatures = ["viewer", "local", ...features];
      this.environmentBlendMode = mode === "immersive-ar" ? settings.blend : "opaque";
      this.renderState = { baseLayer: null, depthNear: 0.1, depthFar: 1000 };
      this.inputSources = settings.hands.map((one) => new InputSource(one));
      this.isSystemKeyboardSupported = settings.keyboard;
      this.timer = setInterval(() => this.tick(), 1000 / settings.fps);
    }
    async requestReferenceSpace(type) {
      if (!this.enabledFeatures.includes(type)) refuse("NotSupportedError", `${type} was not asked for`);
      return new Space(() => null);
    }
    updateRenderState(state) {
      if (this.isEnded) refuse("InvalidStateError", "the session has ended");
      if (state.baseLayer && state.baseLayer.session !== this) refuse("InvalidStateError", "a layer of another session");
      Object.assign(this.renderState, state);
    }
    requestAnimationFrame(callback) {
      if (this.isEnded) return 0;
      this.callbacks.set(this.nextId, callback);
      return this.nextId++;
    }
    cancelAnimationFrame(id) { this.callbacks.delete(id); }
    tick() {
      if (this.isEnded || !this.renderState.baseLayer || !this.callbacks.size) return;
      const due = [...this.callbacks.values()];
      this.callbacks.clear();
      this.renderState.baseLayer.wipe();
      const frame = new Frame(this, true);
      for (const callback of due) callback(performance.now(), frame);
      frame.isActive = false;
      this.frames = (this.frames ?? 0) + 1;
      for (const look of this.looks.splice(0)) look();
    }
    tell(name, source) {
      const frame = new Frame(this, false);
      this.dispatchEvent(Object.assign(new Event(name), { inputSource: source, frame }));
      frame.isActive = false;
    }
    async end() {
      if (this.isEnded) refuse("InvalidStateError", "the session has ended");
      this.isEnded = true;
      clearInterval(this.timer);
      session = null;
      calls.push("end");
      this.dispatchEvent(new Event("end"));
    }
  }

  class Layer {
    constructor(ofSession, gl, options = {}) {
      if (ofSession.isEnded) refuse("InvalidStateError", "the session has ended");
      if (!gl.getContextAttributes().xrCompatible && !compatible.has(gl)) refuse("InvalidStateError", "the context is not made for a headset");
      Object.assign(this, { session: ofSession, gl, antialias: options.antialias !== false, ignoreDepthValues: true });
      const [wide, high] = settings.eye;
      [this.framebufferWidth, this.framebufferHeight] = [2 * wide, high];
      this.framebuffer = this.buffer(this.antialias ? 4 : 0);
      this.resolved = this.buffer(0);
    }
    buffer(samples) {
      const { gl } = this;
      const framebuffer = gl.createFramebuffer();
      gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
      const colours = gl.createRenderbuffer();
      gl.bindRenderbuffer(gl.RENDERBUFFER, colours);
      gl.renderbufferStorageMultisample(gl.RENDERBUFFER, samples, gl.RGBA8, this.framebufferWidth, this.framebufferHeight);
      gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.RENDERBUFFER, colours);
      gl.bindFramebuffer(gl.FRAMEBUFFER, null);
      return framebuffer;
    }
    read(x, width, height, into) {
      const { gl } = this;
      gl.bindFramebuffer(gl.READ_FRAMEBUFFER, this.framebuffer);
      gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, this.resolved);
      gl.blitFramebuffer(x, 0, x + width, height, x, 0, x + width, height, gl.COLOR_BUFFER_BIT, gl.NEAREST);
      gl.bindFramebuffer(gl.FRAMEBUFFER, this.resolved);
      gl.readPixels(x, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, into);
      gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    }
    getViewport(view) {
      const [width, height] = settings.eye;
      return { x: view.eye === "left" ? 0 : width, y: 0, width, height };
    }
    wipe() {
      const { gl } = this;
      gl.bindFramebuffer(gl.FRAMEBUFFER, this.framebuffer);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    }
  }

  let session = null;
  class System extends EventTarget {
    async isSessionSupported(mode) { return settings.modes.includes(mode); }
    async requestSession(mode, { requiredFeatures = [], optionalFeatures = [] } = {}) {
      calls.push(`session ${mode}`);
      if (!navigator.userActivation.isActive) refuse("SecurityError", "not in a click");
      if (session) refuse("InvalidStateError", "there is one already");
      if (!settings.modes.includes(mode)) refuse("NotSupportedError", mode);
      session = new Session(mode, [...requiredFeatures, ...optionalFeatures]);
      return session;
    }
  }
  Object.defineProperty(navigator, "xr", { value: new System(), configurable: true });
  Object.defineProperty(window, "XRWebGLLayer", { value: Layer, configurable: true, writable: true });

  const compatible = new WeakSet();
  const getContext = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (kind, options = {}) {
    // The real thing would look for a headset, of which there is none.
    const context = getContext.call(this, kind, { ...options, xrCompatible: false });
    if (context && options.xrCompatible) compatible.add(context);
    return context;
  };
  const media = navigator.mediaDevices;
  const getUserMedia = media?.getUserMedia.bind(media);
  if (media) {
    media.getUserMedia = (wanted) => {
      calls.push(`ask ${Object.keys(wanted).join("+")}`);
      return getUserMedia(wanted);
    };
  }

  // ---- for the test ----
  const hand = (name) => session.inputSources.find((one) => one.handedness === name);
  window.fakeXr = {
    calls,
    get session() { return session; },
    head(at, target) { Object.assign(head, { at, target }); },
    reach(name, at) { hand(name).at = at; },
    aim(name, target) { hand(name).target = target; },
    stick(name, x, y) { hand(name).gamepad.axes = [0, 0, x, y]; },
    hide(name) { hand(name).isSeen = false; },
    start: (name, how = "select") => session.tell(`${how}start`, hand(name)),
    end(name, how = "select") {
      session.tell(how, hand(name));
      session.tell(`${how}end`, hand(name));
    },
    async after(frames) {
      const until = (session.frames ?? 0) + frames;
      while (session && (session.frames ?? 0) < until) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    /** What this says as soon as a frame is drawn, before anything moves on. */
    look: (say) => new Promise((resolve) => session.looks.push(() => resolve(say()))),
    pulses: (name) => hand(name).pulses,
    unplug(name) {
      const source = hand(name);
      session.inputSources = session.inputSources.filter((one) => one !== source);
      session.dispatchEvent(Object.assign(new Event("inputsourceschange"), { added: [], removed: [source] }));
    },
    supports(modes) {
      settings.modes = modes;
      navigator.xr.dispatchEvent(new Event("devicechange"));
    },
    /** What an eye sees, upper row first: [width, height, RGBA bytes, colours premultiplied]. */
    pixels(eye = "left") {
      const [wide, high] = settings.eye;
      const raw = new Uint8Array(4 * wide * high);
      session.renderState.baseLayer.read(eye === "left" ? 0 : wide, wide, high, raw);
      const out = new Uint8ClampedArray(raw.length);
      for (let row = 0; row < high; row += 1) out.set(raw.subarray(4 * wide * (high - 1 - row), 4 * wide * (high - row)), 4 * wide * row);
      return [wide, high, out];
    },
    /** The same as a PNG, over what is seen through the headset. */
    picture(behind) {
      const [wide, high, bytes] = this.pixels();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [wide, high];
      const pen = getContext.call(canvas, "2d");
      pen.fillStyle = "#3a4147";
      pen.fillRect(0, 0, wide, high);
      const [fromWide, fromHigh] = [behind?.videoWidth, behind?.videoHeight];
      if (fromWide) {
        const scale = Math.max(wide / fromWide, high / fromHigh);
        pen.imageSmoothingQuality = "high";
        pen.filter = `blur(${wide / 250}px) brightness(0.8)`;
        pen.drawImage(behind, (wide - fromWide * scale) / 2, (high - fromHigh * scale) / 2, fromWide * scale, fromHigh * scale);
      }
      const seen = pen.getImageData(0, 0, wide, high);
      for (let at = 0; at < bytes.length; at += 4) {
        const through = 1 - bytes[at + 3] / 255;
        for (let part = 0; part < 3; part += 1) seen.data[at + part] = bytes[at + part] + seen.data[at + part] * through;
      }
      pen.putImageData(seen, 0, 0);
      return canvas.toDataURL("image/png");
    },
  };
})();
