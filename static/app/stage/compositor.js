// Puts the tiles of a preview picture together: the subject over nothing, a colour, a picture or a blur
// of the original; or the matte or the original alone. It draws when it is fed or told to, never by itself.
// The canvas is transparent and premultiplied: over "nothing" the checkerboard is the page's own.

import { Program, Sheet, texture } from "./gl.js";
import { BLUR, COMPOSITE, SHRINK } from "./shaders.js";
import { Tiles } from "./tiles.js";

const FRAME = 0, BEHIND = 1, SHEETS = [2, 3], STILL = 4, COLOURS = [5, 6]; // texture units, one for each texture for good
const SHRUNK = 8; // the blur is made at an eighth of the size
const BLUR_STEPS = [1, 1.6, 2.4];
const VIEWS = { result: 0, split: 0, matte: 1, original: 2 };

export class Compositor {
  view = "result";
  split = 0.5;
  ground = { kind: "checker", value: null }; // value: "#rrggbb" or an ImageBitmap

  constructor(canvas) {
    this.canvas = canvas;
    this.gl = canvas.getContext("webgl2", { alpha: true, premultipliedAlpha: true, antialias: false, depth: false });
    if (!this.gl) throw new Error("This browser gives no WebGL 2, which puts the picture together. Switch on hardware acceleration, or use another browser.");
    canvas.addEventListener("webglcontextlost", (event) => { event.preventDefault(); this.tiles.layout = null; });
    canvas.addEventListener("webglcontextrestored", () => this.#build());
    this.#build();
  }

  get layout() { return this.tiles.layout; }

  #build() {
    const { gl } = this;
    this.composite = new Program(gl, COMPOSITE);
    this.shrink = new Program(gl, SHRINK);
    this.blur = new Program(gl, BLUR);
    this.tiles = new Tiles(gl, FRAME, COLOURS);
    this.behind = texture(gl, BEHIND);
    this.sheets = SHEETS.map((unit) => new Sheet(gl, unit));
    this.sheet = null; // for stills, made when one is wanted
    this.shown = null; // the bitmap that lies in `behind`
    gl.disable(gl.BLEND);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
  }

  // A new frame: planes, a <video> or an ImageBitmap. Returns whether it was a picture of tiles.
  feed(source, width, height) {
    if (this.gl.isContextLost() || !this.tiles.feed(source, width, height)) return false;
    const [wide, tall] = this.layout.size;
    if (this.canvas.width !== wide || this.canvas.height !== tall) Object.assign(this.canvas, { width: wide, height: tall });
    this.draw();
    return true;
  }

  draw() {
    if (!this.layout || this.gl.isContextLost()) return;
    const blurred = this.ground.kind === "blur" && this.view !== "matte" && this.view !== "original";
    if (blurred) this.#blur();
    this.composite.draw(null, ...this.layout.size, this.#values(blurred));
  }

  clear() {
    const { gl } = this;
    this.tiles.layout = null;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.clear(gl.COLOR_BUFFER_BIT);
  }

  #values(blurred) {
    const { kind, value } = this.ground;
    const values = { ...this.tiles.values, upward: true, ground: 0, view: VIEWS[this.view], straight: false,
      split: this.view === "split" ? this.split : -1, cover: [1, 1, 0, 0], behind: BEHIND };
    if (blurred) return { ...values, ground: 3, behind: SHEETS[0] };
    if (kind === "color") return { ...values, ground: 1, colour: rgb(value) };
    if (kind === "picture" && value) return { ...values, ground: 2, cover: this.#picture(value) };
    return values;
  }

  // Fills the result as `object-fit: cover` does.
  #picture(bitmap) {
    const { gl } = this;
    if (this.shown !== bitmap) {
      gl.activeTexture(gl.TEXTURE0 + BEHIND);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB, gl.RGB, gl.UNSIGNED_BYTE, bitmap);
      this.shown = bitmap;
    }
    const [wide, tall] = this.layout.size;
    const ratio = wide / tall / (bitmap.width / bitmap.height);
    const [x, y] = ratio < 1 ? [ratio, 1] : [1, 1 / ratio];
    return [x, y, (1 - x) / 2, (1 - y) / 2];
  }

  #blur() {
    const size = this.layout.size.map((side) => Math.max(1, Math.round(side / SHRUNK)));
    const [one, other] = this.sheets;
    for (const sheet of this.sheets) sheet.resize(...size);
    const [dx, dy] = size.map((side) => 1 / side);
    this.shrink.draw(one.target, ...size, { ...this.tiles.values, upward: false, stride: [dx / 2, dy / 2] });
    for (const far of BLUR_STEPS) {
      this.blur.draw(other.target, ...size, { frame: SHEETS[0], upward: false, stride: [dx * far, 0] });
      this.blur.draw(one.target, ...size, { frame: SHEETS[1], upward: false, stride: [0, dy * far] });
    }
  }

  // The newest frame with straight alpha, whatever is behind it now: {width, height, data} or null.
  still() {
    if (!this.layout || this.gl.isContextLost()) return null;
    const { gl } = this;
    const [width, height] = this.layout.size;
    const sheet = this.sheet ??= new Sheet(gl, STILL);
    sheet.resize(width, height);
    this.composite.draw(sheet.target, width, height, { ...this.#values(false), upward: false, ground: 0, view: 0, split: -1, straight: true });
    const data = new Uint8ClampedArray(width * height * 4);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, data);
    return { width, height, data };
  }

  // What the canvas shows at a place, [r, g, b, a] premultiplied. Drawn anew, since a canvas forgets.
  pixel(x, y) {
    if (!this.layout) return null;
    this.draw();
    const read = new Uint8Array(4);
    this.gl.readPixels(x, this.canvas.height - 1 - y, 1, 1, this.gl.RGBA, this.gl.UNSIGNED_BYTE, read);
    return [...read];
  }
}

const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
