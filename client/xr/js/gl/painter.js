/**
 * Draws rectangles with round corners in space: pictures, or plain colour. Everything in the room is one.
 * Colours are premultiplied by their alpha: a see-through headset adds what is drawn to what is there.
 */

import { sized } from "../math.js";
import { Program } from "./program.js";

const VERTEX = `#version 300 es
uniform mat4 u_see;
uniform mat4 u_place;
in vec2 a_corner;
out vec2 v_at;
void main() {
  v_at = vec2(a_corner.x + 0.5, 0.5 - a_corner.y);
  gl_Position = u_see * u_place * vec4(a_corner, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
uniform sampler2D u_picture;
uniform bool u_hasPicture;
uniform vec4 u_colour;
uniform vec4 u_rim;
uniform vec2 u_size;
uniform float u_radius;
uniform float u_rimWidth;
uniform vec2 u_fade;
in vec2 v_at;
out vec4 o_colour;
void main() {
  vec2 corner = abs(v_at - 0.5) * u_size - 0.5 * u_size + u_radius;
  float beyond = length(max(corner, 0.0)) + min(max(corner.x, corner.y), 0.0) - u_radius;
  float soft = max(fwidth(beyond), 1e-5);
  float cover = 1.0 - smoothstep(-soft, 0.0, beyond);
  vec4 paint = u_hasPicture ? texture(u_picture, v_at) : u_colour;
  float rim = u_rimWidth > 0.0 ? smoothstep(-u_rimWidth - soft, -u_rimWidth, beyond) * u_rim.a : 0.0;
  paint = mix(paint, vec4(u_rim.rgb, 1.0), rim);
  o_colour = paint * cover * mix(u_fade.x, u_fade.y, v_at.y);
}`;

/** @typedef {import("../math.js").Mat} Mat */
/** @typedef {[number, number, number, number]} Colour premultiplied */

/**
 * @typedef {object} Look
 * @property {import("./texture.js").Texture} [picture]
 * @property {Colour} [colour] where there is no picture
 * @property {number} [radius] of the corners, metres
 * @property {Colour} [rim]
 * @property {number} [rimWidth] metres
 * @property {[number, number]} [fade] opacity at the upper and the lower edge
 */

/** @type {Colour} */
const NONE = [0, 0, 0, 0];

export class Painter {
  /** @param {WebGL2RenderingContext} gl */
  constructor(gl) {
    this.gl = gl;
    this.program = new Program(gl, VERTEX, FRAGMENT);
    this.corners = gl.createVertexArray();
    gl.bindVertexArray(this.corners);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-0.5, 0.5, -0.5, -0.5, 0.5, 0.5, 0.5, -0.5]), gl.STATIC_DRAW);
    const place = gl.getAttribLocation(this.program.program, "a_corner");
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, 2, gl.FLOAT, false, 0, 0);
    gl.bindVertexArray(null);
  }

  /** For one eye. @param {Mat} see projection · view */
  begin(see) {
    const { gl, program } = this;
    program.use();
    gl.bindVertexArray(this.corners);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.CULL_FACE);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.activeTexture(gl.TEXTURE0);
    gl.uniform1i(program.at("u_picture"), 0);
    gl.uniformMatrix4fv(program.at("u_see"), false, see);
  }

  /** @param {Mat} pose @param {number} width @param {number} height @param {Look} look */
  draw(pose, width, height, { picture, colour = NONE, radius = 0, rim = NONE, rimWidth = 0, fade = [1, 1] }) {
    const { gl, program } = this;
    const hasPicture = picture !== undefined && !picture.isEmpty;
    if (hasPicture) gl.bindTexture(gl.TEXTURE_2D, picture.texture);
    gl.uniform1i(program.at("u_hasPicture"), hasPicture ? 1 : 0);
    gl.uniformMatrix4fv(program.at("u_place"), false, sized(pose, width, height));
    gl.uniform4fv(program.at("u_colour"), colour);
    gl.uniform4fv(program.at("u_rim"), rim);
    gl.uniform2f(program.at("u_size"), width, height);
    gl.uniform1f(program.at("u_radius"), radius);
    gl.uniform1f(program.at("u_rimWidth"), rimWidth);
    gl.uniform2fv(program.at("u_fade"), fade);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }
}
