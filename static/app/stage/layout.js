// Where the tiles lie in the preview picture: its size alone says so (see streaming/media/tiles.py).
// Foreground and matte are W x H, the source half of that; sixteen guard rows lie between.

const GUARD_PX = 16;
const STAMP_PX = { width: 192, height: 16 };

export function layoutOf(width, height) {
  const tall = (height - 2 * GUARD_PX) / 2.5;
  if (width < 16 || tall < 4 || !Number.isInteger(tall)) return null; // some other picture
  const source = 2 * tall + 2 * GUARD_PX;
  return {
    whole: [width, height],
    size: [width, tall],
    matte: [0, tall + GUARD_PX],
    source: [0, source],
    stamp: width / 2 >= STAMP_PX.width ? { x: width / 2, y: source, ...STAMP_PX } : null,
  };
}
