// Everything around the picture that is painted on, put together: tools, options, looks, the player, the keys.

import { el } from "../dom.js";
import { WrongShape, picture, taken } from "./atlases.js";
import { Editor } from "./editor.js";
import { Handles } from "./handles.js";
import { pressed } from "./keys.js";
import { Looks, nameOf } from "./looks.js";
import { Options } from "./options.js";
import { Player } from "./player.js";
import { Pointing } from "./pointing.js";

const LONGEST_PX = 2048; // side of a picture that is laid on

export class Desk {
  // `does`: said(words, bad), changed(); `beside` is an element to stand with the others.
  static async open(place, bundle, does) {
    const canvas = el("canvas", { className: "edit-canvas", tabIndex: 0, role: "img", "aria-label": "The loop, to be painted on" });
    const desk = new Desk(does);
    const editor = await Editor.open(canvas, bundle, (what) => desk.heard(what));
    desk.fill(place, editor);
    await editor.show(0);
    return desk;
  }

  constructor(does) { this.does = does; }

  fill(place, editor) {
    Object.assign(this, { place, editor });
    this.handles = new Handles();
    this.options = new Options(editor.bundle, {
      words: (words) => this.#write(words), picture: (file) => this.#lay(file),
      changed: () => this.#alter(), chose: (name) => this.#chose(name),
    });
    this.looks = new Looks(editor, { download: () => this.#download(), upload: (file) => this.#upload(file) });
    this.player = new Player(editor);
    const view = el("div", { className: "edit-view" }, editor.canvas, this.handles.element);
    this.pointing = new Pointing(view, editor, { wanted: () => this.options.wanted, before: () => this.player.run(false) });
    place.replaceChildren(this.options.tools, view, el("aside", { className: "edit-side" }, this.options.element, this.looks.element, this.does.beside), this.player.element);
    this.handles.follow(editor);
    this.pointing.fit();
  }

  // A button that has just been switched off would keep the keys to itself.
  step(which) {
    this.editor[which]();
    this.editor.canvas.focus({ preventScroll: true });
  }

  get unsaved() { return this.editor.history.unsaved || this.editor.paint.busy; }

  // What is shown and painted with, to go on so on another desk.
  get stand() {
    const { options: { wanted }, editor: { shows, view, layer, at } } = this;
    return { wanted, look: { shows, view, layer }, at };
  }

  async take({ wanted, look, at }) {
    this.options.take(wanted);
    this.editor.look(look);
    await this.editor.show(at);
  }

  heard(what) {
    if (!this.player) return; // not put together yet
    if (what === "frame") this.player.follow();
    if (what === "thing" && !this.editor.paint.thing) this.options.text.value = ""; // the next words are others
    if (what === "graphics") this.does.said(this.editor.context.words, this.editor.context.failed);
    if (what === "view") { this.looks.follow(); this.pointing.fit(); }
    this.handles.follow(this.editor);
    if (what !== "frame") this.does.changed();
  }

  key(event) { return pressed(this, event); }

  close() {
    this.player.run(false);
    this.editor.close();
    this.place.replaceChildren();
  }

  #chose() { this.editor?.paint.placed(); }

  // Another colour or strength is that of what is being placed, too.
  #alter() {
    const { options: { wanted }, editor: { paint } } = this;
    if (!paint.thing) return;
    if (paint.thing.what.words !== undefined) paint.thing.what.colour = wanted.colour;
    paint.how.opacity = wanted.opacity;
    paint.moved();
  }

  // Words are laid on as they are typed.
  #write(words) {
    const { options, editor: { paint } } = this;
    if (options.tool !== "words") return;
    const { colour, opacity } = options.wanted;
    const there = paint.thing?.what.words !== undefined;
    if (!words) return void (there && paint.drop());
    if (!there) { this.player.run(false); paint.put({ words, colour }, { opacity }); }
    paint.thing.say(words);
    paint.moved();
  }

  async #lay(file) {
    try {
      const whole = await createImageBitmap(file);
      const scale = Math.min(1, LONGEST_PX / Math.max(whole.width, whole.height));
      const small = await createImageBitmap(whole, { resizeWidth: Math.max(1, Math.round(whole.width * scale)), resizeHeight: Math.max(1, Math.round(whole.height * scale)), resizeQuality: "high" });
      this.player.run(false);
      this.editor.paint.put({ picture: small }, { opacity: this.options.wanted.opacity });
      this.editor.canvas.focus({ preventScroll: true });
    } catch {
      this.does.said(`\u201c${file.name}\u201d is not a picture that this browser can show. Choose a JPEG, PNG or WebP.`, true);
    }
  }

  async #download() {
    const { edit, bundle, layer, lost } = this.editor;
    if (lost) return this.heard("graphics");
    this.editor.paint.placed();
    const link = el("a", { href: URL.createObjectURL(await picture(edit)) });
    link.download = edit.layer.foreground ? `foreground_atlas_${layer}.png` : "background_atlas.png";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    this.does.said(`Paint on it in any program, and bring it back as the atlas of \u201c${nameOf(edit.layer, layer, bundle.foregrounds)}\u201d.`);
  }

  async #upload(file) {
    if (this.editor.lost) return this.heard("graphics");
    try {
      const { edit, layer } = this.editor;
      const { paint, change } = await taken(edit, file);
      this.editor.replace(layer, paint, change);
      this.does.said("");
    } catch (error) {
      const why = error instanceof WrongShape ? `: ${error.message}.` : " is not a picture that this browser can read. Save the atlas as PNG.";
      this.does.said(`\u201c${file.name}\u201d${why}`, true);
    }
  }
}
