// The ways out of the editor that are the browser's: its back button closes the editor as its cross does, and
// leaves the page where it is. An entry of the history stands for the open editor.

export class Leaving {
  #in = false;
  #going = false; // an entry of ours is being taken back

  // `leave` asks whoever has painted, and gives whether they left.
  constructor({ leave, unsaved }) {
    this.leave = leave;
    addEventListener("popstate", () => this.#popped());
    addEventListener("beforeunload", (event) => { if (unsaved()) event.preventDefault(); });
  }

  opened() {
    this.#in = true;
    if (!this.#going) this.#push();
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
