// Which part of the stream's time the timeline shows, and where a moment stands in it.
// "all" shows everything (a live stream grows in steps, so that not every moment moves every arc),
// "follow" keeps the end in sight, "free" stays where somebody scrolled or zoomed to.

export const EDGE = 10; // px left and right, so that a handle at an end can be taken hold of
const FOLLOW_S = 24;
const LEAST_S = 0.6;
const STEPS = [10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 600, 900, 1200, 1800, 2700, 3600];

export class View {
  constructor() {
    this.mode = "all";
    this.width = 600;
    this.reset({ live: false, running: false, duration_s: null, time_s: 0, first_s: 0 });
  }

  reset(facts) {
    this.first_s = this.last_s = 0;
    this.from_s = 0;
    this.to_s = STEPS[0];
    this.chosen_s = FOLLOW_S;
    this.mode = facts.live && facts.running ? "follow" : "all";
    this.grow(facts);
  }

  get span_s() { return this.to_s - this.from_s; }
  get scale() { return (this.width - 2 * EDGE) / this.span_s; } // px per second
  get whole() { return this.from_s <= this.first_s && this.to_s >= this.last_s; }

  x(time_s) { return EDGE + (time_s - this.from_s) * this.scale; }
  time(x) { return this.from_s + (x - EDGE) / this.scale; }
  clamp(time_s) { return Math.min(this.last_s, Math.max(this.first_s, time_s)); }

  // The stream went on; `running` says whether more is to come.
  grow({ first_s, time_s, duration_s, running }) {
    this.first_s = first_s;
    this.last_s = Math.max(time_s, duration_s ?? 0, first_s + 1);
    if (running && !duration_s) this.last_s = roomy(this.last_s - first_s) + first_s;
    this.time_s = time_s;
    if (this.mode === "follow" && !running) this.mode = "all"; // nothing more comes
    if (this.mode === "all") this.#show(this.first_s, this.last_s);
    if (this.mode === "follow") this.#follow();
  }

  all() {
    this.mode = "all";
    this.#show(this.first_s, this.last_s);
  }

  follow() {
    this.mode = "follow";
    this.#follow();
  }

  // Makes the part shown `factor` times as long around `at_s`.
  zoom(factor, at_s = this.mode === "follow" ? this.time_s : (this.from_s + this.to_s) / 2) {
    const span_s = Math.max(LEAST_S, this.span_s * factor);
    if (span_s >= this.last_s - this.first_s) return this.all();
    this.chosen_s = span_s;
    if (this.mode === "follow") return this.#follow();
    this.mode = "free";
    return this.#show(at_s - ((at_s - this.from_s) / this.span_s) * span_s, span_s, true);
  }

  pan(to_s) {
    if (this.whole) return;
    this.mode = "free";
    this.#show(to_s, this.span_s, true);
  }

  // Scrolls no further than needed to have `time_s` in sight.
  reveal(time_s) {
    if (time_s < this.from_s) this.pan(time_s - this.span_s * 0.1);
    else if (time_s > this.to_s) this.pan(time_s - this.span_s * 0.9);
  }

  #follow() {
    const span_s = Math.min(this.chosen_s, this.last_s - this.first_s);
    this.#show(this.time_s - span_s * 0.94, span_s, true);
  }

  #show(from_s, to_s, isSpan = false) {
    const span_s = isSpan ? to_s : to_s - from_s;
    this.from_s = Math.max(this.first_s, isSpan ? Math.min(from_s, this.last_s - span_s) : from_s);
    this.to_s = this.from_s + span_s;
  }
}

function roomy(length_s) {
  const wanted = length_s * 1.03;
  return STEPS.find((each) => each >= wanted) ?? Math.ceil(wanted / 1800) * 1800;
}
