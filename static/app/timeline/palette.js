// The page's colours for what is painted on a canvas. They are named in tokens.css for dark and light;
// a canvas wants them resolved, so they are read from an element that has them.

const NAMES = ["card", "well", "ink", "soft", "line", "edge", "accent", "near", "bad", "glow", "check-a", "check-b"];

export function palette(element) {
  const probe = document.createElement("span");
  probe.hidden = true;
  element.append(probe);
  const made = {};
  for (const name of NAMES) {
    probe.style.color = `var(--${name})`;
    made[name] = getComputedStyle(probe).color;
  }
  made.font = getComputedStyle(element).fontFamily;
  probe.remove();
  return made;
}

// Calls back when the reader's system turns dark or light.
export function onScheme(change) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", change);
}

// A canvas as large as `width` x `height` px of the page, sharp on this screen.
export function sized(canvas, width, height) {
  const dense = Math.min(2, devicePixelRatio || 1);
  const [w, h] = [Math.round(width * dense), Math.round(height * dense)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  const paint = canvas.getContext("2d");
  paint.setTransform(dense, 0, 0, dense, 0, 0);
  return paint;
}

export function checks(paint, colours, size = 5) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 2 * size;
  const into = tile.getContext("2d");
  into.fillStyle = colours["check-a"];
  into.fillRect(0, 0, 2 * size, 2 * size);
  into.fillStyle = colours["check-b"];
  into.fillRect(0, 0, size, size);
  into.fillRect(size, size, size, size);
  return paint.createPattern(tile, "repeat");
}
