// A thing that is laid on a sheet: words or a picture, at a place, turned and sized until it is right.
// Places are of the sheet; the handles stand around it on the page.

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

export class Thing {
  // `what`: {picture: ImageBitmap} or {words, colour}; it begins well inside a box [left, top, right, bottom].
  constructor(what, [left, top, right, bottom]) {
    this.what = what;
    this.x = (left + right) / 2;
    this.y = (top + bottom) / 2;
    this.turn = 0; // radians
    this.high = 100;
    this.room = [(right - left) * 0.6, (bottom - top) * 0.4];
    this.sized = false; // by hand
    this.#fit();
  }

  #fit() {
    this.wide = 100 * this.#shape();
    if (!this.sized) this.scale = Math.min(this.room[0] / this.wide, this.room[1] / this.high);
  }

  // Wide to high.
  #shape() {
    const { picture, words } = this.what;
    if (picture) return picture.width / picture.height;
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = `700 80px ${FONT}`;
    return Math.max(0.2, pen.measureText(words).width / 100);
  }

  say(words) {
    this.what = { ...this.what, words };
    this.#fit();
  }

  draw(sheet) {
    const { pen } = sheet;
    pen.save();
    pen.translate(this.x, this.y);
    pen.rotate(this.turn);
    pen.scale(this.scale, this.scale);
    if (this.what.picture) {
      pen.imageSmoothingQuality = "high";
      pen.drawImage(this.what.picture, -this.wide / 2, -this.high / 2, this.wide, this.high);
    } else {
      pen.font = `700 80px ${FONT}`;
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.fillStyle = this.what.colour;
      pen.fillText(this.what.words, 0, 4);
    }
    pen.restore();
    const corners = this.corners();
    const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
    sheet.cover(Math.min(...xs) - 2, Math.min(...ys) - 2, Math.max(...xs) + 2, Math.max(...ys) + 2);
  }

  // From the upper left one, clockwise.
  corners() {
    const [c, s] = [Math.cos(this.turn) * this.scale, Math.sin(this.turn) * this.scale];
    return [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([a, b]) => {
      const [x, y] = [(a * this.wide) / 2, (b * this.high) / 2];
      return [this.x + c * x - s * y, this.y + s * x + c * y];
    });
  }

  holds(x, y) {
    const [c, s] = [Math.cos(-this.turn) / this.scale, Math.sin(-this.turn) / this.scale];
    const [dx, dy] = [x - this.x, y - this.y];
    return Math.abs(c * dx - s * dy) <= this.wide / 2 && Math.abs(s * dx + c * dy) <= this.high / 2;
  }

  // A corner is dragged from one place to another: turned and sized around the middle.
  pull(from, to) {
    const [a, b] = [from, to].map(([x, y]) => [x - this.x, y - this.y]);
    const grown = Math.hypot(...b) / Math.max(1e-3, Math.hypot(...a));
    this.grow(grown);
    this.turn += Math.atan2(b[1], b[0]) - Math.atan2(a[1], a[0]);
  }

  grow(times) {
    this.sized = true;
    this.scale = Math.max(0.01, this.scale * times);
  }
}
