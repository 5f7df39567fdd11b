// Where each layer of the timeline stands, in px from its top: arcs, filmstrip, times, curve.

import { EDGE } from "./view.js";

export const WORST = 4; // mismatches above are drawn here

export function layoutFor(width) {
  const narrow = width < 560;
  const arcs = narrow ? 88 : 104;
  const strip = narrow ? 48 : 60;
  const curve = narrow ? 56 : 62;
  const stripTop = arcs;
  const timesY = stripTop + strip + 15;
  const wordsY = timesY + 20;
  const curveTop = wordsY + 8;
  return { narrow, width, stripTop, strip, stripEnd: stripTop + strip, timesY, wordsY, curveTop, curve, height: curveTop + curve + 6, left: EDGE, right: width - EDGE };
}

// The square root, because what matters happens between nought and one.
export const levelY = (layout, mismatch) =>
  layout.curveTop + layout.curve * (1 - Math.sqrt(Math.min(mismatch, WORST) / WORST));
