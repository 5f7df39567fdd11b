// Pictures of a master's frames: fetched when they are first wanted, a few at a time, and only so many kept.

const MOST = 96; // of 640 x 360 about 0.9 MB each once decoded
const AT_ONCE = 4;

export class Frames {
  #kept = new Map(); // frame -> {image, state}; the least lately used first
  #wanted = [];
  #busy = 0;

  constructor(urlOf, arrived) {
    this.urlOf = urlOf;
    this.arrived = arrived; // (frame) => void, also when it could not be had
    this.missing = 0;
  }

  // The picture of a frame, or null while it is not there.
  get(frame) {
    const kept = this.#kept.get(frame);
    if (!kept) return null;
    this.#kept.delete(frame);
    this.#kept.set(frame, kept);
    return kept.state === "ready" ? kept.image : null;
  }

  // Asks for these, the first of them first; what was asked for earlier and not begun is forgotten.
  want(frames) {
    this.#wanted = [...new Set(frames)].filter((each) => !this.#kept.has(each));
    this.#next();
  }

  ready(frames) { return frames.every((each) => this.#kept.has(each) && this.#kept.get(each).state !== "coming"); }

  close() {
    this.#wanted = [];
    for (const { image } of this.#kept.values()) image.removeAttribute("src");
    this.#kept.clear();
    this.arrived = () => {};
  }

  #next() {
    while (this.#busy < AT_ONCE && this.#wanted.length) this.#load(this.#wanted.shift());
  }

  async #load(frame) {
    const kept = { image: new Image(), state: "coming" };
    this.#kept.set(frame, kept);
    this.#busy += 1;
    kept.image.src = this.urlOf(frame);
    try {
      await kept.image.decode();
      kept.state = "ready";
    } catch {
      kept.state = "missing";
      this.missing += 1;
    }
    this.#busy -= 1;
    this.#forget();
    this.arrived(frame);
    this.#next();
  }

  #forget() {
    for (const [frame, { state }] of this.#kept) {
      if (this.#kept.size <= MOST) return;
      if (state !== "coming") this.#kept.delete(frame);
    }
  }
}
