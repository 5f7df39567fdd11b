// Everything around the picture that is painted on, put together: tools, options, looks, the player, the keys.

import { el } from "../dom.js";
import { picture, taken } from "./atlases.js";
import { Editor } from "./editor.js";
import { Handles } from "./handles.js";
import { Looks, nameOf } from "./looks.js";
import { Options } from "./options.js";
import { Player } from "./player.js";
import { Pointing } from "./pointing.js";

const NUDGE = 0.01; // of the sheet, for a thing that is moved with the arrows
const LONGEST_PX = 2048; // side of a picture that is laid on

export class Desk {
  // `does`: said(words, bad), changed().
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
      changed: () => this.#write(this.options.text.value), chose: (name) => this.#chose(name),
    });
    this.looks = new Looks(editor, { download: () => this.#download(), upload: (file) => this.#upload(file) });
    this.player = new Player(editor);
    const view = el("div", { className: "edit-view" }, editor.canvas, this.handles.element);
    this.pointing = new Pointing(view, editor, { wanted: () => this.options.wanted, before: () => this.player.run(false) });
    place.replaceChildren(this.options.tools, view, el("aside", { className: "edit-side" }, this.options.element, this.looks.element), this.player.element);
    this.handles.follow(editor);
    this.pointing.fit();
  }

  get unsaved() { return this.editor.history.unsaved || this.editor.paint.busy; }

  heard(what) {
    if (!this.player) return; // not put together yet
    if (what === "frame") this.player.follow();
    if (what === "view") { this.looks.follow(); this.pointing.fit(); }
    this.handles.follow(this.editor);
    if (what !== "frame") this.does.changed();
  }

  key(event) {
    const { editor, options } = this;
    const typing = event.target.matches("input:not([type=range], [type=radio]), textarea");
    if (event.key === "Enter" && editor.paint.thing) { event.preventDefault(); return editor.paint.placed(); }
    if (typing) return undefined;
    const { key } = event;
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "z") { event.preventDefault(); return event.shiftKey ? editor.redo() : editor.undo(); }
    if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
    const does = {
      b: () => options.choose("brush"), e: () => options.choose("eraser"), t: () => options.choose("words"), p: () => options.choose("picture"),
      "[": () => options.grow(0.8), "]": () => options.grow(1.25), "+": () => this.#near(1.25), "-": () => this.#near(0.8),
    }[key];
    if (does) { event.preventDefault(); return does(); }
    if (!event.target.matches("button, input")) return this.#canvasKey(event);
    return undefined;
  }

  close() {
    this.player.run(false);
    this.editor.close();
    this.place.replaceChildren();
  }

  #canvasKey(event) {
    const { editor, player } = this;
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    if (event.key === " ") { event.preventDefault(); return player.run(!player.running); }
    if (!dx && !dy) return undefined;
    event.preventDefault();
    const { paint } = editor;
    if (!paint.thing) return dx ? player.step(dx) : undefined;
    const far = NUDGE * Math.max(...editor.size) * (event.shiftKey ? 5 : 1);
    paint.thing.x += dx * far;
    paint.thing.y += dy * far;
    return paint.moved();
  }

  #near(times) {
    const { paint } = this.editor;
    if (!paint.thing) return this.pointing.enlarge(times);
    paint.thing.grow(times);
    return paint.moved();
  }

  #chose(name) {
    this.editor?.paint.placed();
    if (name === "words" && this.options.text.value) this.#write(this.options.text.value);
  }

  // Words are laid on as they are typed.
  #write(words) {
    const { options, editor: { paint } } = this;
    if (options.tool !== "words") return;
    const { colour, opacity } = options.wanted;
    const there = paint.thing?.what.words !== undefined;
    if (!words) return void (there && paint.drop());
    if (!there) { this.player.run(false); paint.put({ words, colour }, { opacity }); }
    paint.thing.what.colour = colour;
    paint.how.opacity = opacity;
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
    const { edit, bundle, layer } = this.editor;
    this.editor.paint.placed();
    const link = el("a", { href: URL.createObjectURL(await picture(edit)) });
    link.download = edit.layer.foreground ? `foreground_atlas_${layer}.png` : "background_atlas.png";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    this.does.said(`Paint on it in any program, and bring it back as the atlas of \u201c${nameOf(edit.layer, layer, bundle.foregrounds)}\u201d.`);
  }

  async #upload(file) {
    try {
      const { edit, layer } = this.editor;
      const { paint, change } = await taken(edit, file);
      this.editor.replace(layer, paint, change);
      this.does.said("");
    } catch {
      this.does.said(`\u201c${file.name}\u201d is not a picture that this browser can read. Save the atlas as PNG.`, true);
    }
  }
}
