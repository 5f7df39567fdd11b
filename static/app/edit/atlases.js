// Atlases to and from a paint program. What comes back is compared with what was given, texel by texel, by the
// rule of the command line (streaming/atlas/edits.py): what is equal does nothing, a small difference is a
// retouch that leaves the grain, a large one is paint, and a picture on a transparent canvas is all paint.

import { Texture } from "./graphics.js";
import { unpacked } from "./pictures.js";

const LITTLE = 0.1, MUCH = 0.3; // a difference of colour up to which, and from which on, it is no retouch
const EQUAL = 1.6; // of 255: as far as unpacking and scaling move what nobody touched
const HIDDEN = 16; // paint of weight w hides all but w ** HIDDEN of the difference below it

// A PNG of a layer's atlas with its edit in it, as fine as its paint.
export async function picture(edit) {
  return png(new ImageData(new Uint8ClampedArray(drawn(edit)), ...edit.size));
}

export function png(image) {
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}

// A layer's edit without its atlas: {paint, change}, each a PNG or null; 128 is no difference.
export async function parts(edit) {
  const { bytes, any } = edit.read();
  const image = (own) => new ImageData(new Uint8ClampedArray(own), ...edit.size);
  const change = edit.change && edit.change.read();
  return { paint: any ? await png(image(bytes)) : null, change: change ? await png(image(change)) : null };
}

// What `parts` gave, put back.
export async function putBack(edit, paint, change) {
  const [over, more] = await Promise.all([paint, change].map((blob) => (blob ? bytesOf(edit, blob) : null)));
  edit.replace(over ? premultiplied(over) : new Uint8Array(4 * edit.size[0] * edit.size[1]), more);
}

// A picture's bytes with straight alpha: a canvas would multiply it.
async function bytesOf(edit, blob) {
  const texture = new Texture(edit.renderer.gl, edit.unit.shown).take(await unpacked(blob));
  const bytes = texture.read();
  if (texture.size.join() !== edit.size.join()) throw new Error("what was painted is of another size than the loop's atlas");
  texture.drop();
  return bytes;
}

// What somebody did to an atlas: {paint, change} as bytes of the size of the edit, change null where it is none.
export async function taken(edit, file) {
  const [width, height] = edit.size;
  const given = pixels(await createImageBitmap(file, { colorSpaceConversion: "none" }), width, height);
  const own = drawn(edit, true);
  return isOverlay(given, own) ? { paint: premultiplied(given), change: null } : split(given, own);
}

// Straight alpha; `own` is the atlas without its edit.
function drawn(edit, own = false) {
  const made = new Texture(edit.renderer.gl, edit.unit.shown).fill(...edit.size, null);
  edit.drawAtlas(made.target, edit.size, { upward: false, bare: true, own });
  const bytes = made.read();
  made.drop();
  return bytes;
}

function pixels(bitmap, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.imageSmoothingQuality = "high";
  pen.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return pen.getImageData(0, 0, width, height).data;
}

function isOverlay(given, own) {
  let shown = 0, gone = 0;
  for (let n = 3; n < own.length; n += 4) {
    if (own[n] < 128) continue;
    shown += 1;
    if (given[n] < 64) gone += 1;
  }
  return shown > 0 && gone > shown / 2;
}

function premultiplied(bytes) {
  const made = new Uint8Array(bytes.length);
  for (let n = 0; n < bytes.length; n += 4) {
    for (let c = n; c < n + 3; c += 1) made[c] = Math.round((bytes[c] * bytes[n + 3]) / 255);
    made[n + 3] = bytes[n + 3];
  }
  return made;
}

function split(given, own) {
  const paint = new Uint8Array(own.length);
  const change = new Uint8Array(own.length).fill(128);
  let changes = false;
  for (let n = 0; n < own.length; n += 4) {
    const [alpha, held] = [given[n + 3], own[n + 3]];
    change[n + 3] = 255;
    let most = 0, seen = 0;
    for (let c = n; c < n + 3; c += 1) {
      most = Math.max(most, Math.abs(given[c] - own[c]));
      seen = Math.max(seen, Math.abs(given[c] * alpha - own[c] * held) / 255);
    }
    const more = alpha - held > EQUAL;
    if (!alpha || (seen <= EQUAL && !more) || (most <= EQUAL && !more)) continue;
    const solid = Math.min(1, (held / 255) * 4); // a faint texel's colour says nothing
    const weight = 1 - (1 - ramp(most / 255)) * solid;
    paint[n + 3] = Math.round(alpha * weight);
    const left = solid * (1 - weight ** HIDDEN) * Math.min(1, alpha / Math.max(1, held));
    for (let c = 0; c < 3; c += 1) {
      paint[n + c] = Math.round((given[n + c] * paint[n + 3]) / 255);
      change[n + c] = 128 + Math.round((127 / 255) * left * (given[n + c] - own[n + c]));
      changes ||= change[n + c] !== 128;
    }
  }
  return { paint, change: changes ? change : null };
}

function ramp(value) {
  const share = Math.max(0, Math.min(1, (value - LITTLE) / (MUCH - LITTLE)));
  return share * share * (3 - 2 * share);
}
