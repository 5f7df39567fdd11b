// One end of the loop: a slider over the frames it may stand on, coloured by how well each closes, with
// a button for a frame back and a frame on. The slider is the browser's own: arrow keys and dragging come with it.

import { button, el, freshId, setText } from "../dom.js";
import { clock } from "../gallery/loopwords.js";
import { palette, sized, onScheme } from "../timeline/palette.js";
import { shine } from "./heat.js";

export class Nudge {
  // `side` is "start" or "end"; `choose` gets {[side]: frame}.
  constructor(side, words, choose) {
    this.side = side;
    this.words = words;
    const id = freshId("nudge");
    this.slider = el("input", { id, type: "range", step: 1, "data-side": side });
    this.track = el("canvas", { className: "nudge-track", "aria-hidden": "true" });
    this.value = el("output", { className: "nudge-value" });
    this.value.htmlFor = id;
    const by = (step) => choose({ [side]: this.slider.valueAsNumber + step });
    this.element = el("div", { className: "nudge", role: "group", "aria-label": `${words} of the loop` },
      el("label", { htmlFor: id }, words), this.value,
      button("", { icon: "back", label: `${words} one frame earlier`, "data-do": `${side}-back`, onclick: () => by(-1) }),
      el("div", { className: "nudge-slider" }, this.track, this.slider),
      button("", { icon: "back", label: `${words} one frame later`, className: "on", "data-do": `${side}-on`, onclick: () => by(1) }));
    this.slider.addEventListener("input", () => choose({ [side]: this.slider.valueAsNumber }));
    onScheme(() => { this.colours = null; if (this.cuts) this.#paint(); });
    new ResizeObserver(() => { if (this.cuts) this.#paint(); }).observe(this.track);
  }

  follow(cuts) {
    this.cuts = cuts;
    const frames = this.side === "start" ? cuts.starts : cuts.ends;
    const frame = cuts.chosen[this.side];
    Object.assign(this.slider, { min: frames[0], max: frames.at(-1) });
    this.slider.valueAsNumber = frame;
    const moved = frame - cuts.original[this.side];
    const by = moved ? ` (${moved > 0 ? "+" : "\u2212"}${Math.abs(moved)})` : "";
    setText(this.value, `${clock(cuts.timeOf(frame))} \u00b7 frame ${frame}${by}`);
    this.slider.setAttribute("aria-valuetext", `frame ${frame}, ${clock(cuts.timeOf(frame))}`);
    this.#paint();
  }

  #paint() {
    const { start, end } = this.cuts.chosen;
    const isStart = this.side === "start";
    const frames = isStart ? this.cuts.starts : this.cuts.ends;
    const [wide, high] = [this.track.clientWidth, this.track.clientHeight];
    if (!wide) return;
    this.colours ??= palette(this.element);
    const paint = sized(this.track, wide, high);
    paint.clearRect(0, 0, wide, high);
    const cell = wide / frames.length;
    frames.forEach((frame, at) => {
      const off = isStart ? this.cuts.at(frame, end) : this.cuts.at(start, frame);
      const tall = off === null ? 0 : Math.max(2, high * shine(off));
      paint.fillStyle = off !== null && off <= 1 ? this.colours.accent : this.colours.near;
      paint.globalAlpha = off === null ? 0 : 0.85;
      paint.fillRect(at * cell + 0.5, high - tall, Math.max(1, cell - 1), tall);
    });
    paint.globalAlpha = 1;
  }
}
