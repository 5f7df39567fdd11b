// Pictures with straight alpha as PNG files (W3C PNG, third edition). A canvas could write them, too, but it
// multiplies colours by their alpha and so forgets those of faint texels.

const MARK = [137, 80, 78, 71, 13, 10, 26, 10];
const RGBA = [8, 6, 0, 0, 0]; // bits, kind of colour, and the only ways there are to pack, filter and interlace

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

// `bytes` are four to a texel, rows from the top.
export async function png(bytes, [width, height]) {
  const size = new DataView(new ArrayBuffer(8));
  size.setUint32(0, width);
  size.setUint32(4, height);
  const packed = new Blob([filtered(bytes, 4 * width, height)]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Blob([
    new Uint8Array(MARK), chunk("IHDR", [...new Uint8Array(size.buffer), ...RGBA]),
    chunk("IDAT", new Uint8Array(await new Response(packed).arrayBuffer())), chunk("IEND", []),
  ], { type: "image/png" });
}

// Each row as its differences from the one above: flat paint packs to nothing.
function filtered(bytes, row, height) {
  const made = new Uint8Array((row + 1) * height);
  for (let y = 0; y < height; y += 1) {
    const [into, from] = [y * (row + 1), y * row];
    made[into] = 2;
    for (let n = 0; n < row; n += 1) made[into + 1 + n] = bytes[from + n] - (y ? bytes[from + n - row] : 0);
  }
  return made;
}

function chunk(name, data) {
  const made = new Uint8Array(12 + data.length);
  const view = new DataView(made.buffer);
  view.setUint32(0, data.length);
  made.set(Array.from(name, (each) => each.charCodeAt(0)), 4);
  made.set(data, 8);
  let check = 0xffffffff;
  for (let n = 4; n < 8 + data.length; n += 1) check = TABLE[(check ^ made[n]) & 255] ^ (check >>> 8);
  view.setUint32(8 + data.length, ~check >>> 0);
  return made;
}
