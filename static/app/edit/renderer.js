// Draws a frame of the edited loop, by the renderer's own formula, and carries paint into the atlases. It
// draws when it is told to. One texture unit belongs to one use for good; a frame's maps are small and are
// sent anew for every frame, so that only its pictures have to be kept.

import { Program } from "../stage/gl.js";
import { CARRY, CARRY_PLACES, LAY, PLAIN } from "./carrying.js";
import { Texture, sumFormat } from "./graphics.js";
import { Edit } from "./layeredit.js";
import { ATLAS, LAYER, SHOW } from "./shaders.js";

const UNIT = { frame: 0, mattes: 1, sums: [2, 3], map: 4, light: 5, sheet: 6, shown: 7, scratch: [8, 9, 10, 11] };
const NO_WEBGL = "This browser gives no WebGL 2, which draws the edited loop. Switch on hardware acceleration, or use another browser.";

export class Renderer {
  constructor(canvas, bundle, pictures) {
    this.canvas = canvas;
    this.bundle = bundle;
    this.gl = canvas.getContext("webgl2", { alpha: true, premultipliedAlpha: true, antialias: false, depth: false });
    if (!this.gl) throw new Error(NO_WEBGL);
    const { gl } = this;
    this.passes = {
      layer: new Program(gl, LAYER), show: new Program(gl, SHOW), atlas: new Program(gl, ATLAS),
      carry: new Program(gl, CARRY, CARRY_PLACES), plain: new Program(gl, PLAIN), lay: new Program(gl, LAY),
    };
    this.frame = new Texture(gl, UNIT.frame);
    this.mattes = new Texture(gl, UNIT.mattes);
    this.sums = UNIT.sums.map((unit) => new Texture(gl, unit, sumFormat(gl)));
    this.map = new Texture(gl, UNIT.map, "rgba32f");
    this.light = new Texture(gl, UNIT.light, "rgba32f");
    this.sheet = new Texture(gl, UNIT.sheet);
    for (const sum of this.sums) sum.fill(...bundle.shown, null);
    gl.disable(gl.BLEND);
    gl.disable(gl.DITHER);
    this.edits = bundle.layers.map((layer, at) => new Edit(this, layer, at, pictures[at], UNIT));
    this.at = -1;
  }

  // The pictures of the frame that is to be shown: {frame, matte}, ImageBitmaps.
  take(at, { frame, matte }) {
    this.at = at;
    this.frame.take(frame);
    this.mattes.take(matte);
  }

  // What every pass over a layer of this frame is told.
  about(layer) {
    this.map.fill(layer.columns, layer.rows, layer.map(this.at));
    this.light.fill(layer.lightColumns, layer.lightRows, layer.gains(this.at));
    return { map: this.map.bind(), light: this.light.bind(), size: this.bundle.size, atlas: layer.atlas, spacing: layer.spacing, lightSpacing: layer.lightSpacing };
  }

  draw({ cut = false } = {}) {
    if (this.at < 0 || this.gl.isContextLost()) return;
    const sum = this.#summed();
    this.#resize(...this.bundle.shown);
    this.passes.show.draw(null, ...this.bundle.shown, { upward: true, sum: sum.bind(), mattes: this.mattes.bind(), cut, foregrounds: this.bundle.foregrounds });
  }

  drawAtlas(number) {
    const { layer } = this.edits[number];
    this.#resize(...layer.atlas);
    this.edits[number].drawAtlas(null, layer.atlas, { upward: true, bare: false });
  }

  // The frame with every edit in it, as bytes, its first row the top one.
  pixels() {
    const made = new Texture(this.gl, UNIT.scratch[0]).fill(...this.bundle.shown, null);
    this.passes.show.draw(made.target, ...made.size, { upward: false, sum: this.#summed().bind(), mattes: this.mattes.bind(), cut: false, foregrounds: this.bundle.foregrounds });
    const bytes = made.read();
    made.drop();
    return bytes;
  }

  // The box of the shown frame that a foreground covers, null where it is not there.
  covered(layer) {
    const [width, height] = this.bundle.shown;
    const bytes = this.mattes.read();
    const box = [width, height, 0, 0];
    for (let n = 0; n < width * height; n += 1) {
      if (bytes[4 * n + layer] < 128) continue;
      const [x, y] = [n % width, Math.floor(n / width)];
      box[0] = Math.min(box[0], x); box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x + 1); box[3] = Math.max(box[3], y + 1);
    }
    return box[2] ? box : null;
  }

  drop() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  #summed() {
    let sum = this.frame;
    const { foregrounds } = this.bundle;
    this.edits.forEach((edit, number) => {
      if (edit.empty) return;
      const into = this.sums.find((each) => each !== sum);
      this.passes.layer.draw(into.target, ...this.bundle.shown, {
        ...this.about(edit.layer), ...edit.textures(), upward: false, frame: this.frame.bind(), sum: sum.bind(),
        mattes: this.mattes.bind(), layer: number, foregrounds,
      });
      sum = into;
    });
    return sum;
  }

  #resize(width, height) {
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
  }
}
