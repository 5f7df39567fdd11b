// The frames of a loop on the graphics card: unpacked when they are wanted and ahead of the one that is shown,
// then kept, as far as there is room. A browser unpacks pictures beside the page's own thread.

const MOST_BYTES = 256e6; // six seconds of the largest frames that are shown
const AHEAD = 6;
const AS_IS = { premultiplyAlpha: "none", colorSpaceConversion: "none" };

export const unpacked = (blob) => createImageBitmap(blob, AS_IS);

export class Pictures {
  #kept = new Map(); // frame -> what was made of its pictures, or the promise of it
  #closed = false;

  // `hold` takes {frame, matte} as ImageBitmaps and gives {frame, mattes} as textures.
  constructor(bundle, hold) {
    Object.assign(this, { bundle, hold });
    const [width, height] = bundle.shown;
    const each = (bundle.foregrounds > 1 ? 8 : 5) * width * height;
    this.most = Math.max(2 * AHEAD, Math.floor(MOST_BYTES / each));
  }

  async load(at) {
    if (!this.#kept.has(at)) {
      const coming = this.#made(at);
      this.#kept.set(at, coming);
      coming.catch(() => this.#kept.delete(at)); // it may come next time
    }
    return this.#kept.get(at);
  }

  // Those that will be shown next are unpacked meanwhile.
  ahead(at) {
    const { count } = this.bundle;
    for (let next = 1; next <= Math.min(AHEAD, count - 1); next += 1) this.load((at + next) % count).catch(() => {});
  }

  close() {
    this.#closed = true;
    this.#kept.clear(); // the textures go with their context
  }

  async #made(at) {
    const [frame, matte] = await Promise.all([unpacked(this.bundle.frame(at)), unpacked(this.bundle.matte(at))]);
    if (this.#closed) throw new Error("the editor was closed");
    const made = this.hold({ frame, matte });
    this.#kept.set(at, made);
    this.#forget(at);
    return made;
  }

  // A loop goes round, so what is let go is what will be shown again last.
  #forget(at) {
    const { count } = this.bundle;
    while (this.#kept.size > this.most) {
      const away = (each) => (each - at + count) % count;
      const [last] = [...this.#kept.keys()].filter((each) => each !== at && this.#kept.get(each).frame).sort((one, other) => away(other) - away(one));
      if (last === undefined) return;
      const { frame, mattes } = this.#kept.get(last);
      this.#kept.delete(last);
      frame.drop();
      mattes.drop();
    }
  }
}
