// The ways out of the editor: whoever has painted is asked first. The browser's back button closes it as its cross
// does, and leaves the page where it is: an entry of the history stands for the open editor.

import { confirmed } from "../ask.js";

const LOSE = { title: "Leave without saving?", words: "What you painted since the last save is lost.", yes: "Leave" };

export class Leaving {
  #in = false;
  #going = false; // an entry of ours is being taken back
  #asking = false;

  // `unsaved` says whether anything would be lost, `close` closes the editor.
  constructor({ unsaved, close }) {
    Object.assign(this, { unsaved, close });
    addEventListener("popstate", () => this.#popped());
    addEventListener("beforeunload", (event) => { if (unsaved()) event.preventDefault(); });
  }

  opened() {
    this.#in = true;
    if (!this.#going) this.#push();
  }

  // Gives whether they left.
  async leave() {
    if (this.#asking) return false;
    this.#asking = this.unsaved();
    const left = !this.#asking || await confirmed(LOSE);
    this.#asking = false;
    if (left) this.close();
    return left;
  }

  closed() {
    if (this.#in && history.state?.editing) {
      this.#going = true;
      history.back();
    }
    this.#in = false;
  }

  async #popped() {
    if (this.#going) {
      this.#going = false;
      if (this.#in) this.#push(); // opened again meanwhile
    } else if (this.#in && !history.state?.editing && location.href === this.address && !await this.leave()) {
      this.#push();
    }
  }

  #push() {
    this.address = location.href;
    if (!history.state?.editing) history.pushState({ editing: true }, "");
  }
}
