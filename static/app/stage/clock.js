// How the server's clock differs from ours, so that the age of a picture can be told.
// On one machine there is one clock. Elsewhere the numbers event may carry `server_ms`: the smallest
// difference ever seen is the one that travelled fastest, so it is the closest to the truth.

const LOOPBACK = /^(localhost|127\.|\[::1\])/;

export class Clock {
  #behind = null; // ours minus theirs

  hear(server_ms, now = Date.now()) {
    if (!Number.isFinite(server_ms)) return;
    const behind = now - server_ms;
    this.#behind = this.#behind === null ? behind : Math.min(this.#behind, behind);
  }

  forget() {
    this.#behind = null;
  }

  // The server's time now, or null where it cannot be known.
  now() {
    if (LOOPBACK.test(location.hostname)) return Date.now();
    return this.#behind === null ? null : Date.now() - this.#behind;
  }
}
