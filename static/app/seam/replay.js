// The half second before the seam and the half second after it, again and again, at the footage's own pace.

import { button, el, freshId, setText } from "../dom.js";
import { fit } from "./picture.js";

const HALF_S = 0.5;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Replay {
  constructor() {
    this.canvas = el("canvas", { className: "seam-canvas", role: "img", "aria-label": "The half second before and after the seam, over and over" });
    this.side = el("span", { className: "seam-side", "aria-hidden": "true" });
    this.dot = el("span", { className: "seam-dot" });
    this.track = el("div", { className: "seam-track", "aria-hidden": "true" }, this.dot);
    this.toggle = button("Pause", { icon: "pause", "data-do": "replay", onclick: () => this.run(!this.running) });
    this.element = el("figure", { className: "seam-replay" },
      el("div", { className: "seam-view" }, this.canvas, this.side), this.track,
      el("figcaption", { className: "row" }, this.toggle, this.#speeds(), el("span", { className: "remark" }, "half a second before and after the seam")));
    this.speed = 1;
    this.turn = 0;
  }

  #speeds() {
    const name = freshId("speed");
    const one = (value, words) => el("label", {}, el("input", { type: "radio", name, value, checked: value === 1, onchange: () => { this.speed = value; } }), words);
    return el("fieldset", { className: "segments", "aria-label": "Speed" }, one(1, "1\u00d7"), one(0.5, "\u00bd\u00d7"), one(0.25, "\u00bc\u00d7"));
  }

  open(frames) {
    this.frames = frames;
    this.run(!calm.matches);
  }

  // The seam was moved: what is played changes at once, without starting over.
  follow(cuts) {
    const { before, after } = cuts.around(HALF_S);
    this.play = [...before, ...after];
    this.split = before.length;
    this.at = Math.min(this.at ?? 0, this.play.length - 1);
    const share = before.reduce((sum, each) => sum + each.length_s, 0) / this.play.reduce((sum, each) => sum + each.length_s, 0);
    this.track.style.setProperty("--seam-at", `${(100 * share).toFixed(1)}%`);
    this.wanted = this.play.map((each) => each.frame);
    this.#draw();
  }

  run(on) {
    this.running = on;
    setText(this.toggle.lastElementChild, on ? "Pause" : "Play");
    this.toggle.querySelector("use").setAttribute("href", on ? "#i-pause" : "#i-play");
    const turn = ++this.turn;
    if (!on) return;
    this.due_ms = performance.now();
    const tick = (now_ms) => {
      if (turn !== this.turn) return;
      this.#advance(now_ms);
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  // A picture came; where the play stands still it may be the one that is wanted.
  arrived() {
    if (!this.running) this.#draw();
  }

  // A picture that has not come holds the play: a seam seen with frames left out would be a false one.
  #advance(now_ms) {
    if (!this.play?.length) return;
    if (now_ms - this.due_ms > 250) this.due_ms = now_ms;
    while (now_ms >= this.due_ms) {
      const next = (this.at + 1) % this.play.length;
      if (!this.frames.ready([this.play[next].frame])) { this.due_ms = now_ms; return; }
      this.at = next;
      this.due_ms += (this.play[next].length_s * 1000) / this.speed;
      this.#draw();
    }
  }

  #draw() {
    const shown = this.play?.[this.at];
    if (!shown || !this.frames) return;
    const image = this.frames.get(shown.frame);
    if (image) fit(this.canvas, image).drawImage(image, 0, 0);
    const after = this.at >= this.split;
    setText(this.side, after ? "after the seam" : "before the seam");
    this.side.dataset.side = after ? "after" : "before";
    this.dot.style.left = `${(100 * (this.at + 0.5)) / this.play.length}%`;
  }
}
