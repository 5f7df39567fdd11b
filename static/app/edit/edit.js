// The editor of a loop: paint on one frame, or on the still picture that its subject is made of, and the whole
// loop follows at once. Drawn here in the browser; saving has the server write a new version of the loop.

import { el, setText } from "../dom.js";
import { titleOf } from "../gallery/loopwords.js";
import { hush } from "../gallery/player.js";
import { Bundle } from "./bundle.js";
import { Desk } from "./desk.js";
import { Fitting } from "./fitting.js";
import { Head } from "./head.js";
import { Leaving } from "./leaving.js";
import { goOn, Saving } from "./saving.js";

const NO_MASTER = "What lies around this loop is still being written, or was not kept. Editing starts from that, never from the loop's own file.";
let room = null;

export function mount(dialog, { store, api }) {
  room = new Room(dialog, store, api);
}

export const open = (loop) => room?.open(loop);
export const editor = () => room?.desk?.editor ?? null; // for whoever looks at its pixels

class Room {
  constructor(dialog, store, api) {
    Object.assign(this, { dialog, store, api, desk: null });
    dialog.classList.add("edit");
    this.head = new Head({ step: (which) => this.desk?.step(which), save: () => this.#save(), close: () => this.leaving.leave() });
    this.fitting = new Fitting({
      start: (quality) => this.#ask(() => api.startEdit(this.sid, this.loop.id, quality)),
      cancel: () => this.#ask(() => api.dropEdit(this.sid, this.loop.id)),
    });
    this.place = el("div", { className: "edit-place" });
    dialog.append(this.head.element, this.head.message, this.fitting.element, this.place);
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
      const bundle = new Bundle(await this.api.editBundle(this.sid, loop.id));
      if (this.loading !== loop || !this.dialog.open) return;
      const desk = await Desk.open(this.place, bundle, { said: (words, bad) => this.#say(words, bad), changed: () => this.#may() });
      if (this.loading !== loop || !this.dialog.open) return void desk.close();
      this.desk = desk;
      await goOn(this.api, this.sid, loop, this.desk.editor);
      this.desk.editor.draw();
      this.#say("");
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
    const worth = this.unsaved || this.saving.anew(editor);
    this.head.show(editor, { worth, saving: this.loop.edit?.state === "saving" || this.saving.sending });
  }

  async #save() {
    await this.saving.save(this.sid, this.loop.id, this.desk.editor);
    this.#told(this.loop.edit, null);
  }

  #told(edit, before) {
    this.saving.told(edit, before, this.loop);
    this.#may();
  }

  async #ask(request) {
    this.#say("");
    try {
      await request();
    } catch (error) {
      this.#say(error.message, true);
    }
  }

  #say(words, bad) { this.head.say(words, bad); }

  #closed() {
    this.loading = null;
    this.desk?.close();
    this.desk = null;
    this.unhush?.();
    this.unhush = null;
    this.fitting.rest();
    this.leaving.closed();
  }
}
