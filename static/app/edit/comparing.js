// What somebody did to an atlas, by the rule of the command line (streaming/atlas/edits.py, which tells why):
// what is equal does nothing, a small difference is a retouch that leaves the grain, a large one is paint, and a
// picture on a transparent canvas is all paint. Pictures are four numbers to a texel, 0 to 255, straight alpha.

import { blurred, edges, grown, straightened } from "./planes.js";

const LITTLE = 0.1, MUCH = 0.3; // a difference of colour up to which, and from which on, it is no retouch
const EQUAL = 0.6; // below this two colours were the same byte
const LOSSY = 7; // as far as a scaler or a codec moves a colour that nobody touched
const EDGES = 0.25; // of the contrast around a texel, which they move it by besides
const MERGED = 1; // below this alpha holds nothing
const HIDDEN = 16; // paint of weight w hides all but w ** HIDDEN of the difference below it
const OVERLAY = 0.5; // of an atlas that is gone from a picture, from which on that is no atlas but a layer

// Paint, premultiplied, and the difference as bytes, 128 for none; null where there is no difference at all.
export function compared(given, own, touched) {
  if (isOverlay(given, own)) return { paint: multiplied(given), change: null };
  const paint = new Uint8Array(own.length);
  const change = new Uint8Array(own.length).fill(128);
  let changes = false;
  for (let n = 0; n < own.length; n += 4) {
    change[n + 3] = 255;
    const share = touched(n);
    if (!share) continue;
    const [alpha, before] = [given[n + 3], own[n + 3]];
    const solid = Math.min(1, (before / 255) * 4); // a faint texel's colour says nothing
    const weight = 1 - (1 - ramp(apart(given, own, n) / 255)) * solid;
    const laid = (alpha / 255) * weight * share;
    const left = solid * (1 - weight ** HIDDEN) * share * Math.min(1, alpha / Math.max(MERGED, before));
    paint[n + 3] = Math.round(255 * laid);
    for (let c = n; c < n + 3; c += 1) {
      paint[c] = Math.round(given[c] * laid);
      change[c] = 128 + Math.round((127 / 255) * left * (given[c] - own[c]));
      changes ||= change[c] !== 128;
    }
  }
  return { paint, change: changes ? change : null };
}

// Tells of two pictures that went through nothing where they are not equal: 1 there and 0 elsewhere.
export const exactly = (given, own) => (n) => Number(unlike(given, own, n, EQUAL));

// The same for those that a scaler or a codec went over, both of one size and premultiplied: compared a little
// blurred, and forgiven most where the atlas has edges, for that is where such programs differ.
export function roughly(given, own, size) {
  const [after, before] = [given, own].map((each) => blurred(each, size));
  const contrast = edges(before, size);
  const [one, other] = [straightened(after), straightened(before)];
  const found = new Uint8Array(contrast.length);
  for (let n = 0; n < found.length; n += 1) found[n] = unlike(one, other, 4 * n, LOSSY + EDGES * contrast[n]) ? 1 : 0;
  const around = grown(found, size);
  return (n) => around[n / 4];
}

export function multiplied(bytes) {
  const made = new Uint8Array(bytes.length);
  for (let n = 0; n < bytes.length; n += 4) {
    for (let c = n; c < n + 3; c += 1) made[c] = Math.round((bytes[c] * bytes[n + 3]) / 255);
    made[n + 3] = bytes[n + 3];
  }
  return made;
}

// Whether a texel is not equal as it is seen.
function unlike(given, own, n, equal) {
  const [alpha, before] = [given[n + 3], own[n + 3]];
  if (alpha < MERGED) return false;
  if (alpha - before > equal) return true;
  if (apart(given, own, n) <= equal) return false;
  let seen = 0;
  for (let c = n; c < n + 3; c += 1) seen = Math.max(seen, Math.abs(given[c] * alpha - own[c] * before) / 255);
  return seen > equal;
}

function apart(given, own, n) {
  return Math.max(Math.abs(given[n] - own[n]), Math.abs(given[n + 1] - own[n + 1]), Math.abs(given[n + 2] - own[n + 2]));
}

function isOverlay(given, own) {
  let shown = 0, gone = 0;
  for (let n = 3; n < own.length; n += 4) {
    if (own[n] < 128) continue;
    shown += 1;
    if (given[n] < 64) gone += 1;
  }
  return shown > 0 && gone > OVERLAY * shown;
}

function ramp(value) {
  const share = Math.max(0, Math.min(1, (value - LITTLE) / (MUCH - LITTLE)));
  return share * share * (3 - 2 * share);
}
