// The newest preview picture on the graphics unit, and where in it each tile lies.

import { texture } from "./gl.js";
import { layoutOf } from "./layout.js";

export class Tiles {
  layout = null;
  #planar = false; // whether the picture lies there as planes

  // `frame`, `colours`: texture units for a whole picture or its light, and for its two planes of colour.
  constructor(gl, frame, colours) {
    Object.assign(this, { gl, frame, colours });
    for (const unit of [frame, ...colours]) texture(gl, unit);
  }

  // Planes, a <video> or an ImageBitmap. Returns whether it was a picture of tiles.
  feed(source, width, height) {
    const { gl } = this;
    const layout = layoutOf(width, height);
    if (!layout) return false;
    this.#planar = Boolean(source.y);
    if (this.#planar) {
      this.#plane(this.frame, source.y, width, height);
      for (const [n, each] of [source.u, source.v].entries()) this.#plane(this.colours[n], each, (width + 1) >> 1, (height + 1) >> 1);
    } else {
      gl.activeTexture(gl.TEXTURE0 + this.frame);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB, gl.RGB, gl.UNSIGNED_BYTE, source);
    }
    this.layout = layout;
    return true;
  }

  #plane(unit, { data, stride }, width, height) {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, stride);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, width, height, 0, gl.RED, gl.UNSIGNED_BYTE, data);
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, 0);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 4);
  }

  // What a program has to know to look them up.
  get values() {
    const { whole, size, matte, source } = this.layout;
    const [blue, red] = this.colours;
    return { frame: this.frame, planar: this.#planar, blue, red, whole, size, matteAt: matte, sourceAt: source };
  }
}
