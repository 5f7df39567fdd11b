// What the seam amounts to where the ends stand now: the number, the words for it, the length.

import { el, setText } from "../dom.js";
import { lengthOf, levelOf, wordsOf } from "../gallery/loopwords.js";

export class Reading {
  constructor() {
    this.off = el("strong", { className: "seam-off" });
    this.words = el("span", { className: "seam-words" });
    this.length = el("span", { className: "seam-length" });
    this.elements = [
      el("p", { className: "seam-reading", role: "status" }, this.off, el("span", { className: "remark" }, "ordinary steps off"), this.words),
      this.length,
    ];
  }

  follow(cuts) {
    const { off } = cuts;
    setText(this.off, off === null ? "\u2013" : off.toFixed(2));
    setText(this.words, off === null ? "may not be cut here" : wordsOf(off));
    this.words.className = `seam-words level-${off === null ? 3 : levelOf(off)}`;
    setText(this.length, `${lengthOf(cuts.length_s)} \u00b7 ${cuts.frames} frames`);
  }
}
