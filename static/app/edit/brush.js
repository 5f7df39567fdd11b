// A stroke on a sheet the size of a frame (or of an atlas): round stamps joined to a line, as wide as the pen
// presses, all in one opaque colour; how strong it is laid is for whoever lays the sheet.

export class Sheet {
  // `size` is what the sheet stands for; it is drawn finer by `fine`.
  constructor(size, fine) {
    this.size = size;
    this.fine = fine;
    this.canvas = document.createElement("canvas");
    [this.canvas.width, this.canvas.height] = size.map((side) => Math.max(1, Math.round(side * fine)));
    this.pen = this.canvas.getContext("2d");
    this.clear();
  }

  clear() {
    this.pen.setTransform(1, 0, 0, 1, 0, 0);
    this.pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const [x, y] = [this.canvas.width / this.size[0], this.canvas.height / this.size[1]];
    this.pen.setTransform(x, 0, 0, y, 0.5 * x, 0.5 * y); // a pixel's centre is a whole number
    this.box = null;
  }

  // The part that holds anything, cut to the sheet.
  cover(left, top, right, bottom) {
    const [a, b, c, d] = this.box ?? [Infinity, Infinity, -Infinity, -Infinity];
    this.box = [Math.max(-0.5, Math.min(a, left)), Math.max(-0.5, Math.min(b, top)),
      Math.min(this.size[0] - 0.5, Math.max(c, right)), Math.min(this.size[1] - 0.5, Math.max(d, bottom))];
  }
}

export class Stroke {
  constructor(sheet, colour) {
    this.sheet = sheet;
    this.colour = colour;
    this.last = null; // {x, y, r}
  }

  // On to a place with a stamp of radius `r`.
  to(x, y, r) {
    const { pen } = this.sheet;
    const from = this.last ?? { x, y, r };
    pen.fillStyle = this.colour;
    pen.beginPath();
    pen.arc(x, y, r, 0, 2 * Math.PI);
    pen.fill();
    joined(pen, from, { x, y, r });
    for (const each of [from, { x, y, r }]) this.sheet.cover(each.x - each.r - 1, each.y - each.r - 1, each.x + each.r + 1, each.y + each.r + 1);
    this.last = { x, y, r };
  }
}

// What lies between two stamps of different size.
function joined(pen, from, to) {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length < 1e-3) return;
  const [x, y] = [-(to.y - from.y) / length, (to.x - from.x) / length];
  pen.beginPath();
  pen.moveTo(from.x + x * from.r, from.y + y * from.r);
  pen.lineTo(to.x + x * to.r, to.y + y * to.r);
  pen.lineTo(to.x - x * to.r, to.y - y * to.r);
  pen.lineTo(from.x - x * from.r, from.y - y * from.r);
  pen.closePath();
  pen.fill();
}

// How wide a stamp is: a pen presses, a mouse and a finger do not.
export function radius(size, event) {
  if (event.pointerType !== "pen" || !event.pressure) return size / 2;
  return (size / 2) * (0.15 + 0.85 * Math.min(1, event.pressure * 1.4));
}
