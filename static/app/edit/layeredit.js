// What is done to one layer: paint over its atlas, finer than the atlas where that is small, and the difference
// that a retouched atlas came back with. A stroke is laid over what was there before it as long as it lasts,
// and becomes part of it when it is kept; what it covered is given out, so that it can be undone.

import { Texture, within } from "./graphics.js";
import { Kept } from "./kept.js";
import { boxed, tiled, union } from "./marks.js";

const FINE_PX = 2600; // up to this long side, paint has four texels for each of the atlas
const CELL_PX = 4; // a cell of the mesh on the frame; within it a map is as good as flat

export class Edit {
  constructor(renderer, layer, number, unit) {
    Object.assign(this, { renderer, layer, number, unit });
    const fine = 2 * Math.max(...layer.atlas) <= FINE_PX ? 2 : 1;
    this.size = layer.atlas.map((side) => side * fine);
    this.kept = new Kept(this.size);
    this.dirty = null; // the part that the stroke under way covers
  }

  // All of it on the graphics card, which holds nothing yet; `picture` is the atlas. A stroke under way is lost.
  build(picture) {
    const { unit, size, renderer: { gl } } = this;
    const made = (of, bytes) => new Texture(gl, of).fill(...size, bytes);
    this.picture = new Texture(gl, unit.scratch[0]).take(picture);
    this.base = made(unit.shown, this.kept.bytes);
    this.over = made(unit.scratch[1], this.kept.bytes);
    this.stroke = made(unit.scratch[2], null);
    this.stroke.clear();
    this.nothing = new Texture(gl, unit.scratch[1]).fill(1, 1, new Uint8Array(4));
    this.more = this.change && made(unit.scratch[3], this.change.bytes);
    this.dirty = null;
  }

  get change() { return this.kept.change; }
  get empty() { return !this.kept.marks.any && !this.dirty && !this.change; }

  // Tells whether what was done may reach texels of the atlas, (left, top, right, bottom).
  meeting() {
    const scale = this.size[0] / this.layer.atlas[0];
    const more = 0.5 * scale + 0.5; // of the paint, which is sampled a texel around a place
    const marks = [this.kept.marks, this.change?.marks, this.dirty && boxed(this.dirty)].filter((each) => each?.any);
    return (left, top, right, bottom) => marks.some((each) => each.meet(left * scale + more - 2, top * scale + more - 2, right * scale + more, bottom * scale + more));
  }

  textures() {
    return { picture: this.picture.bind(), over: this.over.bind(), change: (this.more ?? this.picture).bind(), changed: this.change !== null };
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
    const bytes = new Uint8Array(4 * rect[2] * rect[3]);
    bytes[0] = 255; // no paint is so bright without alpha: it stays where a card that was just lost gives nothing
    this.over.read(rect, bytes);
    if (bytes[0] === 255 && bytes[3] === 0) return null;
    this.#copy(this.over, this.base, rect);
    return { number: this.number, ...this.kept.put(rect, bytes) };
  }

  // The stroke is not wanted after all.
  leave() {
    if (this.dirty) this.#copy(this.base, this.over, this.dirty);
    this.dirty = null;
  }

  // Puts back what was there; gives what undoes that.
  restore({ rect, bytes, change }) {
    for (const each of [this.base, this.over]) each.write(rect, bytes);
    const before = { number: this.number, ...this.kept.put(rect, bytes) };
    if (change === undefined) return before;
    before.change = this.change;
    this.kept.change = change;
    this.more?.drop();
    this.more = change && new Texture(this.renderer.gl, this.unit.scratch[3]).fill(...this.size, change.bytes);
    return before;
  }

  // A whole edit in the place of this one: paint as premultiplied bytes, and a difference or null.
  replace(paint, change) {
    const { kept } = this;
    return this.restore({ rect: kept.whole, bytes: paint, change: change && kept.differing(change) });
  }

  // The atlas with its edit, or as it was given out.
  drawAtlas(target, [width, height], { own = false, ...how }) {
    const textures = this.textures();
    if (own) Object.assign(textures, { over: this.nothing.bind(), changed: false }); // in the unit of the paint: bound last
    this.renderer.passes.atlas.draw(target, width, height, { ...textures, ...how });
  }

  read() { return this.kept.straight(); }

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
    const [source, target] = [from.target, to.target]; // made, where they are not yet, before either is bound
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, source);
    gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, target);
    gl.blitFramebuffer(left, top, left + width, top + height, left, top, left + width, top + height, gl.COLOR_BUFFER_BIT, gl.NEAREST);
  }

  // Texels of the atlas as tiles of the paint, with two texels around them.
  #rect([left, top, right, bottom]) {
    const scale = this.size[0] / this.layer.atlas[0];
    return tiled([(left - 1.5) * scale, (top - 1.5) * scale, (right + 2.5) * scale, (bottom + 2.5) * scale], this.size);
  }
}

const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
