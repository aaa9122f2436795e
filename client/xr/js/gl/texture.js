/** Pictures on the graphics card: of a video, or of a canvas. */

/** @typedef {HTMLVideoElement | HTMLCanvasElement} Picture */

export class Texture {
  /** @param {WebGL2RenderingContext} gl @param {boolean} isText sharp when small, as writing must be */
  constructor(gl, isText) {
    this.gl = gl;
    this.isText = isText;
    this.texture = gl.createTexture();
    this.width = 0;
    this.height = 0;
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, isText ? gl.LINEAR_MIPMAP_LINEAR : gl.LINEAR);
    const sharper = isText && gl.getExtension("EXT_texture_filter_anisotropic");
    if (sharper) gl.texParameterf(gl.TEXTURE_2D, sharper.TEXTURE_MAX_ANISOTROPY_EXT, 4);
  }

  get isEmpty() {
    return this.width === 0;
  }

  /** @param {Picture} picture */
  take(picture) {
    const { gl } = this;
    const isVideo = picture instanceof HTMLVideoElement;
    const width = isVideo ? picture.videoWidth : picture.width;
    const height = isVideo ? picture.videoHeight : picture.height;
    if (!width || !height) return;
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, this.isText);
    if (width === this.width && height === this.height) {
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, gl.RGBA, gl.UNSIGNED_BYTE, picture);
    } else {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, picture);
    }
    [this.width, this.height] = [width, height];
    if (this.isText) gl.generateMipmap(gl.TEXTURE_2D);
  }

  /** Forget what is on it. */
  clear() {
    this.width = 0;
    this.height = 0;
  }
}

/** A video as a texture: taken again only when it shows another frame. */
export class VideoTexture extends Texture {
  /** @param {WebGL2RenderingContext} gl @param {HTMLVideoElement} video */
  constructor(gl, video) {
    super(gl, false);
    this.video = video;
    this.shownAt = -1;
  }

  /** @returns {boolean} whether there was a new frame */
  update() {
    const { video } = this;
    if (!video.srcObject) this.clear();
    if (!video.srcObject || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return false;
    if (video.currentTime === this.shownAt && !this.isEmpty) return false;
    this.shownAt = video.currentTime;
    this.take(video);
    return true;
  }
}
