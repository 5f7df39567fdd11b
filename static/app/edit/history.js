// What was done, and can be undone and done again: each step knows how to go back, and gives the way forward.
// Steps hold the pixels that they covered, so old ones are let go when they become too many bytes.

const LEAST = 20;
const MOST = 200;
const MOST_BYTES = 160e6;

export class History {
  #back = [];
  #forth = [];

  constructor(changed) {
    this.changed = changed; // () => void
    this.saved = null; // the step after which all was saved
  }

  get canUndo() { return this.#back.length > 0; }
  get canRedo() { return this.#forth.length > 0; }
  get unsaved() { return (this.#back.at(-1) ?? null) !== this.saved; }

  // `step`: {rect, bytes, number}, what an edit gave when it was changed.
  push(step) {
    if (!step) return;
    this.#back.push(step);
    this.#forth = [];
    this.#forget();
    this.changed();
  }

  // `restore` puts a step back and gives the one that undoes that.
  undo(restore) { this.#move(this.#back, this.#forth, restore); }
  redo(restore) { this.#move(this.#forth, this.#back, restore); }

  keepSaved() {
    this.saved = this.#back.at(-1) ?? null;
    this.changed();
  }

  #move(from, to, restore) {
    const step = from.pop();
    if (!step) return;
    const before = restore(step);
    if (this.saved === step) this.saved = {}; // what was saved is one step further now
    to.push(before);
    this.changed();
  }

  #forget() {
    let bytes = this.#back.reduce((sum, each) => sum + weight(each), 0);
    while (this.#back.length > MOST || (this.#back.length > LEAST && bytes > MOST_BYTES)) {
      bytes -= weight(this.#back.shift());
    }
  }
}

const weight = ({ bytes, change }) => bytes.length + (change?.bytes.length ?? 0);
