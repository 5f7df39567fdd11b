// The frames of a loop as pictures for the graphics card: unpacked when they are wanted, ahead of the one that
// is shown, and only so many kept. A browser unpacks them beside the page's own thread.

const MOST_BYTES = 128e6;
const AHEAD = 6;
const AS_IS = { premultiplyAlpha: "none", colorSpaceConversion: "none" };

export const unpacked = (blob) => createImageBitmap(blob, AS_IS);

export class Pictures {
  #kept = new Map(); // frame -> {frame, matte} or the promise of it; the least lately used first
  #closed = false;

  constructor(bundle) {
    this.bundle = bundle;
    const [width, height] = bundle.shown;
    this.most = Math.max(2 * AHEAD, Math.floor(MOST_BYTES / (8 * width * height)));
  }

  async load(at) {
    const known = this.#kept.get(at);
    if (known) {
      this.#kept.delete(at);
      this.#kept.set(at, known);
      return known;
    }
    const coming = this.#unpack(at);
    this.#kept.set(at, coming);
    const made = await coming;
    if (this.#closed) drop(made);
    else this.#kept.set(at, made);
    this.#forget(at);
    return made;
  }

  // Those that will be shown next are unpacked meanwhile.
  ahead(at) {
    const { count } = this.bundle;
    for (let next = 1; next <= Math.min(AHEAD, count - 1); next += 1) this.load((at + next) % count).catch(() => {});
  }

  close() {
    this.#closed = true;
    for (const each of this.#kept.values()) if (each.frame) drop(each);
    this.#kept.clear();
  }

  async #unpack(at) {
    const [frame, matte] = await Promise.all([unpacked(this.bundle.frame(at)), unpacked(this.bundle.matte(at))]);
    return { frame, matte };
  }

  #forget(but) {
    for (const [at, kept] of this.#kept) {
      if (this.#kept.size <= this.most) return;
      if (at === but || !kept.frame) continue;
      drop(kept);
      this.#kept.delete(at);
    }
  }
}

function drop({ frame, matte }) {
  frame.close();
  matte.close();
}
