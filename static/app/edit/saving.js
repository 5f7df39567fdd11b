// Has the server write a new version of the loop: what was painted goes up layer by layer, then the order. How
// far it is comes back as events of the loop.

import { titleOf } from "../gallery/loopwords.js";
import { toast } from "../toast.js";
import { parts } from "./atlases.js";

export class Saving {
  sending = false;
  kept = null; // what the loop shows as it is kept
  quality = null; // of what is painted on

  constructor(api, { say, changed }) {
    Object.assign(this, { api, say, changed });
  }

  // Another look is worth a version, too: without the subject nothing need be painted.
  anew(editor) { return editor?.shows === "behind" && this.kept !== "behind"; }

  save(sid, lid, editor) {
    return this.#send(async () => {
      const { shows } = editor;
      await this.api.saveEdit(sid, lid, { ...await sent(this.api, sid, lid, editor), show: shows, quality: this.quality });
      editor.history.keepSaved();
      this.kept = shows;
    });
  }

  // Gives whether the server has begun; what stands in no version yet goes with it.
  refine(sid, lid, editor) {
    return this.#send(async () => {
      editor.paint.placed();
      const painted = editor.history.unsaved ? await sent(this.api, sid, lid, editor) : {};
      await this.api.refineEdit(sid, lid, { ...painted, frame: editor.at, quality: this.quality });
    });
  }

  async #send(sending) {
    this.sending = true;
    this.changed();
    this.say("Sending what you painted \u2026");
    let said = "";
    try {
      await sending();
    } catch (error) {
      said = error.message;
    }
    this.say(said, Boolean(said));
    this.sending = false;
    return !said;
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

// Sends what was painted, layer by layer; resolves with the layers' names: {paint, change}.
async function sent(api, sid, lid, editor) {
  editor.paint.placed();
  const names = { paint: [], change: [] };
  const painted = editor.renderer.edits.filter((each) => !each.empty);
  const made = await Promise.all(painted.map((each) => parts(each))); // before anybody can close what holds it
  for (const [at, { layer }] of painted.entries()) {
    for (const [kind, png] of Object.entries(made[at])) {
      if (!png) continue;
      await api.sendPaint(sid, lid, layer.name, kind, png);
      names[kind].push(layer.name);
    }
  }
  return names;
}

// What is to be told of it: {words, bad}, or null where it has come to a good end or was never begun.
function wordsOf(edit) {
  if (edit?.state === "saving") return { words: `Writing the new loop \u2026 ${Math.round(100 * edit.share)} %`, bad: false };
  return edit?.problems?.length ? { words: edit.problems.join("; "), bad: true } : null;
}
