// Ways in which a loop that only nearly closes can be made to: asked for when wanted, for they take the
// server seconds, and chosen one at a time. What was told for other ends is forgotten.

import { button, el, freshId } from "../dom.js";

const ASK = "A seam that shows can often be mended: its last frames melt into those before the start, or a few are made up between.";
const NONE = "No way was found that would not show. Other ends may be kinder.";

export class Mends {
  // `ask` gives the server's offers for the chosen ends; `chosen` hears the method that is picked, "none" for a cut.
  constructor({ ask, chosen }) {
    this.ask = ask;
    this.chosen = chosen;
    this.method = "none";
    this.words = el("p", { className: "remark", role: "status" }, ASK);
    this.find = button("How could it be mended?", { icon: "heart", "data-do": "mends", onclick: () => this.#find() });
    this.list = el("fieldset", { className: "mends", hidden: true }, el("legend", {}, "Close it by"));
    this.element = el("div", { className: "mending" }, el("h3", {}, "Mending"), this.words, this.find, this.list);
  }

  // The ends have moved, or another loop is shown.
  follow(cuts) {
    const key = `${cuts.chosen.start} ${cuts.chosen.end}`;
    if (key === this.key) return;
    this.key = key;
    this.asked?.abort();
    this.#choose("none");
    this.words.replaceChildren(ASK);
    this.words.hidden = this.find.hidden = false;
    this.find.disabled = false;
    this.list.hidden = true;
  }

  async #find() {
    const asked = (this.asked = new AbortController());
    this.find.disabled = true;
    this.words.replaceChildren("Trying them \u2026");
    try {
      const offers = await this.ask(asked.signal);
      if (!asked.signal.aborted) this.#show(offers);
    } catch (error) {
      if (asked.signal.aborted) return;
      this.words.replaceChildren(error.message);
      this.find.disabled = false;
    }
  }

  #show(offers) {
    this.find.hidden = true;
    this.words.hidden = offers.length > 0;
    this.words.replaceChildren(NONE);
    const name = freshId("mend");
    const [legend] = this.list.children;
    const plain = { method: "none", words: "nothing: a plain cut" };
    this.list.replaceChildren(legend, ...[plain, ...offers].map((each) => this.#offer(each, name)));
    this.list.hidden = !offers.length;
  }

  #offer(offer, name) {
    const input = el("input", { type: "radio", name, value: offer.method, checked: offer.method === "none", onchange: () => this.#choose(offer.method) });
    const gain = offer.method === "none" ? "" : `${offer.before.toFixed(1)} \u2192 ${offer.after.toFixed(1)} steps, ${offer.duration_s.toFixed(2)} s`;
    return el("label", { className: "mend", "data-method": offer.method }, input, el("span", {}, offer.words), el("small", {}, gain));
  }

  #choose(method) {
    this.method = method;
    this.chosen(method);
  }
}
