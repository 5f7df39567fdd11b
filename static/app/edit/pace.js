// How long work will take that tells its share now and then.

const LEAST_SHARE = 0.03; // grown since the first look, before anything is foretold
const RECENT = 0.5; // of the weight is that of the last part of the work, the rest that of all of it
const LAST = 8; // looks

export class Pace {
  #seen = []; // {share, at}

  see(share, at) {
    if (this.#seen.length && share <= this.#seen.at(-1).share) return;
    this.#seen.push({ share, at });
  }

  // Seconds from `now`, in milliseconds; null where nothing can be said yet. Never less than a tenth of what it
  // was when the share last grew: what stands still comes no nearer.
  left(now) {
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    if (!last || last.share - first.share < LEAST_SHARE) return null;
    const from = this.#seen.at(-Math.min(LAST, this.#seen.length));
    const slow = ({ share, at }) => (last.at - at) / (last.share - share);
    const each = RECENT * slow(from === last ? first : from) + (1 - RECENT) * slow(first);
    const whole = (each * (1 - last.share)) / 1000;
    return Math.max(0.1 * whole, whole - (now - last.at) / 1000);
  }
}

// Seconds as somebody would say them.
export function about(seconds) {
  if (seconds < 20) return "a few seconds";
  if (seconds < 50) return "about half a minute";
  const minutes = seconds / 60;
  if (minutes < 1.25) return "about a minute";
  if (minutes < 3) return `about ${Math.round(2 * minutes) / 2} minutes`;
  return `about ${Math.round(minutes)} minutes`;
}
