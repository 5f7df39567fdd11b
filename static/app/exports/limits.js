// What a destination accepts, as a person reads it, and which kind of place it is.

import { lengthOf, titleOf } from "../gallery/loopwords.js";

const KINDS = { webm: "WEBM", webp: "animated WebP", apng: "APNG", gif: "GIF", avif: "AVIF", prores: "ProRes 4444", stacked: "MP4, matte below", pngs: "PNG pictures", sheet: "PNG and JSON" };
const WORK = ["prores", "pngs", "sheet"];

export const GROUPS = ["Stickers and emoji", "Web and streaming", "Editing and games"];

export function groupOf(target) {
  if (target.most_bytes) return GROUPS[0];
  return GROUPS[WORK.includes(target.format) ? 2 : 1];
}

export function limitsOf(target) {
  const { pixels, most_s, most_fps, most_frames, least_frames, most_bytes } = target;
  return [
    KINDS[target.format] ?? target.codec,
    pixels.form === "own" ? "" : `${pixels.words} px`,
    most_s ? `at most ${most_s} s` : "",
    target.whole_seconds ? "whole seconds" : "",
    most_fps && most_fps < 60 ? `${Math.round(most_fps)} fps` : "",
    most_frames ? `${least_frames > 1 ? `${least_frames} to ` : "at most "}${most_frames} frames` : "",
    most_bytes ? kib(most_bytes) : "",
    target.soft_alpha ? "" : "hard edges",
  ].filter(Boolean).join(" \u00b7 ");
}

// What to take instead where a loop is too long for a place; empty where it is not.
export function insteadOf(loop, target, loops) {
  const fits = (each) => each.duration_s <= target.most_s + 0.0005;
  if (!target.most_s || fits(loop)) return "";
  const [best] = loops.filter((each) => each.state === "written" && each.has_master && fits(each))
    .sort((a, b) => (a.kind === "near") - (b.kind === "near") || a.mismatch - b.mismatch);
  const fitting = best ? `${titleOf(best)}, ${lengthOf(best.duration_s)}, would fit` : `none of this clip is shorter than that: play it again with a shorter longest loop`;
  return `This one lasts ${lengthOf(loop.duration_s)}; ${fitting}.`;
}

// The places themselves count in either thousand; each is told as it is there.
const kib = (count) => (count % 1024 ? `${Math.round(count / 1000)} kB` : `${count / 1024} KiB`);
