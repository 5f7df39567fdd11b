// Has the server write a new version of the loop: what was painted goes up layer by layer, then the order. How
// far it is comes back as events of the loop.

import { titleOf } from "../gallery/loopwords.js";
import { toast } from "../toast.js";
import { parts, putBack } from "./atlases.js";

export class Saving {
  sending = false;
  kept = null; // what the loop shows as it is kept

  constructor(api, { say, changed }) {
    Object.assign(this, { api, say, changed });
  }

  // Another look is worth a version, too: without the subject nothing need be painted.
  anew(editor) { return editor?.shows === "behind" && this.kept !== "behind"; }

  async save(sid, lid, editor) {
    this.sending = true;
    this.changed();
    this.say("Sending what you painted \u2026");
    try {
      await send(this.api, sid, lid, editor);
      this.kept = editor.shows;
      this.say("");
    } catch (error) {
      this.say(error.message, true);
    }
    this.sending = false;
  }

  // A save goes on at the server, and is told of as the loop's.
  told(edit, before, loop) {
    const now = wordsOf(edit);
    if (now) this.say(now.words, now.bad);
    else if (before?.state === "saving") {
      const words = `A new version of ${titleOf(loop)} stands in the gallery.`;
      this.say(words); // the dialog hides what is told at the page's edge
      toast(words);
    }
  }
}

// Resolves when the server has begun; it shows what the editor does, or what is behind alone.
async function send(api, sid, lid, editor) {
  editor.paint.placed();
  const sent = { paint: [], change: [], show: editor.shows };
  const painted = editor.renderer.edits.filter((each) => !each.empty);
  const made = await Promise.all(painted.map((each) => parts(each))); // before anybody can close what holds it
  for (const [at, { layer }] of painted.entries()) {
    for (const [kind, png] of Object.entries(made[at])) {
      if (!png) continue;
      await api.sendPaint(sid, lid, layer.name, kind, png);
      sent[kind].push(layer.name);
    }
  }
  await api.saveEdit(sid, lid, sent);
  editor.history.keepSaved();
}

// Puts back what was painted on a version, so that it can be gone on with.
export async function goOn(api, sid, loop, editor) {
  const painted = loop.edit?.painted ?? [];
  editor.look({ shows: loop.edit?.show ?? "subject" });
  for (const edit of editor.renderer.edits) {
    const { name } = edit.layer;
    const [paint, change] = await Promise.all(["paint", "change"].map((kind) => (painted.includes(`${name}/${kind}`) ? api.paint(sid, loop.id, name, kind) : null)));
    if (paint || change) await putBack(edit, paint, change);
  }
}

// What is to be told of it: {words, bad}, or null where it has come to a good end or was never begun.
function wordsOf(edit) {
  if (edit?.state === "saving") return { words: `Writing the new loop \u2026 ${Math.round(100 * edit.share)} %`, bad: false };
  return edit?.problems?.length ? { words: edit.problems.join("; "), bad: true } : null;
}
