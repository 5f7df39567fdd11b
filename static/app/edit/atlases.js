// Atlases to and from a paint program. What comes back is compared with what was given, by the rule of the
// command line.

import { compared, exactly, multiplied, roughly } from "./comparing.js";
import { Texture } from "./graphics.js";
import { unpacked } from "./pictures.js";
import { enlarged, shrunk, straightened } from "./planes.js";
import { png } from "./png.js";

const SAME_SHAPE = 0.01; // of two proportions that are the same but for rounding

// A PNG of a layer's atlas with its edit in it, as fine as its paint.
export const picture = (edit) => png(drawn(edit), edit.size);

// A layer's edit without its atlas: {paint, change}, each a PNG or null; 128 is no difference. Both are read at
// once, so that it does not matter what becomes of the edit meanwhile.
export async function parts(edit) {
  const { bytes, any } = edit.read();
  const change = edit.change?.bytes;
  return { paint: any ? await png(bytes, edit.size) : null, change: change ? await png(change, edit.size) : null };
}

// What `parts` gave, put back; gives what undoes that.
export async function putBack(edit, paint, change) {
  const [over, more] = await Promise.all([paint, change].map((blob) => (blob ? bytesOf(edit, blob) : null)));
  return edit.replace(over ? multiplied(over) : new Uint8Array(4 * edit.size[0] * edit.size[1]), more);
}

async function bytesOf(edit, blob) {
  const [resizeWidth, resizeHeight] = edit.size; // an atlas that was made exact may have grown
  return straight(edit, await unpacked(blob, { resizeWidth, resizeHeight, resizeQuality: "medium" }));
}

// What somebody did to an atlas: {paint, change} as bytes of the size of the edit, change null where it is none.
export async function taken(edit, file) {
  const bitmap = await unpacked(file);
  const size = [bitmap.width, bitmap.height];
  if (!sameShape(size, edit.size)) throw new WrongShape(`it is ${size.join("\u00d7")}, and the atlas is ${edit.size.join("\u00d7")}: give it back in the same proportions`);
  const bytes = straight(edit, bitmap);
  const own = drawn(edit, true);
  if (!await hasAlpha(file, bytes)) cut(bytes, size, own, edit.size);
  if (file.type === "image/png" && size.join() === edit.size.join()) return compared(bytes, own, exactly(bytes, own));
  const less = size[0] < edit.size[0] ? size : edit.size; // compared at the smaller one's size
  const [given, before] = [shrunk(bytes, size, less), shrunk(own, edit.size, less)];
  const { paint, change } = compared(straightened(given), straightened(before), roughly(given, before, less));
  return { paint: enlarged(paint, less, edit.size), change: change && enlarged(change, less, edit.size) };
}

// What is told to whoever brought it.
export class WrongShape extends Error {}

function sameShape([wide, high], [width, height]) {
  return Math.abs((wide * height) / (high * width) - 1) <= Math.max(SAME_SHAPE, 1 / Math.min(wide, high));
}

// A format without transparency, or a picture that shows none: around an atlas lies what a program put there.
async function hasAlpha(file, bytes) {
  if (file.type === "image/jpeg") return false;
  const head = new Uint8Array(await file.slice(0, 26).arrayBuffer());
  if (file.type === "image/png" && head[25] === 6) return true;
  for (let n = 3; n < bytes.length; n += 4) if (bytes[n] < 255) return true;
  return false;
}

// Cut out as it was handed out.
function cut(bytes, [wide, high], own, [width, height]) {
  for (let y = 0, n = 3; y < high; y += 1) {
    const row = Math.min(height - 1, Math.floor(((y + 0.5) * height) / high));
    for (let x = 0; x < wide; x += 1, n += 4) {
      bytes[n] = own[4 * (row * width + Math.min(width - 1, Math.floor(((x + 0.5) * width) / wide))) + 3] >= 128 ? 255 : 0;
    }
  }
}

// A picture's bytes with straight alpha: a canvas would multiply it.
function straight(edit, bitmap) {
  if (edit.renderer.gl.isContextLost()) throw new Error("the browser has lost its graphics");
  const texture = new Texture(edit.renderer.gl, edit.unit.shown).take(bitmap);
  bitmap.close();
  const bytes = texture.read();
  texture.drop();
  return bytes;
}

// Straight alpha; `own` is the atlas without its edit.
function drawn(edit, own = false) {
  const made = new Texture(edit.renderer.gl, edit.unit.shown).fill(...edit.size, null);
  edit.drawAtlas(made.target, edit.size, { upward: false, bare: true, own });
  const bytes = made.read();
  made.drop();
  return bytes;
}
