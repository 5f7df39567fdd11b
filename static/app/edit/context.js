// Whether the graphics card holds what was given to it. When its driver is reset, a browser takes the context away
// and gives it back empty: all is sent anew then, from what is kept beside it.

export class Context {
  lost = false;
  failed = false; // it came back, and could not be used
  #times = 0;

  // `does`: lost(); anew(), which resolves when all is there again; told(), called when anything changed here.
  constructor(canvas, does) {
    this.does = does;
    canvas.addEventListener("webglcontextlost", (event) => this.#lose(event));
    canvas.addEventListener("webglcontextrestored", () => this.#restore());
  }

  // It was given back by ourselves.
  close() { this.closed = true; }

  get words() {
    if (this.failed) return "The browser's graphics did not come back. Save what you painted, and open the editor again.";
    return this.lost ? "The browser has lost its graphics. What you painted is kept, and shown again as soon as they are back \u2026" : "";
  }

  #lose(event) {
    if (this.closed) return;
    event.preventDefault(); // or else it never comes back
    this.#times += 1;
    this.lost = true;
    this.failed = false;
    this.does.lost();
    this.does.told();
  }

  // It may be lost again meanwhile: the last time counts.
  async #restore() {
    const times = this.#times;
    const failed = await this.does.anew().then(() => false, () => true);
    if (times !== this.#times || this.closed) return;
    this.lost = this.failed = failed;
    this.does.told();
  }
}
