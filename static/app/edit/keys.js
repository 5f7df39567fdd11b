// What the keys do in the editor.

const NUDGE = 0.01; // of the sheet, for a thing that is moved with the arrows
const TURN = Math.PI / 36;
const NEARER = 1.25;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function pressed(desk, event) {
  const { editor, options } = desk;
  const { paint } = editor;
  if (event.key === "Enter" && paint.thing && !event.target.matches("button")) { event.preventDefault(); return paint.placed(); }
  if (event.target.matches("input:not([type=range], [type=radio]), textarea")) return undefined; // somebody types
  if (event.ctrlKey || event.metaKey) return stepped(editor, event);
  if (event.altKey) return undefined;
  const does = {
    b: () => options.choose("brush"), e: () => options.choose("eraser"), t: () => options.choose("words"), p: () => options.choose("picture"),
    "[": () => options.grow(0.8), "]": () => options.grow(NEARER), "+": () => near(desk, NEARER), "-": () => near(desk, 1 / NEARER),
    ",": () => turned(paint, -TURN), ".": () => turned(paint, TURN),
  }[event.key];
  if (does) { event.preventDefault(); return does(); }
  return event.target.matches("button, input") ? undefined : onCanvas(desk, event);
}

function stepped(editor, event) {
  const key = event.key.toLowerCase();
  if (key !== "z" && key !== "y") return undefined;
  event.preventDefault();
  return event.shiftKey || key === "y" ? editor.redo() : editor.undo();
}

function near(desk, times) {
  const { paint } = desk.editor;
  if (!paint.thing) return desk.pointing.enlarge(times);
  paint.thing.grow(times);
  return paint.moved();
}

function turned(paint, by) {
  if (!paint.thing) return;
  paint.thing.turn += by;
  paint.moved();
}

function onCanvas({ editor, player }, event) {
  if (event.key === " ") { event.preventDefault(); return player.run(!player.running); }
  const [dx, dy] = ARROWS[event.key] ?? [0, 0];
  if (!dx && !dy) return undefined;
  event.preventDefault();
  const { paint } = editor;
  if (!paint.thing) return dx ? player.step(dx) : undefined;
  const far = NUDGE * Math.max(...editor.size) * (event.shiftKey ? 5 : 1);
  paint.thing.x += dx * far;
  paint.thing.y += dy * far;
  return paint.moved();
}
