// What is done to one layer: paint over its atlas, finer than the atlas where that is small, and the difference
// that a retouched atlas came back with. A stroke is laid over what was there before it as long as it lasts,
// and becomes part of it when it is kept; what it covered is given out, so that it can be undone.

import { Texture, within } from "./graphics.js";
import { Marks, boxed, changed, painted, tiled, union } from "./marks.js";

const FINE_PX = 2600; // up to this long side, paint has four texels for each of the atlas
const CELL_PX = 4; // a cell of the mesh on the frame; within it a map is as good as flat

export class Edit {
  constructor(renderer, layer, number, picture, unit) {
    Object.assign(this, { renderer, layer, number });
    const { gl } = renderer;
    const fine = 2 * Math.max(...layer.atlas) <= FINE_PX ? 2 : 1;
    this.size = layer.atlas.map((side) => side * fine);
    this.unit = unit;
    const made = (of, size) => new Texture(gl, of).fill(...size, null);
    this.picture = new Texture(gl, unit.scratch[0]).take(picture);
    this.base = made(unit.shown, this.size);
    this.over = made(unit.scratch[1], this.size);
    this.stroke = made(unit.scratch[2], this.size);
    this.nothing = new Texture(gl, unit.scratch[1]).fill(1, 1, new Uint8Array(4));
    this.change = null;
    this.marks = new Marks(this.size);
    this.dirty = null; // the part that the stroke under way covers
    for (const each of [this.base, this.over, this.stroke]) each.clear();
  }

  get empty() { return !this.marks.any && !this.dirty && !this.change; }

  // Tells whether what was done may reach texels of the atlas, (left, top, right, bottom).
  meeting() {
    const scale = this.size[0] / this.layer.atlas[0];
    const more = 0.5 * scale + 0.5; // of the paint, which is sampled a texel around a place
    const marks = [this.marks, this.change?.marks, this.dirty && boxed(this.dirty)].filter((each) => each?.any);
    return (left, top, right, bottom) => marks.some((each) => each.meet(left * scale + more - 2, top * scale + more - 2, right * scale + more, bottom * scale + more));
  }

  textures() {
    return { picture: this.picture.bind(), over: this.over.bind(), change: (this.change ?? this.picture).bind(), changed: this.change !== null };
  }

  // A sheet of paint on the frame, or on the atlas itself, over what was there. `box` is the part of it that
  // holds any, in pixels of the frame or texels of the atlas; `opacity` and `erase` say how it is laid.
  lay(sheet, box, { onAtlas = false, opacity = 1, erase = false } = {}) {
    const { renderer } = this;
    const about = onAtlas ? null : renderer.about(this.layer);
    const reach = onAtlas ? box : this.layer.reach(this.layer.map(renderer.at), box);
    const before = this.dirty;
    this.dirty = this.#rect(reach);
    this.stroke.clear(union(before, this.dirty));
    within(renderer.gl, union(before, this.dirty), () => {
      if (onAtlas) this.#draw("plain", this.stroke, { sheet });
      else this.#carry(sheet, about, box);
      this.#draw("lay", this.over, { base: this.base.bind(), stroke: this.stroke.bind(), opacity, erase });
    });
    this.dirty = union(before, this.dirty);
  }

  // The stroke becomes part of what is there; gives what undoes it, null where nothing was done.
  keep() {
    const rect = this.dirty;
    this.dirty = null;
    if (!rect || !rect[2] || !rect[3]) return null;
    const before = { number: this.number, rect, bytes: this.base.read(rect) };
    this.#copy(this.over, this.base, rect);
    this.marks.take(rect, this.base.read(rect), painted);
    return before;
  }

  // The stroke is not wanted after all.
  leave() {
    if (this.dirty) this.#copy(this.base, this.over, this.dirty);
    this.dirty = null;
  }

  // Puts back what was there; gives what undoes that.
  restore({ rect, bytes, change }) {
    const before = { number: this.number, rect, bytes: this.base.read(rect), change: change === undefined ? undefined : this.change };
    for (const each of [this.base, this.over]) each.write(rect, bytes);
    if (change !== undefined) this.change = change;
    this.marks.take(rect, bytes, painted);
    return before;
  }

  // A whole edit in the place of this one: paint as premultiplied bytes, and a difference or null.
  replace(paint, change) {
    const texture = change && new Texture(this.renderer.gl, this.unit.scratch[3]).fill(...this.size, change);
    const whole = [0, 0, ...this.size];
    if (texture) texture.marks = new Marks(this.size).take(whole, change, changed);
    return this.restore({ rect: whole, bytes: paint, change: texture });
  }

  // The atlas with its edit, or as it was given out.
  drawAtlas(target, [width, height], { own = false, ...how }) {
    const textures = this.textures();
    if (own) Object.assign(textures, { over: this.nothing.bind(), changed: false }); // in the unit of the paint: bound last
    this.renderer.passes.atlas.draw(target, width, height, { ...textures, ...how });
  }

  // Paint with straight alpha, and whether there is any.
  read() {
    const bytes = this.base.read();
    let any = false;
    for (let n = 0; n < bytes.length; n += 4) {
      const a = bytes[n + 3];
      if (!a) continue;
      any = true;
      for (let c = n; c < n + 3; c += 1) bytes[c] = Math.min(255, Math.round((255 * bytes[c]) / a));
    }
    return { bytes, any };
  }

  // Only the cells that hold any of it are drawn.
  #carry(sheet, about, box) {
    const { size } = this.renderer.bundle;
    const cells = size.map((side) => Math.ceil(side / CELL_PX));
    const place = (side, at) => ((side + 0.5) / size[at]) * cells[at];
    const first = [0, 1].map((at) => clamp(Math.floor(place(box[at], at)) - 1, 0, cells[at] - 1));
    const last = [0, 1].map((at) => clamp(Math.ceil(place(box[at + 2], at)) + 1, first[at] + 1, cells[at]));
    const [across, down] = [last[0] - first[0], last[1] - first[1]];
    this.renderer.passes.carry.draw(this.stroke.target, ...this.size, { ...about, sheet, cells, first, across }, 6 * across * down);
  }

  #draw(name, into, values) {
    this.renderer.passes[name].draw(into.target, ...this.size, { upward: false, ...values });
  }

  #copy(from, to, [left, top, width, height]) {
    const { gl } = this.renderer;
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, from.target);
    gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, to.target);
    gl.blitFramebuffer(left, top, left + width, top + height, left, top, left + width, top + height, gl.COLOR_BUFFER_BIT, gl.NEAREST);
  }

  // Texels of the atlas as tiles of the paint, with two texels around them.
  #rect([left, top, right, bottom]) {
    const scale = this.size[0] / this.layer.atlas[0];
    return tiled([(left - 1.5) * scale, (top - 1.5) * scale, (right + 2.5) * scale, (bottom + 2.5) * scale], this.size);
  }
}

const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
