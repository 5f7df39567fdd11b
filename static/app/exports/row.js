// One destination in the list: what it accepts, and what became of the file that was made for it.

import { button, el, setText } from "../dom.js";
import { bytes } from "../words.js";
import { limitsOf } from "./limits.js";

const STEPS = { frames: "Reading the loop", encode: "Trying sizes", survey: "Reading the loop", proof: "Checking the file" };

export class Row {
  // `does`: make(target), drop(target), url(target).
  constructor(target, does) {
    this.target = target;
    this.does = does;
    this.make = button("Make", { "data-do": "make", label: `Make it for ${target.place}`, onclick: () => does.make(target) });
    this.again = button("", { icon: "again", quiet: true, "data-do": "again", label: `Make it for ${target.place} again`, onclick: () => does.make(target) });
    this.cancel = button("", { icon: "close", quiet: true, "data-do": "cancel", label: `Stop making it for ${target.place}`, onclick: () => does.drop(target) });
    this.save = el("a", { className: "button primary", download: "", "data-do": "save" }, el("span"));
    this.bar = el("progress", { max: 1, "aria-label": `${target.place}: how far` });
    this.said = el("p", { className: "export-said", role: "status" });
    this.element = el("li", { className: "export", "data-target": target.name },
      el("div", { className: "export-what" }, el("strong", {}, target.place), el("small", {}, limitsOf(target))),
      el("div", { className: "export-do" }, this.bar, this.cancel, this.make, this.again, this.save),
      this.said);
    this.show(null);
  }

  // `made` is what the loop says of this destination, null where nothing was made; `instead` what would fit better.
  show(made, { ready = true, instead = "" } = {}) {
    const state = made?.state ?? "none";
    const under = state === "waiting" || state === "making";
    this.element.dataset.state = state;
    this.make.hidden = state !== "none" && state !== "failed";
    this.make.disabled = !ready;
    this.again.hidden = this.save.hidden = state !== "ready";
    this.bar.hidden = this.cancel.hidden = !under;
    if (state === "waiting") this.bar.removeAttribute("value");
    else this.bar.value = made?.share ?? 0;
    if (state === "ready") {
      this.save.href = this.does.url(this.target);
      setText(this.save.firstChild, `Save ${bytes(made.bytes)}`);
      this.save.setAttribute("aria-label", `Save the file for ${this.target.place}, ${bytes(made.bytes)}`);
    }
    this.said.classList.toggle("bad-words", state === "failed");
    setText(this.said, this.#words(made, state, instead));
  }

  #words(made, state, instead) {
    switch (state) {
      case "waiting": return "Waits for the one before it.";
      case "making": return `${STEPS[made.step] ?? made.step} \u2026`;
      case "failed": return instead || made.problems.join("; ");
      case "ready": return `${made.width}\u00d7${made.height}, ${made.frames} frames in ${made.duration_s.toFixed(2)} s; ${made.words}`;
      default: return instead || (this.target.note.includes("--") ? "" : this.target.note); // flags mean nothing here
    }
  }
}
