// What is being painted: a stroke as long as it lasts, or words and pictures until they are placed. It is drawn
// on a sheet the size of the frame (or of the atlas), which is laid over the layer's edit again and again.

import { Sheet, Stroke } from "./brush.js";
import { Thing } from "./thing.js";

const SHEET_PX = 1600; // long side of what is painted on a frame; the atlases hold no more
const FINEST = 2;

export class Painting {
  thing = null; // words or a picture that is not placed yet
  stroke = null;
  #unlaid = false; // what the sheet holds is not on the layer yet
  #due = false;

  // `changed` is called when there is something to place, or no more.
  constructor(editor, changed) {
    Object.assign(this, { editor, changed });
    const { size, layers } = editor.bundle;
    this.frameSheet = new Sheet(size, Math.min(FINEST, SHEET_PX / Math.max(...size)));
    this.atlasSheets = layers.map(() => null);
  }

  get busy() { return Boolean(this.stroke || this.thing); }

  // A stroke: begun, led on, ended. `how` says colour, opacity and whether it rubs out.
  begin(x, y, r, how) {
    if (this.editor.lost) return;
    this.placed();
    this.#sheet.clear();
    this.how = how;
    this.stroke = new Stroke(this.#sheet, how.erase ? "#000" : how.colour);
    this.lead(x, y, r);
  }

  lead(x, y, r) {
    if (!this.stroke) return;
    this.stroke.to(x, y, r);
    this.#soon();
  }

  end() {
    if (!this.stroke) return;
    this.#lay();
    this.stroke = null;
    this.#keep();
  }

  // What was begun is not meant: a second finger came.
  abandon() {
    if (!this.stroke) return;
    this.stroke = null;
    this.#leave();
  }

  // A stroke is gone with the graphics card; words and pictures are laid again when it is back.
  broken() {
    this.stroke = null;
    this.#unlaid = Boolean(this.thing);
  }

  // Words or a picture, to be moved until they are placed.
  put(what, how) {
    this.placed();
    this.how = { ...how, erase: false };
    this.thing = new Thing(what, this.editor.middle());
    this.moved();
  }

  moved() {
    if (!this.thing) return;
    this.#sheet.clear();
    this.thing.draw(this.#sheet);
    this.#soon();
    this.changed();
  }

  placed() {
    if (!this.thing || this.editor.lost) return;
    this.#lay();
    this.thing = null;
    this.#keep();
    this.changed();
  }

  drop() {
    if (!this.thing) return;
    this.thing = null;
    this.#leave();
    this.changed();
  }

  get #sheet() {
    const { onAtlas, layer, edit } = this.editor;
    if (!onAtlas) return this.frameSheet;
    return this.atlasSheets[layer] ??= new Sheet(edit.layer.atlas, edit.size[0] / edit.layer.atlas[0]);
  }

  #keep() { this.editor.history.push(this.editor.edit.keep()); }

  #leave() {
    this.#unlaid = false;
    this.editor.edit.leave();
    this.editor.draw();
  }

  // A pen reports more often than the screen is drawn.
  #soon() {
    this.#unlaid = true;
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => { this.#due = false; this.#lay(); });
  }

  #lay() {
    const { editor, how } = this;
    if (!this.#unlaid || editor.closed || editor.lost) return;
    this.#unlaid = false;
    const sheet = this.#sheet;
    const unit = editor.renderer.sheet.take(sheet.canvas, { premultiply: true }).bind();
    if (sheet.box) editor.edit.lay(unit, sheet.box, { onAtlas: editor.onAtlas, opacity: how.opacity, erase: how.erase });
    editor.drawNow();
  }
}
