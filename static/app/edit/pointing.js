// Mouse, pen and fingers on the picture: one paints, or moves what is being placed; two fingers move and
// enlarge the picture. Places are told in pixels of the frame, or texels of the atlas.

import { el } from "../dom.js";
import { radius } from "./brush.js";

const LINES = new Set(["brush", "eraser"]);
const MOST_ZOOM = 12;
const NEAR_PX = 22; // of a handle, on the screen

export class Pointing {
  // `wanted()` gives {tool, colour, size, opacity}; `before()` is called before anything is painted.
  constructor(view, editor, { wanted, before }) {
    Object.assign(this, { view, editor, wanted, before });
    this.zoom = 1;
    this.fingers = new Map();
    this.drag = null;
    const { canvas } = editor;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, (event) => this.#up(event));
    this.ring = el("div", { className: "edit-ring", hidden: true });
    view.append(this.ring);
    canvas.addEventListener("pointermove", (event) => this.#hover(event));
    canvas.addEventListener("pointerleave", () => { this.ring.hidden = true; });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    view.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    new ResizeObserver(() => this.fit()).observe(view);
  }

  // As large as there is room, times what was enlarged.
  fit() {
    const { canvas, size } = this.editor;
    const room = [this.view.clientWidth, this.view.clientHeight];
    const scale = Math.min(room[0] / size[0], room[1] / size[1]) * this.zoom;
    if (!(scale > 0)) return;
    canvas.style.width = `${Math.floor(size[0] * scale)}px`;
    canvas.style.height = `${Math.floor(size[1] * scale)}px`;
    this.editor.changed("thing");
  }

  // Closer or further, so that what is at (x, y) on the screen stays there.
  enlarge(times, x, y) {
    const box = this.editor.canvas.getBoundingClientRect();
    const own = this.view.getBoundingClientRect();
    const [cx, cy] = [x ?? own.left + own.width / 2, y ?? own.top + own.height / 2];
    const [ax, ay] = [(cx - box.left) / box.width, (cy - box.top) / box.height];
    this.zoom = Math.max(1, Math.min(MOST_ZOOM, this.zoom * times));
    this.fit();
    const now = this.editor.canvas.getBoundingClientRect();
    this.view.scrollBy(now.left + ax * now.width - cx, now.top + ay * now.height - cy);
  }

  place({ clientX, clientY }) {
    const box = this.editor.canvas.getBoundingClientRect();
    const { size } = this.editor;
    return [((clientX - box.left) / box.width) * size[0] - 0.5, ((clientY - box.top) / box.height) * size[1] - 0.5];
  }

  // How wide the brush is, around a pointer that is none of glass and skin.
  #hover(event) {
    const { tool, size } = this.wanted();
    const { canvas, paint } = this.editor;
    this.ring.hidden = event.pointerType === "touch" || Boolean(paint.thing) || !LINES.has(tool);
    if (this.ring.hidden) return;
    const [box, view] = [canvas.getBoundingClientRect(), this.view.getBoundingClientRect()];
    const wide = `${(size * box.width) / this.editor.size[0]}px`;
    const [left, top] = [event.clientX - view.left + this.view.scrollLeft, event.clientY - view.top + this.view.scrollTop];
    Object.assign(this.ring.style, { width: wide, height: wide, left: `${left}px`, top: `${top}px` });
  }

  #down(event) {
    if (event.button > 0) return;
    event.preventDefault();
    this.editor.canvas.focus({ preventScroll: true });
    this.fingers.set(event.pointerId, event);
    this.editor.canvas.setPointerCapture(event.pointerId);
    if (this.fingers.size === 2) return void this.#pinch();
    if (this.fingers.size > 2) return;
    this.before();
    const [x, y] = this.place(event);
    if (this.editor.paint.thing) return void this.#grab(x, y);
    const { tool, size, ...how } = this.wanted();
    if (!LINES.has(tool)) return;
    this.drag = { kind: "stroke", id: event.pointerId, size };
    this.editor.paint.begin(x, y, radius(size, event), { ...how, erase: tool === "eraser" });
  }

  #move(event) {
    if (!this.fingers.has(event.pointerId)) return;
    this.fingers.set(event.pointerId, event);
    if (this.drag?.kind === "pinch") return void this.#pinched();
    if (this.drag?.kind === "stroke" && this.drag.id === event.pointerId) {
      const all = event.getCoalescedEvents?.() ?? [];
      for (const each of all.length ? all : [event]) this.editor.paint.lead(...this.place(each), radius(this.drag.size, each));
    }
    if (this.drag?.kind === "thing") this.#pulled(this.place(event));
  }

  #up(event) {
    if (!this.fingers.delete(event.pointerId)) return;
    if (this.drag?.kind === "stroke" && this.drag.id === event.pointerId) this.editor.paint.end();
    if (this.fingers.size === 0) this.drag = null;
  }

  #grab(x, y) {
    const { canvas, size, paint: { thing } } = this.editor;
    const near = (NEAR_PX * size[0]) / canvas.getBoundingClientRect().width;
    const corner = thing.corners().some(([a, b]) => Math.hypot(a - x, b - y) < near);
    if (corner) this.drag = { kind: "thing", way: "pull", from: [x, y] };
    else if (thing.holds(x, y)) this.drag = { kind: "thing", way: "move", from: [x, y] };
    else this.editor.paint.placed();
  }

  #pulled([x, y]) {
    const { thing } = this.editor.paint;
    const { from, way } = this.drag;
    if (way === "pull") thing.pull(from, [x, y]);
    else Object.assign(thing, { x: thing.x + x - from[0], y: thing.y + y - from[1] });
    this.drag.from = [x, y];
    this.editor.paint.moved();
  }

  #pinch() {
    this.editor.paint.abandon();
    this.drag = { kind: "pinch", ...this.#spread() };
  }

  #spread() {
    const [one, other] = [...this.fingers.values()];
    return {
      wide: Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY),
      x: (one.clientX + other.clientX) / 2, y: (one.clientY + other.clientY) / 2,
    };
  }

  #pinched() {
    const now = this.#spread();
    this.view.scrollBy(this.drag.x - now.x, this.drag.y - now.y);
    this.enlarge(now.wide / Math.max(1, this.drag.wide), now.x, now.y);
    Object.assign(this.drag, now);
  }

  #wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.enlarge(Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
  }
}
