// Where on an atlas anything was done, in tiles: what is drawn of a frame is only what shows one of them.

const TILE = 32; // texels of the paint

export class Marks {
  constructor([wide, high]) {
    this.across = Math.ceil(wide / TILE);
    this.down = Math.ceil(high / TILE);
    this.tiles = new Uint8Array(this.across * this.down);
    this.ends = this.#found();
  }

  // A part of whole tiles is another now: `bytes` are its texels, of which `holds(bytes, n)` says whether they do
  // anything.
  take([left, top, width, height], bytes, holds) {
    const { tiles, across } = this;
    const [right, bottom] = [left + width, top + height];
    for (let y = top / TILE; y < bottom / TILE; y += 1) {
      for (let x = left / TILE; x < right / TILE; x += 1) tiles[y * across + x] = 0;
    }
    for (let y = top, n = 0; y < bottom; y += 1) {
      const row = Math.floor(y / TILE) * across;
      for (let x = left; x < right; x += 1, n += 4) {
        if (holds(bytes, n)) tiles[row + Math.floor(x / TILE)] = 1;
      }
    }
    this.ends = this.#found();
    return this;
  }

  // Whether anything may have been done between these edges.
  meet(left, top, right, bottom) {
    const { tiles, across, ends } = this;
    if (left >= ends[2] || top >= ends[3] || right < ends[0] || bottom < ends[1]) return false;
    const [x0, x1] = [Math.max(0, Math.floor(left / TILE)), Math.min(across - 1, Math.floor(right / TILE))];
    const y1 = Math.min(this.down - 1, Math.floor(bottom / TILE));
    for (let y = Math.max(0, Math.floor(top / TILE)); y <= y1; y += 1) {
      for (let x = x0; x <= x1; x += 1) if (tiles[y * across + x]) return true;
    }
    return false;
  }

  get any() { return this.ends[2] >= 0; }

  // Edges of all that is marked.
  #found() {
    const ends = [Infinity, Infinity, -1, -1];
    this.tiles.forEach((on, tile) => {
      if (!on) return;
      const [x, y] = [TILE * (tile % this.across), TILE * Math.floor(tile / this.across)];
      ends[0] = Math.min(ends[0], x); ends[1] = Math.min(ends[1], y);
      ends[2] = Math.max(ends[2], x + TILE); ends[3] = Math.max(ends[3], y + TILE);
    });
    return ends;
  }
}

// The tiles around [left, top, right, bottom], as far as there are any: [left, top, width, height].
export function tiled(edges, size) {
  const [x0, y0, x1, y1] = edges.map((each, at) => {
    const side = TILE * (at < 2 ? Math.floor : Math.ceil)(each / TILE);
    return Math.max(0, Math.min(size[at % 2], side));
  });
  return [Math.min(x0, x1), Math.min(y0, y1), Math.max(0, x1 - x0), Math.max(0, y1 - y0)];
}

export const painted = (bytes, n) => bytes[n + 3] !== 0;
export const changed = (bytes, n) => bytes[n] !== 128 || bytes[n + 1] !== 128 || bytes[n + 2] !== 128;

// A rectangle as marks are asked.
export function boxed([x, y, width, height]) {
  return { any: true, meet: (left, top, right, bottom) => left < x + width && top < y + height && right >= x && bottom >= y };
}

// The rectangle around two, [left, top, width, height]; the first may be null.
export function union(one, other) {
  if (!one) return other;
  const [x0, y0] = [Math.min(one[0], other[0]), Math.min(one[1], other[1])];
  return [x0, y0, Math.max(one[0] + one[2], other[0] + other[2]) - x0, Math.max(one[1] + one[3], other[1] + other[3]) - y0];
}
