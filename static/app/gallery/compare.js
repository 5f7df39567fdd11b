// Two loops against each other: side by side, or one laid over the other with a slider between them.

import { button, el, freshId, setText } from "../dom.js";
import { bytes } from "../words.js";
import { lengthOf, seamOf, sentence, titleOf } from "./loopwords.js";
import { hush } from "./player.js";
import { Together } from "./together.js";

export class Compare {
  constructor(urlOf) {
    this.urlOf = urlOf;
    this.videos = [0, 1].map(() => el("video", { loop: true, muted: true, playsInline: true, preload: "auto" }));
    this.words = [0, 1].map(() => el("figcaption"));
    this.pair = el("div", { className: "compare-pair" }, ...this.videos.map((video, at) => el("figure", { "data-side": at ? "b" : "a" }, el("div", { className: "compare-view" }, video), this.words[at])));
    this.mix = el("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": "How much of the second loop shows" });
    this.mixing = el("div", { className: "compare-mix" }, el("span", {}, "First"), this.mix, el("span", {}, "Second"));
    this.playing = button("Pause", { icon: "pause", "data-do": "play", onclick: () => this.#run(!this.clock.running) });
    this.match = el("input", { type: "checkbox" });
    const head = el("header", { className: "dialog-head" }, el("h2", { id: freshId("compare") }, "Compare two loops"), button("", { icon: "close", quiet: true, label: "Close", onclick: () => this.dialog.close() }));
    this.dialog = el("dialog", { className: "compare", "aria-labelledby": head.firstChild.id },
      head, this.pair, this.mixing,
      el("div", { className: "row compare-row" }, this.playing, this.#modes(),
        el("label", { className: "check" }, this.match, "Stretch to the same length")));
    this.clock = new Together(this.videos);
    this.#listen();
  }

  open(loops) {
    loops.forEach((loop, at) => {
      const seam = seamOf(loop);
      this.videos[at].src = this.urlOf(loop);
      this.videos[at].setAttribute("aria-label", titleOf(loop));
      this.videos[at].parentElement.style.setProperty("--shape", `${loop.width} / ${loop.height}`);
      this.words[at].replaceChildren(el("strong", {}, titleOf(loop)), el("span", {}, `${lengthOf(loop.duration_s)} \u00b7 ${sentence(seam.words)} \u00b7 ${loop.width}\u00d7${loop.height} \u00b7 ${bytes(loop.bytes)}`));
    });
    this.unhush = hush();
    this.dialog.showModal();
    this.clock.at_s = 0;
    this.#run(!matchMedia("(prefers-reduced-motion: reduce)").matches);
  }

  #modes() {
    const name = freshId("compare-mode");
    const radio = (value, words, checked) => el("label", {}, el("input", { type: "radio", name, value, checked, onchange: () => this.#mode(value) }), words);
    this.#mode("side");
    return el("fieldset", { className: "segments", "aria-label": "How to compare" }, radio("side", "Side by side", true), radio("onion", "One over the other", false));
  }

  #mode(mode) {
    this.pair.dataset.mode = mode;
    this.mixing.hidden = mode !== "onion";
    this.#blend();
  }

  #blend() {
    const onion = this.pair.dataset.mode === "onion";
    this.videos[1].style.opacity = onion ? this.mix.value / 100 : 1;
    this.videos[0].style.opacity = onion ? Math.min(1, 2 - this.mix.value / 50) : 1;
    this.mix.style.setProperty("--filled", `${this.mix.value}%`);
  }

  #run(on) {
    if (on) this.clock.play(); else this.clock.pause();
    setText(this.playing.lastElementChild, on ? "Pause" : "Play");
    this.playing.querySelector("use").setAttribute("href", on ? "#i-pause" : "#i-play");
  }

  #listen() {
    this.mix.addEventListener("input", () => this.#blend());
    this.match.addEventListener("change", () => this.clock.match(this.match.checked));
    this.dialog.addEventListener("click", (event) => { if (event.target === this.dialog) this.dialog.close(); });
    this.dialog.addEventListener("close", () => {
      this.#run(false);
      for (const each of this.videos) { each.removeAttribute("src"); each.load(); }
      this.unhush?.();
    });
    document.addEventListener("visibilitychange", () => { if (document.hidden && this.dialog.open) this.#run(false); });
  }
}

// Choosing the two: the first waits in a line over the gallery until a second is pressed.
export class Choice {
  constructor({ open, picked }) {
    this.open = open; // ([loop, loop]) => void
    this.picked = picked; // (id, on) => void
    this.first = null;
    this.words = el("p");
    this.element = el("div", { className: "compare-choice", role: "status", hidden: true }, this.words, button("Cancel", { quiet: true, onclick: () => this.drop() }));
  }

  take(loop) {
    const first = this.first;
    if (first?.id === loop.id) return this.drop();
    if (first) { this.drop(); return this.open([first, loop]); }
    this.first = loop;
    this.picked(loop.id, true);
    setText(this.words, `${titleOf(loop)} and \u2026 press Compare on another loop.`);
    this.element.hidden = false;
    return undefined;
  }

  drop() {
    if (this.first) this.picked(this.first.id, false);
    this.first = null;
    this.element.hidden = true;
  }
}
