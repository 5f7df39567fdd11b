// Pictures as numbers, four to a texel: made smaller and larger, blurred, and what is found around a texel.

// Straight alpha as floats with colours multiplied by it, and made so small: each texel is the mean of what it covers.
export function shrunk(bytes, [wide, high], [width, height]) {
  const rows = new Float32Array(4 * width * high);
  const columns = shares(wide, width);
  for (let y = 0; y < high; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const into = 4 * (y * width + x);
      for (const [from, share] of columns[x]) {
        const n = 4 * (y * wide + from);
        const alpha = (bytes[n + 3] * share) / 255;
        for (let c = 0; c < 3; c += 1) rows[into + c] += bytes[n + c] * alpha;
        rows[into + 3] += bytes[n + 3] * share;
      }
    }
  }
  const made = new Float32Array(4 * width * height);
  shares(high, height).forEach((all, y) => {
    for (const [from, share] of all) {
      for (let n = 0; n < 4 * width; n += 1) made[4 * y * width + n] += rows[4 * from * width + n] * share;
    }
  });
  return made;
}

// Which of `many` lie under each of `few`, and which share of it each is.
function shares(many, few) {
  const each = many / few;
  return Array.from({ length: few }, (_, at) => {
    const [from, to] = [at * each, (at + 1) * each];
    const found = [];
    for (let n = Math.floor(from); n < Math.min(many, Math.ceil(to - 1e-9)); n += 1) found.push([n, (Math.min(to, n + 1) - Math.max(from, n)) / each]);
    return found;
  });
}

// Bytes made so large, straight between texels.
export function enlarged(bytes, [wide, high], [width, height]) {
  if (wide === width && high === height) return bytes;
  const made = new Uint8Array(4 * width * height);
  const between = (at, many, few) => {
    const place = Math.max(0, Math.min(few - 1, ((at + 0.5) * few) / many - 0.5));
    return [Math.floor(place), Math.min(few - 1, Math.floor(place) + 1), place % 1];
  };
  const columns = Array.from({ length: width }, (_, x) => between(x, width, wide));
  for (let y = 0; y < height; y += 1) {
    const [top, bottom, down] = between(y, height, high);
    for (let x = 0; x < width; x += 1) {
      const [left, right, across] = columns[x];
      for (let c = 0; c < 4; c += 1) {
        const at = (column, row) => bytes[4 * (row * wide + column) + c];
        const [upper, lower] = [top, bottom].map((row) => at(left, row) * (1 - across) + at(right, row) * across);
        made[4 * (y * width + x) + c] = Math.round(upper * (1 - down) + lower * down);
      }
    }
  }
  return made;
}

// The mean of nine; what is beyond an edge mirrors what is inside.
export function blurred(plane, [wide, high]) {
  const mirror = (at, many) => (at < 0 ? Math.min(1, many - 1) : at < many ? at : Math.max(0, many - 2));
  const one = new Float32Array(plane.length), made = new Float32Array(plane.length);
  for (let y = 0; y < high; y += 1) for (let x = 0; x < wide; x += 1) for (let c = 0; c < 4; c += 1) {
    const at = (column) => plane[4 * (y * wide + mirror(column, wide)) + c];
    one[4 * (y * wide + x) + c] = (at(x - 1) + at(x) + at(x + 1)) / 3;
  }
  for (let y = 0; y < high; y += 1) for (let n = 0; n < 4 * wide; n += 1) {
    const at = (row) => one[4 * wide * mirror(row, high) + n];
    made[4 * wide * y + n] = (at(y - 1) + at(y) + at(y + 1)) / 3;
  }
  return made;
}

// The largest contrast of any channel among a texel and its eight neighbours.
export function edges(plane, [wide, high]) {
  const made = new Float32Array(wide * high);
  for (let y = 0; y < high; y += 1) for (let x = 0; x < wide; x += 1) for (let c = 0; c < 4; c += 1) {
    let low = Infinity, most = -Infinity;
    around(x, y, wide, high, (n) => { low = Math.min(low, plane[4 * n + c]); most = Math.max(most, plane[4 * n + c]); });
    made[y * wide + x] = Math.max(made[y * wide + x], most - low);
  }
  return made;
}

// What is marked, and its eight neighbours.
export function grown(marks, [wide, high]) {
  const made = new Uint8Array(marks.length);
  for (let y = 0; y < high; y += 1) for (let x = 0; x < wide; x += 1) {
    if (marks[y * wide + x]) around(x, y, wide, high, (n) => { made[n] = 1; });
  }
  return made;
}

export function straightened(plane) {
  const made = new Float32Array(plane.length);
  for (let n = 0; n < plane.length; n += 4) {
    const alpha = Math.max(1, plane[n + 3]);
    for (let c = n; c < n + 3; c += 1) made[c] = Math.min(255, (plane[c] * 255) / alpha);
    made[n + 3] = plane[n + 3];
  }
  return made;
}

function around(x, y, wide, high, does) {
  for (let b = Math.max(0, y - 1); b <= Math.min(high - 1, y + 1); b += 1) {
    for (let a = Math.max(0, x - 1); a <= Math.min(wide - 1, x + 1); a += 1) does(b * wide + a);
  }
}
