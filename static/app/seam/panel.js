// The inspector's dialog: its title, a line that says how things stand, and below it what can be used
// once the loop was read.

import { button, el, setText } from "../dom.js";
import { Message } from "../message.js";

export class Panel {
  constructor(dialog, body, foot) {
    this.dialog = dialog;
    this.title = el("h2");
    this.message = new Message("seam-message");
    this.body = el("div", { className: "seam-body" }, ...body);
    this.foot = el("footer", { className: "row seam-foot" }, ...foot);
    dialog.classList.add("seam");
    dialog.append(
      el("header", { className: "dialog-head" }, this.title, button("", { icon: "close", quiet: true, label: "Close", "data-do": "close", onclick: () => dialog.close() })),
      this.message.element, this.body, this.foot);
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  }

  open(title) {
    setText(this.title, title);
    this.dialog.setAttribute("aria-label", title);
    this.dialog.showModal();
  }

  // `usable`: whether what is below can be used nevertheless.
  say(words, bad = false, usable = false) {
    this.message.say(words, bad);
    this.message.element.classList.remove("reading");
    this.body.hidden = this.foot.hidden = !usable;
  }

  // Says what is waited for.
  wait(words) {
    this.say(words);
    this.message.element.classList.add("reading");
  }
}
