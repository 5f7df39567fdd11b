// What the editor needs of WebGL beyond the stage's own: textures that are filled from arrays, pictures or
// nothing, and can be drawn on and read.

import { texture } from "../stage/gl.js";

// A texture that knows its size; `unit` is where a pass finds it.
export class Texture {
  constructor(gl, unit, format = "rgba8") {
    this.gl = gl;
    this.unit = unit;
    this.format = format;
    this.size = [0, 0];
    this.texture = texture(gl, unit);
    if (format !== "rgba32f") return;
    for (const size of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, size, gl.NEAREST);
  }

  bind() {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE0 + this.unit);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    return this.unit;
  }

  // Numbers, four to a texel, or null for nothing.
  fill(width, height, numbers) {
    const { gl } = this;
    this.bind();
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    if (this.format === "rgba32f") gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, width, height, 0, gl.RGBA, gl.FLOAT, numbers);
    else if (this.format === "rgba16f") gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA16F, width, height, 0, gl.RGBA, gl.HALF_FLOAT, numbers);
    else gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, numbers);
    this.size = [width, height];
    return this;
  }

  // A picture: an ImageBitmap keeps the alpha it was made with, a canvas is premultiplied on the way.
  take(picture, { premultiply = false } = {}) {
    const { gl } = this;
    this.bind();
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, premultiply);
    const [kept, given] = this.format === "r8" ? [gl.R8, gl.RED] : [gl.RGBA8, gl.RGBA];
    gl.texImage2D(gl.TEXTURE_2D, 0, kept, given, gl.UNSIGNED_BYTE, picture);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    this.size = [picture.width, picture.height];
    return this;
  }

  // A picture over a part of this one.
  patch(picture, [left, top]) {
    const { gl } = this;
    this.bind();
    gl.texSubImage2D(gl.TEXTURE_2D, 0, left, top, gl.RGBA, gl.UNSIGNED_BYTE, picture);
  }

  // Something to draw on: made when it is first wanted.
  get target() {
    const { gl } = this;
    if (!this.made) {
      this.made = gl.createFramebuffer();
      gl.bindFramebuffer(gl.FRAMEBUFFER, this.made);
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.texture, 0);
    }
    return this.made;
  }

  clear([left, top, width, height] = [0, 0, ...this.size]) {
    const { gl } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.target);
    gl.clearColor(0, 0, 0, 0);
    within(gl, [left, top, width, height], () => gl.clear(gl.COLOR_BUFFER_BIT));
  }

  read([left, top, width, height] = [0, 0, ...this.size], bytes = new Uint8Array(4 * width * height)) {
    const { gl } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.target);
    gl.readPixels(left, top, width, height, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
    return bytes;
  }

  // Bytes put back where they were read.
  write([left, top, width, height], bytes) {
    const { gl } = this;
    this.bind();
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, left, top, width, height, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  }

  drop() {
    this.gl.deleteTexture(this.texture);
    if (this.made) this.gl.deleteFramebuffer(this.made);
  }
}

// What is drawn reaches a rectangle only, [left, top, width, height] in the target's own pixels.
export function within(gl, [left, top, width, height], draw) {
  gl.enable(gl.SCISSOR_TEST);
  gl.scissor(left, top, width, height);
  draw();
  gl.disable(gl.SCISSOR_TEST);
}

// Whether halves of floats can be drawn on: what edits add to a frame may be less than nothing.
export function drawsSums(gl) {
  return Boolean(gl.getExtension("EXT_color_buffer_float") || gl.getExtension("EXT_color_buffer_half_float"));
}
