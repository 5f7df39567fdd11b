// A loop that is taken apart, fetched and laid on the desk with what was painted on it.

import { putBack } from "./atlases.js";
import { Bundle } from "./bundle.js";
import { Desk } from "./desk.js";

// Gives the desk, or null where nobody wants it any more: `wanted` says so.
export async function laid(place, { api, sid, loop, stand }, does, wanted) {
  const bundle = new Bundle(await api.editBundle(sid, loop.id));
  if (!wanted()) return null;
  const desk = await Desk.open(place, bundle, does);
  if (wanted()) await goOn(api, sid, loop, desk.editor);
  if (wanted() && stand) await desk.take(stand);
  if (wanted()) return desk;
  desk.close();
  return null;
}

// Puts back what was painted on a version, so that it can be gone on with, or what stands in none yet: that is
// still to be saved, and can be undone.
async function goOn(api, sid, loop, editor) {
  const { painted = [], going = [], show = "subject" } = loop.edit ?? {};
  const names = going.length ? going : painted;
  editor.look({ shows: show });
  for (const edit of editor.renderer.edits) {
    const { name } = edit.layer;
    const [paint, change] = await Promise.all(["paint", "change"].map((kind) => (names.includes(`${name}/${kind}`) ? api.paint(sid, loop.id, name, kind) : null)));
    if (!paint && !change) continue;
    const step = await putBack(edit, paint, change);
    if (going.length) editor.history.push(step);
  }
  editor.draw();
}
