// While a loop is taken apart on the server: how far it is, how long that will take, and a way out. Nothing is
// asked before somebody says so, because it keeps the server busy for a while.

import { button, el, freshId, setText } from "../dom.js";
import { Pace, about } from "./pace.js";

const WORDS = "To paint on all frames at once, the loop is first taken apart into its subject and what is behind: two still pictures, and where each pixel of every frame lies in them. That is done once for a loop, and gives way to everything else.";
export const NO_MASTER = "What lies around this loop is still being written, or was not kept. Editing starts from that, never from the loop's own file.";
// Seconds for a million pixels of all frames together, on two free cores.
export const FINAL = 4;
const DRAFT = 1.4;
const TOLD_EVERY_MS = 5000;

const STEPS = [
  [/^frames/, "Reading the loop"], [/^flow/, "Following the motion"], [/^maps/, "Laying it out flat"],
  [/^refinement (\d) of (\d)/, "Making it exact, round $1 of $2"], [/^atlases/, "Painting its two pictures"], [/^packing/, "Packing it up"],
  [/^carrying/, "Taking your paint along"],
];

// What the engine calls a step, as a person reads it.
export function told(step) {
  const [pattern, words] = STEPS.find(([each]) => each.test(step)) ?? [];
  return pattern ? step.match(pattern)[0].replace(pattern, words) : step;
}

// How long that takes for a loop, in words.
export const taking = (cost, loop) => about((cost * loop.frames * loop.width * loop.height) / 1e6);

export class Fitting {
  // `does`: start(quality), cancel().
  constructor(does) {
    this.words = el("p", { className: "edit-why" }, WORDS);
    this.step = el("p", { className: "edit-step", role: "status" });
    this.bar = el("progress", { max: 1, "aria-label": "How far the loop is taken apart" });
    this.left = el("p", { className: "edit-left" });
    this.offers = el("div", { className: "edit-offers" },
      offer("Take it apart", { className: "primary", "data-do": "fit", onclick: () => does.start("final") }),
      offer("Quick draft", { "data-do": "fit-draft", onclick: () => does.start("draft") }));
    [this.final, this.draft] = this.offers.querySelectorAll(".remark");
    this.cancel = button("Cancel", { icon: "close", "data-do": "fit-cancel", onclick: () => does.cancel() });
    this.element = el("section", { className: "edit-fitting", "aria-label": "Taking the loop apart" },
      this.words, this.step, this.bar, this.left, this.offers, this.cancel);
  }

  // `edit` is what the loop says of it, null where nothing was begun.
  show(edit, loop) {
    const state = edit?.state ?? "none";
    const under = state === "waiting" || state === "fitting";
    this.element.dataset.state = state;
    this.words.hidden = this.offers.hidden = under;
    this.bar.hidden = this.cancel.hidden = !under;
    this.bar.classList.toggle("alive", under);
    if (state === "fitting") this.bar.value = edit.share;
    else this.bar.removeAttribute("value");
    this.step.classList.toggle("bad-words", state === "failed");
    setText(this.step, this.#said(edit, state));
    this.step.hidden = !this.step.textContent;
    setText(this.final, `${taking(FINAL, loop)}, exact`);
    setText(this.draft, `${taking(DRAFT, loop)}, less exact; it can be made exact later`);
    this.#follow(state, edit);
  }

  // Stops telling the time.
  rest() {
    clearInterval(this.timer);
    this.timer = this.pace = null;
  }

  #follow(state, edit) {
    if (state !== "fitting") {
      this.rest();
      setText(this.left, "");
      return;
    }
    this.pace ??= new Pace();
    this.pace.see(edit.share, performance.now());
    this.timer ??= setInterval(() => this.#tell(), TOLD_EVERY_MS);
    this.#tell();
  }

  #tell() {
    const left = this.pace?.left(performance.now()) ?? null;
    setText(this.left, left === null ? "Finding out how long that takes \u2026" : `${about(left)} left. You can close this; it goes on.`.replace(/^./, (first) => first.toUpperCase()));
  }

  #said(edit, state) {
    switch (state) {
      case "waiting": return "Waiting for its turn \u2026";
      case "fitting": return `${told(edit.step)} \u2026`;
      case "failed": return edit.problems.join("; ");
      default: return "";
    }
  }
}

// A button, and below it what it costs.
function offer(words, props) {
  const id = freshId("edit-offer");
  return el("div", {}, button(words, { ...props, "aria-describedby": id }), el("p", { id, className: "remark" }));
}
