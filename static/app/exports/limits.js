// What a destination accepts, as a person reads it, and which kind of place it is.

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

// The places themselves count in either thousand; each is told as it is there.
const kib = (count) => (count % 1024 ? `${Math.round(count / 1000)} kB` : `${count / 1024} KiB`);
