// The title of a card: pressed, it becomes a field in its place; Enter or leaving it renames, Escape does not.
// An empty field gives a loop its first name back.

import { el, icon, setText } from "../dom.js";
import { sayWhy } from "../toast.js";
import { titleOf } from "./loopwords.js";

export class Title {
  constructor({ rename }) {
    this.rename = rename; // async (title) => void
    this.words = el("span", { className: "words" });
    this.button = el("button", { type: "button", className: "loop-title" }, this.words, icon("pencil"));
    this.field = el("input", { className: "field", hidden: true, maxLength: 80, autocomplete: "off", spellcheck: false });
    this.element = el("h3", {}, this.button, this.field);
    this.button.addEventListener("click", () => this.#edit(true));
    this.field.addEventListener("blur", () => { if (!this.field.hidden) this.#commit(); });
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) {
        event.preventDefault(); // else the same key presses the button that takes the focus
        this.#commit(true);
      }
      if (event.key === "Escape") this.#edit(false, true);
      event.stopPropagation(); // letters typed here are no shortcuts of the page
    });
  }

  show(loop) {
    this.title = titleOf(loop);
    this.first = titleOf({ ...loop, title: "" });
    setText(this.words, this.title);
    this.button.setAttribute("aria-label", `Rename ${this.title}`);
    this.button.title = `${this.title}: press to rename`;
    this.field.setAttribute("aria-label", `New name of ${this.title}`);
  }

  #edit(on, back = false) {
    this.field.hidden = !on;
    this.button.hidden = on;
    if (on) {
      this.field.value = this.title;
      this.field.focus();
      this.field.select();
    } else if (back) {
      this.button.focus();
    }
  }

  async #commit(back = false) {
    const wanted = this.field.value.trim();
    this.#edit(false, back);
    if (wanted === this.title || (!wanted && this.title === this.first)) return;
    const before = this.title;
    setText(this.words, wanted || this.first); // at once; the answer or the event confirms it
    try {
      await this.rename(wanted);
    } catch (error) {
      setText(this.words, before);
      sayWhy(error);
    }
  }
}
