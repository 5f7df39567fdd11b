// The editor's heart: which frame is shown and how, what is being painted, what was done. It holds no buttons;
// those tell it what is wanted and are told what changed.

import { Context } from "./context.js";
import { History } from "./history.js";
import { Painting } from "./painting.js";
import { Pictures, unpacked } from "./pictures.js";
import { Renderer } from "./renderer.js";

export class Editor {
  view = "frame"; // or "atlas"
  shows = "subject"; // what the loop will show: that, or "whole", or what is "behind" alone
  layer = 0;
  at = 0;
  #asked = 0;
  #due = false;

  // `changed` is called whenever something is to be told anew: ("history" | "frame" | "view" | "thing" | "graphics").
  static async open(canvas, bundle, changed) {
    return new Editor(canvas, bundle, await atlasesOf(bundle), changed);
  }

  constructor(canvas, bundle, atlases, changed) {
    Object.assign(this, { canvas, bundle, changed });
    this.renderer = new Renderer(canvas, bundle, atlases);
    this.pictures = new Pictures(bundle, this.renderer);
    this.history = new History(() => changed("history"));
    this.paint = new Painting(this, () => changed("thing"));
    this.context = new Context(canvas, { lost: () => this.paint.broken(), anew: () => this.#anew(), told: () => this.#told() });
  }

  get lost() { return this.context.lost; }

  get edit() { return this.renderer.edits[this.layer]; }
  get onAtlas() { return this.view === "atlas"; }
  // Whether only what is behind is shown; an older server tells nothing of it.
  get behind() { return this.shows === "behind" && Boolean(this.bundle.behind); }
  // In what places are told: pixels of the frame, or texels of the atlas.
  get size() { return this.onAtlas ? this.edit.layer.atlas : this.bundle.size; }

  // Shows a frame once its pictures are there; of several that are asked for the last one counts.
  async show(at) {
    if (!this.onAtlas && at !== this.at) this.paint.placed();
    this.#asked = at;
    return !this.lost && this.#bring();
  }

  async #bring() {
    const { behind } = this;
    const at = this.#asked;
    const made = await this.pictures.load(at, behind);
    if (this.#asked !== at || this.behind !== behind || this.closed) return false;
    this.at = at;
    this.renderer.take(at, made);
    this.pictures.ahead(at, behind);
    this.changed("frame");
    this.draw();
    return true;
  }

  // Where something new is seen best, [left, top, right, bottom]: on the subject, or in the middle.
  middle() {
    const [width, height] = this.size;
    const { foregrounds, shown } = this.bundle;
    if (this.onAtlas || this.layer >= foregrounds) return [0, 0, width, height];
    const box = this.renderer.covered(this.layer);
    return box ? box.map((side, at) => (side * this.size[at % 2]) / shown[at % 2]) : [0, 0, width, height];
  }

  // What is painted on is seen: who asks for another layer is shown it, and who asks to be shown something else
  // paints on that.
  look({ view = this.view, shows = this.shows, layer = this.layer }) {
    const { behind, bundle: { foregrounds } } = this;
    if (hidden(shows, layer === foregrounds)) {
      if (layer !== this.layer) shows = "whole";
      else layer = shows === "behind" ? foregrounds : 0;
    }
    if (view !== this.view || layer !== this.layer) this.paint.placed();
    Object.assign(this, { view, shows, layer });
    this.changed("view");
    if (this.behind === behind) this.draw();
    else this.show(this.#asked).catch(() => this.draw());
  }

  // Soon, and once however often it is asked for.
  draw() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => { this.#due = false; this.drawNow(); });
  }

  drawNow() {
    if (this.closed || this.lost || this.renderer.at < 0) return;
    if (this.onAtlas) this.renderer.drawAtlas(this.layer);
    else this.renderer.draw({ cut: this.shows === "subject" });
  }

  undo() { this.#step("undo"); }
  redo() { this.#step("redo"); }

  // Paint and difference in the place of what was done to a layer, as one step.
  replace(number, paint, change) {
    this.paint.placed();
    this.history.push(this.renderer.edits[number].replace(paint, change));
    this.draw();
  }

  close() {
    this.closed = true;
    this.context.close();
    this.pictures.close();
    this.renderer.drop();
  }

  async #anew() {
    this.renderer.build(await atlasesOf(this.bundle));
    this.pictures.empty();
    while (!this.closed && !await this.#bring()); // another may have been asked for
  }

  #told() {
    if (!this.lost) this.paint.moved();
    this.changed("graphics");
    this.draw();
  }

  #step(which) {
    if (this.paint.stroke) return;
    if (this.paint.thing) return void this.paint.drop();
    this.history[which]((step) => this.renderer.edits[step.number].restore(step));
    this.draw();
  }
}

const atlasesOf = (bundle) => Promise.all(bundle.layers.map((each) => unpacked(bundle.picture(each))));
const hidden = (shows, ground) => (ground ? shows === "subject" : shows === "behind");
