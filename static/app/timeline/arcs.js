// Arcs over the filmstrip: each loop from where it begins to where it returns, near-misses faintly.
// They are laid out anew only when the scale changes; while the view scrolls the whole layer is moved.

import { call, light, lights } from "../gallery/lights.js";
import { lengthOf, seamOf, sentence, shortOf, spokenSpan, titleOf } from "../gallery/loopwords.js";
import { levelY } from "./layout.js";

const SVG = "http://www.w3.org/2000/svg";
const DISC_PX = 10;
const MOST_MISSES = 60; // drawn; the best of them

export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  set(made, attributes);
  made.append(...children);
  return made;
}

const set = (element, attributes) => {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
};

export class Arcs {
  #arcs = new Map(); // id -> the parts of one arc
  #anchor = null; // where the view stood when all were laid out

  // `does`: play(loop), mark(miss).
  constructor(does) {
    this.does = does;
    this.far = svg("g", { class: "misses" });
    this.near = svg("g", { class: "arcs" });
    this.layer = svg("g", {}, this.far, this.near);
    this.element = svg("svg", { class: "tl-arcs", role: "group", "aria-label": "Loops on the timeline" }, this.layer);
  }

  // The loops or the misses changed.
  tell(loops, misses, longest_s) {
    this.longest_s = Math.max(longest_s, ...loops.map((each) => each.duration_s));
    const wanted = new Set(loops.map((each) => each.id));
    for (const [id, arc] of this.#arcs) {
      if (!wanted.has(id)) { arc.element.remove(); this.#arcs.delete(id); }
    }
    for (const loop of loops) this.#put(loop);
    this.misses = [...misses].sort((a, b) => a.mismatch - b.mismatch).slice(0, MOST_MISSES);
    this.#anchor = null;
  }

  lit(id) {
    for (const [each, arc] of this.#arcs) arc.element.classList.toggle("lit", each === id);
  }

  draw(view, layout) {
    const before = this.#anchor;
    const same = before && Math.abs(before.scale - view.scale) < 1e-9 && before.height === layout.height;
    if (!same) this.#layOut(view, layout);
    const moved = (this.#anchor.from_s - view.from_s) * view.scale;
    set(this.layer, { transform: `translate(${moved.toFixed(2)} 0)` });
  }

  #put(loop) {
    const arc = this.#arcs.get(loop.id) ?? this.#make(loop);
    if (arc.loop.kind !== loop.kind) this.near.append(arc.element); // mended, it closes
    const title = titleOf(loop);
    const words = `${title}, ${spokenSpan(loop)}, ${lengthOf(loop.duration_s)}, ${sentence(seamOf(loop).words)}`;
    arc.loop = loop;
    set(arc.element, { class: `arc ${loop.kind} ${loop.state}${loop.kept ? " kept" : ""}${arc.element.classList.contains("lit") ? " lit" : ""}`, "aria-label": loop.state === "written" ? `Play ${words}` : words });
    arc.title.textContent = words;
    arc.number.textContent = shortOf(loop);
  }

  #make(loop) {
    const arc = {
      loop,
      title: svg("title"), reach: svg("path", { class: "reach" }), line: svg("path", { class: "line", pathLength: "1" }),
      span: svg("rect", { class: "span" }), dip: svg("circle", { class: "dip", r: 3.5 }),
      ends: [svg("circle", { class: "end", r: 3 }), svg("circle", { class: "end", r: 3 })],
      disc: svg("rect", { class: "disc", height: 2 * DISC_PX, rx: DISC_PX }), number: svg("text", { class: "number" }),
    };
    arc.element = svg("g", { role: "button", tabindex: 0, "data-loop": loop.id },
      arc.title, arc.reach, arc.span, arc.line, ...arc.ends, arc.dip, arc.disc, arc.number);
    lights(arc.element, () => arc.loop.id);
    const choose = () => { light(arc.loop.id); call(arc.loop.id); this.does.play(arc.loop); };
    arc.element.addEventListener("click", choose);
    arc.element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose();
    });
    arc.element.addEventListener("focus", () => this.does.reveal(arc.loop));
    this.#arcs.set(loop.id, arc);
    if (loop.kind === "near") this.near.prepend(arc.element); // under the discs of what closes
    else this.near.append(arc.element);
    return arc;
  }

  #layOut(view, layout) {
    this.#anchor = { from_s: view.from_s, scale: view.scale, height: layout.height };
    const taken = [];
    const sorted = [...this.#arcs.values()].sort((a, b) => b.loop.duration_s - a.loop.duration_s);
    for (const arc of sorted) this.#place(arc, view, layout, taken);
    this.far.replaceChildren(...(this.misses ?? []).map((miss) => this.#miss(miss, view, layout)));
  }

  #bow(span, view, layout) {
    const [left, right] = [view.x(span.start_s), view.x(span.end_s)];
    const most = layout.stripTop - 2 * DISC_PX - 6;
    const high = 18 + most * 0.96 * Math.min(1, Math.sqrt((span.end_s - span.start_s) / this.longest_s)) - 14;
    const y = layout.stripTop - 2;
    const d = `M${left.toFixed(1)} ${y}A${((right - left) / 2).toFixed(1)} ${high.toFixed(1)} 0 0 1 ${right.toFixed(1)} ${y}`;
    return { left, right, y, high, d };
  }

  #place(arc, view, layout, taken) {
    const { left, right, y, high, d } = this.#bow(arc.loop, view, layout);
    set(arc.reach, { d });
    set(arc.line, { d });
    set(arc.span, { x: left.toFixed(1), y: layout.stripTop, width: Math.max(0, right - left).toFixed(1), height: layout.strip, rx: 4 });
    arc.ends.forEach((end, at) => set(end, { cx: (at ? right : left).toFixed(1), cy: y }));
    set(arc.dip, { cx: right.toFixed(1), cy: levelY(layout, arc.loop.mismatch).toFixed(1) });
    const [x, top] = [(left + right) / 2, y - high];
    const wide = Math.max(2 * DISC_PX, 8 + 7 * shortOf(arc.loop).length);
    const room = !taken.some(([px, py, pw]) => Math.abs(px - x) < (pw + wide) / 2 + 1 && Math.abs(py - top) < 2 * DISC_PX + 1);
    if (room) taken.push([x, top, wide]);
    set(arc.disc, { x: (x - wide / 2).toFixed(1), y: (top - DISC_PX).toFixed(1), width: wide });
    set(arc.number, { x: x.toFixed(1), y: (top + 4).toFixed(1) });
    arc.element.classList.toggle("unnumbered", !room);
  }

  #miss(miss, view, layout) {
    const { d } = this.#bow(miss, view, layout);
    const words = svg("title");
    words.textContent = `Nearly returned, ${spokenSpan(miss)}: ${miss.mismatch.toFixed(1)} steps off. Press to mark it.`;
    const line = svg("g", { class: "miss" }, words, svg("path", { class: "reach", d }), svg("path", { class: "line", d }));
    line.addEventListener("click", () => this.does.mark(miss));
    return line;
  }
}
