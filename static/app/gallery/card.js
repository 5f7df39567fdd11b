// One loop as a card: how it looks, how well it closes, how long and large it is, and what to do with it.
// The same element lives from the moment the loop is found until it is discarded: nothing is rebuilt.

import { el, icon, setText } from "../dom.js";
import { bytes } from "../words.js";
import { discard } from "./discard.js";
import { light, lights } from "./lights.js";
import { lengthOf, seamOf, sentence, spanOf, titleOf } from "./loopwords.js";
import { Title } from "./naming.js";
import * as player from "./player.js";
import { Tools } from "./tools.js";

const WAVE = "M4 20A13 13 0 0 1 30 20A13 13 0 0 1 56 20";

export class Card {
  // `does`: what the gallery can do with a loop: rename, keep, compare, inspect, edit, send, remover, refuse, stillAt, urls.
  constructor(loop, does) {
    this.loop = loop;
    this.does = does;
    this.view = el("div", { className: "loop-view" });
    this.badge = el("span", { className: "kept-badge", hidden: true }, icon("pinned"), "Kept");
    this.title = new Title({ rename: (title) => does.rename(this.loop, title) });
    this.seam = el("button", { type: "button", className: "seam-words", onclick: () => this.#inspect() });
    this.length = el("strong");
    this.facts = el("span");
    this.span = el("span", { className: "loop-span" });
    this.note = el("p", { className: "loop-note", hidden: true });
    this.tools = new Tools({
      keep: () => does.keep(this.loop),
      compare: () => does.compare(this.loop),
      inspect: () => this.#inspect(),
      edit: () => does.edit(this.loop),
      send: () => does.send(this.loop),
      discard: () => this.#discard(),
    });
    this.element = el(
      "article", { className: "loop-card", tabIndex: -1, "data-loop": loop.id },
      this.view,
      el("div", { className: "loop-head" }, this.title.element, this.seam),
      el("p", { className: "loop-facts" }, this.length, this.facts, this.span),
      this.note, this.tools.element,
    );
    lights(this.element, () => this.loop.id);
    this.update(loop);
  }

  update(loop) {
    const before = this.element.dataset.state;
    this.loop = loop;
    const title = titleOf(loop);
    const { level, words } = seamOf(loop);
    Object.assign(this.element.dataset, { state: loop.state, kind: loop.kind, kept: String(loop.kept), mended: loop.mending?.method ?? "" });
    this.element.setAttribute("aria-label", `${title}, ${lengthOf(loop.duration_s)}, ${sentence(words)}`);
    this.title.show(loop);
    setText(this.seam, words);
    this.seam.className = `seam-words level-${level}`;
    this.seam.disabled = loop.state !== "written";
    this.seam.title = `The seam is ${loop.mismatch.toFixed(2)} ordinary steps off`;
    this.seam.setAttribute("aria-label", `Look at the seam of ${title}: ${words}`);
    setText(this.length, lengthOf(loop.duration_s));
    setText(this.facts, loop.state === "written" ? `${loop.width}\u00d7${loop.height} \u00b7 ${bytes(loop.bytes)}` : "");
    setText(this.span, spanOf(loop));
    this.badge.hidden = !loop.kept;
    this.#say(loop);
    this.tools.show(loop, this.does.urls.download(loop));
    if (before !== loop.state) this.#fill(loop, title);
  }

  // Called when it has left the page for good.
  gone() {
    if (this.video) player.leave(this.video);
  }

  moved() {
    if (this.video) player.settle(this.video);
  }

  lit(on) { this.element.classList.toggle("lit", on); }
  picked(on) { this.tools.picked(on); }

  #say(loop) {
    const failed = loop.state === "failed";
    const why = loop.problems.join("; ") || "no reason was given";
    this.note.classList.toggle("bad-words", failed);
    const mended = loop.mending ? `Mended: ${loop.mending.words}.` : "";
    this.#note(failed ? `Not written: ${why}` : mended);
  }

  #note(words) {
    this.note.hidden = !words;
    setText(this.note, words);
  }

  #fill(loop, title) {
    this.gone();
    this.video = null;
    if (loop.width) this.view.style.setProperty("--shape", `${loop.width} / ${loop.height}`);
    if (loop.state === "written") this.view.replaceChildren(...this.#playing(loop, title), this.badge);
    else if (loop.state === "failed") this.view.replaceChildren();
    else this.view.replaceChildren(...this.#coming(loop));
  }

  #playing(loop, title) {
    this.video = el("video", { loop: true, muted: true, playsInline: true, preload: "none", "aria-label": `${title} playing over and over` });
    this.video.setAttribute("muted", "");
    const toggle = el("button", { type: "button", className: "loop-play", "aria-label": `Play or pause ${title}` });
    for (const each of [toggle, this.video]) each.addEventListener("click", () => player.toggle(this.video));
    for (const kind of ["play", "pause"]) {
      this.video.addEventListener(kind, () => this.view.classList.toggle("playing", kind === "play"));
    }
    const still = this.view.querySelector(".coming-still"); // stays until there is a picture, so that nothing blinks
    if (still) this.video.addEventListener("loadeddata", () => still.remove(), { once: true });
    this.video.addEventListener("error", () => this.#note("This browser cannot play it. Save it instead."));
    player.watch(this.video, this.does.urls.file(loop), this.does.urls.poster(loop));
    return still ? [still, this.video, toggle] : [this.video, toggle];
  }

  // Found, and being written: the moment it was found in, and an arc that is drawn over and over.
  #coming(loop) {
    const still = this.does.stillAt(loop.start_s);
    const wave = icon("loop");
    wave.setAttribute("class", "coming-wave");
    wave.setAttribute("viewBox", "0 0 60 24");
    const line = document.createElementNS(wave.namespaceURI, "path");
    line.setAttribute("d", WAVE);
    line.setAttribute("pathLength", "1");
    wave.replaceChildren(line);
    const words = el("p", { className: "coming", role: "status" }, wave, "Found, being written");
    return still ? [el("img", { className: "coming-still", src: still, alt: "" }), words] : [words];
  }

  #inspect() { this.does.inspect(this.loop); }

  #discard() {
    if (this.loop.kept) return this.does.refuse(`${titleOf(this.loop)} is kept. Press Keep again to let it go first.`);
    light(null);
    return discard(this.element, titleOf(this.loop), this.does.remover(this.loop));
  }
}
