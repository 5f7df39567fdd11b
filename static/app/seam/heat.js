// The map of all seams near this one: each row a start, each column an end, bright where the loop closes.
// A press goes there; with the keyboard left and right move the end, up and down the start.

import { el } from "../dom.js";
import { palette, onScheme } from "../timeline/palette.js";

const WORST = 4;

// How bright a mismatch is: 1 closes exactly, 0 not at all. The root spreads what lies below one.
export const shine = (off) => (off === null ? 0 : 1 - Math.sqrt(Math.min(off, WORST) / WORST));

export class Heat {
  constructor(choose) {
    this.choose = choose; // ({start, end}) => void
    this.canvas = el("canvas", { className: "heat", tabIndex: 0, role: "application", "aria-label": "Map of all seams: left and right move the end, up and down the start" });
    this.element = el("div", { className: "heat-box" }, this.canvas,
      el("span", { className: "heat-x" }, "end \u2192"), el("span", { className: "heat-y" }, "start \u2192"));
    this.canvas.addEventListener("pointerdown", (event) => { this.canvas.setPointerCapture(event.pointerId); this.#press(event); });
    this.canvas.addEventListener("pointermove", (event) => { if (this.canvas.hasPointerCapture(event.pointerId)) this.#press(event); });
    this.canvas.addEventListener("keydown", (event) => this.#key(event));
    onScheme(() => { this.colours = null; if (this.cuts) this.draw(); });
    new ResizeObserver(() => { if (this.cuts) this.draw(); }).observe(this.canvas);
  }

  follow(cuts) {
    this.cuts = cuts;
    this.draw();
  }

  draw() {
    const { starts, ends, mismatch, chosen, original } = this.cuts;
    const wide = this.canvas.clientWidth;
    if (!wide) return;
    this.colours ??= palette(this.element);
    const cell = wide / ends.length;
    const high = Math.round(cell * starts.length);
    const dense = Math.min(2, devicePixelRatio || 1);
    Object.assign(this.canvas, { width: wide * dense, height: high * dense });
    const paint = this.canvas.getContext("2d");
    paint.scale(dense, dense);
    paint.fillStyle = this.colours.well;
    paint.fillRect(0, 0, wide, high);
    mismatch.forEach((line, row) => line.forEach((off, column) => {
      if (off === null) return;
      paint.fillStyle = off <= 1 ? this.colours.accent : this.colours.near;
      paint.globalAlpha = off <= 1 ? 0.25 + 0.75 * shine(off) : 0.03 + 0.9 * shine(off) ** 1.6;
      const [x, y] = [Math.round(column * cell), Math.round(row * cell)]; // whole px: cells that meet show no grid
      paint.fillRect(x, y, Math.round((column + 1) * cell) - x, Math.round((row + 1) * cell) - y);
    }));
    paint.globalAlpha = 1;
    const best = this.cuts.bestNearby();
    this.#mark(paint, cell, original, this.colours.ink, 1.2, [2, 2]);
    this.#mark(paint, cell, best, this.colours.ink, 1.2, [], true);
    this.#mark(paint, cell, chosen, this.colours.card, 4);
    this.#mark(paint, cell, chosen, this.colours.ink, 2);
  }

  #mark(paint, cell, { start, end }, colour, thick, dashes = [], dot = false) {
    const [x, y] = [this.cuts.ends.indexOf(end) * cell, this.cuts.starts.indexOf(start) * cell];
    paint.strokeStyle = paint.fillStyle = colour;
    paint.lineWidth = thick;
    paint.setLineDash(dashes);
    paint.beginPath();
    if (dot) paint.arc(x + cell / 2, y + cell / 2, Math.min(2.5, cell / 4), 0, 7);
    else paint.rect(x, y, cell, cell);
    if (dot) paint.fill(); else paint.stroke();
    paint.setLineDash([]);
  }

  #press(event) {
    const box = this.canvas.getBoundingClientRect();
    const at = (frames, share) => frames[Math.min(frames.length - 1, Math.max(0, Math.floor(share * frames.length)))];
    this.choose({ start: at(this.cuts.starts, (event.clientY - box.top) / box.height), end: at(this.cuts.ends, (event.clientX - box.left) / box.width) });
  }

  #key(event) {
    const { start, end } = this.cuts.chosen;
    const to = { ArrowLeft: { end: end - 1 }, ArrowRight: { end: end + 1 }, ArrowUp: { start: start - 1 }, ArrowDown: { start: start + 1 } }[event.key];
    if (!to) return;
    event.preventDefault();
    this.choose(to);
  }
}
