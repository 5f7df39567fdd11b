// The filmstrip: tiles of equal width, each the still nearest to its middle, cropped around the subject.
// Tiles stand on a grid of time, so that they keep their pictures while the view scrolls.

import { checks } from "./palette.js";

const SHAPE = 0.8; // width of a tile over its height

export class Strip {
  #pictures = new Map(); // time_s -> {image, middle}
  #drawn;

  constructor(drawn) {
    this.#drawn = drawn; // called when a picture has become ready
  }

  // Keeps the pictures of these stills and lets go of all others.
  keep(stills) {
    const wanted = new Set(stills.map((each) => each.time_s));
    for (const time_s of this.#pictures.keys()) if (!wanted.has(time_s)) this.#pictures.delete(time_s);
    for (const still of stills) this.add(still);
    this.#sorted = null;
  }

  add({ time_s, src }) {
    if (this.#pictures.has(time_s)) return;
    const picture = { image: new Image(), middle: 0.5 };
    this.#pictures.set(time_s, picture);
    this.#sorted = null;
    picture.image.src = src;
    picture.image.decode().then(() => {
      picture.middle = middleOf(picture.image);
      picture.ready = true;
      this.#drawn();
    }, () => {}); // a still that cannot be read leaves its tile empty
  }

  #sorted = null;

  draw(paint, view, layout, colours) {
    const { stripTop: top, strip: high, left, right } = layout;
    const wide = Math.round(high * SHAPE);
    const tile_s = wide / view.scale;
    const until_s = view.time_s;
    paint.save();
    paint.beginPath();
    paint.roundRect(left, top, right - left, high, 7);
    paint.fillStyle = colours.well;
    paint.fill();
    paint.clip();
    const end = Math.min(right, view.x(until_s));
    if (this.#pictures.size && end > left) {
      paint.fillStyle = checks(paint, colours);
      paint.fillRect(left, top, end - left, high);
    }
    paint.beginPath();
    paint.rect(left, top, Math.max(0, end - left), high); // what comes after now is not known
    paint.clip();
    this.#sorted ??= [...this.#pictures.keys()].sort((a, b) => a - b);
    const first = Math.floor((view.from_s - view.first_s) / tile_s);
    for (let at = first; ; at += 1) {
      const from_s = view.first_s + at * tile_s;
      const x = view.x(from_s);
      if (x >= end) break;
      this.#tile(paint, this.#near(Math.min(from_s + tile_s / 2, until_s)), x, top, wide, high);
      paint.fillStyle = colours.card;
      paint.fillRect(x + wide - 1.5, top, 1.5, high);
    }
    paint.restore();
  }

  #tile(paint, picture, x, y, wide, high) {
    if (!picture?.ready) return;
    const { image, middle } = picture;
    const [w, h] = [image.naturalWidth, image.naturalHeight];
    const seen = Math.min(w, h * (wide / high));
    const from = Math.min(w - seen, Math.max(0, middle * w - seen / 2));
    const tall = seen * (high / wide); // a tall picture is cropped at its foot, a wide one at its sides
    paint.drawImage(image, from, 0, seen, Math.min(h, tall), x, y, wide, high * Math.min(1, h / tall));
  }

  #near(time_s) {
    const times = this.#sorted;
    let [low, high] = [0, times.length - 1];
    while (high - low > 1) {
      const mid = (low + high) >> 1;
      if (times[mid] <= time_s) low = mid; else high = mid;
    }
    const nearer = Math.abs((times[low] ?? 0) - time_s) <= Math.abs((times[high] ?? 0) - time_s) ? low : high;
    return this.#pictures.get(times[nearer]);
  }
}

// How far from the left the subject stands, as a share of the width: the middle of what is opaque.
function middleOf(image) {
  const [w, h] = [32, 18];
  const canvas = new OffscreenCanvas(w, h);
  const paint = canvas.getContext("2d", { willReadFrequently: true });
  paint.drawImage(image, 0, 0, w, h);
  const { data } = paint.getImageData(0, 0, w, h);
  let [sum, weighed] = [0, 0];
  for (let at = 0; at < w * h; at += 1) {
    const alpha = data[4 * at + 3];
    sum += alpha;
    weighed += alpha * (at % w + 0.5);
  }
  return sum > 255 ? weighed / sum / w : 0.5;
}
