// The frames of a loop on the graphics card: unpacked when they are wanted and ahead of the one that is shown,
// then kept, as far as there is room. A browser unpacks pictures beside the page's own thread.

const MOST_BYTES = 256e6; // six seconds of the largest frames that are shown
const AHEAD = 6;
const AS_IS = { premultiplyAlpha: "none", colorSpaceConversion: "none" };

export const unpacked = (blob, more = {}) => createImageBitmap(blob, { ...AS_IS, ...more });

export class Pictures {
  #kept = new Map(); // key -> what was made of a frame's pictures, or the promise of it
  #wanted = 0;
  #shown = 0;
  #closed = false;

  // `card` takes pictures as ImageBitmaps and gives textures (`hold`), which it may be given back (`letGo`).
  constructor(bundle, card) {
    Object.assign(this, { bundle, card });
    const [width, height] = bundle.shown;
    const each = (bundle.foregrounds > 1 ? 8 : 5) * width * height;
    this.most = Math.max(2 * AHEAD, Math.floor(MOST_BYTES / each));
  }

  // A frame that is to be shown, as it is or what is `behind` its foregrounds alone.
  load(at, behind) {
    this.#wanted = this.#key(at, behind);
    return this.#get(this.#wanted);
  }

  // It is shown; those that will be shown next are unpacked meanwhile.
  ahead(at, behind) {
    this.#shown = this.#key(at, behind);
    const { count } = this.bundle;
    for (let next = 1; next <= Math.min(AHEAD, count - 1); next += 1) this.#get(this.#key((at + next) % count, behind)).catch(() => {});
  }

  // All is to be fetched anew: the graphics card has lost it.
  empty() { this.#kept.clear(); }

  close() {
    this.#closed = true;
    this.#kept.clear(); // the textures go with their context
  }

  #key(at, behind) { return behind ? this.bundle.count + at : at; }

  async #get(key) {
    if (!this.#kept.has(key)) {
      const coming = this.#made(key);
      this.#kept.set(key, coming);
      coming.catch(() => this.#kept.delete(key)); // it may come next time
    }
    return this.#kept.get(key);
  }

  async #made(key) {
    const { count } = this.bundle;
    const pictures = await (key < count ? this.#whole(key) : this.#behind(key - count));
    if (this.#closed) throw new Error("the editor was closed");
    const made = this.card.hold(pictures);
    this.#kept.set(key, made);
    this.#forget();
    return made;
  }

  async #whole(at) {
    const [frame, matte] = await Promise.all([unpacked(this.bundle.frame(at)), unpacked(this.bundle.matte(at))]);
    return { frame, matte };
  }

  async #behind(at) {
    const told = this.bundle.patch(at);
    const [frame, patch] = await Promise.all([unpacked(this.bundle.frame(at)), told && unpacked(told.blob)]);
    return { frame, patch, box: told?.box };
  }

  // A loop goes round, so what is let go is what will be shown again last: what is not looked at now, then what
  // was shown just before.
  #forget() {
    const { count } = this.bundle;
    const now = this.#wanted;
    const away = (each) => (now < count === each < count ? 0 : count) + ((each - now + 2 * count) % count);
    while (this.#kept.size > this.most) {
      const free = [...this.#kept.keys()].filter((each) => each !== now && each !== this.#shown && this.#kept.get(each).frame);
      if (!free.length) return;
      const last = free.reduce((one, other) => (away(other) > away(one) ? other : one));
      this.card.letGo(this.#kept.get(last));
      this.#kept.delete(last);
    }
  }
}
