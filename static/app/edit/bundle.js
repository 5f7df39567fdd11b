// A loop taken apart, as the server packs it into one file (streaming/atlas/packed.py): a head that says
// where everything lies, then the bytes. Maps are read frame by frame as the graphics card takes them.

const MAGIC = "LMATLAS1";

export class Bundle {
  constructor(buffer) {
    const head = new DataView(buffer, 0, 12);
    const magic = String.fromCharCode(...new Uint8Array(buffer, 0, 8));
    if (magic !== MAGIC) throw new Error("What the server sent is not a loop to edit. Update the page and try again.");
    const length = head.getUint32(8, true);
    this.buffer = buffer;
    this.data = 12 + length;
    Object.assign(this, JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 12, length))));
    this.layers = this.layers.map((each) => new Layer(this, each));
    this.foregrounds = this.layers.length - 1;
  }

  frame(at) { return this.#blob(this.frames[at], "image/jpeg"); }
  matte(at) { return this.#blob(this.mattes[at], "image/png"); }

  // What a frame shows without its foregrounds, where that is something else: {blob, box}, or null.
  patch(at) {
    const told = this.behind[at];
    return told && { blob: this.#blob(told, "image/jpeg"), box: told.box };
  }

  picture(layer) { return this.#blob(layer.told.picture, "image/png"); }

  #blob({ at, bytes }, type) {
    return new Blob([new Uint8Array(this.buffer, this.data + at, bytes)], { type });
  }
}

class Layer {
  constructor(bundle, told) {
    const { buffer, data, count } = bundle;
    const steps = ({ at, bytes }) => new Uint16Array(buffer.slice(data + at, data + at + bytes));
    Object.assign(this, { told, count, name: told.name, spacing: told.spacing_px, lightSpacing: told.light_px });
    this.foreground = told.name.startsWith("foreground_");
    [this.rows, this.columns] = told.grid;
    [this.lightRows, this.lightColumns] = told.light_grid;
    this.atlas = told.atlas;
    this.uv = steps(told.uv);
    this.light = steps(told.light);
    this.trust = new Uint8Array(buffer, data + told.trust.at, told.trust.bytes);
  }

  // The map of a frame: for every node u, v, trust and nothing. The last one is kept.
  map(frame) {
    if (this.kept?.frame !== frame) this.kept = { frame, map: this.#map(frame) };
    return this.kept.map;
  }

  #map(frame) {
    const cells = this.rows * this.columns;
    const made = new Float32Array(4 * cells);
    this.#fill(made, this.uv, this.told.uv, frame, cells);
    for (let n = 0; n < cells; n += 1) made[4 * n + 2] = this.trust[frame * cells + n] / 255;
    return made;
  }

  // The light of a frame: for every node three gains and nothing.
  gains(frame) {
    const cells = this.lightRows * this.lightColumns;
    const made = new Float32Array(4 * cells);
    this.#fill(made, this.light, this.told.light, frame, cells);
    return made;
  }

  #fill(into, stored, { low, step }, frame, cells) {
    low.forEach((least, channel) => {
      const first = (channel * this.count + frame) * cells;
      for (let n = 0; n < cells; n += 1) into[4 * n + channel] = least + step[channel] * stored[first + n];
    });
  }

  // The parts of a frame that may show texels of which `wanted(left, top, right, bottom)` says so, as numbers
  // left, top, right, bottom of one after the other, in pixels from the frame's edge. A cell of the map holds no
  // texel that its four corners do not enclose; neighbours in a row are one part.
  parts(frame, wanted) {
    const { rows, columns, spacing } = this;
    const map = this.map(frame);
    const made = [];
    const edge = (node, last) => (node === 0 ? 0 : node === last ? 2 * node : node - 0.5) * spacing; // what is beyond goes with the last
    const cell = (n, m) => wanted(
      Math.min(map[n], map[n + 4], map[m], map[m + 4]), Math.min(map[n + 1], map[n + 5], map[m + 1], map[m + 5]),
      Math.max(map[n], map[n + 4], map[m], map[m + 4]), Math.max(map[n + 1], map[n + 5], map[m + 1], map[m + 5]),
    );
    for (let row = 0; row < rows - 1; row += 1) {
      let from = -1;
      for (let column = 0, n = 4 * row * columns; column < columns; column += 1, n += 4) {
        const on = column < columns - 1 && cell(n, n + 4 * columns);
        if (on && from < 0) from = column;
        if (on || from < 0) continue;
        made.push(edge(from), edge(row), edge(column, columns - 1), edge(row + 1, rows - 1));
        from = -1;
      }
    }
    return made;
  }

  // The part of the atlas that a part of a frame shows, [left, top, right, bottom] in texels, with some room.
  reach(map, [left, top, right, bottom]) {
    const first = (from, most) => Math.max(0, Math.min(most - 1, Math.floor((from + 0.5) / this.spacing + 0.5)));
    const last = (to, most) => Math.max(0, Math.min(most - 1, Math.ceil((to + 0.5) / this.spacing + 0.5)));
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let row = first(top, this.rows); row <= last(bottom, this.rows); row += 1) {
      for (let column = first(left, this.columns); column <= last(right, this.columns); column += 1) {
        const n = 4 * (row * this.columns + column);
        box[0] = Math.min(box[0], map[n]); box[1] = Math.min(box[1], map[n + 1]);
        box[2] = Math.max(box[2], map[n]); box[3] = Math.max(box[3], map[n + 1]);
      }
    }
    return box;
  }
}
