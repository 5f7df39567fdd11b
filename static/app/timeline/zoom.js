// How much of the stream is in sight: all, the end of it, or what was zoomed to; a scroll bar where it is not all.

import { button, el } from "../dom.js";
import { clock } from "../gallery/loopwords.js";

const FACTOR = 1.6;

export class Zoom {
  constructor(view, changed) {
    this.view = view;
    const act = (change) => () => { change(); changed(); };
    this.changed = changed;
    this.all = button("All", { quiet: true, "data-do": "all", title: "Show the whole stream", onclick: act(() => view.all()) });
    this.follow = button("Follow", { quiet: true, "data-do": "follow", title: "Keep the newest picture in sight", onclick: act(() => view.follow()) });
    this.closer = button("", { icon: "plus", quiet: true, label: "Zoom in", "data-do": "zoom-in", onclick: act(() => view.zoom(1 / FACTOR)) });
    this.farther = button("", { icon: "minus", quiet: true, label: "Zoom out", "data-do": "zoom-out", onclick: act(() => view.zoom(FACTOR)) });
    this.element = el("div", { className: "tl-zoom", role: "group", "aria-label": "How much of the timeline is shown" }, this.follow, this.all, this.farther, this.closer);
    this.scroll = el("input", { type: "range", className: "tl-scroll", min: 0, max: 1, step: "any", hidden: true, "aria-label": "Scroll the timeline" });
    this.scroll.addEventListener("input", act(() => view.pan(view.first_s + this.scroll.valueAsNumber * this.#room())));
  }

  #room() {
    return Math.max(1e-6, this.view.last_s - this.view.first_s - this.view.span_s);
  }

  show({ running }) {
    const { view } = this;
    this.follow.hidden = !running;
    this.all.setAttribute("aria-pressed", String(view.mode === "all"));
    this.follow.setAttribute("aria-pressed", String(view.mode === "follow"));
    this.farther.disabled = view.whole;
    this.scroll.hidden = view.whole;
    if (view.whole) return;
    this.scroll.valueAsNumber = (view.from_s - view.first_s) / this.#room();
    this.scroll.setAttribute("aria-valuetext", `${clock(view.from_s)} to ${clock(view.to_s)}`);
    this.scroll.style.setProperty("--thumb", `${Math.max(8, (100 * view.span_s) / (view.last_s - view.first_s))}%`);
  }

  // With Ctrl (or two fingers) the wheel zooms around the pointer, sideways it scrolls, else it is the page's.
  wheel(plot) {
    plot.addEventListener("wheel", (event) => {
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (event.ctrlKey || event.metaKey) {
        const at_s = this.view.time(event.clientX - plot.getBoundingClientRect().left);
        this.view.zoom(Math.exp(event.deltaY / 200), at_s);
      } else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY) && !this.view.whole) {
        this.view.pan(this.view.from_s + sideways / this.view.scale);
      } else {
        return;
      }
      event.preventDefault();
      this.changed();
    }, { passive: false });
  }
}
