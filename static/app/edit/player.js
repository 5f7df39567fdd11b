// Plays the loop at its own rate, over and over, or stands at a frame that is chosen with the slider.

import { button, el, setText } from "../dom.js";

export class Player {
  constructor(editor) {
    this.editor = editor;
    const { count } = editor.bundle;
    this.running = false;
    this.toggle = button("", { icon: "play", label: "Play", "data-do": "play", onclick: () => this.run(!this.running) });
    this.slider = el("input", { type: "range", min: 0, max: count - 1, step: 1, value: 0, "aria-label": "Frame", "data-field": "frame" });
    this.number = el("output", { className: "edit-number" });
    this.slider.addEventListener("input", () => { this.run(false); editor.show(this.slider.valueAsNumber); });
    this.element = el("div", { className: "edit-transport" }, this.toggle, this.slider, this.number);
    this.follow();
  }

  // Called when another frame is shown.
  follow() {
    const { at, bundle } = this.editor;
    this.slider.valueAsNumber = at;
    this.slider.style.setProperty("--filled", `${(100 * at) / Math.max(1, bundle.count - 1)}%`);
    setText(this.number, `${at + 1} of ${bundle.count}`);
    this.slider.setAttribute("aria-valuetext", this.number.textContent);
  }

  step(by) {
    this.run(false);
    const { count } = this.editor.bundle;
    return this.editor.show((this.editor.at + by + count) % count);
  }

  run(on) {
    if (on === this.running) return;
    this.running = on;
    this.toggle.querySelector("use").setAttribute("href", on ? "#i-pause" : "#i-play");
    this.toggle.setAttribute("aria-label", on ? "Pause" : "Play");
    if (!on) return;
    if (this.editor.onAtlas) this.editor.look({ view: "frame" });
    this.since = performance.now() - (1000 * this.editor.at) / this.editor.bundle.fps;
    this.#turn();
  }

  // Frames that come too late are left out: the loop keeps its pace.
  async #turn() {
    while (this.running && !this.editor.closed) {
      const { fps, count } = this.editor.bundle;
      const due = Math.floor(((performance.now() - this.since) * fps) / 1000) % count;
      if (due !== this.editor.at) await this.editor.show(due).catch(() => this.run(false));
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }
}
