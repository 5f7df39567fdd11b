// The timeline by keyboard: a caret that walks in single frames, and I and O, which mark the beginning
// and the end of a span at the caret, under the pointer, or at what is on the stage just now.

import { el } from "../dom.js";
import { clock } from "../gallery/loopwords.js";

const WATCHING = "#stage, #timeline, #controls, #main";

export class Caret {
  constructor({ view, marks, moved, cut }) {
    Object.assign(this, { view, marks, moved, cut });
    this.time_s = null; // null: nobody has placed it
    this.hover_s = null;
    this.element = el("div", { className: "tl-caret", role: "slider", tabIndex: 0, "aria-label": "Place on the timeline: arrows move, I and O mark", "aria-valuemin": 0 });
    this.element.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("keydown", (event) => this.#mark(event));
  }

  put(time_s) {
    this.time_s = time_s === null ? null : this.view.clamp(Math.min(time_s, this.view.time_s));
    if (this.time_s !== null) this.view.reveal(this.time_s);
    this.moved();
  }

  draw(view, layout) {
    const time_s = this.time_s ?? view.time_s;
    this.element.style.left = `${view.x(time_s)}px`;
    this.element.style.top = `${layout.stripTop - 8}px`;
    this.element.style.height = `${layout.height - layout.stripTop + 8}px`;
    this.element.classList.toggle("placed", this.time_s !== null);
    this.element.setAttribute("aria-valuemax", view.last_s.toFixed(2));
    // A caret that follows the stream would be read out for ever: only a placed one tells its time.
    this.element.setAttribute("aria-valuenow", this.time_s === null ? "0" : time_s.toFixed(2));
    this.element.setAttribute("aria-valuetext", this.time_s === null ? "at the newest picture" : clock(time_s));
  }

  #key(event) {
    const frame_s = 1 / (this.rate || 30);
    const step = event.shiftKey ? 1 : frame_s;
    const here = this.time_s ?? this.view.time_s;
    const to = {
      ArrowLeft: here - step, ArrowDown: here - step, ArrowRight: here + step, ArrowUp: here + step,
      PageDown: here - 1, PageUp: here + 1, Home: this.view.first_s, End: this.view.time_s,
    }[event.key];
    if (to !== undefined) { event.preventDefault(); this.put(to); }
    if (event.key === "Escape") this.put(null);
    if (event.key === "Enter") this.cut();
  }

  // Only while the stage or the timeline is what somebody is at: one letter must not act from elsewhere.
  #mark(event) {
    const side = { i: "in", o: "out" }[event.key.toLowerCase()];
    if (!side || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const at = document.activeElement;
    if (at?.matches("input:not([type=range], [type=radio], [type=checkbox]), textarea, select") || document.querySelector("dialog[open]")) return;
    if (at && at !== document.body && !at.closest(WATCHING)) return;
    const focused = at === this.element ? this.time_s : null;
    this.marks.put(side, this.hover_s ?? focused ?? this.view.time_s);
  }
}
