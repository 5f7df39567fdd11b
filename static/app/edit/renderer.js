// Draws a frame of the edited loop, by the renderer's own formula, and carries paint into the atlases. It
// draws when it is told to, and where the frame shows anything of an edit at all. One texture unit belongs to
// one use for good; a frame's maps are small and are sent anew for every frame, its pictures stay on the card.

import { Program } from "../stage/gl.js";
import { CARRY, CARRY_PLACES, LAY, PLAIN } from "./carrying.js";
import { Texture, drawsSums } from "./graphics.js";
import { Edit } from "./layeredit.js";
import { ATLAS, PARTS, SHOW, layer } from "./shaders.js";

const UNIT = { frame: 0, mattes: 1, sum: 2, parts: 3, map: 4, light: 5, sheet: 6, shown: 7, scratch: [8, 9, 10, 11] };
const MOST_ACROSS = 1024; // parts in a row of the texture that tells them
const NO_WEBGL = "This browser gives no WebGL 2, which draws the edited loop. Switch on hardware acceleration, or use another browser.";

export class Renderer {
  constructor(canvas, bundle, pictures) {
    this.canvas = canvas;
    this.bundle = bundle;
    this.gl = canvas.getContext("webgl2", { alpha: true, premultipliedAlpha: true, antialias: false, depth: false });
    if (!this.gl) throw new Error(NO_WEBGL);
    this.edits = bundle.layers.map((layer, at) => new Edit(this, layer, at, UNIT));
    this.build(pictures);
  }

  // Everything on the graphics card, which holds nothing yet or no more; `pictures` are the atlases.
  build(pictures) {
    const { gl, bundle } = this;
    if (!drawsSums(gl)) throw new Error(NO_WEBGL);
    this.passes = {
      layer: new Program(gl, layer(false), PARTS), retouched: new Program(gl, layer(true), PARTS), show: new Program(gl, SHOW), atlas: new Program(gl, ATLAS),
      carry: new Program(gl, CARRY, CARRY_PLACES), plain: new Program(gl, PLAIN), lay: new Program(gl, LAY),
    };
    this.sum = new Texture(gl, UNIT.sum, "rgba16f").fill(...bundle.shown, null);
    this.parts = new Texture(gl, UNIT.parts, "rgba32f");
    this.map = new Texture(gl, UNIT.map, "rgba32f");
    this.light = new Texture(gl, UNIT.light, "rgba32f");
    this.sheet = new Texture(gl, UNIT.sheet);
    this.nobody = new Texture(gl, UNIT.mattes).fill(...bundle.shown, null); // the mattes where no foreground is
    gl.disable(gl.BLEND);
    gl.disable(gl.DITHER);
    this.edits.forEach((each, at) => { each.build(pictures[at]); pictures[at].close(); });
    this.at = -1; // no frame is there
  }

  // A frame's pictures as ImageBitmaps, taken to the graphics card: {frame, mattes}. Without a matte nobody is there,
  // and a patch is laid over its box of the frame.
  hold({ frame, matte, patch, box }) {
    const { gl, bundle: { foregrounds } } = this;
    const made = { frame: new Texture(gl, UNIT.frame).take(frame), mattes: this.nobody };
    if (matte) made.mattes = new Texture(gl, UNIT.mattes, foregrounds > 1 ? "rgba8" : "r8").take(matte);
    if (patch) made.frame.patch(patch, box);
    for (const each of [frame, matte, patch]) each?.close();
    return made;
  }

  letGo({ frame, mattes }) {
    frame.drop();
    if (mattes !== this.nobody) mattes.drop();
  }

  // The frame that is to be shown, and what `hold` gave for it.
  take(at, { frame, mattes }) { Object.assign(this, { at, frame, mattes }); }

  // What every pass over a layer of this frame is told.
  about(layer) {
    this.map.fill(layer.columns, layer.rows, layer.map(this.at));
    this.light.fill(layer.lightColumns, layer.lightRows, layer.gains(this.at));
    return { map: this.map.bind(), light: this.light.bind(), size: this.bundle.size, atlas: layer.atlas, spacing: layer.spacing, lightSpacing: layer.lightSpacing };
  }

  draw({ cut = false } = {}) {
    this.#resize(...this.bundle.shown);
    this.#show(null, { upward: true, cut });
  }

  drawAtlas(number) {
    const { layer } = this.edits[number];
    this.#resize(...layer.atlas);
    this.edits[number].drawAtlas(null, layer.atlas, { upward: true, bare: false });
  }

  // The frame with every edit in it, as bytes, its first row the top one.
  pixels() {
    const made = new Texture(this.gl, UNIT.scratch[0]).fill(...this.bundle.shown, null);
    this.#show(made.target, { upward: false, cut: false });
    const bytes = made.read();
    made.drop();
    return bytes;
  }

  // The box of the shown frame that a foreground covers, null where it is not there.
  covered(layer) {
    if (this.gl.isContextLost()) return null;
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

  #show(target, how) {
    const { bundle: { shown, foregrounds }, frame, mattes } = this;
    this.#add();
    this.passes.show.draw(target, ...shown, { frame: frame.bind(), sum: this.sum.bind(), mattes: mattes.bind(), foregrounds, ...how });
  }

  // The sum of what the edits add to the frame.
  #add() {
    const { gl } = this;
    this.sum.clear();
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE);
    for (const edit of this.edits) if (!edit.empty) this.#lay(edit);
    gl.disable(gl.BLEND);
  }

  #lay(edit) {
    const { layer } = edit;
    const { shown, size, foregrounds } = this.bundle;
    const parts = layer.parts(this.at, edit.meeting());
    if (!parts.length) return;
    const scale = [shown[0] / size[0], shown[1] / size[1]];
    const count = parts.length / 4;
    const wide = Math.min(count, MOST_ACROSS), high = Math.ceil(count / wide);
    const boxes = new Float32Array(4 * wide * high);
    parts.forEach((side, at) => { boxes[at] = Math.min(shown[at % 2], side * scale[at % 2]); });
    this.parts.fill(wide, high, boxes);
    this.passes[edit.change ? "retouched" : "layer"].draw(this.sum.target, ...shown, {
      ...this.about(layer), ...edit.textures(), parts: this.parts.bind(), shown, frame: this.frame.bind(), mattes: this.mattes.bind(), layer: edit.number, foregrounds,
    }, 6 * count);
  }

  #resize(width, height) {
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
  }
}
