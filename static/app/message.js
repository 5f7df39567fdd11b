// A line of a dialog that says how things stand, and what became of what was asked for.

import { el, setText } from "./dom.js";

export class Message {
  constructor(className) {
    this.element = el("p", { className, role: "status" });
  }

  get words() { return this.element.textContent; }

  say(words, bad = false) {
    setText(this.element, words);
    this.element.hidden = !words;
    this.element.classList.toggle("bad-words", bad);
  }

  // Has something done, and says why nothing came of it.
  async ask(request) {
    this.say("");
    try {
      await request();
    } catch (error) {
      this.say(error.message, true);
    }
  }
}
