// Where a loop may begin and end: the matrix of mismatches that the server measured around its seam,
// the place chosen in it, and the best place nearby. No element, no request: only numbers.

export const NEARBY = 6; // frames around the chosen ends in which "best nearby" looks

export class Cuts {
  // `seam` as GET .../seam gives it.
  constructor(seam) {
    Object.assign(this, { first: seam.first, count: seam.count, fps: seam.fps, times_s: seam.times_s, starts: seam.starts, ends: seam.ends, mismatch: seam.mismatch });
    this.original = { start: seam.start, end: seam.end };
    this.chosen = { ...this.original };
  }

  get off() { return this.at(this.chosen.start, this.chosen.end); }
  get changed() { return this.chosen.start !== this.original.start || this.chosen.end !== this.original.end; }
  get length_s() { return this.timeOf(this.chosen.end) - this.timeOf(this.chosen.start); }
  get frames() { return this.chosen.end - this.chosen.start; }

  // The mismatch of one span, null where it may not be cut.
  at(start, end) {
    return this.mismatch[this.starts.indexOf(start)]?.[this.ends.indexOf(end)] ?? null;
  }

  // When a frame is shown; the one after the master's last follows at the usual distance.
  timeOf(frame) {
    const at = frame - this.first;
    const last = this.times_s.length - 1;
    return at <= last ? this.times_s[Math.max(0, at)] : this.times_s[last] + (at - last) / this.fps;
  }

  has(frame) { return frame >= this.first && frame < this.first + this.count; }

  // Puts both ends where the matrix has them.
  choose({ start = this.chosen.start, end = this.chosen.end }) {
    this.chosen = { start: within(this.starts, start), end: within(this.ends, end) };
  }

  reset() { this.chosen = { ...this.original }; }

  // The least mismatch among spans whose ends are each within NEARBY frames.
  bestNearby() {
    const { start, end } = this.chosen;
    let best = { start, end, off: this.off ?? Infinity };
    for (const [row, from] of this.starts.entries()) {
      if (Math.abs(from - start) > NEARBY) continue;
      for (const [column, to] of this.ends.entries()) {
        const off = this.mismatch[row][column];
        if (Math.abs(to - end) <= NEARBY && off !== null && off < best.off) best = { start: from, end: to, off };
      }
    }
    return best;
  }

  // Frames around the seam as they are shown, each with how long: `half_s` before its end, `half_s` after its start.
  around(half_s) {
    const { start, end } = this.chosen;
    const before = [];
    for (let frame = end - 1; frame >= start && this.timeOf(end) - this.timeOf(frame) < half_s + 1e-6; frame -= 1) before.unshift(frame);
    const after = [];
    for (let frame = start; frame < end && this.timeOf(frame) - this.timeOf(start) < half_s - 1e-6; frame += 1) after.push(frame);
    const shown = (frame) => ({ frame, length_s: Math.max(0.001, this.timeOf(frame + 1) - this.timeOf(frame)) });
    return { before: before.map(shown), after: after.map(shown) };
  }
}

const within = (frames, wanted) => Math.min(frames.at(-1), Math.max(frames[0], Math.round(wanted)));
