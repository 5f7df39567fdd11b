// The two frames that meet at the seam: the last that is shown and the first, side by side; or, laid over
// each other, the first and the one that followed the last in the footage, which in a true loop coincide.

import { el, freshId, setText } from "../dom.js";
import { fit } from "./picture.js";

export class Pair {
  constructor() {
    const canvas = (label) => el("canvas", { className: "seam-canvas", role: "img", "aria-label": label });
    this.last = canvas("The last frame shown");
    this.first = canvas("The first frame");
    this.both = canvas("The first frame and the one that followed the last, laid over each other");
    this.lastWords = el("figcaption");
    this.firstWords = el("figcaption");
    this.onionWords = el("span", { className: "remark" });
    this.mix = el("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": "From the one that followed to the first" });
    const view = (inside, words, name) => el("figure", { "data-frame": name }, el("div", { className: "seam-view" }, inside), words);
    this.side = el("div", { className: "seam-two" }, view(this.last, this.lastWords, "last"), view(this.first, this.firstWords, "first"));
    this.onion = el("div", { className: "seam-onion" }, view(this.both, el("figcaption", {}, this.onionWords), "onion"));
    this.mixing = el("div", { className: "compare-mix" }, el("span", {}, "Followed"), this.mix, el("span", {}, "First"));
    this.element = el("section", { className: "seam-pair", "aria-label": "The two frames at the seam" }, el("div", { className: "seam-modes" }, this.#modes(), this.mixing), this.side, this.onion);
    this.mix.addEventListener("input", () => this.draw());
  }

  #modes() {
    const name = freshId("pair");
    const one = (value, words) => el("label", {}, el("input", { type: "radio", name, value, checked: value === "side", onchange: () => this.#show(value) }), words);
    const modes = el("fieldset", { className: "segments", "aria-label": "How to show the two frames" }, one("side", "Side by side"), one("onion", "Onion skin"), one("difference", "Difference"));
    this.#show("side");
    return modes;
  }

  #show(mode) {
    this.mode = mode;
    this.side.hidden = mode !== "side";
    this.onion.hidden = mode === "side";
    this.mixing.hidden = mode !== "onion";
    this.onion.dataset.mode = mode;
    if (this.frames) this.draw();
  }

  follow(cuts, frames) {
    this.frames = frames;
    const { start, end } = cuts.chosen;
    this.at = { last: end - 1, first: start, next: cuts.has(end) ? end : end - 1 };
    this.wanted = [this.at.last, this.at.first, this.at.next];
    setText(this.lastWords, `Last shown \u00b7 frame ${end - 1}`);
    setText(this.firstWords, `First \u00b7 frame ${start}`);
    this.draw();
  }

  draw() {
    const [last, first, next] = [this.at.last, this.at.first, this.at.next].map((frame) => this.frames.get(frame));
    if (this.mode === "side") {
      if (last) fit(this.last, last).drawImage(last, 0, 0);
      if (first) fit(this.first, first).drawImage(first, 0, 0);
      return;
    }
    setText(this.onionWords, `Frame ${this.at.next}, which followed in the footage, ${this.mode === "onion" ? "over" : "minus"} the first, ${this.at.first}: ${this.mode === "onion" ? "the nearer they lie, the less the seam shows" : "what is bright has moved"}.`);
    if (!first || !next) return;
    if (this.mode === "onion") this.#lay(next, first); else this.#subtract(next, first);
  }

  #lay(next, first) {
    const share = this.mix.value / 100;
    this.mix.style.setProperty("--filled", `${this.mix.value}%`);
    const paint = fit(this.both, first);
    paint.globalAlpha = Math.min(1, 2 - 2 * share);
    paint.drawImage(next, 0, 0);
    paint.globalAlpha = Math.min(1, 2 * share);
    paint.drawImage(first, 0, 0);
  }

  // Both over black, so that a matte that differs shows as well.
  #subtract(next, first) {
    const paint = fit(this.both, first);
    paint.fillStyle = "#000";
    paint.fillRect(0, 0, this.both.width, this.both.height);
    paint.drawImage(next, 0, 0);
    paint.globalCompositeOperation = "difference";
    paint.drawImage(opaque(first), 0, 0);
  }
}

let spare = null;
function opaque(image) {
  spare ??= document.createElement("canvas");
  const paint = fit(spare, image);
  paint.fillStyle = "#000";
  paint.fillRect(0, 0, spare.width, spare.height);
  paint.drawImage(image, 0, 0);
  return spare;
}
