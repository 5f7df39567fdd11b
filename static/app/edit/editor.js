// The editor's heart: which frame is shown and how, what is being painted, what was done. It holds no buttons;
// those tell it what is wanted and are told what changed.

import { Sheet, Stroke } from "./brush.js";
import { History } from "./history.js";
import { Pictures, unpacked } from "./pictures.js";
import { Renderer } from "./renderer.js";
import { Thing } from "./thing.js";

const SHEET_PX = 1600; // long side of what is painted on a frame; the atlases hold no more
const FINEST = 2;

export class Editor {
  view = "frame"; // or "atlas"
  cut = true; // as the loop will be, or with what is behind
  layer = 0;
  at = 0;
  thing = null;
  #asked = 0;
  #due = false;

  // `changed` is called whenever something is to be told anew: ("history" | "frame" | "view" | "thing").
  static async open(canvas, bundle, changed) {
    const atlases = await Promise.all(bundle.layers.map((each) => unpacked(bundle.picture(each))));
    return new Editor(canvas, bundle, atlases, changed);
  }

  constructor(canvas, bundle, atlases, changed) {
    Object.assign(this, { canvas, bundle, changed });
    this.renderer = new Renderer(canvas, bundle, atlases);
    this.pictures = new Pictures(bundle);
    this.history = new History(() => changed("history"));
    const long = Math.max(...bundle.size);
    this.sheet = new Sheet(bundle.size, Math.min(FINEST, SHEET_PX / long));
    this.atlasSheets = bundle.layers.map(() => null);
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
  }

  get edit() { return this.renderer.edits[this.layer]; }
  get onAtlas() { return this.view === "atlas"; }
  // In what places are told: pixels of the frame, or texels of the atlas.
  get size() { return this.onAtlas ? this.edit.layer.atlas : this.bundle.size; }
  get busy() { return Boolean(this.stroke || this.thing); }

  // Shows a frame once its pictures are there; of several that are asked for the last one counts.
  async show(at) {
    if (this.thing && !this.onAtlas && at !== this.at) this.placed();
    this.#asked = at;
    const { count } = this.bundle;
    const made = await this.pictures.load(at);
    if (this.#asked !== at || this.closed) return false;
    this.at = ((at % count) + count) % count;
    this.renderer.take(this.at, made);
    this.pictures.ahead(this.at);
    this.changed("frame");
    this.draw();
    return true;
  }

  look({ view = this.view, cut = this.cut, layer = this.layer }) {
    if (view !== this.view || layer !== this.layer) this.placed();
    Object.assign(this, { view, cut, layer });
    this.changed("view");
    this.draw();
  }

  // Soon, and once however often it is asked for.
  draw() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => { this.#due = false; this.drawNow(); });
  }

  drawNow() {
    if (this.closed || this.renderer.at < 0) return;
    if (this.onAtlas) this.renderer.drawAtlas(this.layer);
    else this.renderer.draw({ cut: this.cut });
  }

  // A stroke: begun, led on, ended. `how` says colour, opacity and whether it rubs out.
  begin(x, y, r, how) {
    this.placed();
    this.#clean();
    this.how = how;
    this.stroke = new Stroke(this.#sheet(), how.erase ? "#000" : how.colour);
    this.lead(x, y, r);
  }

  lead(x, y, r) {
    if (!this.stroke) return;
    this.stroke.to(x, y, r);
    this.unlaid = true;
    this.draw();
    this.#soonLay();
  }

  end() {
    if (!this.stroke) return;
    this.#lay();
    this.stroke = null;
    this.history.push(this.edit.keep());
  }

  // What was begun is not meant: a second finger came.
  abandon() {
    if (!this.stroke) return;
    this.stroke = null;
    this.unlaid = false;
    this.edit.leave();
    this.draw();
  }

  // Words or a picture, to be moved until they are placed.
  put(what, how) {
    this.placed();
    this.how = { ...how, erase: false };
    this.thing = new Thing(what, this.size);
    this.moved();
  }

  moved() {
    if (!this.thing) return;
    this.#clean();
    this.thing.draw(this.#sheet());
    this.unlaid = true;
    this.#soonLay();
    this.changed("thing");
  }

  placed() {
    if (!this.thing) return;
    this.#lay();
    this.thing = null;
    this.history.push(this.edit.keep());
    this.changed("thing");
  }

  dropThing() {
    if (!this.thing) return;
    this.thing = null;
    this.unlaid = false;
    this.edit.leave();
    this.changed("thing");
    this.draw();
  }

  undo() { this.#step("undo"); }
  redo() { this.#step("redo"); }

  // Paint and difference in the place of what was done to a layer, as one step.
  replace(number, paint, change) {
    this.placed();
    this.history.push(this.renderer.edits[number].replace(paint, change));
    this.draw();
  }

  close() {
    this.closed = true;
    this.pictures.close();
    this.renderer.drop();
  }

  #step(which) {
    if (this.thing) return void this.dropThing();
    this.history[which]((step) => this.renderer.edits[step.number].restore(step));
    this.draw();
  }

  #sheet() {
    if (!this.onAtlas) return this.sheet;
    const { edit } = this;
    return this.atlasSheets[this.layer] ??= new Sheet(edit.layer.atlas, edit.size[0] / edit.layer.atlas[0]);
  }

  #clean() { this.#sheet().clear(); }

  // A pen reports more often than the screen is drawn.
  #soonLay() {
    if (this.laying) return;
    this.laying = true;
    requestAnimationFrame(() => { this.laying = false; this.#lay(); });
  }

  #lay() {
    if (!this.unlaid || this.closed) return;
    this.unlaid = false;
    const sheet = this.#sheet();
    const { opacity, erase } = this.how;
    const unit = this.renderer.sheet.take(sheet.canvas, { premultiply: true }).bind();
    if (sheet.box) this.edit.lay(unit, sheet.box, { onAtlas: this.onAtlas, opacity, erase });
    this.drawNow();
  }
}
