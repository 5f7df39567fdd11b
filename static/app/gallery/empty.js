// What stands where loops will be: whether somebody is still looking, and why nothing was found yet.

import { el, icon, setText } from "../dom.js";
import { busy } from "../words.js";

const HEADS = {
  starting: "Loops will appear here", running: "Looking for a return", paused: "Paused",
  ending: "Looking at the last frames", ended: "No loop", failed: "No loop",
};
const FIRST = "As soon as a movement comes back to where it began, the span between is cut out and plays here.";
const BY_HAND = "You can cut a span yourself: mark where it begins and ends on the timeline.";
const AGAIN = "Play it again with a more lenient seam, or mark a span by hand.";
const LIVE = "Let it see more of the movement, or a more lenient seam.";

export class Empty {
  constructor({ toTimeline }) {
    this.head = el("h3");
    this.why = el("p", { className: "empty-why" });
    this.hint = el("p", { className: "remark" }, BY_HAND);
    this.mark = el("button", { type: "button", className: "button", "data-do": "mark", onclick: toTimeline }, icon("cut"), el("span", {}, "Mark a span"));
    this.element = el("div", { className: "gallery-empty", hidden: true }, icon("loop"), this.head, this.why, this.hint, this.mark);
  }

  // `anyNear`: nothing closes, though near-loops stand below.
  show(session, { loops, anyNear }) {
    this.element.hidden = loops > 0 || !session;
    if (this.element.hidden) return;
    const over = session.state === "ended" || session.state === "failed";
    const mends = busy(session) && session.left.mends;
    setText(this.head, mends ? "Mending what nearly returns" : anyNear && over ? "Nothing returns exactly" : HEADS[session.state] ?? HEADS.starting);
    setText(this.why, session.error || session.why || (over ? "" : FIRST));
    this.why.hidden = !this.why.textContent;
    setText(this.hint, over ? (session.again ? AGAIN : LIVE) : BY_HAND);
    this.hint.hidden = !over && !(session.time_s > 4);
    this.mark.hidden = this.hint.hidden || (over && !session.again); // a stream's frames are gone when it is over
    this.element.dataset.over = String(over);
  }
}
