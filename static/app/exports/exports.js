// A loop for other places: every destination with what it accepts, made on the server within its limits,
// checked there on the written file, and saved from here. What is under way goes on when this is closed.

import { button, el, setText } from "../dom.js";
import { titleOf } from "../gallery/loopwords.js";
import { Message } from "../message.js";
import { GROUPS, groupOf, insteadOf } from "./limits.js";
import { Look } from "./look.js";
import { Row } from "./row.js";

const NO_MASTER = "What lies around this loop is still being written, or was not kept. Exports start from that, never from the loop's own file.";
let chooser = null;

export function mount(dialog, { store, api }) {
  chooser = new Exports(dialog, store, api);
}

export const open = (loop) => chooser?.open(loop);

class Exports {
  constructor(dialog, store, api) {
    Object.assign(this, { dialog, store, api });
    dialog.classList.add("exports");
    this.title = el("h2");
    this.message = new Message("seam-message");
    this.look = new Look();
    this.lists = el("div", { className: "export-lists" });
    this.rows = new Map(); // by the destination's name
    dialog.append(
      el("header", { className: "dialog-head" }, this.title, button("", { icon: "close", quiet: true, label: "Close", "data-do": "close", onclick: () => dialog.close() })),
      this.message.element, this.look.element, this.lists);
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    store.subscribe("select", () => dialog.close());
    store.subscribe("loop", (loop) => { if (dialog.open && loop.id === this.loop.id) this.#show(loop); });
    store.subscribe("gone", ({ id }) => { if (dialog.open && id === this.loop.id) dialog.close(); });
  }

  async open(loop) {
    if (this.dialog.open) this.dialog.close();
    this.sid = this.store.session.id;
    const title = `Export ${titleOf(loop)}`;
    setText(this.title, title);
    this.dialog.setAttribute("aria-label", title);
    this.message.say("");
    this.dialog.showModal();
    try {
      if (!this.rows.size) this.#fill(await this.api.targets());
    } catch (error) {
      this.message.say(error.message, true);
    }
    this.#show(this.store.loop(loop.id) ?? loop);
  }

  #fill(targets) {
    const does = {
      make: (target) => this.message.ask(() => this.api.makeExport(this.sid, this.loop.id, { target: target.name, ...this.look.wanted })),
      drop: (target) => this.message.ask(() => this.api.dropExport(this.sid, this.loop.id, target.name)),
      url: (target) => this.api.exportUrl(this.sid, this.loop.id, target.name, this.loop.exports.find((each) => each.target === target.name)?.bytes),
    };
    for (const target of targets) this.rows.set(target.name, new Row(target, does));
    this.lists.replaceChildren(...GROUPS.map((group) => el("section", {},
      el("h3", {}, group),
      el("ul", {}, ...targets.filter((each) => groupOf(each) === group).map((each) => this.rows.get(each.name).element)))));
  }

  #show(loop) {
    this.loop = loop;
    if (!loop.has_master) this.message.say(NO_MASTER);
    else if (this.message.words === NO_MASTER) this.message.say("");
    const made = new Map((loop.exports ?? []).map((each) => [each.target, each]));
    for (const [name, row] of this.rows) {
      row.show(made.get(name) ?? null, { ready: loop.has_master, instead: insteadOf(loop, row.target, this.store.session.loops) });
    }
  }
}
