// A loop in words: its name, how well it closes, and moments and lengths with the digits a loop needs.

export const WORDS = ["seamless", "not visible", "barely visible", "visible"];
const BOUNDS = [0.5, 1, 2]; // of the mismatch in ordinary steps; the report page draws the same lines

export const levelOf = (mismatch) => BOUNDS.filter((bound) => mismatch > bound).length;
export const wordsOf = (mismatch) => WORDS[levelOf(mismatch)];

// The server's word counts: it has also measured the written file. The detector's number comes before that.
export function seamOf(loop) {
  const said = WORDS.indexOf(loop.seam);
  const level = said >= 0 ? said : levelOf(loop.mismatch);
  return { level, words: loop.seam || WORDS[level] };
}

// "seamless" reads as it stands, the others are about a seam.
export const sentence = (words) => (words === WORDS[0] ? words : `seam ${words}`);

const NAMES = { L: "Loop", N: "Near-loop", H: "By hand" };

export function titleOf(loop) {
  if (loop.title) return loop.title;
  const [, letter, number, version] = /^([A-Z])(\d+)(?:\.(\d+))?/.exec(loop.id) ?? [];
  const kind = loop.kind === "mended" ? "Mended loop" : NAMES[letter] ?? "Loop";
  const name = letter ? `${kind} ${number}` : loop.id;
  return version ? `${name}, version ${version}` : name;
}

// What fits into a small disc on an arc: "3", "N1", "M4", "H2", "3.2".
export const shortOf = (loop) => loop.id.replace(/^L(?=\d)/, "").replace(/^N/, loop.kind === "mended" ? "M" : "N");

export function clock(time_s) {
  const hundredths = Math.max(0, Math.round(time_s * 100));
  const two = (value) => String(value).padStart(2, "0");
  const seconds = Math.floor(hundredths / 100);
  const minutes = Math.floor(seconds / 60);
  const head = minutes >= 60 ? `${Math.floor(minutes / 60)}:${two(minutes % 60)}` : `${minutes}`;
  return `${head}:${two(seconds % 60)}.${two(hundredths % 100)}`;
}

export const lengthOf = (length_s) => `${length_s.toFixed(2)} s`;
export const spanOf = (loop) => `${clock(loop.start_s)} \u2192 ${clock(loop.end_s)}`;
export const spokenSpan = (loop) => `${clock(loop.start_s)} to ${clock(loop.end_s)}`;
