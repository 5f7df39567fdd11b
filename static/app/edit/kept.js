// What was done to a layer, in plain bytes, four to a texel: a graphics card may lose all that it holds. What is
// on the card is as it is here; only a stroke under way is not here yet.

import { Marks, changed, painted } from "./marks.js";

export class Kept {
  constructor(size) {
    this.size = size;
    this.bytes = new Uint8Array(4 * size[0] * size[1]); // paint, premultiplied
    this.marks = new Marks(size);
    this.change = null; // what `differing` gave
  }

  get whole() { return [0, 0, ...this.size]; }

  // Paint in a part, [left, top, width, height]; gives what was there.
  put(rect, bytes) {
    const before = { rect, bytes: this.#cut(rect) };
    this.#rows(rect, (row, from, to) => this.bytes.set(bytes.subarray(row, row + to - from), from));
    this.marks.take(rect, bytes, painted);
    return before;
  }

  // A whole difference that a retouched atlas came back with, which nobody writes to any more.
  differing(bytes) { return { bytes, marks: new Marks(this.size).take(this.whole, bytes, changed) }; }

  // Paint with straight alpha, and whether there is any.
  straight() {
    const bytes = this.bytes.slice();
    let any = false;
    for (let n = 0; n < bytes.length; n += 4) {
      const a = bytes[n + 3];
      if (!a) continue;
      any = true;
      for (let c = n; c < n + 3; c += 1) bytes[c] = Math.min(255, Math.round((255 * bytes[c]) / a));
    }
    return { bytes, any };
  }

  #cut(rect) {
    const made = new Uint8Array(4 * rect[2] * rect[3]);
    this.#rows(rect, (row, from, to) => made.set(this.bytes.subarray(from, to), row));
    return made;
  }

  // For each row of a part, where it begins there, and where it lies here.
  #rows([left, top, width, height], each) {
    for (let row = 0; row < height; row += 1) {
      const from = 4 * ((top + row) * this.size[0] + left);
      each(4 * width * row, from, from + 4 * width);
    }
  }
}
