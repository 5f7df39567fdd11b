// A quick draft that is painted on can be made exact: that costs time once, and none of the paint.

import { button, el, setText } from "../dom.js";
import { FINAL, taking } from "./fitting.js";

export class Refining {
  // `begin` is called when somebody wants it.
  constructor(begin) {
    this.words = el("p", { className: "remark" });
    this.button = button("Make it exact", { "data-do": "refine", onclick: begin });
    this.element = el("section", { className: "edit-refining", "aria-label": "Quick draft" }, this.words, this.button);
  }

  show(loop, busy) {
    this.element.hidden = loop.edit?.quality !== "draft";
    this.button.disabled = busy;
    setText(this.words, `This is a quick draft. Making it exact takes ${taking(FINAL, loop)}; what you painted stays.`);
  }
}

// A loop that is being made exact; that the server has begun may be known before the loop's event says so.
export function begun(loop) {
  const { edit } = loop;
  return edit.state === "ready" && edit.quality === "draft" ? { ...loop, edit: { ...edit, state: "waiting" } } : loop;
}
