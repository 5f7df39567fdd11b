// How an export is to look, for every destination alike: an outline around the subject, and its colour.

import { el, freshId, setText } from "../dom.js";

const MOST_PX = 24;

export class Look {
  constructor() {
    const [width, colour] = [freshId("look"), freshId("look")];
    this.width = el("input", { id: width, type: "range", min: 0, max: MOST_PX, step: 1, value: 0, "data-field": "stroke" });
    this.colour = el("input", { id: colour, type: "color", value: "#ffffff", "data-field": "stroke-colour" });
    this.value = el("output", { className: "value", htmlFor: width });
    this.paint = el("label", { className: "look-colour", htmlFor: colour, hidden: true }, el("span", {}, "Its colour"), this.colour);
    this.element = el("div", { className: "export-look" },
      el("label", { className: "look-width", htmlFor: width }, el("span", {}, "Outline"), this.width, this.value), this.paint);
    this.width.addEventListener("input", () => this.#show());
    this.#show();
  }

  // Fields of the request.
  get wanted() {
    const stroke_px = this.width.valueAsNumber;
    return stroke_px ? { stroke_px, stroke_colour: this.colour.value } : {};
  }

  #show() {
    const px = this.width.valueAsNumber;
    setText(this.value, px ? `${px} px` : "none");
    this.width.setAttribute("aria-valuetext", this.value.textContent);
    this.paint.hidden = !px;
  }
}
