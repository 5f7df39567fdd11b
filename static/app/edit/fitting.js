// While a loop is taken apart on the server: how far it is, and a way out. Nothing is asked before somebody
// says so, because it keeps the server busy for a while.

import { button, el, setText } from "../dom.js";

const WORDS = "To paint on all frames at once, the loop is first taken apart into its subject and what is behind: two still pictures, and where each pixel of every frame lies in them. That takes a minute or two, gives way to everything else, and is done once for a loop.";

const STEPS = [
  [/^frames/, "Reading the loop"], [/^flow/, "Following the motion"], [/^maps/, "Laying it out flat"],
  [/^refinement (\d) of (\d)/, "Making it exact, round $1 of $2"], [/^atlases/, "Painting its two pictures"], [/^packing/, "Packing it up"],
];

// What the engine calls a step, as a person reads it.
export function told(step) {
  const [pattern, words] = STEPS.find(([each]) => each.test(step)) ?? [];
  return pattern ? step.match(pattern)[0].replace(pattern, words) : step;
}

export class Fitting {
  // `does`: start(quality), cancel().
  constructor(does) {
    this.words = el("p", { className: "edit-why" }, WORDS);
    this.step = el("p", { className: "edit-step", role: "status" });
    this.bar = el("progress", { max: 1, "aria-label": "How far the loop is taken apart" });
    this.final = button("Take it apart", { className: "primary", "data-do": "fit", onclick: () => does.start("final") });
    this.draft = button("Quick draft", { "data-do": "fit-draft", title: "Faster, and less exact", onclick: () => does.start("draft") });
    this.cancel = button("Cancel", { icon: "close", "data-do": "fit-cancel", onclick: () => does.cancel() });
    this.element = el("section", { className: "edit-fitting", "aria-label": "Taking the loop apart" },
      this.words, this.step, this.bar, el("div", { className: "row" }, this.final, this.draft, this.cancel));
  }

  // `edit` is what the loop says of it, null where nothing was begun.
  show(edit) {
    const state = edit?.state ?? "none";
    const under = state === "waiting" || state === "fitting";
    this.element.dataset.state = state;
    this.words.hidden = under;
    this.bar.hidden = this.cancel.hidden = !under;
    this.final.hidden = this.draft.hidden = under;
    if (state === "waiting") this.bar.removeAttribute("value");
    else this.bar.value = edit?.share ?? 0;
    this.step.classList.toggle("bad-words", state === "failed");
    setText(this.step, this.#said(edit, state));
    this.step.hidden = !this.step.textContent;
  }

  #said(edit, state) {
    switch (state) {
      case "waiting": return "Waits until another loop is done.";
      case "fitting": return `${told(edit.step)} \u2026`;
      case "failed": return edit.problems.join("; ");
      default: return "";
    }
  }
}
