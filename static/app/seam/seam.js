// The seam inspector: looks at one loop's seam from near, moves its ends by single frames with the number
// changing at once, and asks for a new version of the loop cut there from its master.

import { button, el } from "../dom.js";
import { titleOf } from "../gallery/loopwords.js";
import { hush } from "../gallery/player.js";
import { toast } from "../toast.js";
import { Cuts } from "./cuts.js";
import { Frames } from "./frames.js";
import { Heat } from "./heat.js";
import { Mends } from "./mends.js";
import { Nudge } from "./nudge.js";
import { Pair } from "./pair.js";
import { Panel } from "./panel.js";
import { Reading } from "./reading.js";
import { Replay } from "./replay.js";

const NO_MASTER = "The master of this loop is missing, so its ends cannot be moved any more. The loop itself is whole: it can be played, saved and kept.";
const NOT_YET = "What lies around this loop is still being written: a moment \u2026";
let inspector = null;

export function mount(dialog, { store, api }) {
  inspector = new Inspector(dialog, store, api);
}

export const open = (loop) => inspector?.open(loop);

class Inspector {
  constructor(dialog, store, api) {
    Object.assign(this, { dialog, store, api });
    this.reading = new Reading();
    const choose = (ends) => this.choose(ends);
    this.replay = new Replay();
    this.pair = new Pair();
    this.heat = new Heat(choose);
    this.nudges = [new Nudge("start", "Start", choose), new Nudge("end", "End", choose)];
    this.best = button("Best nearby", { icon: "best", "data-do": "best", onclick: () => choose(this.cuts.bestNearby()) });
    this.mends = new Mends({
      ask: (signal) => this.api.mends(this.sid, this.loop.id, this.cuts.chosen, signal),
      chosen: () => { if (this.cuts) this.#mayWrite(); },
    });
    this.back = button("Reset", { icon: "again", quiet: true, "data-do": "reset", onclick: () => { this.cuts.reset(); this.show(); } });
    this.write = button("Write new version", { className: "primary", "data-do": "write", onclick: () => this.#write() });
    const looks = el("div", { className: "seam-looks" }, this.replay.element, this.pair.element);
    const numbers = el("div", { className: "seam-numbers" },
      ...this.reading.elements, ...this.nudges.map((each) => each.element), this.best,
      el("h3", {}, "Every seam near here"), this.heat.element, this.mends.element);
    const cancel = button("Cancel", { quiet: true, "data-do": "cancel", onclick: () => dialog.close() });
    this.panel = new Panel(dialog, [looks, numbers], [this.back, cancel, this.write]);
    dialog.addEventListener("close", () => this.#closed());
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.replay.run(false); });
    store.subscribe("select", () => dialog.close());
    store.subscribe("loop", (loop) => {
      const awaited = dialog.open && loop.id === this.loop.id && loop.has_master && !this.loop.has_master;
      if (awaited) this.open(loop);
    });
    store.subscribe("gone", ({ id }) => { if (dialog.open && id === this.loop.id) dialog.close(); });
  }

  async open(loop) {
    if (this.dialog.open) this.dialog.close();
    this.loop = loop;
    this.sid = this.store.session.id;
    this.panel.wait("Reading the loop and what was around it \u2026");
    this.unhush = hush();
    this.panel.open(`Seam of ${titleOf(loop)}`);
    try {
      if (!loop.has_master) return this.#wait();
      const seam = await this.api.seam(this.sid, loop.id);
      if (this.loop === loop && this.dialog.open) this.#begin(new Cuts(seam));
    } catch (error) {
      if (this.loop === loop) this.panel.say([404, 409].includes(error.status) ? `${NO_MASTER} (${error.message})` : error.message, true);
    }
    return undefined;
  }

  // A loop is written before its master is: while the stream runs it is still to come.
  #wait() {
    const over = ["ended", "failed"].includes(this.store.session.state);
    if (over) this.panel.say(NO_MASTER, true);
    else this.panel.wait(NOT_YET);
  }

  #begin(cuts) {
    this.cuts = cuts;
    this.mends.key = null;
    this.frames?.close();
    this.frames = new Frames((frame) => this.api.frameUrl(this.sid, this.loop.id, frame), (frame) => {
      if (this.pair.wanted.includes(frame)) this.pair.draw();
      this.replay.arrived();
      if (this.frames.missing) this.panel.say(`${this.frames.missing === 1 ? "A frame" : "Some frames"} of the master could not be read.`, true, true);
    });
    this.panel.say("", false, true);
    this.replay.at = 0;
    this.show();
    this.replay.open(this.frames);
  }

  choose(ends) {
    this.cuts.choose(ends);
    this.show();
  }

  // Everything that depends on where the ends are.
  show() {
    const { cuts } = this;
    for (const each of [this.reading, ...this.nudges, this.heat, this.mends]) each.follow(cuts);
    this.pair.follow(cuts, this.frames);
    this.replay.frames = this.frames;
    this.replay.follow(cuts);
    this.frames.want([...this.pair.wanted, ...this.replay.wanted]);
    const best = cuts.bestNearby();
    this.best.disabled = best.start === cuts.chosen.start && best.end === cuts.chosen.end;
    this.back.disabled = !cuts.changed;
    this.#mayWrite();
  }

  #mayWrite() {
    const { cuts } = this;
    this.write.disabled = cuts.off === null || (!cuts.changed && this.mends.method === "none");
  }

  async #write() {
    this.write.disabled = true;
    try {
      await this.api.version(this.sid, this.loop.id, this.cuts.chosen, this.mends.method);
      this.dialog.close();
      toast(`A new version of ${titleOf(this.loop)} is being written.`);
    } catch (error) {
      this.panel.say(error.message, true, true);
      this.write.disabled = false;
    }
  }

  #closed() {
    this.replay.run(false);
    this.frames?.close();
    this.unhush?.();
    this.unhush = null;
  }
}
