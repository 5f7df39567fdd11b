// Reads the stamp in the preview picture: which frame it shows, and when that frame came to the server.
// 48 cells of eight pixels, black or white, two rows of 24: 16 bits of number, 32 of milliseconds.

import { layoutOf } from "./layout.js";

const CELL_PX = 8;
const CELLS_IN_ROW = 24;
const WRAPS_AT = 2 ** 32;

const canvas = document.createElement("canvas");
const pen = canvas.getContext("2d", { willReadFrequently: true });

export function readStamp(source, width, height) {
  const place = layoutOf(width, height)?.stamp;
  if (!place) return null;
  const level = source.y ? brightness(source.y, place) : drawn(source, place);
  const bits = [];
  for (let cell = 0; cell < 48; cell += 1) {
    const x = (cell % CELLS_IN_ROW) * CELL_PX + CELL_PX / 2;
    const y = Math.floor(cell / CELLS_IN_ROW) * CELL_PX + CELL_PX / 2;
    const seen = level(x, y);
    if (seen > 90 && seen < 165) return null; // neither: not a stamp
    bits.push(seen > 127 ? 1 : 0);
  }
  const number = (from, to) => parseInt(bits.slice(from, to).join(""), 2);
  return { frame: number(0, 16), time_ms: number(16, 48) };
}

const brightness = ({ data, stride }, place) => (x, y) => data[(place.y + y) * stride + place.x + x];

function drawn(source, place) {
  canvas.width = place.width;
  canvas.height = place.height;
  pen.drawImage(source, place.x, place.y, place.width, place.height, 0, 0, place.width, place.height);
  const { data } = pen.getImageData(0, 0, place.width, place.height);
  return (x, y) => data[(y * place.width + x) * 4 + 1];
}

// Milliseconds from the stamp to `now_ms` of the same clock; the stamp's clock wraps.
export function age(stamp, now_ms) {
  const gone = (Math.floor(now_ms) % WRAPS_AT) - stamp.time_ms;
  return gone < -WRAPS_AT / 2 ? gone + WRAPS_AT : gone;
}
