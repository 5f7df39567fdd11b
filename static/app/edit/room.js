// The editor's dialog: what it shows of a loop depends on how far that is taken apart, and on what is under way.

import { el, setText } from "../dom.js";
import { titleOf } from "../gallery/loopwords.js";
import { hush } from "../gallery/player.js";
import { Fitting, NO_MASTER } from "./fitting.js";
import { Head } from "./head.js";
import { Leaving } from "./leaving.js";
import { laid } from "./opening.js";
import { Refining, begun } from "./refining.js";
import { Saving } from "./saving.js";

export class Room {
  constructor(dialog, store, api) {
    Object.assign(this, { dialog, store, api, desk: null });
    dialog.classList.add("edit");
    this.head = new Head({ step: (which) => this.desk?.step(which), save: () => this.#save(), close: () => this.leaving.leave() });
    this.fitting = new Fitting({
      start: (quality) => this.head.message.ask(() => api.startEdit(this.sid, this.loop.id, quality)),
      cancel: () => this.head.message.ask(() => api.dropEdit(this.sid, this.loop.id)),
    });
    this.refining = new Refining(() => this.#refine());
    this.place = el("div", { className: "edit-place" });
    dialog.append(this.head.element, this.head.message.element, this.fitting.element, this.place);
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); this.#escape(); });
    dialog.addEventListener("close", () => this.#closed());
    dialog.addEventListener("keydown", (event) => this.#key(event));
    this.saving = new Saving(api, { say: (words, bad) => this.#say(words, bad), changed: () => this.#may() });
    this.leaving = new Leaving({ unsaved: () => this.unsaved, close: () => dialog.close() });
    store.subscribe("select", () => { if (dialog.open) dialog.close(); });
    store.subscribe("loop", (loop) => { if (dialog.open && loop.id === this.loop.id) this.#heard(loop); });
    store.subscribe("gone", ({ id }) => { if (dialog.open && id === this.loop.id) dialog.close(); });
  }

  get unsaved() { return Boolean(this.desk?.unsaved || this.saving.sending); }

  open(loop) {
    if (this.dialog.open) this.dialog.close();
    this.sid = this.store.session.id;
    this.loop = this.store.loop(loop.id) ?? loop;
    this.saving.kept = this.loop.edit?.show;
    const title = `Edit ${titleOf(loop)}`;
    setText(this.head.title, title);
    this.dialog.setAttribute("aria-label", title);
    this.unhush = hush();
    this.#say("");
    this.dialog.showModal();
    this.leaving.opened();
    this.#heard(this.loop);
  }

  // Escape is heard here first: a browser closes a dialog itself when it is pressed once more.
  #key(event) {
    if (event.key !== "Escape") return void this.desk?.key(event);
    event.preventDefault();
    this.#escape();
  }

  #escape() {
    if (this.desk?.editor.paint.thing) return this.desk.editor.paint.drop();
    return this.leaving.leave();
  }

  // What the loop says of its edit now.
  #heard(loop) {
    const before = this.loop.edit ?? null;
    this.loop = loop;
    const edit = loop.edit ?? null;
    const there = edit?.state === "ready" || edit?.state === "saving";
    this.fitting.element.hidden = there || !loop.has_master || Boolean(this.desk);
    this.fitting.show(edit, loop);
    this.#may();
    if (!loop.has_master) this.#say(NO_MASTER);
    else if (there && !this.desk) this.#load();
    else if (this.desk) this.#told(edit, before);
  }

  async #load() {
    if (this.loading) return;
    const { loop } = this;
    this.loading = loop;
    this.#say("Fetching the loop \u2026");
    try {
      const does = { said: (words, bad) => this.#say(words, bad), changed: () => this.#may(), beside: this.refining.element };
      this.desk = await laid(this.place, this, does, () => this.loading === loop && this.dialog.open);
      if (!this.desk) return;
      this.saving.quality = loop.edit.quality;
      this.stand = null;
      this.#say("");
      this.#told(this.loop.edit, null); // what came before may have come to nothing
    } catch (error) {
      this.#say(error.message, true);
    } finally {
      if (this.loading === loop) this.loading = null;
    }
    this.fitting.element.hidden = Boolean(this.desk);
    this.#may();
  }

  #may() {
    const editor = this.desk?.editor ?? null;
    const busy = this.loop.edit?.state === "saving" || this.saving.sending;
    this.head.show(editor, { worth: this.unsaved || this.saving.anew(editor), saving: busy });
    this.refining.show(this.loop, busy);
  }

  async #save() {
    await this.saving.save(this.sid, this.loop.id, this.desk.editor);
    this.#told(this.loop.edit, null);
  }

  // What was painted goes along, and is there again when the loop is.
  async #refine() {
    const { editor, stand } = this.desk;
    if (!await this.saving.refine(this.sid, this.loop.id, editor)) return void this.#may();
    this.stand = stand;
    this.#clear();
    this.#heard(begun(this.loop));
  }

  #told(edit, before) {
    this.saving.told(edit, before, this.loop);
    this.#may();
  }

  #say(words, bad) { this.head.message.say(words, bad); }

  #closed() {
    this.loading = this.stand = null;
    this.#clear();
    this.unhush?.();
    this.fitting.rest();
    this.leaving.closed();
  }

  #clear() {
    this.desk?.close();
    this.desk = null;
  }
}
