// The row under the timeline: a marked span in numbers, the returns that nearly were as offers, and the cut.

import { button, el, freshId, setText } from "../dom.js";
import { clock, lengthOf, spanOf, spokenSpan, titleOf } from "../gallery/loopwords.js";

const OFFERS = 4;
const HINT = "Drag over the strip, or press I and O as it plays, to mark a span yourself.";
const OVER = "This stream is over, and what was not recorded cannot be cut. The ends of a loop can still be moved: press Seam on its card.";

// Whether no span can be cut any more: a stream's frames are held only while it runs, a file is read again.
export const isPast = (session) => (session?.state === "ended" || session?.state === "failed") && !session.again;

export class Cut {
  // `cut` asks the server for the marked span.
  constructor(marks, { cut, cleared }) {
    this.marks = marks;
    this.hint = el("p", { className: "remark tl-hint" }, HINT);
    this.fields = { in: this.#field("in", "In"), out: this.#field("out", "Out") };
    this.length = el("span", { className: "tl-length" });
    this.go = button("Cut this span", { icon: "cut", "data-do": "cut", onclick: cut, className: "primary" });
    this.clear = button("Clear", { quiet: true, "data-do": "clear", onclick: () => { marks.clear(); cleared(); } });
    this.said = el("p", { className: "tl-said", role: "status" });
    this.offers = el("div", { className: "tl-offers", role: "group", "aria-label": "Spans that nearly return", hidden: true });
    this.element = el("div", { className: "tl-cut" },
      el("div", { className: "row" }, this.fields.in.label, this.fields.out.label, this.length, this.go, this.clear, this.hint),
      this.said, this.offers);
  }

  #field(side, words) {
    const id = freshId("mark");
    const input = el("input", { id, type: "number", className: "field", step: 0.01, min: 0, inputMode: "decimal", "data-field": side, "aria-label": `${words}: seconds from the beginning` });
    input.addEventListener("change", () => {
      const time_s = input.valueAsNumber;
      if (Number.isFinite(time_s)) this.marks.put(side, Math.max(0, time_s));
      else this.marks.set(side === "in" ? null : this.marks.in_s, side === "out" ? null : this.marks.out_s);
    });
    return { input, label: el("label", { className: "tl-field", htmlFor: id }, el("span", {}, words), input, el("span", {}, "s")) };
  }

  show(session) {
    const { in_s, out_s, length_s } = this.marks;
    for (const [side, time_s] of [["in", in_s], ["out", out_s]]) {
      const { input } = this.fields[side];
      const wanted = time_s === null ? "" : String(+time_s.toFixed(3));
      if (input.value !== wanted) input.value = wanted;
    }
    const over = isPast(session);
    const any = in_s !== null || out_s !== null;
    for (const each of [this.fields.in.label, this.fields.out.label, this.go]) each.hidden = over;
    this.offers.hidden = over || !this.offered;
    setText(this.hint, over ? OVER : HINT);
    const longest_s = session?.ceiling_s ?? Infinity;
    const long = length_s !== null && length_s > longest_s;
    this.hint.hidden = any;
    this.length.hidden = length_s === null;
    this.clear.hidden = !any;
    this.go.disabled = length_s === null || length_s <= 0 || long;
    setText(this.length, length_s === null ? "" : lengthOf(length_s) + (long ? `: at most ${longest_s} s` : ""));
    this.length.classList.toggle("bad-words", long);
  }

  say(words, bad = false) {
    this.said.classList.toggle("bad-words", bad);
    setText(this.said, words);
  }

  // The best spans that were offered, each a button that marks it.
  offer(session, misses) {
    const nears = (session?.loops ?? []).filter((each) => each.kind === "near");
    const same = (a, b) => Math.abs(a.start_s - b.start_s) < 0.15 && Math.abs(a.end_s - b.end_s) < 0.15;
    const best = [];
    for (const each of [...nears, ...misses].sort((a, b) => a.mismatch - b.mismatch)) {
      if (best.length < OFFERS && !best.some((other) => same(each, other))) best.push(each);
    }
    const key = best.map((each) => `${each.start_s} ${each.end_s}`).join();
    if (key === this.offered) return;
    this.offered = key;
    this.offers.hidden = !best.length || isPast(session);
    this.offers.replaceChildren(el("span", { className: "remark" }, "Nearly returned:"), ...best.map((each) => this.#offer(each)));
  }

  #offer(span) {
    return el("button", {
      type: "button", className: "tl-offer", title: span.id ? titleOf(span) : "A return that was not close enough",
      "aria-label": `Mark ${spokenSpan(span)}, ${span.mismatch.toFixed(1)} ordinary steps off`,
      onclick: () => this.marks.set(span.start_s, span.end_s),
    }, spanOf(span), el("small", {}, `${span.mismatch.toFixed(1)} off`));
  }
}
