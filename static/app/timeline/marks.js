// A span that is marked by hand: where it begins and ends, the shade over the strip, and its two handles.

import { el } from "../dom.js";
import { clock } from "../gallery/loopwords.js";

const SNAP_PX = 7;

export class Marks {
  constructor(changed) {
    this.in_s = null;
    this.out_s = null;
    this.enabled = true; // not on a stream that is past
    this.changed = changed;
    this.shade = el("div", { className: "tl-marked" });
    this.handles = ["in", "out"].map((side) => el("div", { className: "tl-handle", "data-side": side }));
    this.element = el("div", { className: "tl-marks", "aria-hidden": "true" }, this.shade, ...this.handles);
  }

  get length_s() { return this.in_s === null || this.out_s === null ? null : this.out_s - this.in_s; }

  set(in_s, out_s) {
    if (!this.enabled && in_s !== null) return;
    this.in_s = in_s;
    this.out_s = out_s;
    this.changed();
  }

  // One side alone; the other gives way where it would come first.
  put(side, time_s) {
    if (!this.enabled) return;
    if (side === "in") this.set(time_s, this.out_s !== null && this.out_s <= time_s ? null : this.out_s);
    else this.set(this.in_s !== null && this.in_s >= time_s ? null : this.in_s, time_s);
  }

  clear() { this.set(null, null); }

  draw(view, layout) {
    const both = this.length_s !== null;
    this.shade.hidden = !both;
    const box = { top: `${layout.stripTop}px`, height: `${layout.strip}px` };
    if (both) {
      Object.assign(this.shade.style, box, { left: `${view.x(this.in_s)}px`, width: `${Math.max(1, this.length_s * view.scale)}px` });
      this.shade.dataset.length = `${this.length_s.toFixed(2)} s`;
    }
    [this.in_s, this.out_s].forEach((time_s, at) => {
      const handle = this.handles[at];
      handle.hidden = time_s === null;
      if (time_s === null) return;
      Object.assign(handle.style, { top: `${layout.stripTop - 6}px`, height: `${layout.strip + 12}px`, left: `${view.x(time_s)}px` });
      handle.title = `${at ? "Out" : "In"} ${clock(time_s)}`;
    });
  }
}

// Dragging over the plot marks; dragging a handle moves that end; a press without a drag goes to `pressed`.
export function dragging(plot, { marks, view, ends, pressed }) {
  const at = (event) => event.clientX - plot.getBoundingClientRect().left;
  const moment = (x) => view.clamp(snapped(x, view, ends()));
  let drag = null;

  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    const side = event.target.dataset?.side;
    const other_s = side === "in" ? marks.out_s : marks.in_s;
    drag = { from: at(event), fixed_s: side ? other_s : moment(at(event)), side, moved: false };
  });
  plot.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const x = at(event);
    if (!drag.moved && Math.abs(x - drag.from) < 5) return;
    if (!drag.moved) plot.setPointerCapture(event.pointerId);
    drag.moved = true;
    const time_s = moment(x);
    if (drag.side && drag.fixed_s === null) marks.put(drag.side, time_s);
    else marks.set(Math.min(drag.fixed_s, time_s), Math.max(drag.fixed_s, time_s));
  });
  plot.addEventListener("pointerup", (event) => {
    const was = drag;
    drag = null;
    if (was?.moved) plot.addEventListener("click", (click) => click.stopPropagation(), { capture: true, once: true });
    else if (was && !event.target.closest?.(".arc, .miss, .tl-handle")) pressed(view.clamp(view.time(at(event))));
  });
  plot.addEventListener("pointercancel", () => { drag = null; });
}

// Ends of loops and near-misses attract, because that is where the motion is known to return.
function snapped(x, view, ends) {
  let [best, nearest] = [view.time(x), SNAP_PX];
  for (const end_s of ends) {
    const off = Math.abs(view.x(end_s) - x);
    if (off < nearest) [best, nearest] = [end_s, off];
  }
  return best;
}
